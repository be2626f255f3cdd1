package meter_test

import (
	"log/slog"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/meter"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/rms"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// simulated is a Service over the adapters and a simulated fleet.
func simulated(t *testing.T, servers int) (s *meter.Service, sim *cloudsim.Server, a account.Access, ids []string) {
	t.Helper()
	sim = simtest.Start(t, cloudsim.Options{Seed: "traffic", TimeScale: 100})
	if err := sim.Fleet("Sandbox", servers); err != nil {
		t.Fatal(err)
	}
	a = cloudtest.Access(t, sim, "Sandbox", account.ByKey)
	api := cloudtest.API()
	all, err := (&rms.Client{API: api}).Instances(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	view := &picture{}
	for _, i := range all {
		ids = append(ids, i.PackageIDs...)
		view.rows = append(view.rows, &instance.Row{AccountID: a.AccountID, InstanceID: i.ID, Name: i.Name, PackageID: i.PackageIDs[0],
			CloudOrder: i.OrderID, First: true})
	}
	return &meter.Service{Store: db.Traffic{DB: dbtest.Open(t)}, Billing: &bss.Client{API: api}, Accounts: &accounts{}, Inventory: view,
		Now: sim.Now, Log: slog.New(slog.DiscardHandler)}, sim, a, ids
}

func TestSandboxFleetIsReadInHundreds(t *testing.T) {
	s, _, a, ids := simulated(t, 240)
	got, err := s.ReadTraffic(t.Context(), a, ids)
	if err != nil || len(got) != 240 {
		t.Fatalf("read %d of 240: %v", len(got), err)
	}
	f, err := s.Fleet(viewer, []string{a.AccountID})
	if err != nil || len(f.Lines) != 240 || f.Counted != 240 || f.Unread != 0 || f.Total < f.Used || f.Used <= 0 {
		t.Fatalf("fleet: %v, %d lines, %d counted, %d unread, %v of %v", err, len(f.Lines), f.Counted, f.Unread, f.Used, f.Total)
	}
	for n, l := range f.Lines {
		if l.CycleEnd.Before(s.Now()) || l.Forecast.Outlook == meter.RunsOut &&
			(l.Forecast.At.After(l.CycleEnd) || l.Forecast.Early <= 0) {
			t.Errorf("line %d: cycle ends %v, forecast %+v", n, l.CycleEnd, l.Forecast)
		}
	}
}

func TestSandboxRecordsTellOfTheTimeBefore(t *testing.T) {
	s, _, a, ids := simulated(t, 12)
	if _, err := s.ReadTraffic(t.Context(), a, ids); err != nil {
		t.Fatal(err)
	}
	now := s.Now()
	uses, err := s.Billing.Usage(t.Context(), a, ids[0], now.Add(-89*24*time.Hour), now)
	if err != nil || len(uses) < 10 {
		t.Fatalf("%d records, %v", len(uses), err)
	}
	if err := s.Store.KeepUse(t.Context(), ids[0], now, uses); err != nil {
		t.Fatal(err)
	}
	d, err := s.Detail(t.Context(), viewer, a.AccountID, ids[0], now.Add(-meter.HourlyFor))
	if err != nil {
		t.Fatal(err)
	}
	spots := meter.Cycle(d.Meter, d.Samples, d.Uses)
	for n := 1; n < len(spots); n++ {
		if spots[n].Used < spots[n-1].Used || !spots[n].At.After(spots[n-1].At) {
			t.Errorf("the counter runs backwards: %+v then %+v", spots[n-1], spots[n])
		}
	}
	if days := meter.Days(d.Samples, d.Uses, now.Add(-meter.HourlyFor), now); len(days) != len(uses) {
		t.Errorf("%d days of %d records", len(days), len(uses))
	}
}

func TestSandboxMisbehaves(t *testing.T) {
	tests := []struct {
		kind  string
		fails bool
	}{{"status", true}, {"html_200", true}, {"garble", true}, {"drop_before", true}, {"empty", false}}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			s, sim, a, ids := simulated(t, 12)
			if _, err := sim.AddFault(cloudsim.Fault{Call: "traffic", Kind: tt.kind, Times: -1}); err != nil {
				t.Fatal(err)
			}
			got, err := s.ReadTraffic(t.Context(), a, ids)
			if (err != nil) != tt.fails || len(got) != 0 || tt.fails && fault.Of(err).Message.Zero() {
				t.Errorf("got %v, %v", got, err)
			}
			if f, _ := s.Fleet(viewer, []string{a.AccountID}); f.Unread != 12 || f.Counted != 0 {
				t.Errorf("the fleet shows figures that were never read: %+v", f)
			}
		})
	}
}
