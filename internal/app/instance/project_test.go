package instance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/instance"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
)

// Servers are read in the projects that Config names, also in one that the
// identity service does not list. A project that cannot be read is a trouble, and
// makes no server of its region missing.
func TestServersInFurtherProjects(t *testing.T) {
	s, w, sim := wire(t, 24, cloudsim.Options{}, cloud.Limits{})
	id := w.access.AccountID
	acct := sim.Accounts()[0]
	acct.Balance = ""
	acct.Projects = []cloudsim.Project{
		{Region: singapore, Name: "dev"}, {Region: singapore, Name: "hidden", Unlisted: true}, {Region: singapore, Name: "empty"}}
	acct, err := sim.SetAccount(acct)
	must(t, err)
	dev, hidden, empty := acct.Projects[0].ProjectID, acct.Projects[1].ProjectID, acct.Projects[2].ProjectID
	w.access.Projects[singapore+"_dev"], w.access.Projects[singapore+"_empty"] = dev, empty
	s.Once(t.Context(), id, true)
	var moved []string
	for _, r := range s.Picture().Rows() {
		if r.Region == singapore && r.State == instance.StateRunning && len(moved) < 2 {
			moved = append(moved, r.ServerID)
		}
	}
	if len(moved) < 2 {
		t.Fatal("the fleet has no two servers in Singapore")
	}
	for n, project := range []string{dev, hidden} {
		_, err := sim.ChangeOutside(cloudsim.Outside{Server: moved[n], Project: project, Power: "SHUTOFF"})
		must(t, err)
	}
	must(t, sim.Advance(time.Minute)) // Config knows
	fresh := &instance.Service{Store: s.Store, Accounts: w, Config: s.Config, ECS: s.ECS, BSS: s.BSS, IMS: s.IMS, Regions: s.Regions,
		Now: s.Now, Log: s.Log}
	fresh.Once(t.Context(), id, true) // where are they?
	fresh.Once(t.Context(), id, true)
	check := func(when, trouble string, absent ...bool) {
		t.Helper()
		for n, project := range []string{dev, hidden} {
			r, ok := fresh.Picture().Row(moved[n])
			if !ok || r.Project != project || r.State != instance.StateStopped {
				t.Fatalf("%s: server %d: %v, project %s, %s", when, n, ok, r.Project, r.State)
			}
			d, err := fresh.Detail(t.Context(), viewer, r.InstanceID)
			must(t, err)
			for _, sight := range d.Sights {
				if sight.Source == instance.FromECS && sight.Lost != absent[n] {
					t.Errorf("%s: server %d is called absent: %t, want %t", when, n, sight.Lost, absent[n])
				}
			}
		}
		all, err := fresh.Syncs(t.Context(), []string{id})
		must(t, err)
		var asked, bad []string
		for _, y := range all {
			if place, ok := strings.CutPrefix(y.Source, "ecs:"+singapore); ok {
				asked = append(asked, place)
			}
			if y.Trouble != "" {
				bad = append(bad, y.Source)
			}
		}
		want := []string{"", "/" + dev, "/" + empty, "/" + hidden}
		slices.Sort(want)
		slices.Sort(asked)
		if !slices.Equal(asked, want) || strings.Join(bad, " ") != trouble {
			t.Errorf("%s: asked %q, want %q; trouble %q, want %q", when, asked, want, bad, trouble)
		}
	}
	check("all are read", "", false, false)

	acct.Projects[0].Closed = true
	acct, err = sim.SetAccount(acct)
	must(t, err)
	_, err = sim.ChangeOutside(cloudsim.Outside{Server: moved[1], Removed: true}) // in the one that is read
	must(t, err)
	fresh.Once(t.Context(), id, true)
	check("one is closed", "ecs:"+singapore+"/"+dev, false, true) // the other was removed from one that answers
	acct.Projects[0].Closed = false
	_, err = sim.SetAccount(acct)
	must(t, err)
	fresh.Once(t.Context(), id, true)
	fresh.Once(t.Context(), id, true)
	if r, ok := fresh.Picture().Row(moved[1]); ok && r.NotSeenSince.IsZero() {
		t.Errorf("all answer, and %s is still there", moved[1])
	}
}
