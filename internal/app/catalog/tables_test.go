package catalog_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/catalog"
)

// rule is what the transcribed tables say about one version; the tests' own
// reading, independent of the package's.
type rule struct {
	kind           catalog.Kind
	image, version string
	specs          []string
	only           map[string][]string // spec → region codes
	excluded       []string            // region codes
}

func (r rule) legal(spec, region string) bool {
	only, limited := r.only[spec]
	return slices.Contains(r.specs, spec) && !slices.Contains(r.excluded, region) && (!limited || slices.Contains(only, region))
}

func table(t interface{ Fatal(...any) }, name string) [][]string {
	data, err := os.ReadFile("testdata/" + name + ".tsv")
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

func regionCodes(t interface{ Fatal(...any) }, names string) []string {
	var codes []string
	for _, name := range strings.Split(names, ",") {
		for _, r := range table(t, "regions") {
			if r[1] == name {
				codes = append(codes, r[0])
			}
		}
	}
	return codes
}

func rules(t interface{ Fatal(...any) }) []rule {
	var all []rule
	for _, row := range table(t, "versions") {
		for _, version := range strings.Split(row[2], "/") {
			r := rule{kind: catalog.Kind(row[0]), image: row[1], version: version, only: map[string][]string{}}
			for _, cell := range splitCodes(row[3]) {
				code, limit, limited := strings.Cut(strings.TrimSuffix(cell, "}"), "{")
				by, regions, _ := strings.Cut(limit, ":")
				if limited && by != version {
					continue
				}
				r.specs = append(r.specs, code)
				if limited {
					r.only[code] = regionCodes(t, regions)
				}
			}
			for _, ex := range table(t, "excluded") {
				if ex[1] == row[1] && slices.Contains(strings.Fields(ex[2]), version) {
					r.excluded = regionCodes(t, ex[0])
				}
			}
			all = append(all, r)
		}
	}
	return all
}

// splitCodes splits at blanks outside braces.
func splitCodes(s string) []string {
	depth := 0
	return strings.FieldsFunc(s, func(r rune) bool {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		return r == ' ' && depth == 0
	})
}

// choice turns a rule into the package's words.
func (r rule) choice(c *catalog.Catalog, spec, region string) catalog.Choice {
	ch := catalog.Choice{Kind: r.kind, Version: r.version, Spec: spec, Region: region}
	if r.kind == catalog.Private {
		at := region
		if at == "" {
			at = "ap-southeast-3"
		}
		ch.ImageID, ch.Version = "5f1c2a7e-8a3a-4d0f-9f55-0d2b7f0f3c11", ""
		ch.Private = &catalog.PrivateImage{ID: ch.ImageID, Name: "golden", Region: at, OS: catalog.OS(strings.ToLower(r.image)),
			Status: "active"}
		return ch
	}
	for _, i := range c.Images(r.kind) {
		if i.Name == r.image {
			ch.ImageID = i.ID
		}
	}
	return ch
}

func TestEveryCellOfTheTables(t *testing.T) {
	c := catalog.Embedded()
	versions := 0
	for _, r := range rules(t) {
		versions++
		for _, spec := range table(t, "specs") {
			for _, region := range table(t, "regions") {
				ch := r.choice(c, spec[0], region[0])
				if ch.ImageID == "" {
					t.Fatalf("%s %s: not in the catalogue", r.image, r.version)
				}
				reasons := c.Check(ch)
				if got, want := len(reasons) == 0, r.legal(spec[0], region[0]); got != want {
					t.Errorf("%s %s, %s, %s: legal: got %v, want %v (%v)", r.image, r.version, spec[0], region[0], got, want, reasons)
				}
			}
		}
	}
	if versions != 37 {
		t.Errorf("versions of the tables: got %d, want 35 and 2 kinds of private image", versions)
	}
}

func TestTheCatalogueHasNothingThatTheTablesLack(t *testing.T) {
	c := catalog.Embedded()
	all := rules(t)
	for _, i := range c.Images("") {
		for _, v := range i.Versions {
			if i.Kind != catalog.Private && !slices.ContainsFunc(all, func(r rule) bool {
				return r.kind == i.Kind && r.image == i.Name && r.version == v.Name
			}) {
				t.Errorf("%s %s stands in no table", i.Name, v.Name)
			}
		}
	}
	if got, want := len(c.Images(catalog.Application)), 17; got != want {
		t.Errorf("applications: got %d, want %d", got, want)
	}
	if got, want := len(c.Images(catalog.System)), 4; got != want {
		t.Errorf("systems: got %d, want %d", got, want)
	}
}

func TestSpecsAreThoseOfTheTables(t *testing.T) {
	c := catalog.Embedded()
	rows := table(t, "specs")
	if got := len(c.Specs()); got != len(rows) {
		t.Errorf("specs: got %d, want %d", got, len(rows))
	}
	for _, row := range rows {
		s, ok := c.Spec(row[0])
		got := strings.Join([]string{s.Code, itoa(s.VCPUs), catalog.GiB(s.MemoryMiB), itoa(s.SystemDiskGiB), itoa(s.PeakBandwidthMbit),
			itoa(s.TrafficGB)}, " ")
		if want := strings.Join(row, " "); !ok || got != want {
			t.Errorf("spec: got %q, want %q", got, want)
		}
		if wantOS := map[bool]catalog.OS{true: catalog.Windows, false: catalog.Linux}[strings.HasSuffix(row[0], ".byol")]; s.OS != wantOS {
			t.Errorf("%s: OS: got %s, want %s", row[0], s.OS, wantOS)
		}
	}
}

func TestRegionsAreThoseOfTheTable(t *testing.T) {
	var got [][]string
	for _, r := range catalog.Embedded().Regions() {
		got = append(got, []string{r.Code, r.Name})
	}
	if want := table(t, "regions"); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("regions: got %v, want %v", got, want)
	}
}
