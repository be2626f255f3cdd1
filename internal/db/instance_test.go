package db_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

var listDay = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// aRecord has a value in every field.
func aRecord(account, id string) (instance.Record, instance.ServerRecord) {
	seen := [3]time.Time{listDay, listDay.Add(time.Minute), listDay.Add(2 * time.Minute)}
	noted := map[string]instance.Noted{"name": {Was: "a", Is: "b", At: listDay}}
	r := instance.Record{Instance: instance.Instance{ID: id, AccountID: account, Name: "Shop", Region: "r1", Spec: "spec", Image: "image",
		Address: "198.18.0.1", State: "SHUTOFF", TaskState: "powering-on", Frozen: true, ServerID: "srv-" + id, ServerName: "hcss",
		PackageID: "pkg", CloudOrder: "CS1", AutoRenew: true, Expires: listDay, Created: listDay, SeenConfig: seen[0], SeenECS: seen[1],
		SeenBSS: seen[2], UpdatedAt: listDay},
		Listed: &instance.Listed{ID: id, Name: "Shop", Description: "d", ProjectID: "p", State: "Normal", Tags: map[string]string{"k": "v"},
			ServerIDs: []string{"srv-" + id},
			Parts:     []instance.Part{{Logical: "x", ID: "y", Attributes: map[string]string{"a": "b"}}}, Created: listDay},
		Billed: &instance.Expiry{InstanceID: id, Status: 2, Expires: listDay, ExpirePolicy: 3}, Seen: seen,
		Lost: [3]bool{true, false, true},
		Sums: [3]uint64{1 << 63, 0, 7}, NotSeenSince: listDay, Outside: noted}
	r.Fill()
	return r, instance.ServerRecord{AccountID: account, InstanceID: id,
		Server: instance.Server{ID: "srv-" + id, Name: "hcss", Status: "SHUTOFF", Public: []string{"198.18.0.1"},
			Disks: []instance.Disk{{ID: "d", Device: "/dev/vda", System: true}}, SysTags: map[string]string{"s": "t"}, Created: listDay},
		Seen: listDay, Lost: true, Sum: 1<<63 + 5, NotSeenSince: listDay, UpdatedAt: listDay, Outside: noted}
}

