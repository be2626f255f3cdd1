package instance_test

import (
	"cmp"
	"fmt"
	"log/slog"
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
		i := instance.Instance{ID: fmt.Sprintf("%s%016x", account, k*2654435761%1000003), AccountID: account,
			Name: fmt.Sprintf("Web-%d", k%(n/2+1)), Region: regions[k%3], State: states[k%4],
			Address:    fmt.Sprintf("198.18.%d.%d", k/250%250, k%250),
			CloudOrder: fmt.Sprintf("CS%d", k/10), ServerID: fmt.Sprintf("srv-%d", k), ServerName: fmt.Sprintf("hcss_ecs_%04x", k),
			AutoRenew: k%5 == 0, Created: listDay}
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
			n = cmp.Compare(instance.StateOf(a.State, "", false), instance.StateOf(b.State, "", false))
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
	a, b := fleet("a", 230), fleet("b", 41)
	gone := instance.Instance{ID: "gone", AccountID: "a", Name: "gone", GoneAt: listDay}
	s := kept(t, append(append(slices.Clone(a), b...), gone))
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
func walk(t *testing.T, s *instance.Service, f instance.Filter, want []string) {
	t.Helper()
	var pages [][]string
	for {
		p, err := s.List(t.Context(), viewer, f)
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
		p, err := s.List(t.Context(), viewer, f)
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
	rows := []instance.Instance{
		{ID: "66e3", AccountID: "a", Name: "shop-01", Region: "r1", State: "ACTIVE", Address: "198.18.0.1", CloudOrder: "CS24AB", ServerID: "72a270de", ServerName: "Lotus"},
		{ID: "66e4", AccountID: "a", Name: "shop_02", Region: "r2", State: "SHUTOFF", Address: "198.18.0.12", CloudOrder: "CS24CD"},
		{ID: "66e5", AccountID: "a", Name: "50%off", Region: "r1", State: "SHUTOFF", Address: "198.18.0.3", CloudOrder: "CS24CD"},
		{ID: "66e6", AccountID: "b", Name: "shop-03", Region: "r1", State: "ACTIVE", Address: "198.18.0.4"},
	}
	s := kept(t, rows)
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
			p, err := s.List(t.Context(), viewer, tt.f)
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
	s := kept(t, fleet("a", 9))
	p, err := s.List(t.Context(), viewer, instance.Filter{AccountIDs: []string{"a"}, Limit: 3})
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
		if _, err := s.List(t.Context(), viewer, f); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want Invalid", name, err)
		}
	}
}

// kept is a service whose store has these instances from before.
func kept(t testing.TB, all []instance.Instance) *instance.Service {
	store := db.Instances{DB: dbtest.Open(t)}
	by := make(map[string][]instance.Record)
	for _, i := range all {
		by[i.AccountID] = append(by[i.AccountID], instance.Record{Instance: i})
	}
	for account, records := range by {
		if err := store.Keep(t.Context(), account, instance.Kept{Instances: records}); err != nil {
			t.Fatal(err)
		}
	}
	return &instance.Service{Store: store, Accounts: &script{}, Now: func() time.Time { return listDay },
		Log: slog.New(slog.DiscardHandler)}
}

func TestCounts(t *testing.T) {
	s := kept(t, append(fleet("a", 100), fleet("b", 10)...))
	c, err := s.Counts(t.Context(), viewer, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	soon := 0
	for _, i := range append(fleet("a", 100), fleet("b", 10)...) {
		if !i.Expires.IsZero() && !i.Expires.After(listDay.Add(14*24*time.Hour)) && !i.AutoRenew {
			soon++
		}
	}
	if c.Total != 110 || c.ByRegion["ap-southeast-1"] != 38 || c.ByState["ACTIVE"] != 28 || c.Expiring != soon || soon == 0 {
		t.Errorf("got %+v, want 110 rows, %d of them expiring", c, soon)
	}
}
