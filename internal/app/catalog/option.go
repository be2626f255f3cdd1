package catalog

import (
	"slices"

	"sampan/internal/app/fault"
)

// Option is one thing that a step of the wizard offers, legal or not: what is
// impossible stays visible with its reasons.
type Option struct {
	Key      string // size key, region code or image id
	Choice   Choice // the choice with this option taken
	Legal    bool
	Reasons  []Reason
	Warnings []fault.Message
}

func (c *Catalog) option(key string, ch Choice) Option {
	o := Option{Key: key, Choice: ch, Reasons: c.Check(ch), Warnings: c.Warnings(ch)}
	o.Legal = len(o.Reasons) == 0
	return o
}

// SizeOptions gives every size card as seen from the rest of the choice. A
// caller whose region is chosen later leaves Region empty.
func (c *Catalog) SizeOptions(ch Choice) []Option {
	all := make([]Option, 0, len(c.sizes))
	for _, s := range c.sizes {
		with := ch
		with.Spec = s.Key
		all = append(all, c.option(s.Key, c.Resolve(with)))
	}
	return all
}

// RegionOptions gives every region as seen from the rest of the choice. active
// tells which regions the account has activated; nil means all.
func (c *Catalog) RegionOptions(ch Choice, active func(region string) bool) []Option {
	all := make([]Option, 0, len(c.regions))
	for _, r := range c.regions {
		with := ch
		with.Region = r.Code
		o := c.option(r.Code, with)
		if active != nil && !active(r.Code) {
			o.Legal = false
			o.Reasons = append(o.Reasons, Reason{
				Part:    PartRegion,
				Message: fault.Say("catalog.region.inactive", "Region", regionValue(r.Code)),
				Fix:     fault.Say("catalog.fix.activate", "Region", regionValue(r.Code)),
			})
		}
		all = append(all, o)
	}
	return all
}

// PrivateOptions gives the account's own images as seen from the rest of the
// choice, in the order given.
func (c *Catalog) PrivateOptions(ch Choice, images []PrivateImage) []Option {
	all := make([]Option, 0, len(images))
	for _, p := range images {
		with := Choice{Kind: Private, ImageID: p.ID, Spec: ch.Spec, Region: ch.Region, Private: &p}
		all = append(all, c.option(p.ID, c.Resolve(with)))
	}
	return all
}

// Row is one cell of the whole matrix: may this version be bought in this size
// and region, and if not, why.
type Row struct {
	Image    Image // of Kind Private: one of the two stand-ins
	Version  string
	Size     Size
	Spec     string // the code for the image's OS, "" when the size is not sold for it
	Region   Region
	Legal    bool
	Reasons  []Reason
	Warnings []fault.Message
}

// Matrix gives every image, version, size and region with its reasons, in the
// order of the file. The rows are built once and shared: do not change them.
func (c *Catalog) Matrix() []Row { return slices.Clip(c.matrix()) }

func (c *Catalog) buildMatrix() []Row {
	var all []Row
	for _, i := range c.images {
		for _, v := range i.Versions {
			for _, s := range c.sizes {
				for _, r := range c.regions {
					all = append(all, c.row(i, v, s, r))
				}
			}
		}
	}
	return all
}

func (c *Catalog) row(i Image, v Version, s Size, r Region) Row {
	ch := Choice{Kind: i.Kind, ImageID: i.ID, Version: v.Name, Spec: s.Key, Region: r.Code}
	if i.Kind == Private {
		ch.Private = &PrivateImage{ID: i.ID, Name: i.DisplayName, Region: r.Code, OS: i.OS, Status: "active"}
	}
	o := c.option(i.ID, c.Resolve(ch))
	return Row{Image: i, Version: v.Name, Size: s, Spec: s.Code(i.OS), Region: r,
		Legal: o.Legal, Reasons: o.Reasons, Warnings: o.Warnings}
}
