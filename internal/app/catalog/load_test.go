package catalog_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

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
		{"codes of a form that none has", []string{`"code":"cn-north-4"`, `"code":"Beijing"`, `"code":"ahf.large.1"`, `"code":"AHF large"`, `"id":"app"`, `"id":"My App"`},
			[]string{`region "Beijing" is not a region code`, `spec "AHF large" is not a spec code`,
				`the id may hold small letters, digits and -`}},
		{"a code that is too long", []string{`"code":"ahf.large.1"`, `"code":"` + strings.Repeat("a", 65) + `"`}, []string{"is not a spec code"}},
		{"nothing to show", []string{`"name":"CN North-Beijing4"`, `"name":""`, `"display_name":"App"`, `"display_name":""`},
			[]string{`region "cn-north-4" has no name`, `image "app" has no display_name`}},
		{"systems that nobody has", []string{`"os_family":"linux"`, `"os_family":"dos"`}, []string{`spec "ahf.large.1": os_family is "dos"`, `image "app": os_family is "dos"`}},
		{"a region twice", []string{`"regions":[`, `"regions":[{"code":"cn-north-4","name":"CN"},`}, []string{`region "cn-north-4" stands twice`}},
		{"a version twice", []string{`"versions":[`, `"versions":[{"image_version":"1","specs":["ahf.large.1"],"spec_limits":[],"excluded_regions":[]},`},
			[]string{`image "app 1": the version stands twice`}},
		{"no size for a version", []string{`"specs":["ahf.large.1"]`, `"specs":[]`}, []string{`image "app 1" has no specs`}},
		{"a private image with a name to send", []string{`"kind":"application"`, `"kind":"private"`},
			[]string{"a private image is sent by id and has no image_name", "image_version must be given"}},
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

func TestAFileThatIsTooLarge(t *testing.T) {
	if _, err := catalog.Load(strings.NewReader(strings.Repeat(" ", 4<<20) + small)); err == nil ||
		!strings.Contains(err.Error(), "catalog") {
		t.Errorf("got %v", err)
	}
	broken := iotest.ErrReader(os.ErrClosed)
	if _, err := catalog.Load(broken); !errors.Is(err, os.ErrClosed) {
		t.Errorf("one that cannot be read: got %v", err)
	}
}

func TestWhatIsNotInTheCatalogue(t *testing.T) {
	c := catalog.Embedded()
	if r, ok := c.Region("ap-southeast-3"); !ok || r.Name != "AP-Singapore" {
		t.Errorf("a region: got %+v, %t", r, ok)
	}
	if r, ok := c.Region("mars"); ok {
		t.Errorf("a region that does not exist: got %+v", r)
	}
	if s, ok := c.Size("9-9"); ok {
		t.Errorf("a size that does not exist: got %+v", s)
	}
	wordpress, _ := c.Image("wordpress")
	if _, ok := wordpress.Version("6.4"); !ok {
		t.Error("a version: not found")
	}
	if v, ok := wordpress.Version("0.1"); ok {
		t.Errorf("a version that does not exist: got %+v", v)
	}
	if s := c.Smallest("nothing", ""); s.Code != "" {
		t.Errorf("the smallest size of an image that does not exist: got %+v", s)
	}
	if m := catalog.RegionName("mars"); m.ID != "region.other" || m.Values["Code"] != "mars" {
		t.Errorf("its name: got %v", m)
	}
	if m := catalog.CategoryName("games"); m.ID != "catalog.category.other" || m.Values["Name"] != "games" {
		t.Errorf("a category without a translated name: got %v", m)
	}
	sizes := c.Sizes()
	if !slices.IsSortedFunc(sizes, func(a, b catalog.Size) int { return a.MemoryMiB - b.MemoryMiB }) {
		t.Errorf("sizes are not in the order of their memory: %v", sizes)
	}
	sizes[0].Key = "changed"
	if again := c.Sizes(); again[0].Key == "changed" {
		t.Error("who changes a list of sizes changes the catalogue")
	}
}
