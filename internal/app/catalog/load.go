package catalog

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed catalog.json
var embedded []byte

var parseEmbedded = sync.OnceValue(func() *Catalog {
	c, err := Load(bytes.NewReader(embedded))
	if err != nil {
		panic("catalog: embedded: " + err.Error()) // a test loads it
	}
	return c
})

// Embedded gives the catalogue that the program carries. The result is shared
// and does not change.
func Embedded() *Catalog { return parseEmbedded() }

// schema is the form of the file that this program reads.
const schema = 1

// maxFile bounds what is read of a catalogue file.
const maxFile = 4 << 20

// Catalog is what can be bought. It does not change once loaded and is safe
// for concurrent use.
type Catalog struct {
	document Document
	regions  []Region
	specs    []Spec
	images   []Image
	sizes    []Size

	region map[string]Region
	spec   map[string]Spec
	image  map[string]Image
	sizeOf map[string]int // spec code → index in sizes

	matrix func() []Row
}

// Document is where the figures come from.
type Document struct {
	Title string `json:"title"`
	Issue string `json:"issue"`
	Date  string `json:"date"`
}

type fileImage struct {
	ID          string        `json:"id"`
	Kind        Kind          `json:"kind"`
	OS          OS            `json:"os_family"`
	Name        *string       `json:"image_name"`
	SendNames   []string      `json:"send_names"`
	DisplayName string        `json:"display_name"`
	Category    string        `json:"category"`
	Versions    []fileVersion `json:"versions"`
	Requires    string        `json:"requires"`
	Aliases     []string      `json:"aliases"`
	Uncertain   bool          `json:"name_uncertain"`
	Note        string        `json:"note"`
	Source      string        `json:"source"`
}

type fileVersion struct {
	Name   *string  `json:"image_version"`
	Specs  []string `json:"specs"`
	Limits []struct {
		Spec        string   `json:"spec"`
		OnlyRegions []string `json:"only_regions"`
		Source      string   `json:"source"`
	} `json:"spec_limits"`
	Excluded []string `json:"excluded_regions"`
}

type fileSpec struct {
	Code      string      `json:"code"`
	OS        OS          `json:"os_family"`
	VCPUs     int         `json:"vcpus"`
	MemoryGiB json.Number `json:"memory_gib"`
	DiskGiB   int         `json:"system_disk_gib"`
	PeakMbit  int         `json:"peak_bandwidth_mbit"`
	TrafficGB int         `json:"data_package_gb"`
	Source    string      `json:"source"`
}

type file struct {
	Schema   int             `json:"schema"`
	Product  string          `json:"product"`
	Site     string          `json:"site"`
	Document Document        `json:"document"`
	Rules    json.RawMessage `json:"rules"`
	Regions  []struct {
		Code   string `json:"code"`
		Name   string `json:"name"`
		Source string `json:"source"`
	} `json:"regions"`
	Specs    []fileSpec      `json:"specs"`
	Images   []fileImage     `json:"images"`
	Purchase json.RawMessage `json:"purchase"` // limits of the order form: constants of the order package
}

// Load reads a catalogue in the form of the embedded one. It is strict:
// unknown fields, unknown codes and figures that make no sense are refused,
// and the error holds every problem, one sentence a line.
func Load(r io.Reader) (*Catalog, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("catalog: read: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("catalog: the file is larger than %d bytes", maxFile)
	}
	var f file
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("catalog: not a catalogue: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("catalog: something stands after the catalogue's last brace")
	}
	l := loader{c: &Catalog{
		document: f.Document,
		region:   map[string]Region{}, spec: map[string]Spec{},
		image: map[string]Image{}, sizeOf: map[string]int{},
	}}
	l.read(f)
	if len(l.problems) > 0 {
		return nil, errors.Join(l.problems...)
	}
	l.c.groupSizes()
	l.c.matrix = sync.OnceValue(l.c.buildMatrix)
	return l.c, nil
}

// loader fills a catalogue and collects what is wrong with the file.
type loader struct {
	c        *Catalog
	problems []error
}

func (l *loader) bad(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf("catalog: "+format, args...))
}

func (l *loader) read(f file) {
	if f.Schema != schema {
		l.bad("schema is %d, this program reads %d", f.Schema, schema)
	}
	for _, r := range f.Regions {
		l.addRegion(Region{Code: r.Code, Name: r.Name})
	}
	for _, s := range f.Specs {
		l.addSpec(s)
	}
	for _, i := range f.Images {
		l.addImage(i)
	}
	for _, list := range []struct {
		name string
		n    int
	}{{"regions", len(f.Regions)}, {"specs", len(f.Specs)}, {"images", len(f.Images)}} {
		if list.n == 0 {
			l.bad("%s is empty", list.name)
		}
	}
}

var (
	regionCode = regexp.MustCompile(`^[a-z]{2}(-[a-z0-9]+)+$`)
	specCode   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)
	imageID    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
)

// longestCode is how many characters the code of a spec or the id of an image may have.
const longestCode = 64

func (l *loader) addRegion(r Region) {
	switch _, twice := l.c.region[r.Code]; {
	case twice:
		l.bad("region %q stands twice", r.Code)
		return
	case !regionCode.MatchString(r.Code):
		l.bad("region %q is not a region code", r.Code)
	case r.Name == "":
		l.bad("region %q has no name", r.Code)
	}
	l.c.region[r.Code] = r
	l.c.regions = append(l.c.regions, r)
}

