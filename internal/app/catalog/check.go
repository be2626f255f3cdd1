package catalog

import (
	"slices"

	"sampan/internal/app/fault"
)

// Part is the part of a choice that a reason is about.
type Part string

// The parts.
const (
	PartImage  Part = "image"
	PartSize   Part = "size"
	PartRegion Part = "region"
)

// Reason says why a choice is impossible, and the smallest change that makes
// it possible.
type Reason struct {
	Part    Part
	Message fault.Message
	// Fix names the change. It is the same in every reason of a choice: one change
	// removes them all.
	Fix fault.Message
	// FixChoice is the choice after that change, itself legal; nil when only
	// another image can help.
	FixChoice *Choice
}

// Check gives every reason why a choice, partial or whole, is impossible. It
// is empty when the choice is legal, or when a partial one can still become so.
//
// Spec must be the code for the image's OS; Resolve swaps it where only the
// size was chosen.
func (c *Catalog) Check(ch Choice) []Reason {
	reasons := c.reasons(ch)
	if len(reasons) == 0 {
		if c.possible(ch) {
			return nil
		}
		reasons = []Reason{{Part: PartSize, Message: fault.Say("catalog.together")}}
	}
	fix, ok := c.nearest(ch)
	for i := range reasons {
		if ok {
			reasons[i].Fix, reasons[i].FixChoice = c.describe(ch, fix), &fix
		} else {
			reasons[i].Fix = fault.Say("catalog.fix.image")
		}
	}
	return reasons
}

// Warnings gives the doubts about a choice that is legal: a disk smaller than the
// private image needs, and the smallest size outside the regions where the catalogue
// has it (cloud-api, 6.4).
func (c *Catalog) Warnings(ch Choice) []fault.Message {
	s, ok := c.spec[ch.Spec]
	if !ok || ch.Kind != Private || ch.Private == nil {
		return nil
	}
	var all []fault.Message
	if ch.Private.MinDiskGiB > s.SystemDiskGiB {
		all = append(all, fault.Say("catalog.warn.disk", "Image", ch.Private.Name,
			"Needs", itoa(ch.Private.MinDiskGiB), "Has", itoa(s.SystemDiskGiB)))
	}
	if only := c.usualRegions(ch.Spec); len(only) > 0 && ch.Region != "" && !slices.Contains(only, ch.Region) {
		all = append(all, fault.Say("catalog.warn.region",
			"VCPUs", itoa(s.VCPUs), "GiB", GiB(s.MemoryMiB), "Regions", regionValue(only...)))
	}
	return all
}

// usualRegions gives the regions that some image limits the spec to, nil when
// none does.
func (c *Catalog) usualRegions(spec string) []string {
	var only []string
	for _, r := range c.regions {
		if slices.ContainsFunc(c.images, func(i Image) bool {
			return slices.ContainsFunc(i.Versions, func(v Version) bool { return slices.Contains(v.OnlyRegions[spec], r.Code) })
		}) {
			only = append(only, r.Code)
		}
	}
	return only
}

// Resolve makes a choice definite where there is only one way: the version of
// an image that has one, and the code of the chosen size for the image's OS.
// Spec may also hold a size's key. What cannot be resolved stays as it is.
func (c *Catalog) Resolve(ch Choice) Choice {
	if i, ok := c.image[ch.ImageID]; ok && ch.Kind == "" {
		ch.Kind = i.Kind
	}
	if i, ok := c.image[ch.ImageID]; ok && ch.Kind != Private && ch.Version == "" && len(i.Versions) == 1 {
		ch.Version = i.Versions[0].Name
	}
	size, ok := c.Size(ch.Spec)
	if !ok {
		return ch
	}
	os, known := c.osOf(ch)
	if !known {
		os = Linux
		if s, isCode := c.spec[ch.Spec]; isCode {
			os = s.OS
		}
	}
	if code := size.Code(os); code != "" {
		ch.Spec = code
	} else if _, isCode := c.spec[ch.Spec]; !isCode {
		ch.Spec = size.Linux + size.Windows // one of the two; Check says why not
	}
	return ch
}

