package catalog

import (
	"slices"
	"strconv"

	"sampan/internal/app/fault"
)

func itoa(n int) string { return strconv.Itoa(n) }

// What a change costs: the fewest parts first; among single changes the size
// goes before the version and the version before the region, because a server
// cannot move to another region later.
const (
	changeSize    = 100
	changeVersion = 120
	changeRegion  = 150
	stepDown      = 20 // more than any step up: a larger size is preferred to a smaller one
)

// nearest gives the legal choice closest to ch that keeps its image. Empty
// parts stay empty.
func (c *Catalog) nearest(ch Choice) (Choice, bool) {
	if !c.fixable(ch) {
		return Choice{}, false
	}
	var best Choice
	least := -1
	for vi, version := range c.otherVersions(ch) {
		for si, spec := range c.otherSpecs(ch) {
			for ri, region := range c.otherRegions(ch) {
				cost := c.cost(ch, version, vi, spec, si, region, ri)
				if least >= 0 && cost >= least {
					continue
				}
				to := ch
				to.Version, to.Spec, to.Region = version, spec, region
				if c.possible(to) {
					best, least = to, cost
				}
			}
		}
	}
	return best, least >= 0
}

func (c *Catalog) cost(ch Choice, version string, vi int, spec string, si int, region string, ri int) int {
	cost := 0
	if version != ch.Version {
		cost += changeVersion + vi
		if i := c.image[ch.ImageID]; i.Kind != Private {
			cost += max(0, versionAt(i, version)-versionAt(i, ch.Version)) // a near one, else the newest
		}
	}
	if spec != ch.Spec {
		cost += changeSize
		if from, ok := c.sizeOf[ch.Spec]; ok {
			step := c.sizeOf[spec] - from
			if step < 0 {
				step = stepDown - step
			}
			cost += step
		} else { // a retired one: what is called most like it
			cost += 100 - likeness(ch.Spec, spec) + si
		}
	}
	if region != ch.Region {
		cost += changeRegion + ri
	}
	return cost
}

func versionAt(i Image, name string) int {
	return slices.IndexFunc(i.Versions, func(v Version) bool { return v.Name == name })
}

func (c *Catalog) otherVersions(ch Choice) []string {
	if ch.Version == "" || ch.Kind == Private {
		return []string{ch.Version}
	}
	var all []string
	for _, v := range c.image[ch.ImageID].Versions {
		all = append(all, v.Name)
	}
	return all
}

func (c *Catalog) otherSpecs(ch Choice) []string {
	if ch.Spec == "" {
		return []string{""}
	}
	var all []string
	for _, s := range c.sizes {
		for _, code := range []string{s.Linux, s.Windows} {
			if code != "" {
				all = append(all, code)
			}
		}
	}
	return all
}

func (c *Catalog) otherRegions(ch Choice) []string {
	if ch.Region == "" {
		return []string{""}
	}
	var all []string
	for _, r := range c.regions {
		all = append(all, r.Code)
	}
	return all
}

// describe names the difference between a choice and its fix.
func (c *Catalog) describe(from, to Choice) fault.Message {
	spec := c.spec[to.Spec]
	pairs := []string{"VCPUs", itoa(spec.VCPUs), "GiB", GiB(spec.MemoryMiB), "Image", c.name(to), "Region", regionValue(to.Region)}
	size, version, region := from.Spec != to.Spec, from.Version != to.Version, from.Region != to.Region
	switch {
	case size && version && region:
		return fault.Say("catalog.fix.all", pairs...)
	case size && version:
		return fault.Say("catalog.fix.size.version", pairs...)
	case size && region:
		return fault.Say("catalog.fix.size.region", pairs...)
	case version && region:
		return fault.Say("catalog.fix.version.region", pairs...)
	case version:
		return fault.Say("catalog.fix.version", pairs[4:6]...)
	case region:
		return fault.Say("catalog.fix.region", pairs[6:]...)
	case c.largerToo(from, to):
		return fault.Say("catalog.fix.size.up", pairs[:4]...)
	}
	return fault.Say("catalog.fix.size", pairs[:4]...)
}

// largerToo reports whether every size above that of the fix is legal too, so
// that the sentence may say "or larger".
func (c *Catalog) largerToo(from, to Choice) bool {
	at := c.sizeOf[to.Spec]
	if old, ok := c.sizeOf[from.Spec]; !ok || old >= at || at == len(c.sizes)-1 {
		return false
	}
	for _, s := range c.sizes[at+1:] {
		with := to
		with.Spec = s.Code(c.spec[to.Spec].OS)
		if with.Spec == "" || !c.possible(with) {
			return false
		}
	}
	return true
}
