package cloudsim_test

import (
	"bufio"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"sampan/internal/cloud/cloudsim"
)

// rows of a fixture: fields between bars, lines that begin with # left out.
func rows(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, strings.Split(line, " | "))
		}
	}
	return out
}

func column(rows [][]string, i int) []string {
	seen := map[string]bool{}
	for _, r := range rows {
		seen[r[i]] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// Every image in every version with every specification code in every region, over the wire: what the tables sell is
// sold, and nothing else.
func TestSellsExactlyWhatTheTablesSell(t *testing.T) {
	w := start(t, cloudsim.Options{})
	sold := rows(t, "testdata/sold.txt")
	if len(sold) != 1068 {
		t.Fatalf("fixture: got %d rows, want 1068", len(sold))
	}
	legal, images := map[string]bool{}, map[string]bool{}
	for _, r := range sold {
		legal[strings.Join(r, " | ")], images[r[0]+" | "+r[1]] = true, true
	}
	specs, regions := column(rows(t, "testdata/specifications.txt"), 0), column(sold, 3)
	images["Odoo | 17.0"], images["Ubuntu | 8.2"], images["odo | 17.0"] = true, true, true // none of the tables'
	tried := 0
	for image := range images {
		for _, spec := range specs {
			for _, region := range regions {
				name, version, _ := strings.Cut(image, " | ")
				a := w.buy(with(small(), map[string]any{"plan_spec": spec, "region": region,
					"image_ref": map[string]any{"image_name": name, "image_version": version}}))
				tried++
				key := image + " | " + spec + " | " + region
				if legal[key] && a.status != http.StatusAccepted {
					t.Errorf("%s: got %d %s, want it sold", key, a.status, a.raw)
				}
				if !legal[key] && (a.status != http.StatusBadRequest || a.code() != "HCSS.14000001") {
					t.Errorf("%s: got %d %s, want it refused", key, a.status, a.raw)
				}
			}
		}
	}
	check(t, "combinations tried", tried, 37*12*6+1*12*6)
	check(t, "orders", len(w.s.Ledger().Purchases), len(sold))
}

func TestPrivateImagesTakeTheCodesOfTheirFamily(t *testing.T) {
	w := start(t, cloudsim.Options{})
	legal := map[string]bool{}
	for _, r := range rows(t, "testdata/private.txt") {
		legal[strings.Join(r, " | ")] = true
	}
	for _, family := range []string{"Linux", "Windows"} {
		im, err := w.s.AddImage(cloudsim.Image{Account: w.acct.ID, Region: "me-east-1", Name: "mine", OSType: family})
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range column(rows(t, "testdata/specifications.txt"), 0) {
			a := w.buy(with(small(),
				map[string]any{"plan_spec": spec, "region": "me-east-1", "image_ref": map[string]any{"image_id": im.ID}}))
			if key := family + " | " + spec; legal[key] != (a.status == http.StatusAccepted) {
				t.Errorf("%s: got %d %s, want sold: %v", key, a.status, a.raw, legal[key])
			}
		}
	}
}

func TestPrivateImagesMustBeThere(t *testing.T) {
	w := start(t, cloudsim.Options{})
	add := func(im cloudsim.Image) string {
		im.Account = w.acct.ID
		if im.Region == "" {
			im.Region = "ap-southeast-3"
		}
		out, err := w.s.AddImage(im)
		if err != nil {
			t.Fatal(err)
		}
		return out.ID
	}
	other := newWire(t, w.s, w.s.Accounts()[1])
	theirs, err := w.s.AddImage(cloudsim.Image{Account: other.acct.ID, Region: "ap-southeast-3"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, image string }{
		{"unknown image", "00000000-0000-4000-8000-000000000000"},
		{"image of another region", add(cloudsim.Image{Region: "tr-west-1"})},
		{"image that is not active", add(cloudsim.Image{Status: "queued"})},
		{"image of another account", theirs.ID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.buy(with(small(), map[string]any{"image_ref": map[string]any{"image_id": tt.image}}))
			refused(t, "purchase", a, http.StatusBadRequest, "HCSS.14000008")
		})
	}
}

func TestOdooHasOneNameAtATime(t *testing.T) {
	w := start(t, cloudsim.Options{})
	buy := func(name string) int {
		return w.buy(with(small(), map[string]any{"image_ref": map[string]any{"image_name": name, "image_version": "17.0"}})).status
	}
	check(t, "Odo, as printed", buy("Odo"), http.StatusAccepted)
	check(t, "Odoo", buy("Odoo"), http.StatusBadRequest)
	if err := w.s.AcceptOdoo(true); err != nil {
		t.Fatal(err)
	}
	check(t, "Odo, after the switch", buy("Odo"), http.StatusBadRequest)
	check(t, "Odoo, after the switch", buy("Odoo"), http.StatusAccepted)
}

// A server has what Tables 4-12 and 4-13 say.
func TestServersHaveTheSizeOfTheirCode(t *testing.T) {
	w := start(t, cloudsim.Options{})
	linux, windows := "", ""
	for _, family := range []string{"Linux", "Windows"} {
		im, err := w.s.AddImage(cloudsim.Image{Account: w.acct.ID, Region: "ap-southeast-1", OSType: family})
		if err != nil {
			t.Fatal(err)
		}
		if family == "Linux" {
			linux = im.ID
		} else {
			windows = im.ID
		}
	}
	mib := map[string]string{"0.5": "512", "1": "1024", "2": "2048", "4": "4096", "8": "8192", "16": "16384"}
	for _, r := range rows(t, "testdata/specifications.txt") {
		image := linux
		if strings.HasSuffix(r[0], ".byol") {
			image = windows
		}
		w.must(w.s.Reset())
		for _, family := range []string{"Linux", "Windows"} { // the reset took the images
			id := map[string]string{"Linux": linux, "Windows": windows}[family]
			_, err := w.s.AddImage(cloudsim.Image{ID: id, Account: w.acct.ID, Region: "ap-southeast-1", OSType: family})
			w.must(err)
		}
		id := w.ordered(with(small(),
			map[string]any{"plan_spec": r[0], "region": "ap-southeast-1", "image_ref": map[string]any{"image_id": image}}))
		w.pay(id)
		move(t, w.s, 60e9)
		server := w.servers("ap-southeast-1", "").at("servers", 0)
		a := answer{body: server.(map[string]any)}
		check(t, r[0]+" vCPUs", a.at("flavor", "vcpus"), r[1])
		check(t, r[0]+" memory", a.at("flavor", "ram"), mib[r[2]])
		in := answer{body: w.instances("").at("resources", 0).(map[string]any)}
		check(t, r[0]+" code in Config", in.at("properties", "metadata", "resource_spec_code"), r[0])
		check(t, r[0]+" disk", contains(in, "root_volume", `"size":`+r[3]+`,`), true)
		check(t, r[0]+" bandwidth", contains(in, "bandwidth", `"size":`+r[4]+`,`), true)
		pack := w.call("POST", "/v3/payments/free-resources/query", "", map[string]any{})
		check(t, r[0]+" data package", pack.at("free_resource_packages", 0, "free_resources", 0, "original_amount"), r[5])
	}
}

func (w *wire) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// contains looks for text in the attribute of a part of an instance.
func contains(in answer, key, text string) bool {
	parts, _ := in.at("properties", "resources").([]any)
	for _, p := range parts {
		attributes, _ := p.(map[string]any)["resource_attributes"].([]any)
		for _, at := range attributes {
			m := at.(map[string]any)
			if m["key"] == key && strings.Contains(m["value"].(string), text) {
				return true
			}
		}
	}
	return false
}
