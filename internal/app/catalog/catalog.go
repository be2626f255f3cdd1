// Package catalog knows what Huawei sells as Flexus L: regions, sizes, images,
// and which of them go together.
//
// There is no API for it (cloud-api, 1.2): the table is embedded, can be
// replaced by a file, and its source is the API Reference, Tables 4-2 and 4-9
// to 4-13.
package catalog

// Kind of an image.
type Kind string

// The kinds of image.
const (
	Application Kind = "application"
	System      Kind = "os"
	Private     Kind = "private"
)

// OS family of an image or size.
type OS string

// The families.
const (
	Linux   OS = "linux"
	Windows OS = "windows"
)

// Region is a place servers can stand.
type Region struct {
	Code string // "ap-southeast-3"
	Name string // "AP-Singapore", Huawei's name
}

// Spec is a size on sale: a plan_spec code and what it contains.
type Spec struct {
	Code              string // "hf.large.1.30m.linux"
	OS                OS
	VCPUs             int
	MemoryMiB         int // 512 to 16,384
	SystemDiskGiB     int
	PeakBandwidthMbit int
	TrafficGB         int // data package per month, 1 TB = 1,024 GB
}

// Version of an application or system image and where it may be bought.
type Version struct {
	Name            string
	Specs           []string            // spec codes
	OnlyRegions     map[string][]string // spec code → the only regions it may be bought in
	ExcludedRegions []string
}

// Image is an application or system image of the catalogue.
type Image struct {
	ID          string // ours: "wordpress"
	Kind        Kind
	OS          OS
	Name        string   // the reference's spelling, byte for byte: "Odo"
	SendNames   []string // spellings to send, in the order to try
	DisplayName string   // "Odoo"
	Category    string   // "websites", "" for systems
	Versions    []Version
}

// PrivateImage is one of the account's own images, as last read from a region.
type PrivateImage struct {
	ID         string
	Name       string
	Region     string
	OS         OS
	Status     string // "active"
	MinDiskGiB int
}

// Choice is an image, a size and a region that are to go together. Empty parts
// are not chosen yet.
type Choice struct {
	Kind    Kind
	ImageID string // catalogue id, or the cloud's id of a private image
	Version string // "" for private images
	Spec    string // for an image-independent size: any code of the size's group
	Region  string

	Private *PrivateImage // with Kind Private: what is known about it
}
