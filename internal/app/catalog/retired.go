package catalog

import (
	"regexp"
	"slices"
	"strings"
)

// cloudImageID is the form of the cloud's own image ids (cloud-api, IMS). Ids of the
// catalogue are words.
var cloudImageID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// KindOf tells what an image id names: an image of the catalogue, or one of the
// account's own, which is listed or has the form of the cloud's ids. It is "" for a
// retired image: a word that the catalogue does not have, or not any more.
func (c *Catalog) KindOf(id string, listed bool) Kind {
	if i, ok := c.image[id]; ok && i.Kind != Private {
		return i.Kind
	}
	if listed || cloudImageID.MatchString(id) {
		return Private
	}
	return ""
}

// RetiredImage reports whether the choice names an image that the catalogue does
// not have, or not any more.
func (c *Catalog) RetiredImage(ch Choice) bool {
	return ch.ImageID != "" && ch.Kind != Private && c.KindOf(ch.ImageID, false) == ""
}

// RetiredSize reports whether the choice names a size that the catalogue does not
// have, or not any more.
func (c *Catalog) RetiredSize(ch Choice) bool {
	_, known := c.spec[ch.Spec]
	return ch.Spec != "" && !known
}

// NearestImages gives up to n images that resemble one that was retired, the
// nearest first. They can be bought with the choice's size and region where any
// can.
func (c *Catalog) NearestImages(ch Choice, n int) []Image {
	var all []Image
	for _, i := range c.images {
		if i.Kind != Private && len(i.Versions) > 0 {
			all = append(all, i)
		}
	}
	fits := func(i Image) int {
		to := ch
		to.Kind, to.ImageID, to.Version = i.Kind, i.ID, ""
		if c.possible(c.Resolve(to)) {
			return 1
		}
		return 0
	}
	like := func(i Image) int {
		return 2*max(likeness(ch.ImageID, i.ID), likeness(ch.ImageID, i.DisplayName)) + fits(i)
	}
	slices.SortStableFunc(all, func(a, b Image) int { return like(b) - like(a) })
	all = slices.DeleteFunc(all, func(i Image) bool { return max(likeness(ch.ImageID, i.ID), likeness(ch.ImageID, i.DisplayName)) == 0 })
	return all[:min(n, len(all))]
}

// NearestSizes gives up to n choices with another size that can be bought with
// the rest of the choice, those whose code resembles the chosen one most first.
func (c *Catalog) NearestSizes(ch Choice, n int) []Choice {
	var all []Choice
	for _, code := range c.otherSpecs(ch) {
		to := ch
		if to.Spec = code; code != ch.Spec && c.possible(to) {
			all = append(all, to)
		}
	}
	slices.SortStableFunc(all, func(a, b Choice) int { return likeness(ch.Spec, b.Spec) - likeness(ch.Spec, a.Spec) })
	return all[:min(n, len(all))]
}

// likeness is how many in a hundred pairs of neighbouring letters two words have
// in common, case and punctuation aside.
func likeness(a, b string) int {
	x, y := pairs(a), pairs(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	common := 0
	rest := slices.Clone(y)
	for _, p := range x {
		if i := slices.Index(rest, p); i >= 0 {
			common++
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return 200 * common / (len(x) + len(y))
}

const mostAlike = 128

func pairs(s string) []string {
	s = s[:min(mostAlike, len(s))]
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
	var all []string
	for i := range len(s) - 1 {
		all = append(all, s[i:i+2])
	}
	return all
}
