package catalog_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
)

func itoa(n int) string { return strconv.Itoa(n) }

func app(id, spec, region string) catalog.Choice {
	return catalog.Choice{Kind: catalog.Application, ImageID: id, Spec: spec, Region: region}
}

func system(id, version, spec, region string) catalog.Choice {
	return catalog.Choice{Kind: catalog.System, ImageID: id, Version: version, Spec: spec, Region: region}
}

func private(os catalog.OS, at, spec, region string) catalog.Choice {
	p := &catalog.PrivateImage{ID: "f267d4ce", Name: "my-image", Region: at, OS: os, Status: "active", MinDiskGiB: 40}
	return catalog.Choice{Kind: catalog.Private, ImageID: p.ID, Spec: spec, Region: region, Private: p}
}

func TestReasonsAndFixes(t *testing.T) {
	asleep := private(catalog.Linux, "ap-southeast-3", "", "")
	asleep.Private.Status = "queued"
	nameless := private("", "ap-southeast-3", "", "")
	unread := private(catalog.Linux, "ap-southeast-3", "", "")
	unread.Private = nil

	tests := []struct {
		name    string
		choice  catalog.Choice
		reasons []string // part: message
		fix     string
		to      string // spec, version and region of the fix, "" for none
	}{
		{"an application that needs more memory", app("gitlab", "hf.large.2.30m.linux", "ap-southeast-3"),
			[]string{"size: catalog.size.needs GiB=8 Image=GitLab"}, "catalog.fix.size.up GiB=8 VCPUs=2",
			"hf.large.4.30m.linux  ap-southeast-3"},
		{"the smallest size only in two regions", system("huawei-cloud-euleros", "2.0", "hf.large.025.30m.linux", "tr-west-1"),
			[]string{"size: catalog.size.only GiB=0.5 Regions=@region.ap-southeast-1, @region.ap-southeast-3 VCPUs=2"},
			"catalog.fix.size.up GiB=1 VCPUs=2", "hf.large.05.30m.linux 2.0 tr-west-1"},
		{"the smallest size with another version", system("centos", "7.9", "hf.large.025.30m.linux", "ap-southeast-3"),
			[]string{"size: catalog.size.needs GiB=1 Image=CentOS 7.9"}, "catalog.fix.size.up GiB=1 VCPUs=2",
			"hf.large.05.30m.linux 7.9 ap-southeast-3"},
		{"the smallest size with no version chosen yet", system("centos", "", "hf.large.025.30m.linux", "ap-southeast-3"), nil, "", ""},
		{"a version that the region lacks", system("centos", "8.2", "hf.large.2.30m.linux", "me-east-1"),
			[]string{"region: catalog.region.excluded Image=CentOS 8.2 Regions=@region.tr-west-1, @region.me-east-1"},
			"catalog.fix.version Image=CentOS 7.9", "hf.large.2.30m.linux 7.9 me-east-1"},
		{"two reasons at once, one change of each", system("centos", "7.2", "hf.large.025.30m.linux", "me-east-1"),
			[]string{"size: catalog.size.needs GiB=1 Image=CentOS 7.2",
				"region: catalog.region.excluded Image=CentOS 7.2 Regions=@region.tr-west-1, @region.me-east-1"},
			"catalog.fix.size.version GiB=1 Image=CentOS 7.9 Region=@region.me-east-1 VCPUs=2", "hf.large.05.30m.linux 7.9 me-east-1"},
		{"an unknown image", app("minecraft", "hf.large.2.30m.linux", "ap-southeast-3"),
			[]string{"image: catalog.image.unknown Image=minecraft"}, "catalog.fix.image", ""},
		{"an unknown version", system("ubuntu", "24.04", "hf.large.2.30m.linux", "ap-southeast-3"),
			[]string{"image: catalog.version.unknown Image=Ubuntu 24.04 Version=24.04"}, "catalog.fix.version Image=Ubuntu 22.04",
			"hf.large.2.30m.linux 22.04 ap-southeast-3"},
		{"an unknown size", app("wordpress", "hf.huge", "ap-southeast-3"),
			[]string{"size: catalog.size.unknown Code=hf.huge"}, "catalog.fix.size GiB=2 VCPUs=2", "hf.large.1.30m.linux  ap-southeast-3"},
		{"an unknown region", app("wordpress", "hf.large.2.30m.linux", "cn-north-4"),
			[]string{"region: catalog.region.unknown Region=cn-north-4"}, "catalog.fix.region Region=@region.ap-southeast-1",
			"hf.large.2.30m.linux  ap-southeast-1"},
		{"a Windows code for a Linux image", app("wordpress", "hf.large.2.30m.byol", "ap-southeast-3"),
			[]string{"size: catalog.size.linux GiB=4 Image=WordPress VCPUs=2"}, "catalog.fix.size GiB=4 VCPUs=2",
			"hf.large.2.30m.linux  ap-southeast-3"},
		{"a Linux code for a Windows image", private(catalog.Windows, "ap-southeast-3", "hf.large.2.30m.linux", "ap-southeast-3"),
			[]string{"size: catalog.size.windows GiB=4 Image=my-image VCPUs=2"}, "catalog.fix.size GiB=4 VCPUs=2",
			"hf.large.2.30m.byol  ap-southeast-3"},
		{"a size not made for Windows", private(catalog.Windows, "ap-southeast-3", "hf.large.05.30m.linux", "ap-southeast-3"),
			[]string{"size: catalog.size.nowindows GiB=1 Image=my-image VCPUs=2"}, "catalog.fix.size.up GiB=2 VCPUs=2",
			"hf.large.1.30m.byol  ap-southeast-3"},
		{"a private image of another region", private(catalog.Linux, "ap-southeast-3", "hf.large.2.30m.linux", "tr-west-1"),
			[]string{"region: catalog.private.elsewhere Image=my-image Region=@region.ap-southeast-3"},
			"catalog.fix.region Region=@region.ap-southeast-3", "hf.large.2.30m.linux  ap-southeast-3"},
		{"a private image of a region that sells nothing", private(catalog.Linux, "cn-north-4", "hf.large.2.30m.linux", ""),
			[]string{"image: catalog.private.unsold Image=my-image Region=@region.cn-north-4"}, "catalog.fix.image", ""},
		{"a private image that is not ready", asleep, []string{"image: catalog.private.inactive Image=my-image Status=queued"}, "catalog.fix.image", ""},
		{"a private image without an OS", nameless, []string{"image: catalog.private.os Image=my-image"}, "catalog.fix.image", ""},
		{"a private image that no region listed", unread, []string{"image: catalog.private.unknown Image=f267d4ce"}, "catalog.fix.image", ""},
		{"the smallest size with a private image anywhere", private(catalog.Linux, "me-east-1", "hf.large.025.30m.linux", "me-east-1"), nil, "", ""},
		{"nothing chosen yet", catalog.Choice{}, nil, "", ""},
		{"a whole choice", app("wordpress", "hf.large.1.30m.linux", "sa-brazil-1"), nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			reasons := catalog.Embedded().Check(tt.choice)
			for _, r := range reasons {
				got = append(got, string(r.Part)+": "+words(r.Message))
				if fix := words(r.Fix); fix != tt.fix {
					t.Errorf("fix: got %q, want %q", fix, tt.fix)
				}
				to := ""
				if r.FixChoice != nil {
					to = strings.Join([]string{r.FixChoice.Spec, r.FixChoice.Version, r.FixChoice.Region}, " ")
				}
				if to != tt.to {
					t.Errorf("fixed choice: got %q, want %q", to, tt.to)
				}
			}
			if diff := cmp.Diff(tt.reasons, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
		})
	}
}