func (l *loader) addSpec(f fileSpec) {
	if _, twice := l.c.spec[f.Code]; twice {
		l.bad("spec %q stands twice", f.Code)
		return
	}
	if len(f.Code) > longestCode || !specCode.MatchString(f.Code) {
		l.bad("spec %q is not a spec code", f.Code)
	}
	if f.OS != Linux && f.OS != Windows {
		l.bad("spec %q: os_family is %q, not linux or windows", f.Code, f.OS)
	}
	gib, err := strconv.ParseFloat(string(f.MemoryGiB), 64)
	if mib := gib * 1024; err != nil || mib < 1 || mib > 1<<22 || mib != math.Trunc(mib) {
		l.bad("spec %q: memory_gib is %q, not a whole number of MiB", f.Code, f.MemoryGiB)
	}
	for _, figure := range []struct {
		name string
		n    int
	}{{"vcpus", f.VCPUs}, {"system_disk_gib", f.DiskGiB}, {"peak_bandwidth_mbit", f.PeakMbit}, {"data_package_gb", f.TrafficGB}} {
		if figure.n <= 0 {
			l.bad("spec %q: %s is %d, not above 0", f.Code, figure.name, figure.n)
		}
	}
	s := Spec{Code: f.Code, OS: f.OS, VCPUs: f.VCPUs, MemoryMiB: int(gib * 1024), SystemDiskGiB: f.DiskGiB,
		PeakBandwidthMbit: f.PeakMbit, TrafficGB: f.TrafficGB}
	l.c.spec[s.Code] = s
	l.c.specs = append(l.c.specs, s)
}

func (l *loader) addImage(f fileImage) {
	if _, twice := l.c.image[f.ID]; twice {
		l.bad("image %q stands twice", f.ID)
		return
	}
	i := Image{ID: f.ID, Kind: f.Kind, OS: f.OS, SendNames: f.SendNames, DisplayName: f.DisplayName, Category: f.Category}
	if f.Name != nil {
		i.Name = *f.Name
	}
	if len(i.SendNames) == 0 && i.Name != "" {
		i.SendNames = []string{i.Name}
	}
	l.checkImage(i)
	for _, v := range f.Versions {
		i.Versions = append(i.Versions, l.version(i, v))
	}
	if len(i.Versions) == 0 {
		l.bad("image %q has no version", i.ID)
	}
	l.c.image[i.ID] = i
	l.c.images = append(l.c.images, i)
}

func (l *loader) checkImage(i Image) {
	if len(i.ID) > longestCode || !imageID.MatchString(i.ID) {
		l.bad("image %q: the id may hold small letters, digits and -", i.ID)
	}
	if !slices.Contains([]Kind{Application, System, Private}, i.Kind) {
		l.bad("image %q: kind is %q, not application, os or private", i.ID, i.Kind)
	}
	if i.OS != Linux && i.OS != Windows {
		l.bad("image %q: os_family is %q, not linux or windows", i.ID, i.OS)
	}
	if i.DisplayName == "" {
		l.bad("image %q has no display_name", i.ID)
	}
	if i.Kind == Private && len(i.SendNames) > 0 {
		l.bad("image %q: a private image is sent by id and has no image_name", i.ID)
	}
	if i.Kind != Private && (i.Name == "" || slices.Contains(i.SendNames, "")) {
		l.bad("image %q has no name to send", i.ID)
	}
}

func (l *loader) version(i Image, f fileVersion) Version {
	v := Version{Specs: f.Specs, ExcludedRegions: f.Excluded, OnlyRegions: map[string][]string{}}
	if f.Name != nil {
		v.Name = *f.Name
	}
	at := strings.TrimSpace(i.ID + " " + v.Name)
	if (v.Name == "") != (i.Kind == Private) {
		l.bad("image %q: image_version must be given, but for private images", at)
	}
	if slices.ContainsFunc(i.Versions, func(o Version) bool { return o.Name == v.Name }) {
		l.bad("image %q: the version stands twice", at)
	}
	if len(v.Specs) == 0 {
		l.bad("image %q has no specs", at)
	}
	for _, code := range v.Specs {
		switch s, ok := l.c.spec[code]; {
		case !ok:
			l.bad("image %q: spec %q is not among the specs", at, code)
		case s.OS != i.OS:
			l.bad("image %q: spec %q is for %s, the image for %s", at, code, s.OS, i.OS)
		}
	}
	for _, limit := range f.Limits {
		if !slices.Contains(v.Specs, limit.Spec) {
			l.bad("image %q: the limited spec %q is not among its specs", at, limit.Spec)
		}
		if len(limit.OnlyRegions) == 0 {
			l.bad("image %q: the limit of spec %q names no region", at, limit.Spec)
		}
		l.known(at, limit.OnlyRegions)
		v.OnlyRegions[limit.Spec] = limit.OnlyRegions
	}
	l.known(at, v.ExcludedRegions)
	return v
}

func (l *loader) known(image string, regions []string) {
	for _, r := range regions {
		if _, ok := l.c.region[r]; !ok {
			l.bad("image %q: region %q is not among the regions", image, r)
		}
	}
}
