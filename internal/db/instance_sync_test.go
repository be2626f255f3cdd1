package db_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestTheLastReadingOfEachSource(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	for _, ids := range [][]string{nil, {}, {"a"}} {
		if got, err := s.Syncs(t.Context(), ids); len(got) != 0 || err != nil {
			t.Errorf("of %v: got %+v, %v", ids, got, err)
		}
	}
	save := func(y instance.Sync) {
		t.Helper()
		if err := s.SaveSync(t.Context(), y); err != nil {
			t.Fatal(err)
		}
	}
	read := func(ids ...string) []instance.Sync {
		t.Helper()
		got, err := s.Syncs(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	good := instance.Sync{AccountID: "a", Source: "config", OKAt: shopDay, TriedAt: shopDay}
	save(good)
	save(instance.Sync{AccountID: "a", Source: "bss", OKAt: shopDay, TriedAt: shopDay})
	save(instance.Sync{AccountID: "b", Source: "config", TriedAt: shopDay, Trouble: "cloud.silence"})
	bad := instance.Sync{AccountID: "a", Source: "config", TriedAt: shopDay.Add(time.Minute), Trouble: "cloud.permission", Code: "RMS.1",
		Values: map[string]string{"Region": "r"}}
	save(bad)
	bad.OKAt = good.OKAt // a failure does not take away when it last went well
	if got := read("b", "a"); len(got) != 3 || got[0].AccountID != "b" || !got[0].OKAt.IsZero() || got[1].Source != "bss" ||
		!cmp.Equal(bad, got[2]) {
		t.Errorf("by account as asked, then by source: got %+v", got)
	}
	good.TriedAt, good.OKAt = shopDay.Add(time.Hour), shopDay.Add(time.Hour)
	save(good)
	if got := read("a"); len(got) != 2 || got[1].Trouble != "" || got[1].Code != "" || len(got[1].Values) != 0 ||
		!got[1].OKAt.Equal(good.OKAt) {
		t.Errorf("after it went well again: got %+v", got)
	}
}

func TestPrivateImages(t *testing.T) {
	s := db.Instances{DB: dbtest.Open(t)}
	read := func(account string) (ids []string) {
		t.Helper()
		all, err := s.Images(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range all {
			ids = append(ids, i.Region+"/"+i.ID)
		}
		return ids
	}
	save := func(account, region string, images ...catalog.PrivateImage) {
		t.Helper()
		if err := s.SaveImages(t.Context(), account, region, images); err != nil {
			t.Fatal(err)
		}
	}
	if got := read("a"); len(got) != 0 {
		t.Errorf("of an account that was never read: got %v", got)
	}
	one := catalog.PrivateImage{ID: "i1", Name: "web", Region: "r1", OS: catalog.Linux, Status: "active", MinDiskGiB: 40}
	save("a", "r1", one, catalog.PrivateImage{ID: "i2", Name: "app"}, one) // listed twice
	save("a", "r2", catalog.PrivateImage{ID: "i1", Name: "web"})
	save("b", "r1", catalog.PrivateImage{ID: "i9"})
	if got := read("a"); !slices.Equal(got, []string{"r1/i2", "r1/i1", "r2/i1"}) {
		t.Errorf("by region and name: got %v", got)
	}
	if all, err := s.Images(t.Context(), "a"); err != nil || !cmp.Equal(one, all[1]) {
		t.Errorf("read back: %v\n%s", err, cmp.Diff(one, all[1]))
	}
	save("a", "r1")
	if got := read("a"); !slices.Equal(got, []string{"r2/i1"}) {
		t.Errorf("a region that has none any more: got %v", got)
	}
	if got := read("b"); !slices.Equal(got, []string{"r1/i9"}) {
		t.Errorf("another account: got %v", got)
	}
}
