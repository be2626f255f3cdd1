package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/catalog"
)

func TestWhatAnImageIDNames(t *testing.T) {
	c := catalog.Embedded()
	for _, test := range []struct {
		id     string
		listed bool
		want   catalog.Kind
	}{
		{"wordpress", false, catalog.Application}, {"ubuntu", false, catalog.System}, {"wordpress", true, catalog.Application},
		{"own", true, catalog.Private}, {"0e4b4c5c-7f3d-4ad5-9a2b-0d0c3d1c9e11", false, catalog.Private},
		{"wordpress-classic", false, ""}, {"", false, ""},
	} {
		if got := c.KindOf(test.id, test.listed); got != test.want {
			t.Errorf("%q, listed %v: got %q, want %q", test.id, test.listed, got, test.want)
		}
	}
	if c.RetiredImage(catalog.Choice{}) || c.RetiredSize(catalog.Choice{}) || !c.RetiredImage(catalog.Choice{ImageID: "joomla3"}) ||
		!c.RetiredSize(catalog.Choice{Spec: "hf.huge"}) {
		t.Error("retired is what was chosen and is not there")
	}
}

func TestTheNearestOfWhatIsRetired(t *testing.T) {
	c := catalog.Embedded()
	for id, want := range map[string]string{"wordpress-classic": "wordpress", "joomla3": "joomla", "Next Cloud": "nextcloud",
		"ubuntu-server": "ubuntu"} {
		near := c.NearestImages(catalog.Choice{ImageID: id, Spec: "hf.large.2.30m.linux", Region: "ap-southeast-3"}, 3)
		if len(near) == 0 || len(near) > 3 || near[0].ID != want {
			t.Errorf("%s: got %v, want %s first", id, near, want)
		}
	}
	if near := c.NearestImages(catalog.Choice{ImageID: "qqq"}, 3); len(near) != 0 {
		t.Errorf("nothing resembles it: got %v", near)
	}
	near := c.NearestSizes(catalog.Choice{Kind: catalog.Application, ImageID: "wordpress", Version: "6.4", Spec: "hf.large.7.30m.linux",
		Region: "ap-southeast-3"}, 3)
	if len(near) != 3 || slices.ContainsFunc(near, func(ch catalog.Choice) bool { return len(c.Check(ch)) > 0 }) {
		t.Errorf("sizes: got %+v, want three that can be bought", near)
	}
}

// A form may be a megabyte long, and each letter costs: only the beginning of a
// name is compared.
func TestALongNameOfWhatIsRetiredIsComparedByItsBeginning(t *testing.T) {
	c := catalog.Embedded()
	begin := strings.Repeat("wordpress", 14) // 126 bytes
	named := func(name string) []catalog.Image { return c.NearestImages(catalog.Choice{ImageID: name}, 3) }
	want, got := named(begin+"wo"), named(begin+"wo"+strings.Repeat("qq", 50_000))
	if len(want) == 0 || len(got) != len(want) || got[0].ID != want[0].ID {
		t.Errorf("got %d images, want the %d of its beginning", len(got), len(want))
	}
}
