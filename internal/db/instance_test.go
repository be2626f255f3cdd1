package db_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

var listDay = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// fleet makes n instances of an account, in no particular order.
func fleet(account string, n int) []instance.Instance {
	regions, states := []string{"ap-southeast-1", "ap-southeast-3", "tr-west-1"}, []string{"ACTIVE", "SHUTOFF", "", "BUILD"}
	all := make([]instance.Instance, n)
	for k := range all {
		i := instance.Instance{ID: fmt.Sprintf("%s%016x", account, k*2654435761%1000003), AccountID: account, Name: fmt.Sprintf("Web-%d", k%(n/2+1)),
			Region: regions[k%3], State: states[k%4], Address: fmt.Sprintf("198.18.%d.%d", k/250%250, k%250), CloudOrder: fmt.Sprintf("CS%d", k/10),
			ServerID: fmt.Sprintf("srv-%d", k), ServerName: fmt.Sprintf("hcss_ecs_%04x", k), AutoRenew: k%5 == 0, Created: listDay}
		if k%7 != 0 {
			i.Expires = listDay.Add(time.Duration(k*37%900) * time.Hour)
		}
		all[k] = i
	}
	return all
}

// inOrder sorts as the list must: by the key, then name, then id.
func inOrder(all []instance.Instance, sort string) {
	key, desc := strings.CutPrefix(sort, "-")
	slices.SortFunc(all, func(a, b instance.Instance) int {
		n := 0
		switch key {
		case "expires":
			switch {
			case a.Expires.IsZero() != b.Expires.IsZero():
				n = map[bool]int{true: 1, false: -1}[a.Expires.IsZero()]
			default:
				n = a.Expires.Compare(b.Expires)
			}
		case "region":
			n = cmp.Compare(a.Region, b.Region)
		case "state":
			n = cmp.Compare(a.State, b.State)
		}
		n = cmp.Or(n, cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
		if desc {
			return -n
		}
		return n
	})
}

func names(rows []instance.Instance) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.ID)
	}
	return all
}

func TestListPagesForwardAndBack(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	a, b := fleet("a", 230), fleet("b", 41)
	gone := instance.Instance{ID: "gone", AccountID: "a", Name: "gone", GoneAt: listDay}
	if err := s.Save(t.Context(), append(append(slices.Clone(a), b...), gone), nil); err != nil {
		t.Fatal(err)
	}
	for _, scope := range [][]string{{"a"}, {"a", "b"}, {"b", "b"}, {"nobody"}, nil} {
		for _, sort := range []string{"", "name", "-name", "expires", "-expires", "region", "-region", "state", "-state"} {
			t.Run(fmt.Sprintf("%v by %s", scope, sort), func(t *testing.T) {
				var want []instance.Instance
				if slices.Contains(scope, "a") {
					want = append(want, a...)
				}
				if slices.Contains(scope, "b") {
					want = append(want, b...)
				}
				inOrder(want, cmp.Or(sort, "expires"))
				walk(t, s, instance.Filter{AccountIDs: scope, Sort: sort, Limit: 50}, names(want))
			})
		}
	}
}

// walk reads all pages forward, then back again, and compares them.
func walk(t *testing.T, s db.Instances, f instance.Filter, want []string) {
	t.Helper()
	var pages [][]string
	for {
		p, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if p.Total != len(want) {
			t.Fatalf("total: got %d, want %d", p.Total, len(want))
		}
		if (p.Prev == "") != (len(pages) == 0) {
			t.Fatalf("page %d: previous is %q", len(pages), p.Prev)
		}
		pages = append(pages, names(p.Rows))
		if p.Next == "" {
			if got := slices.Concat(pages...); !slices.Equal(got, want) {
				t.Fatalf("forward: got %d rows %v, want %v", len(got), got, want)
			}
			f.After = p.Prev
			break
		}
		f.After = p.Next
	}
	for n := len(pages) - 2; n >= 0; n-- {
		p, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(p.Rows); !slices.Equal(got, pages[n]) {
			t.Fatalf("back to page %d: got %v, want %v", n, got, pages[n])
		}
		if (p.Prev == "") != (n == 0) || p.Next == "" {
			t.Fatalf("back to page %d: previous %q, next %q", n, p.Prev, p.Next)
		}
		f.After = p.Prev
	}
}

