package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sampan/internal/app/fault"
)

// Size is a size card: the same figures, sold under one code for Linux and
// another for Windows.
type Size struct {
	Key               string // "2-0.5": vCPUs and GiB of memory; stands in URLs
	VCPUs             int
	MemoryMiB         int
	SystemDiskGiB     int
	PeakBandwidthMbit int
	TrafficGB         int    // data package per month
	Linux             string // spec code, "" when not sold for Linux
	Windows           string // spec code, "" when not sold for Windows
}

// Code gives the spec code for an OS, "" when the size is not sold for it.
func (s Size) Code(os OS) string {
	if os == Windows {
		return s.Windows
	}
	return s.Linux
}

// GiB words an amount of memory: "0.5", "16".
func GiB(mib int) string {
	return strconv.FormatFloat(float64(mib)/1024, 'f', -1, 64)
}

// groupSizes makes the size cards out of the specs, smallest first.
func (c *Catalog) groupSizes() {
	type figures struct{ vcpus, mib, disk, peak, traffic int }
	at := map[figures]int{}
	for _, s := range c.specs {
		f := figures{s.VCPUs, s.MemoryMiB, s.SystemDiskGiB, s.PeakBandwidthMbit, s.TrafficGB}
		i, ok := at[f]
		if !ok || c.sizes[i].Code(s.OS) != "" {
			i = len(c.sizes)
			at[f] = i
			c.sizes = append(c.sizes, Size{VCPUs: s.VCPUs, MemoryMiB: s.MemoryMiB, SystemDiskGiB: s.SystemDiskGiB,
				PeakBandwidthMbit: s.PeakBandwidthMbit, TrafficGB: s.TrafficGB})
		}
		if s.OS == Windows {
			c.sizes[i].Windows = s.Code
		} else {
			c.sizes[i].Linux = s.Code
		}
	}
	slices.SortStableFunc(c.sizes, func(a, b Size) int {
		return cmp.Or(cmp.Compare(a.MemoryMiB, b.MemoryMiB), cmp.Compare(a.VCPUs, b.VCPUs), cmp.Compare(a.SystemDiskGiB, b.SystemDiskGiB))
	})
	taken := map[string]bool{}
	for i := range c.sizes {
		s := &c.sizes[i]
		s.Key = strconv.Itoa(s.VCPUs) + "-" + GiB(s.MemoryMiB)
		if taken[s.Key] { // other figures with the same vCPUs and memory
			s.Key = cmp.Or(s.Linux, s.Windows)
		}
		taken[s.Key] = true
		for _, code := range []string{s.Linux, s.Windows} {
			if code != "" {
				c.sizeOf[code] = i
			}
		}
	}
}

// Document says where the figures come from.
func (c *Catalog) Document() Document { return c.document }

// Regions gives the regions on sale, in the order of the file.
func (c *Catalog) Regions() []Region { return slices.Clone(c.regions) }

// Region finds a region by its code.
func (c *Catalog) Region(code string) (Region, bool) {
	r, ok := c.region[code]
	return r, ok
}

// Specs gives all spec codes, in the order of the file.
func (c *Catalog) Specs() []Spec { return slices.Clone(c.specs) }

// Spec finds a spec by its code.
func (c *Catalog) Spec(code string) (Spec, bool) {
	s, ok := c.spec[code]
	return s, ok
}

// Sizes gives the size cards, smallest memory first.
func (c *Catalog) Sizes() []Size { return slices.Clone(c.sizes) }

// Size finds a size card by its key or by one of its spec codes.
func (c *Catalog) Size(keyOrCode string) (Size, bool) {
	if i, ok := c.sizeOf[keyOrCode]; ok {
		return c.sizes[i], true
	}
	for _, s := range c.sizes {
		if s.Key == keyOrCode {
			return s, true
		}
	}
	return Size{}, false
}