func keepAll(t *testing.T, s db.Instances, account string, records []instance.Record, servers []instance.ServerRecord,
	raws ...instance.Raw) {
	t.Helper()
	if err := s.Keep(t.Context(), account, instance.Kept{Instances: records, Servers: servers, Raws: raws}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsKeptComesBackWhole(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	r, srv := aRecord("a", "i1")
	raw := instance.Raw{Source: instance.FromECS, ID: "srv-i1", At: listDay, Body: []byte(`{"server":{"id":"srv-i1"}}`)}
	keepAll(t, s, "a", []instance.Record{r}, []instance.ServerRecord{srv}, raw)
	got, servers, err := s.Record(t.Context(), "i1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got, cmpopts.IgnoreUnexported(instance.Listed{})); diff != "" {
		t.Errorf("instance (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]instance.ServerRecord{srv}, servers); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
	raws, err := s.Raws(t.Context(), "a", []string{"i1", "srv-i1"})
	if diff := cmp.Diff([]instance.Raw{raw}, raws); diff != "" || err != nil {
		t.Errorf("raw answers: %v (-want +got):\n%s", err, diff)
	}
}

func TestSavingTwiceKeepsOneRow(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	r, srv := aRecord("a", "i1")
	keepAll(t, s, "a", []instance.Record{r}, []instance.ServerRecord{srv})
	again, _, err := s.Records(t.Context(), "a", []string{"i1"}, nil)
	if err != nil || len(again) != 1 || again[0].Listed.Parts != nil {
		t.Fatalf("got %v, %v; want one without its parts", again, err)
	}
	again[0].Name = "renamed"
	keepAll(t, s, "a", again, nil)
	got, servers, err := s.Record(t.Context(), "i1")
	if err != nil || got.Name != "renamed" || len(servers) != 1 || len(got.Listed.Parts) != 1 {
		t.Errorf("got %+v, %d servers, %v; want the new name, and the parts that were not read along", got, len(servers), err)
	}
	if _, _, err := s.Record(t.Context(), "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown id: got %v, want NotFound", err)
	}
}

func TestGoneOnesAreNotReadAtStart(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	r, srv := aRecord("a", "i1")
	g, gs := aRecord("a", "i2")
	g.GoneAt, gs.GoneAt = listDay, listDay
	other, os := aRecord("b", "i1")
	keepAll(t, s, "a", []instance.Record{r, g}, []instance.ServerRecord{srv, gs})
	keepAll(t, s, "b", []instance.Record{other}, []instance.ServerRecord{os})
	records, servers, err := s.Everything(t.Context())
	if err != nil || len(records) != 2 || len(servers) != 2 {
		t.Errorf("everything: got %d and %d, %v; want the two that are there", len(records), len(servers), err)
	}
	for _, tt := range []struct {
		name      string
		ids, srvs []string
		want      string
	}{
		{"all of the account, gone ones too", nil, nil, "i1 i2 srv-i1 srv-i2"},
		{"by instance", []string{"i2", "x"}, nil, "i2 srv-i2"},
		{"by server", []string{}, []string{"srv-i1"}, "srv-i1"},
		{"both ways once", []string{"i1"}, []string{"srv-i1"}, "i1 srv-i1"},
	} {
		records, servers, err := s.Records(t.Context(), "a", tt.ids, tt.srvs)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range records {
			got = append(got, r.ID)
		}
		for _, r := range servers {
			got = append(got, r.Server.ID)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, join(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func join(all []string) (s string) {
	for n, v := range all {
		if n > 0 {
			s += " "
		}
		s += v
	}
	return s
}

func TestNames(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	var records []instance.Record
	for _, name := range []string{"Web-3", "alpha", "Beta", ""} {
		records = append(records, instance.Record{Instance: instance.Instance{ID: "i" + name, AccountID: "b", Name: name}})
	}
	records = append(records, instance.Record{Instance: instance.Instance{ID: "gone", AccountID: "b", Name: "gone", GoneAt: listDay}})
	keepAll(t, s, "b", records, nil)
	all, err := s.Names(t.Context(), "b")
	if diff := cmp.Diff([]string{"alpha", "Beta", "Web-3"}, all); diff != "" || err != nil {
		t.Errorf("names: %v (-want +got):\n%s", err, diff)
	}
	for name, want := range map[string]bool{"Web-3": true, "WEB-3": true, "web-99": false, "gone": false} {
		if taken, err := s.NameTaken(t.Context(), "b", name); taken != want || err != nil {
			t.Errorf("%q taken: got %v, %v; want %v", name, taken, err, want)
		}
	}
}

func TestPackedRowsCountWhenTheyAreAllThere(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	packed := func(packing string) (string, bool) {
		var all []string
		whole, err := s.Packed(t.Context(), packing, func(p instance.Packed) error {
			all = append(all, p.AccountID+"/"+p.ID+"="+string(p.Body))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(all)
		return join(all), whole
	}
	want := func(what, packing, rows string, whole bool) {
		t.Helper()
		if got, all := packed(packing); got != rows || all != whole {
			t.Errorf("%s: got %q, %t; want %q, %t", what, got, all, rows, whole)
		}
	}
	keep := func(all ...instance.Packed) {
		t.Helper()
		if err := s.Keep(t.Context(), "a", instance.Kept{Packed: all}); err != nil {
			t.Fatal(err)
		}
	}
	keep(instance.Packed{AccountID: "a", ID: "i1", Body: []byte("x")})
	want("nothing was packed whole", "1", "", false)
	if err := s.Pack(t.Context(), "1",
		[]instance.Packed{{AccountID: "a", ID: "i2", Body: []byte("y")}, {AccountID: "b", ID: "i2", Body: []byte("z")}}); err != nil {
		t.Fatal(err)
	}
	want("packed", "1", "a/i2=y b/i2=z", true)
	want("by another version", "2", "", false)
	keep(instance.Packed{AccountID: "a", ID: "i1", Body: []byte("x")}, instance.Packed{AccountID: "a", ID: "i2"})
	want("one came, one went", "1", "a/i1=x b/i2=z", true)
}

func TestWhichOrdersAwaitTheirServers(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Instances{DB: d}
	if got, err := s.Unready(t.Context(), shopDay); err != nil || len(got) != 0 {
		t.Errorf("of none: got %v, %v", got, err)
	}
	var records []instance.Record
	for id, set := range map[string]func(*instance.Record){
		"no address":         func(*instance.Record) {},
		"the same order":     func(r *instance.Record) { r.Instance.CloudOrder = "no address" },
		"ready":              func(r *instance.Record) { r.Instance.Address, r.Instance.SeenECS = "198.18.0.1", shopDay },
		"address, no server": func(r *instance.Record) { r.Instance.Address = "198.18.0.1" },
		"old":                func(r *instance.Record) { r.Instance.Created = shopDay.Add(-time.Second) },
		"gone":               func(r *instance.Record) { r.Instance.GoneAt = shopDay },
		"no order":           func(r *instance.Record) { r.Instance.CloudOrder = "" },
	} {
		r := instance.Record{Instance: instance.Instance{ID: id, AccountID: "a", Name: id, CloudOrder: id, Created: shopDay}}
		set(&r)
		records = append(records, r)
	}
	if err := s.Keep(t.Context(), "a", instance.Kept{Instances: records}); err != nil {
		t.Fatal(err)
	}
	want := []instance.Pending{{AccountID: "a", CloudOrder: "address, no server"}, {AccountID: "a", CloudOrder: "no address"}}
	if got, err := s.Unready(t.Context(), shopDay); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	names, err := s.Names(t.Context(), "a")
	if err != nil || len(names) != 6 || slices.Contains(names, "gone") {
		t.Errorf("names: got %v, %v", names, err)
	}
	if names, err := s.Names(t.Context(), "b"); err != nil || len(names) != 0 {
		t.Errorf("another account's names: got %v, %v", names, err)
	}
	for name, want := range map[string]bool{"READY": true, "gone": false, "nobody": false} {
		if taken, err := s.NameTaken(t.Context(), "a", name); err != nil || taken != want {
			t.Errorf("%s is taken: got %v, %v", name, taken, err)
		}
	}
}
