package catalog_test

import (
	"os"
	"strings"
	"testing"

	"sampan/internal/app/catalog"
)

const small = `{"schema":1,"product":"P","site":"s","document":{"title":"T","issue":"1","date":"2025-01-01"},
"regions":[{"code":"cn-north-4","name":"CN North-Beijing4"}],
"specs":[{"code":"ahf.large.1","os_family":"linux","vcpus":2,"memory_gib":2,"system_disk_gib":40,"peak_bandwidth_mbit":5,"data_package_gb":500}],
"images":[{"id":"app","kind":"application","os_family":"linux","image_name":"App","display_name":"App",
 "versions":[{"image_version":"1","specs":["ahf.large.1"],"spec_limits":[],"excluded_regions":[]}]}]}`

func TestAnotherSitesCatalogueLoads(t *testing.T) {
	c, err := catalog.Load(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Check(app("app", "ahf.large.1", "cn-north-4")); len(got) > 0 {
		t.Errorf("its own combination: got %v, want none", got)
	}
	if got := c.Check(private(catalog.Windows, "cn-north-4", "", "")); len(got) == 0 {
		t.Error("a Windows image of a catalogue without one: got legal")
	}
}

func TestEveryProblemOfAFileIsReported(t *testing.T) {
	tests := []struct {
		name string
		edit []string // old, new, …
		want []string
	}{
		{"not JSON", []string{small, "image: wordpress"}, []string{"not a catalogue"}},
		{"an unknown field", []string{`"schema":1`, `"schema":1,"colour":"red"`}, []string{"colour"}},
		{"something after it", []string{small, small + "{}"}, []string{"after the catalogue's last brace"}},
		{"another schema and two more", []string{`"schema":1`, `"schema":2`, `"vcpus":2`, `"vcpus":0`, `"kind":"application"`, `"kind":"game"`},
			[]string{"schema is 2", "vcpus is 0", `kind is "game"`}},
		{"codes that nothing defines", []string{`"specs":["ahf.large.1"]`, `"specs":["ahf.huge"]`, `"excluded_regions":[]`, `"excluded_regions":["mars"]`},
			[]string{`spec "ahf.huge" is not among`, `region "mars" is not among`}},
		{"a limit that limits nothing", []string{`"spec_limits":[]`, `"spec_limits":[{"spec":"x","only_regions":[]}]`},
			[]string{`limited spec "x"`, `names no region`}},
		{"the wrong OS", []string{`"specs":[{"code":"ahf.large.1","os_family":"linux"`, `"specs":[{"code":"ahf.large.1","os_family":"windows"`}, []string{"is for windows, the image for linux"}},
		{"memory in crumbs", []string{`"memory_gib":2`, `"memory_gib":0.0001`}, []string{"memory_gib"}},
		{"empty lists", []string{`"images":[`, `"images":[],"purchase":[`}, []string{"images is empty"}},
		{"no version, no name", []string{`"image_name":"App"`, `"image_name":""`, `"image_version":"1"`, `"image_version":null`}, []string{"no name to send", "image_version must be given"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := catalog.Load(strings.NewReader(strings.NewReplacer(tt.edit...).Replace(small)))
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to say %q", err, want)
				}
			}
		})
	}
}

func TestTheEmbeddedFileIsStrict(t *testing.T) {
	f, err := os.Open("catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := catalog.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Document().Date; got != "2025-08-15" {
		t.Errorf("date of the reference: got %q", got)
	}
	for _, r := range c.Regions() {
		if m := catalog.RegionName(r.Code); m.ID != "region."+r.Code {
			t.Errorf("%s has no friendly name: %v", r.Code, m)
		}
	}
	for _, category := range c.Categories() {
		if m := catalog.CategoryName(category); m.ID == "catalog.category.other" {
			t.Errorf("category %q has no word", category)
		}
	}
}
