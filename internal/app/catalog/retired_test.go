package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

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
	if c.RetiredImage(catalog.Choice{}) || c.RetiredSize(catalog.Choice{}) || !c.RetiredImage(catalog.Choice{ImageID: "joomla3"}) || !c.RetiredSize(catalog.Choice{Spec: "hf.huge"}) {
		t.Error("retired is what was chosen and is not there")
	}
}

func TestTheNearestOfWhatIsRetired(t *testing.T) {
	c := catalog.Embedded()
	for id, want := range map[string]string{"wordpress-classic": "wordpress", "joomla3": "joomla", "Next Cloud": "nextcloud", "ubuntu-server": "ubuntu"} {
		near := c.NearestImages(catalog.Choice{ImageID: id, Spec: "hf.large.2.30m.linux", Region: "ap-southeast-3"}, 3)
		if len(near) == 0 || len(near) > 3 || near[0].ID != want {
			t.Errorf("%s: got %v, want %s first", id, near, want)
		}
	}
	if near := c.NearestImages(catalog.Choice{ImageID: "qqq"}, 3); len(near) != 0 {
		t.Errorf("nothing resembles it: got %v", near)
	}
	near := c.NearestSizes(catalog.Choice{Kind: catalog.Application, ImageID: "wordpress", Version: "6.4", Spec: "hf.large.7.30m.linux", Region: "ap-southeast-3"}, 3)
	if len(near) != 3 || slices.ContainsFunc(near, func(ch catalog.Choice) bool { return len(c.Check(ch)) > 0 }) {
		t.Errorf("sizes: got %+v, want three that can be bought", near)
	}
}

// A form may be a megabyte long.
func TestALongNameOfWhatIsRetiredTakesNoTime(t *testing.T) {
	c := catalog.Embedded()
	long := strings.Repeat("wordpress", 10_000)
	began := time.Now()
	c.NearestImages(catalog.Choice{ImageID: long}, 3)
	c.Check(catalog.Choice{Kind: catalog.Application, ImageID: "wordpress", Version: "6.4", Spec: long, Region: "ap-southeast-3"})
	c.NearestSizes(catalog.Choice{Kind: catalog.Application, ImageID: "wordpress", Version: "6.4", Spec: long, Region: "ap-southeast-3"}, 3)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
}
