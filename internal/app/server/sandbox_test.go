package server_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/server"
	"sampan/internal/cloud/ces"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/control"
	"sampan/internal/cloud/ecs"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// TestOverTheSandbox goes all the way of one server over the wire: metrics,
// plug-in, probe, names, tags, screen.
func TestOverTheSandbox(t *testing.T) {
	sim := simtest.Start(t, cloudsim.Options{Seed: "one server", TimeScale: 1000})
	if err := sim.Fleet("Sandbox", 3); err != nil {
		t.Fatal(err)
	}
	access := cloudtest.Access(t, sim, "Sandbox", account.ByKey)
	api := cloudtest.API()
	servers := &ecs.Client{API: api}
	row := first(t, servers, access)
	control := &control.Client{URL: sim.URL}
	if _, err := sim.ChangeOutside(cloudsim.Outside{Server: row.ServerID, Ports: []int{22, 443}}); err != nil {
		t.Fatal(err)
	}

	w, s := newWorld(t, row)
	audits := db.Audits{DB: dbtest.Open(t)}
	s.Cloud, s.Monitor, s.Simulated, s.Journal = servers, &ces.Client{API: api}, control, audits
	s.Accounts, s.Log = granted{w, access}, slog.New(slog.NewTextHandler(io.Discard, nil))
	w.now = sim.Now()

	if _, err := s.Metrics(viewer, row.ServerID, server.Day); err != nil {
		t.Fatal(err)
	}
	w.read(t, row.ServerID)
	m, _ := s.Metrics(viewer, row.ServerID, server.Day)
	if len(m.Series) != len(server.Metrics) || len(m.Series[0].Points) < 200 || !m.Trouble.Zero() {
		t.Errorf("metrics: %d series, trouble %v", len(m.Series), m.Trouble)
	}

	_, _ = s.ResetFlag(viewer, row.ServerID)
	w.read(t, row.ServerID)
	if f, _ := s.ResetFlag(viewer, row.ServerID); !f.Known || !f.Trouble.Zero() {
		t.Errorf("plug-in: %+v", f)
	}

	if err := s.Try(operator, row.ServerID); err != nil {
		t.Fatal(err)
	}
	w.read(t, row.ServerID)
	p, _ := s.Probe(viewer, row.ServerID)
	if len(p.Ports) < 3 || p.Ports[0] != (server.Port{Port: 22, Answer: server.Answers}) || p.Ports[1].Answer != server.Silent ||
		p.Ports[2].Answer != server.Answers {
		t.Errorf("probe: %+v", p)
	}

	if err := s.Edit(t.Context(), operator, row.ServerID, server.Change{Name: text("web-9"), Hostname: text("web-9")}); err != nil {
		t.Errorf("edit: %v", err)
	}
	if err := s.AddTag(t.Context(), operator, row.ServerID, server.Tag{Key: "team", Value: "shop"}); err != nil {
		t.Errorf("tag: %v", err)
	}
	now := first(t, servers, access)
	if now.Name != "web-9" || now.Hostname != "web-9" {
		t.Errorf("after the edit: %q, %q", now.Name, now.Hostname)
	}
	tags, err := servers.Tags(t.Context(), access, row.Region, row.ServerID)
	if err != nil || len(tags) == 0 {
		t.Errorf("tags: %v, %v", tags, err)
	}

	if address, err := s.Screen(t.Context(), operator, row.ServerID); err != nil || address.Empty() {
		t.Errorf("screen: %v", err)
	}

	if _, err := sim.AddFault(cloudsim.Fault{Call: "update_server", Kind: "status", Status: 400, Code: "Ecs.0914",
		Message: "The name is reserved."}); err != nil {
		t.Fatal(err)
	}
	err = s.Edit(t.Context(), operator, row.ServerID, server.Change{Name: text("web-10")})
	if f := fault.Of(err); f.Kind != fault.Invalid || f.Fields["name"].Values["Detail"] != "The name is reserved." {
		t.Errorf("the cloud's refusal: %v, fields %v", err, f.Fields)
	}
	rows, err := audits.About(t.Context(), "", []string{row.ServerID}, 100)
	if err != nil || len(rows) < 6 {
		t.Errorf("audit: %d rows, %v", len(rows), err)
	}
}