func words(m fault.Message) string {
	s := m.ID
	for _, name := range []string{"Code", "GiB", "Has", "Image", "Needs", "Region", "Regions", "Status", "VCPUs", "Version"} {
		if v, ok := m.Values[name]; ok {
			s += " " + name + "=" + v
		}
	}
	return s
}

func TestWarnings(t *testing.T) {
	tests := []struct {
		name   string
		choice catalog.Choice
		want   []string
	}{
		{"the image asks for more disk than the size has",
			private(catalog.Linux, "ap-southeast-3", "hf.large.025.30m.linux", "ap-southeast-3"),
			[]string{"catalog.warn.disk Has=20 Image=my-image Needs=40"}},
		{"the smallest size outside its two regions", private(catalog.Linux, "tr-west-1", "hf.large.025.30m.linux", "tr-west-1"),
			[]string{"catalog.warn.disk Has=20 Image=my-image Needs=40",
				"catalog.warn.region GiB=0.5 Regions=@region.ap-southeast-1, @region.ap-southeast-3 VCPUs=2"}},
		{"a size with room", private(catalog.Linux, "tr-west-1", "hf.large.05.30m.linux", "tr-west-1"), nil},
		{"an application", app("wordpress", "hf.large.1.30m.linux", "tr-west-1"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, m := range catalog.Embedded().Warnings(tt.choice) {
				got = append(got, words(m))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if reasons := catalog.Embedded().Check(tt.choice); len(reasons) > 0 {
				t.Errorf("a warning must not forbid: got %v", reasons)
			}
		})
	}
}

// drawn is a choice with any of its parts empty, wrong or right, and what the
// transcribed rules say about it.
func drawChoice(t *rapid.T, all []rule, c *catalog.Catalog) (catalog.Choice, bool) {
	r := rapid.SampledFrom(all).Draw(t, "rule")
	specs, regions := []string{"", "hf.huge"}, []string{"", "cn-north-4"}
	for _, s := range table(t, "specs") {
		specs = append(specs, s[0])
	}
	for _, g := range table(t, "regions") {
		regions = append(regions, g[0])
	}
	spec, region := rapid.SampledFrom(specs).Draw(t, "spec"), rapid.SampledFrom(regions).Draw(t, "region")
	ch := r.choice(c, spec, region)
	if r.kind == catalog.Private {
		ch.Private.Region = rapid.SampledFrom(regions[1:]).Draw(t, "image region")
	}
	of := []rule{r}
	if r.kind != catalog.Private && rapid.Bool().Draw(t, "any version") {
		ch.Version, of = "", nil
		for _, o := range all {
			if o.kind == r.kind && o.image == r.image {
				of = append(of, o)
			}
		}
	}
	for _, o := range of {
		for _, s := range specs[2:] {
			for _, g := range regions[2:] {
				if (spec == "" || spec == s) && (region == "" || region == g) && o.legal(s, g) &&
					(ch.Private == nil || ch.Private.Region == g) {
					return ch, true
				}
			}
		}
	}
	return ch, false
}

func TestCheckAgreesWithTheTablesAndFixesAreLegal(t *testing.T) {
	c, all := catalog.Embedded(), rules(t)
	rapid.Check(t, func(t *rapid.T) {
		ch, legal := drawChoice(t, all, c)
		reasons := c.Check(ch)
		if got := len(reasons) == 0; got != legal {
			t.Fatalf("legal: got %v, want %v (%v)", got, legal, reasons)
		}
		for _, r := range reasons {
			if r.Message.Zero() || r.Fix.Zero() || r.Part == "" {
				t.Fatalf("a reason without words: %+v", r)
			}
			if r.FixChoice == nil {
				continue
			}
			if left := c.Check(*r.FixChoice); len(left) > 0 {
				t.Fatalf("the fix %+v is not legal: %v", *r.FixChoice, left)
			}
			if f := *r.FixChoice; f.ImageID != ch.ImageID || f.Kind != ch.Kind || (f.Spec == "") != (ch.Spec == "") ||
				(f.Region == "") != (ch.Region == "") {
				t.Fatalf("the fix %+v changes more than size, version and region of %+v", f, ch)
			}
		}
	})
}

func TestEveryFixIsOneChangeWhereOneIsEnough(t *testing.T) {
	c := catalog.Embedded()
	for _, row := range c.Matrix() {
		for _, r := range row.Reasons {
			if r.FixChoice == nil {
				t.Errorf("%s %s %s %s: no fix", row.Image.ID, row.Version, row.Size.Key, row.Region.Code)
			}
		}
		if len(row.Reasons) == 1 {
			f, changed := row.Reasons[0].FixChoice, 0
			for _, differs := range []bool{f.Version != row.Version, f.Region != row.Region.Code, f.Spec != row.Spec} {
				if differs {
					changed++
				}
			}
			if changed != 1 {
				t.Errorf("%s %s %s %s: %d changes", row.Image.ID, row.Version, row.Size.Key, row.Region.Code, changed)
			}
		}
	}
}

func TestMatrixIsWhole(t *testing.T) {
	rows, legal := catalog.Embedded().Matrix(), 0
	for _, r := range rows {
		if r.Legal {
			legal++
		}
		if r.Legal != (len(r.Reasons) == 0) {
			t.Errorf("%s %s %s %s: legal is %v with %d reasons", r.Image.ID, r.Version, r.Size.Key, r.Region.Code, r.Legal, len(r.Reasons))
		}
	}
	if got, want := len(rows), 37*7*6; got != want {
		t.Errorf("rows: got %d, want %d", got, want)
	}
	want := 0
	for _, r := range rules(t) {
		for _, s := range table(t, "specs") {
			for _, g := range table(t, "regions") {
				if r.legal(s[0], g[0]) {
					want++
				}
			}
		}
	}
	if legal != want {
		t.Errorf("legal rows: got %d, want %d", legal, want)
	}
}

// versions says of each version of an image whether it goes with the rest of a choice.
func versions(c *catalog.Catalog, ch catalog.Choice) []catalog.Option {
	i, _ := c.Image(ch.ImageID)
	var all []catalog.Option
	for _, v := range i.Versions {
		ch.Version = v.Name
		why := c.Check(ch)
		all = append(all, catalog.Option{Key: v.Name, Legal: len(why) == 0, Reasons: why})
	}
	return all
}

// images says of each application and system image whether it goes with a size.
func images(c *catalog.Catalog, spec string) []catalog.Option {
	var all []catalog.Option
	for _, i := range append(c.Images(catalog.Application), c.Images(catalog.System)...) {
		why := c.Check(c.Resolve(catalog.Choice{Kind: i.Kind, ImageID: i.ID, Spec: spec}))
		all = append(all, catalog.Option{Key: i.ID, Legal: len(why) == 0, Reasons: why})
	}
	return all
}

func TestOptionsShowEverything(t *testing.T) {
	c := catalog.Embedded()
	tests := []struct {
		name    string
		options []catalog.Option
		want    string // key, with "!" when impossible
	}{
		{"sizes for GitLab", c.SizeOptions(app("gitlab", "", "")), "2-0.5! 2-1! 2-2! 2-4! 2-8 4-8 4-16"},
		{"sizes for a Windows image", c.SizeOptions(private(catalog.Windows, "ap-southeast-3", "", "")), "2-0.5! 2-1! 2-2 2-4 2-8 4-8 4-16"},
		{"sizes before an image", c.SizeOptions(catalog.Choice{}), "2-0.5 2-1 2-2 2-4 2-8 4-8 4-16"},
		{"sizes in Istanbul", c.SizeOptions(system("debian", "11.1", "", "tr-west-1")), "2-0.5! 2-1 2-2 2-4 2-8 4-8 4-16"},
		{"regions for CentOS 8.2", c.RegionOptions(system("centos", "8.2", "hf.large.2.30m.linux", ""), nil),
			"ap-southeast-1 ap-southeast-3 ap-southeast-2 tr-west-1! sa-brazil-1 me-east-1!"},
		{"regions of an account with one", c.RegionOptions(app("wordpress", "", ""), func(r string) bool { return r == "me-east-1" }),
			"ap-southeast-1! ap-southeast-3! ap-southeast-2! tr-west-1! sa-brazil-1! me-east-1"},
		{"versions of CentOS in Riyadh", versions(c, system("centos", "", "", "me-east-1")),
			"8.2! 8.1! 8.0! 7.9 7.8 7.7 7.6 7.5 7.4 7.3! 7.2!"},
		{"images for 4 GiB", images(c, "hf.large.2.30m.linux"),
			"bt crm ghost gitlab! joomla kodbox matomo moodle nextcloud nodejs odoo portainer prestashop redmine srs superset! wordpress ubuntu huawei-cloud-euleros centos debian"},
		{"private images for a region", c.PrivateOptions(catalog.Choice{Region: "tr-west-1"}, []catalog.PrivateImage{
			{ID: "aaaa", Region: "tr-west-1", OS: catalog.Linux, Status: "active"}, {ID: "bbbb", Region: "me-east-1", OS: catalog.Linux, Status: "active"}}), "aaaa bbbb!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, o := range tt.options {
				key := o.Key
				if !o.Legal {
					key += "!"
				}
				if o.Legal == (len(o.Reasons) > 0) {
					t.Errorf("%s: legal is %v with %d reasons", o.Key, o.Legal, len(o.Reasons))
				}
				got = append(got, key)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	c := catalog.Embedded()
	tests := []struct {
		name          string
		in            catalog.Choice
		spec, version string
	}{
		{"a size for Linux", app("wordpress", "2-4", ""), "hf.large.2.30m.linux", "6.4"},
		{"a size for Windows", private(catalog.Windows, "", "2-4", ""), "hf.large.2.30m.byol", ""},
		{"the Linux code of a size for Windows", private(catalog.Windows, "", "hf.xlarge.4.30m.linux", ""), "hf.xlarge.4.30m.byol", ""},
		{"a size that Windows does not have stays, to be refused", private(catalog.Windows, "", "2-1", ""), "hf.large.05.30m.linux", ""},
		{"several versions stay open", system("centos", "", "2-4", ""), "hf.large.2.30m.linux", ""},
		{"no image yet", catalog.Choice{Spec: "4-16"}, "hf.xlarge.4.30m.linux", ""},
		{"an unknown size stays", app("wordpress", "9-9", ""), "9-9", "6.4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := c.Resolve(tt.in)
			if got.Spec != tt.spec || got.Version != tt.version {
				t.Errorf("got %q %q, want %q %q", got.Spec, got.Version, tt.spec, tt.version)
			}
		})
	}
}

func TestFindingThings(t *testing.T) {
	c := catalog.Embedded()
	for in, want := range map[string]string{"WordPress": "wordpress", "odo": "odoo", "ODOO": "odoo",
		"Huawei Cloud EulerOS": "huawei-cloud-euleros", "private-linux": "", "nothing": ""} {
		if i, ok := c.FindImage(in); i.ID != want || ok != (want != "") {
			t.Errorf("FindImage(%q): got %q, want %q", in, i.ID, want)
		}
	}
	for in, want := range map[string]string{"2-4": "2-4", "hf.large.2.30m.byol": "2-4", "2-0.5": "2-0.5", "8-64": ""} {
		if s, _ := c.Size(in); s.Key != want {
			t.Errorf("Size(%q): got %q, want %q", in, s.Key, want)
		}
	}
	for id, want := range map[string]string{"wordpress": "hf.large.1.30m.linux", "gitlab": "hf.large.4.30m.linux",
		"ubuntu": "hf.large.05.30m.linux",
		"centos": "hf.large.025.30m.linux", "private-windows": "hf.large.1.30m.byol", "nothing": ""} {
		if s := c.Smallest(id, ""); s.Code != want {
			t.Errorf("Smallest(%q): got %q, want %q", id, s.Code, want)
		}
	}
	if s := c.Smallest("centos", "7.9"); s.Code != "hf.large.05.30m.linux" {
		t.Errorf("Smallest(centos 7.9): got %q", s.Code)
	}
}

func TestOdooIsSentByBothNames(t *testing.T) {
	i, _ := catalog.Embedded().Image("odoo")
	if diff := cmp.Diff([]string{"Odoo", "Odo"}, i.SendNames); diff != "" {
		t.Errorf("names to send (-want +got):\n%s", diff)
	}
	for _, i := range catalog.Embedded().Images("") {
		if i.Kind != catalog.Private && i.ID != "odoo" && (len(i.SendNames) != 1 || i.SendNames[0] != i.Name) {
			t.Errorf("%s: names to send: got %v, want %q", i.ID, i.SendNames, i.Name)
		}
	}
}