// osOf gives the OS of the chosen image.
func (c *Catalog) osOf(ch Choice) (OS, bool) {
	if ch.Kind == Private {
		if ch.Private == nil || (ch.Private.OS != Linux && ch.Private.OS != Windows) {
			return "", false
		}
		return ch.Private.OS, true
	}
	i, ok := c.image[ch.ImageID]
	return i.OS, ok
}

// versions gives the versions that the choice leaves open: the one that is named,
// else all of the image, else all of the kind.
func (c *Catalog) versions(ch Choice) []Version {
	var all []Version
	for _, i := range c.images {
		switch {
		case ch.Kind != "" && i.Kind != ch.Kind:
			continue
		case i.Kind == Private && ch.Private != nil && i.OS != ch.Private.OS:
			continue
		case i.Kind != Private && ch.ImageID != "" && i.ID != ch.ImageID:
			continue
		case i.Kind == Private && ch.Kind != Private && ch.ImageID != "":
			continue
		}
		for _, v := range i.Versions {
			if i.Kind == Private || ch.Version == "" || v.Name == ch.Version {
				all = append(all, v)
			}
		}
	}
	return all
}

// sold reports whether the version may be bought with the spec in the region;
// an empty one stands for any (cloud-api, 6.6).
func (c *Catalog) sold(v Version, spec, region string) bool {
	for _, s := range v.Specs {
		if spec != "" && s != spec {
			continue
		}
		for _, r := range c.regions {
			if region != "" && r.Code != region {
				continue
			}
			only, limited := v.OnlyRegions[s]
			if !slices.Contains(v.ExcludedRegions, r.Code) && (!limited || slices.Contains(only, r.Code)) {
				return true
			}
		}
	}
	return false
}

// possible reports whether the choice is legal, or can become so by filling
// its empty parts.
func (c *Catalog) possible(ch Choice) bool {
	if !c.fixable(ch) {
		return false
	}
	region := ch.Region
	if ch.Kind == Private && ch.Private != nil {
		if region != "" && region != ch.Private.Region {
			return false
		}
		region = ch.Private.Region
	}
	for _, v := range c.versions(ch) {
		if c.sold(v, ch.Spec, region) {
			return true
		}
	}
	return false
}

// fixable reports whether the image itself can be bought at all.
func (c *Catalog) fixable(ch Choice) bool {
	if ch.ImageID == "" {
		return true
	}
	if ch.Kind != Private {
		i, ok := c.image[ch.ImageID]
		return ok && i.Kind != Private && (ch.Kind == "" || ch.Kind == i.Kind)
	}
	p := ch.Private
	return p != nil && p.ID == ch.ImageID && p.Status == "active" && (p.OS == Linux || p.OS == Windows)
}

// reasons looks at one rule after the other.
func (c *Catalog) reasons(ch Choice) []Reason {
	var all []Reason
	say := func(p Part, id string, pairs ...string) {
		all = append(all, Reason{Part: p, Message: fault.Say(id, pairs...)})
	}
	image, of := c.name(ch), c.versions(ch)
	switch {
	case ch.ImageID != "" && !c.fixable(ch):
		all = append(all, c.imageReason(ch))
	case ch.ImageID != "" && ch.Kind != Private && len(of) == 0:
		say(PartImage, "catalog.version.unknown", "Image", image, "Version", ch.Version)
	}
	spec, specKnown := c.spec[ch.Spec]
	if ch.Spec != "" && !specKnown {
		say(PartSize, "catalog.size.unknown", "Code", ch.Spec)
	}
	_, regionKnown := c.region[ch.Region]
	if ch.Region != "" && !regionKnown {
		say(PartRegion, "catalog.region.unknown", "Region", ch.Region)
	}
	if len(of) == 0 || ch.ImageID == "" || !c.fixable(ch) {
		return all
	}
	if specKnown {
		all = append(all, c.sizeReasons(ch, image, spec, of)...)
	}
	if p := ch.Private; ch.Kind == Private && p != nil {
		if _, on := c.region[p.Region]; !on {
			say(PartImage, "catalog.private.unsold", "Image", image, "Region", regionValue(p.Region))
		} else if regionKnown && ch.Region != p.Region {
			say(PartRegion, "catalog.private.elsewhere", "Image", image, "Region", regionValue(p.Region))
		}
	}
	if regionKnown {
		all = append(all, c.regionReasons(ch, image, of)...)
	}
	return all
}

