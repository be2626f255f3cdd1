package instance_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

func TestServersOfAnInstance(t *testing.T) {
	b := newBench(t)
	l, s, e := aShop()
	b.cloud.show(l, s, e)
	second := s
	second.ID, second.Name, second.Created = "srv-2", "second", noon
	b.cloud.servers[singapore] = append(b.cloud.servers[singapore], second)
	b.run(t)
	b.refresh(t)
	p := b.Picture()
	if diff := cmp.Diff([]string{"srv-1", "srv-2"}, ids(p.Servers(shop))); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
	if r, ok := p.Row(shop); !ok || r.ServerID != "srv-1" || !r.First {
		t.Errorf("the row of the instance: got %+v", r)
	}
	if p.Len([]string{acc}) != 2 || p.Len(nil) != 0 || p.Servers(mail) != nil {
		t.Errorf("got %d rows, of no account %d", p.Len([]string{acc}), p.Len(nil))
	}
	if rows, version := b.Rows(); len(rows) != 2 || version != p.Version {
		t.Errorf("got %d rows of version %d, want 2 of %d", len(rows), version, p.Version)
	}
	if got := p.AccountLabel("unheard-of"); got != "unheard-of" {
		t.Errorf("an account without a name: got %q, want its id", got)
	}
	if ids := p.Recent(noon.Add(-time.Hour)); len(ids) == 0 || len(p.Recent(noon.Add(time.Hour))) != 0 {
		t.Errorf("changes: got %+v", ids)
	}
}

func TestAPeekIsNoLook(t *testing.T) {
	b := planned(t, 3)
	id := b.Picture().Rows()[0].ServerID
	b.later(25 * time.Hour)
	b.Pass(t.Context())
	b.since()
	for range 10 {
		b.later(time.Minute)
		if _, ok := b.Peek(id); !ok {
			t.Fatal("the row is not found")
		}
		b.Pass(t.Context())
	}
	b.want(t, "only work in the background reads the picture", "count 0, list 0, servers 0, by id 0, billing 0, traffic 0")
	if _, ok := b.Peek(id, "another"); ok {
		t.Error("a row of another account is found")
	}
	if r, ok := b.Peek(id, "another", acc); !ok || r.ServerID != id {
		t.Errorf("of this account: got %+v", r)
	}
	if _, ok := b.Peek("nothing"); ok {
		t.Error("a row that does not exist is found")
	}
}

func TestAccountsAreRenamedAndDeleted(t *testing.T) {
	b := newBench(t)
	b.cloud.account.Label = "Main"
	b.cloud.show(aShop())
	t.Cleanup(func() { b.Service.Store = nil }) // the rows are stored until the account's are deleted
	b.run(t)
	b.refresh(t)
	if got := b.Picture().AccountLabel(acc); got != "Main" {
		t.Errorf("got %q, want Main", got)
	}
	b.cloud.set(func() { b.cloud.account.Label = "Shops" })
	b.AccountsChanged()
	b.until(t, "the new name is there", func() bool { return b.Picture().AccountLabel(acc) == "Shops" })
	version := b.Picture().Version
	b.cloud.set(func() { b.cloud.account.ID = "acc-2" })
	b.AccountsChanged()
	b.until(t, "the rows of the deleted account are gone", func() bool { return len(b.Picture().Rows()) == 0 })
	if b.Picture().Version <= version {
		t.Errorf("version %d does not grow beyond %d", b.Picture().Version, version)
	}
}

func TestAnAccountDeletedDuringItsRefreshIsDropped(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	t.Cleanup(func() { b.Service.Store = nil })
	b.run(t)
	b.refresh(t)
	b.cloud.set(func() { b.cloud.fails["access"] = fault.New(fault.NotFound, "fault.account.unknown") })
	b.RefreshSoon(acc)
	b.until(t, "its rows are gone", func() bool { return len(b.Picture().Rows()) == 0 })
	b.until(t, "nothing waits", func() bool { return !b.Refreshing(acc) })
	if got := b.Asked(acc); got != (instance.Asked{}) {
		t.Errorf("got %+v, want nothing asked for", got)
	}
}

func TestImagesHaveTheCataloguesNames(t *testing.T) {
	s := pictured(4)
	s.Catalog = catalog.Embedded()
	got := map[string]string{}
	for _, r := range s.Picture().Rows() {
		got[r.ImageName] = r.Image
	}
	bt, ok := s.Catalog.FindImage("BT")
	if !ok {
		t.Fatal("the catalogue has no BT")
	}
	if got["BT_light_server_8_0"] != bt.ID {
		t.Errorf("the product's name: got %q, want %q", got["BT_light_server_8_0"], bt.ID)
	}
	if got["Odo_17"] != "Odo_17" {
		t.Errorf("a name that the catalogue does not know: got %q, want it as it is", got["Odo_17"])
	}
}

func TestAFacetGivesTheValuesOfMostRows(t *testing.T) {
	s := pictured(600)
	labels := map[string][]string{}
	for n, r := range s.Picture().Rows() {
		labels[r.ID()] = []string{fmt.Sprintf("rare %03d", n%300)}
		if n < 5 {
			labels[r.ID()] = []string{"common"}
		}
	}
	s.SetLabels(labels)
	facet := s.Picture().Search(instance.Query{AccountIDs: scope()}).Facets["label"]
	if len(facet) != 200 || facet["common"] != 5 {
		t.Errorf("got %d values, common %d times; want the 200 of most rows", len(facet), facet["common"])
	}
	if facet["rare 299"] != 0 || facet["rare 005"] != 2 {
		t.Errorf("of equal ones the first in the alphabet stay: rare 005 %d times, rare 299 %d", facet["rare 005"], facet["rare 299"])
	}
	s.SetLabels(map[string][]string{s.Picture().Rows()[0].ID(): nil})
	if r := s.Picture().Rows()[0]; len(r.Labels) != 0 || slices.Contains(ids(s.Picture().All(query(t, s.Picture(), "label:common"))),
		r.ID()) {
		t.Errorf("labels that were taken away: got %v", r.Labels)
	}
}