// TestAServerOfAFurtherProject is operated where it is, with either credential.
func TestAServerOfAFurtherProject(t *testing.T) {
	for _, by := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(by), func(t *testing.T) {
			sim := simtest.Start(t, cloudsim.Options{})
			if err := sim.Fleet("Sandbox", 30); err != nil {
				t.Fatal(err)
			}
			access := cloudtest.Access(t, sim, "Sandbox", by)
			api := cloudtest.API()
			servers := &ecs.Client{API: api}
			row := first(t, servers, access)
			acct := sim.Accounts()[0]
			acct.Balance, acct.Projects = "", []cloudsim.Project{{Region: row.Region, Name: "dev"}}
			acct, err := sim.SetAccount(acct)
			if err != nil {
				t.Fatal(err)
			}
			row.Project = acct.Projects[0].ProjectID
			if _, err := sim.ChangeOutside(cloudsim.Outside{Server: row.ServerID, Project: row.Project}); err != nil {
				t.Fatal(err)
			}
			w, s := newWorld(t, row)
			s.Cloud, s.Monitor, s.Journal = servers, &ces.Client{API: api}, db.Audits{DB: dbtest.Open(t)}
			s.Accounts, w.now = granted{w, access}, sim.Now()
			if err := s.Edit(t.Context(), operator, row.ServerID, server.Change{Name: text("web-9")}); err != nil {
				t.Errorf("edit: %v", err)
			}
			if err := s.AddTag(t.Context(), operator, row.ServerID, server.Tag{Key: "team", Value: "shop"}); err != nil {
				t.Errorf("tag: %v", err)
			}
			if address, err := s.Screen(t.Context(), operator, row.ServerID); err != nil || address.Empty() {
				t.Errorf("screen: %v", err)
			}
			_, _ = s.Metrics(viewer, row.ServerID, server.Day)
			w.read(t, row.ServerID)
			if m, _ := s.Metrics(viewer, row.ServerID, server.Day); len(m.Series) != len(server.Metrics) || !m.Trouble.Zero() {
				t.Errorf("metrics: %d series, trouble %v", len(m.Series), m.Trouble)
			}
			_, _ = s.ResetFlag(viewer, row.ServerID)
			w.read(t, row.ServerID)
			if f, _ := s.ResetFlag(viewer, row.ServerID); !f.Known || !f.Trouble.Zero() {
				t.Errorf("plug-in: %+v", f)
			}
			all, err := servers.Servers(t.Context(), access.In(row.Region, row.Project), row.Region, nil)
			if err != nil || len(all) != 1 || all[0].Name != "web-9" || all[0].ProjectID != row.Project {
				t.Errorf("in the project: %+v, %v", all, err)
			}
			row.Project = "" // as if the picture did not know
			if err := s.Edit(t.Context(), operator, row.ServerID, server.Change{Name: text("web-10")}); err == nil {
				t.Error("the region's own project has it too")
			}
		})
	}
}

// granted gives the access of an account of the Sandbox.
type granted struct {
	*world
	access account.Access
}

func (g granted) Access(context.Context, string) (account.Access, error) { return g.access, nil }

// first is the first server of the Sandbox by its id, as a row of the picture.
func first(t *testing.T, servers *ecs.Client, a account.Access) *instance.Row {
	t.Helper()
	var found *instance.Row
	for region := range a.Projects {
		all, err := servers.Servers(t.Context(), a, region, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if s.Status == "ACTIVE" && !s.Frozen && len(s.Public) > 0 && (found == nil || s.ID < found.ServerID) {
				found = &instance.Row{AccountID: "a1", InstanceID: s.InstanceID, ServerID: s.ID, Name: s.Name, Hostname: s.Hostname,
					Region: region, State: instance.StateRunning, Status: s.Status,
					Address: s.Public[0], OS: string(s.OS)}
			}
		}
	}
	if found == nil {
		t.Fatal("no server runs")
	}
	return found
}