// imageReason says why the image itself cannot be bought.
func (c *Catalog) imageReason(ch Choice) Reason {
	p := ch.Private
	switch {
	case ch.Kind != Private:
		return Reason{Part: PartImage, Message: fault.Say("catalog.image.unknown", "Image", ch.ImageID)}
	case p == nil || p.ID != ch.ImageID:
		return Reason{Part: PartImage, Message: fault.Say("catalog.private.unknown", "Image", ch.ImageID)}
	case p.Status != "active":
		return Reason{Part: PartImage, Message: fault.Say("catalog.private.inactive", "Image", p.Name, "Status", p.Status)}
	}
	return Reason{Part: PartImage, Message: fault.Say("catalog.private.os", "Image", p.Name)}
}

// sizeReasons says why the image cannot have the size in any region.
func (c *Catalog) sizeReasons(ch Choice, image string, spec Spec, of []Version) []Reason {
	os, _ := c.osOf(ch)
	if spec.OS != os {
		id := "catalog.size.linux"
		if os == Windows {
			id = "catalog.size.windows"
			if c.sizes[c.sizeOf[spec.Code]].Windows == "" {
				id = "catalog.size.nowindows"
			}
		}
		return []Reason{{Part: PartSize, Message: fault.Say(id, "Image", image, "VCPUs", itoa(spec.VCPUs), "GiB", GiB(spec.MemoryMiB))}}
	}
	least := -1
	for _, v := range of {
		for _, code := range v.Specs {
			if code == spec.Code {
				return nil
			}
			if r := c.sizeOf[code]; least < 0 || r < least {
				least = r
			}
		}
	}
	if least >= 0 && c.sizes[least].MemoryMiB > spec.MemoryMiB {
		return []Reason{{Part: PartSize, Message: fault.Say("catalog.size.needs", "Image", image, "GiB", GiB(c.sizes[least].MemoryMiB))}}
	}
	why := fault.Say("catalog.size.not", "Image", image, "VCPUs", itoa(spec.VCPUs), "GiB", GiB(spec.MemoryMiB))
	return []Reason{{Part: PartSize, Message: why}}
}

// regionReasons says why the image, or its size, is not sold in the region.
func (c *Catalog) regionReasons(ch Choice, image string, of []Version) []Reason {
	var all []Reason
	if !slices.ContainsFunc(of, func(v Version) bool { return !slices.Contains(v.ExcludedRegions, ch.Region) }) {
		why := fault.Say("catalog.region.excluded", "Image", image, "Regions", regionValue(of[0].ExcludedRegions...))
		all = append(all, Reason{Part: PartRegion, Message: why})
	}
	var only []string
	for _, v := range of {
		if !slices.Contains(v.Specs, ch.Spec) {
			continue
		}
		limit, limited := v.OnlyRegions[ch.Spec]
		if !limited || slices.Contains(limit, ch.Region) {
			return all
		}
		only = append(only, limit...)
	}
	if len(only) > 0 {
		s := c.spec[ch.Spec]
		all = append(all, Reason{Part: PartSize, Message: fault.Say("catalog.size.only",
			"VCPUs", itoa(s.VCPUs), "GiB", GiB(s.MemoryMiB), "Regions", regionValue(c.ordered(only)...))})
	}
	return all
}

// ordered gives the regions once each, in the catalogue's order.
func (c *Catalog) ordered(codes []string) []string {
	var all []string
	for _, r := range c.regions {
		if slices.Contains(codes, r.Code) {
			all = append(all, r.Code)
		}
	}
	return all
}

// name words the chosen image for a sentence: "CentOS 7.9", "my-ubuntu".
func (c *Catalog) name(ch Choice) string {
	if ch.Kind == Private {
		if ch.Private != nil && ch.Private.Name != "" {
			return ch.Private.Name
		}
		return ch.ImageID
	}
	i, ok := c.image[ch.ImageID]
	switch {
	case !ok:
		return ch.ImageID
	case ch.Version == "" || len(i.Versions) == 1:
		return i.DisplayName
	}
	return i.DisplayName + " " + ch.Version
}
