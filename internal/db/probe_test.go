package db_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/fault"
	"sampan/internal/app/server"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestProbes(t *testing.T) {
	s, ctx := db.Probes{DB: dbtest.Open(t)}, t.Context()
	at := time.Date(2026, 11, 23, 1, 21, 0, 0, time.UTC)
	put := func(p server.Probe) {
		t.Helper()
		if err := s.SaveProbe(ctx, p, 2); err != nil {
			t.Fatal(err)
		}
	}
	silent := server.Probe{ServerID: "s1", AccountID: "a1", Address: "198.18.0.9", At: at,
		Ports: []server.Port{{Port: 22, Answer: server.Silent}}}
	answers := silent
	answers.At, answers.Ports = at.Add(2*time.Minute),
		[]server.Port{{Port: 22, Answer: server.Answers}, {Port: 80, Answer: server.NotTried}}
	other := server.Probe{ServerID: "s2", AccountID: "a1", Address: "198.18.0.10", At: at.Add(time.Minute),
		Ports: []server.Port{{Port: 22, Answer: server.NotTried}}, Trouble: fault.Say("cloud.sandbox.gone", "Name", "x")}
	third := server.Probe{ServerID: "s3", AccountID: "a2", Address: "198.18.0.11", At: at.Add(3 * time.Minute)}
	for _, step := range []struct {
		put  server.Probe
		want []server.Probe
	}{
		{silent, []server.Probe{silent}},
		{other, []server.Probe{other, silent}},
		{answers, []server.Probe{answers, other}}, // in the place of silent
		{third, []server.Probe{third, answers}},   // the oldest goes
	} {
		put(step.put)
		got, err := s.Probes(ctx, 10)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("after %s at %s (-want +got):\n%s", step.put.ServerID, step.put.At, diff)
		}
	}
	if got, err := s.Probes(ctx, 1); err != nil || len(got) != 1 || got[0].ServerID != "s3" {
		t.Errorf("the newest one: got %+v, %v", got, err)
	}
}