// Images gives the images of a kind, in the order of the file; "" gives all.
// With Private these are two stand-ins, "private-linux" and "private-windows",
// that say which sizes the account's own images may take.
func (c *Catalog) Images(k Kind) []Image {
	var of []Image
	for _, i := range c.images {
		if k == "" || i.Kind == k {
			of = append(of, i)
		}
	}
	return of
}

// Image finds an image by its id.
func (c *Catalog) Image(id string) (Image, bool) {
	i, ok := c.image[id]
	return i, ok
}

// FindImage finds an application or system image by id or by any of its names,
// whatever their case: what a link from a colleague may hold.
func (c *Catalog) FindImage(name string) (Image, bool) {
	for _, i := range c.images {
		if i.Kind == Private {
			continue
		}
		if strings.EqualFold(i.ID, name) || strings.EqualFold(i.DisplayName, name) || strings.EqualFold(i.Name, name) ||
			slices.ContainsFunc(i.SendNames, func(n string) bool { return strings.EqualFold(n, name) }) {
			return i, true
		}
	}
	return Image{}, false
}

// Version finds a version of the image by its name.
func (i Image) Version(name string) (Version, bool) {
	for _, v := range i.Versions {
		if v.Name == name {
			return v, true
		}
	}
	return Version{}, false
}

// Categories gives the categories of applications, in the order of the file.
func (c *Catalog) Categories() []string {
	var all []string
	for _, i := range c.images {
		if i.Kind == Application && i.Category != "" && !slices.Contains(all, i.Category) {
			all = append(all, i.Category)
		}
	}
	return all
}

// Smallest gives the smallest spec that a version may be bought with, wherever;
// version "" means any version. It is the zero Spec for an unknown image or
// version.
func (c *Catalog) Smallest(imageID, version string) Spec {
	i := c.image[imageID]
	var least Spec
	rank := len(c.sizes)
	for _, v := range i.Versions {
		if version != "" && v.Name != version {
			continue
		}
		for _, code := range v.Specs {
			if r := c.sizeOf[code]; r < rank {
				rank, least = r, c.spec[code]
			}
		}
	}
	return least
}

// regionNames are the regions that have a translated name.
var regionNames = map[string]string{
	"ap-southeast-1": "region.ap-southeast-1",
	"ap-southeast-2": "region.ap-southeast-2",
	"ap-southeast-3": "region.ap-southeast-3",
	"tr-west-1":      "region.tr-west-1",
	"sa-brazil-1":    "region.sa-brazil-1",
	"me-east-1":      "region.me-east-1",
	"cn-north-4":     "region.cn-north-4",
	"cn-east-3":      "region.cn-east-3",
	"cn-south-1":     "region.cn-south-1",
	"cn-southwest-2": "region.cn-southwest-2",
	"eu-west-101":    "region.eu-west-101",
}

// RegionName gives the friendly name of a region: "Singapore" for
// "ap-southeast-3". A region without a translated name is shown by its code.
func RegionName(code string) fault.Message {
	if id, ok := regionNames[code]; ok {
		return fault.Say(id)
	}
	return fault.Say("region.other", "Code", code)
}

// regionValue gives regions as a value of another message: references that are
// translated with the sentence (see text.Printer.Say).
func regionValue(codes ...string) string {
	refs := make([]string, len(codes))
	for i, code := range codes {
		refs[i] = code
		if id, ok := regionNames[code]; ok {
			refs[i] = "@" + id
		}
	}
	return strings.Join(refs, ", ")
}

// categoryNames are the categories that have a translated name.
var categoryNames = map[string]string{
	"websites":        "catalog.category.websites",
	"shops":           "catalog.category.shops",
	"files and teams": "catalog.category.files",
	"developers":      "catalog.category.developers",
	"analytics":       "catalog.category.analytics",
	"learning":        "catalog.category.learning",
	"video":           "catalog.category.video",
}

// CategoryName gives the name of a category; one without a translated name is shown
// as the file spells it.
func CategoryName(category string) fault.Message {
	if id, ok := categoryNames[category]; ok {
		return fault.Say(id)
	}
	return fault.Say("catalog.category.other", "Name", category)
}