func TestListFilters(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	rows := []instance.Instance{
		{ID: "66e3", AccountID: "a", Name: "shop-01", Region: "r1", State: "ACTIVE", Address: "198.18.0.1", CloudOrder: "CS24AB", ServerID: "72a270de", ServerName: "Lotus"},
		{ID: "66e4", AccountID: "a", Name: "shop_02", Region: "r2", State: "SHUTOFF", Address: "198.18.0.12", CloudOrder: "CS24CD"},
		{ID: "66e5", AccountID: "a", Name: "50%off", Region: "r1", State: "SHUTOFF", Address: "198.18.0.3", CloudOrder: "CS24CD"},
		{ID: "66e6", AccountID: "b", Name: "shop-03", Region: "r1", State: "ACTIVE", Address: "198.18.0.4"},
	}
	if err := s.Save(t.Context(), rows, nil); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		f    instance.Filter
		want string
	}{
		{"everything of one account", instance.Filter{}, "66e3 66e4 66e5"},
		{"part of a name, in any case", instance.Filter{Query: "SHOP"}, "66e3 66e4"},
		{"a name's sign is not a wildcard", instance.Filter{Query: "shop_"}, "66e4"},
		{"a per cent sign is not one either", instance.Filter{Query: "0%o"}, "66e5"},
		{"a backslash finds itself", instance.Filter{Query: `\`}, ""},
		{"an address", instance.Filter{Query: "198.18.0.1"}, "66e3 66e4"},
		{"an instance id", instance.Filter{Query: "66E5"}, "66e5"},
		{"a server id", instance.Filter{Query: "72a270de"}, "66e3"},
		{"a server's name", instance.Filter{Query: "lotus"}, "66e3"},
		{"an order", instance.Filter{Query: "cs24cd"}, "66e4 66e5"},
		{"a region", instance.Filter{Region: "r1"}, "66e3 66e5"},
		{"a state", instance.Filter{State: "SHUTOFF"}, "66e4 66e5"},
		{"all at once", instance.Filter{Region: "r1", State: "SHUTOFF", Query: "off"}, "66e5"},
		{"nothing matches", instance.Filter{Query: "' OR 1=1 --"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.AccountIDs, tt.f.Limit = []string{"a"}, 10
			p, err := s.List(t.Context(), tt.f)
			if err != nil {
				t.Fatal(err)
			}
			got := names(p.Rows)
			slices.Sort(got)
			if s := strings.Join(got, " "); s != tt.want || p.Total != len(p.Rows) {
				t.Errorf("got %q of %d, want %q", s, p.Total, tt.want)
			}
		})
	}
}

func TestForgedCursorsAndSortsAreRefused(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	if err := s.Save(t.Context(), fleet("a", 9), nil); err != nil {
		t.Fatal(err)
	}
	p, err := s.List(t.Context(), instance.Filter{AccountIDs: []string{"a"}, Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]instance.Filter{
		"not base64":          {After: "%%%"},
		"not ours":            {After: "eyJhIjoxfQ"},
		"of another sort":     {After: p.Next, Sort: "name"},
		"an unknown sort":     {Sort: "price"},
		"a sort with a quote": {Sort: "name; DROP TABLE instance"},
	} {
		f.AccountIDs, f.Limit = []string{"a"}, 3
		if _, err := s.List(t.Context(), f); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want Invalid", name, err)
		}
	}
}

func TestSavingTwiceKeepsOneRow(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	i := fleet("a", 2)[1]
	i.Expires, i.Frozen, i.TaskState, i.Spec, i.Image, i.PackageID = listDay, true, "powering-on", "spec", "image", "pkg"
	i.SeenConfig, i.SeenECS, i.SeenBSS, i.UpdatedAt = listDay, listDay, listDay, listDay
	if err := s.Save(t.Context(), []instance.Instance{i}, nil); err != nil {
		t.Fatal(err)
	}
	i.Name, i.State, i.AutoRenew = "renamed", "SHUTOFF", !i.AutoRenew
	if err := s.Save(t.Context(), []instance.Instance{i}, nil); err != nil {
		t.Fatal(err)
	}
	sight := i
	sight.SeenConfig, sight.Name = listDay.Add(time.Hour), "ignored"
	if err := s.Save(t.Context(), nil, []instance.Instance{sight}); err != nil {
		t.Fatal(err)
	}
	i.SeenConfig = sight.SeenConfig
	got, err := s.Instances(t.Context(), "a")
	if err != nil || len(got) != 1 || got[0] != i {
		t.Errorf("got %+v, %v; want %+v", got, err, i)
	}
	if _, err := s.Instance(t.Context(), "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown id: got %v, want NotFound", err)
	}
}

func TestCountsAndNames(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	if err := s.Save(t.Context(), append(fleet("a", 100), fleet("b", 10)...), nil); err != nil {
		t.Fatal(err)
	}
	c, err := s.Counts(t.Context(), []string{"a", "b"}, listDay.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	soon := 0
	for _, i := range append(fleet("a", 100), fleet("b", 10)...) {
		if !i.Expires.IsZero() && !i.Expires.After(listDay.Add(24*time.Hour)) && !i.AutoRenew {
			soon++
		}
	}
	if c.Total != 110 || c.ByRegion["ap-southeast-1"] != 38 || c.ByState["ACTIVE"] != 28 || c.Expiring != soon || soon == 0 {
		t.Errorf("got %+v, want 110 rows, %d of them expiring", c, soon)
	}
	all, err := s.Names(t.Context(), "b")
	if err != nil || len(all) != 10 || !slices.IsSorted(all) {
		t.Errorf("names: got %v, %v", all, err)
	}
	for name, want := range map[string]bool{"Web-3": true, "WEB-3": true, "web-99": false, "": false} {
		if taken, err := s.NameTaken(t.Context(), "b", name); taken != want || err != nil {
			t.Errorf("%q taken: got %v, %v; want %v", name, taken, err, want)
		}
	}
}

func BenchmarkListOf100000(b *testing.B) {
	s := db.Instances{DB: dbtest.Open(b)}
	if err := s.Save(b.Context(), fleet("a", 100_000), nil); err != nil {
		b.Fatal(err)
	}
	for _, f := range []instance.Filter{{}, {Sort: "name"}, {Sort: "-state"}, {Region: "tr-west-1"}, {Query: "web-4999"}, {Query: "web"}, {Query: "web", Region: "tr-west-1", Sort: "name"}} {
		f.AccountIDs, f.Limit = []string{"a"}, 100
		b.Run(fmt.Sprintf("sort=%s,region=%s,query=%s", f.Sort, f.Region, f.Query), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
