package instance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

func TestWhoMayNotSeeIsRefused(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.run(t)
	b.refresh(t)
	stranger := person.Actor{}
	for name, use := range map[string]func() error{
		"list": func() error {
			_, err := b.List(t.Context(), stranger, instance.Filter{AccountIDs: []string{acc}})
			return err
		},
		"get":     func() error { _, err := b.Get(t.Context(), stranger, shop); return err },
		"detail":  func() error { _, err := b.Detail(t.Context(), stranger, shop); return err },
		"counts":  func() error { _, err := b.Counts(t.Context(), stranger, []string{acc}); return err },
		"refresh": func() error { return b.Refresh(t.Context(), stranger, acc) },
	} {
		if err := use(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v, want Forbidden", name, err)
		}
	}
	if b.Refreshing(acc) {
		t.Error("a refused refresh reads all the same")
	}
}

func TestARefreshOfAnAccountThatCannotBeReadIsRefused(t *testing.T) {
	b := newBench(t)
	b.cloud.fails["access"] = fault.New(fault.Refused, "fault.account.disabled")
	if err := b.Refresh(t.Context(), viewer, acc); !fault.Is(err, fault.Refused) {
		t.Errorf("got %v, want the fault of the account", err)
	}
	if b.Refreshing(acc) || b.Asked(acc) != (instance.Asked{}) {
		t.Errorf("reads %v, asked %+v; want nothing", b.Refreshing(acc), b.Asked(acc))
	}
}

func TestAnEmptyInventorySaysSo(t *testing.T) {
	b := newBench(t)
	p, err := b.List(t.Context(), viewer, instance.Filter{AccountIDs: []string{acc}})
	if err != nil || p.Total != 0 || len(p.Rows) != 0 || p.Next != "" || p.Prev != "" {
		t.Errorf("list: got %+v, %v", p, err)
	}
	if c, err := b.Counts(t.Context(), viewer, []string{acc}); err != nil || c.Total != 0 || c.Expiring != 0 || len(c.ByState) != 0 {
		t.Errorf("counts: got %+v, %v", c, err)
	}
	if g, err := b.Gaps(t.Context(), nil); err != nil || g != nil {
		t.Errorf("gaps of no account: got %v, %v", g, err)
	}
	if y, err := b.Syncs(t.Context(), []string{acc}); err != nil || len(y) != 0 {
		t.Errorf("syncs: got %v, %v", y, err)
	}
	if n, err := b.Names(t.Context(), acc); err != nil || len(n) != 0 {
		t.Errorf("names: got %v, %v", n, err)
	}
	pic := b.Picture()
	if r := pic.Search(instance.Query{AccountIDs: []string{acc}}); r.Total != 0 || len(r.Rows) != 0 || len(r.Facets["region"]) != 0 {
		t.Errorf("search: got %+v", r)
	}
	if _, ok := pic.Row(shop); ok || pic.Servers(shop) != nil || pic.Len([]string{acc}) != 0 || len(pic.Recent(time.Time{})) != 0 {
		t.Error("an empty picture has something of an instance")
	}
	if rows, unknown := pic.Resolve([]string{acc}, []string{"web-1"}); rows != nil || !slices.Equal(unknown, []string{"web-1"}) {
		t.Errorf("resolve: got %v, %v", rows, unknown)
	}
}

func TestNamesOfAnAccountAreSorted(t *testing.T) {
	var all []instance.Instance
	for n, name := range []string{"mail", "Shop", "blog"} {
		all = append(all, instance.Instance{ID: shop[:23] + string(rune('a'+n)), AccountID: "a", Name: name})
	}
	s := kept(t, append(all, instance.Instance{ID: shop, AccountID: "b", Name: "other"}))
	names, err := s.Names(t.Context(), "a")
	must(t, err)
	if diff := cmp.Diff([]string{"blog", "mail", "Shop"}, names); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, want := range map[string]bool{"SHOP": true, "shop": true, "shops": false, "other": false} {
		if got, err := s.NameTaken(t.Context(), "a", name); err != nil || got != want {
			t.Errorf("%s is taken: got %v, %v, want %v", name, got, err, want)
		}
	}
}

func TestAServerWithoutAnInstanceHasADetail(t *testing.T) {
	b := newBench(t)
	_, s, _ := aShop()
	s.InstanceID, s.OrderID, s.Tags, s.Raw = "", "", []string{"_sys_type_hcss_l="}, []byte(`{"id":"srv-1"}`)
	b.cloud.servers[singapore] = []instance.Server{s}
	b.run(t)
	b.refresh(t)
	d, err := b.Detail(t.Context(), viewer, "srv-1")
	must(t, err)
	if d.Instance.ID != "" || d.Instance.AccountID != acc || len(d.Rows) != 1 || len(d.Servers) != 1 || d.Servers[0].Name != s.Name {
		t.Errorf("got %+v", d)
	}
	if d.Listed != nil || d.Billed != nil || len(d.Raw) != 1 || string(d.Raw[0].Body) != `{"id":"srv-1"}` {
		t.Errorf("sources: listed %v, billed %v, answers %v; want ECS's alone", d.Listed, d.Billed, d.Raw)
	}
	if len(d.Sights) != 1 || d.Sights[0].Source != instance.FromECS || !d.Sights[0].At.Equal(noon) || d.Sights[0].Lost {
		t.Errorf("sights: got %+v", d.Sights)
	}
}
