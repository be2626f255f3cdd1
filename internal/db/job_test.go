package db_test

import (
	"slices"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// jobAt stores a job with targets in these states.
func jobAt(t *testing.T, d *db.DB, id string, due time.Time, targets ...job.TargetState) {
	t.Helper()
	us := int64(0)
	if !due.IsZero() {
		us = due.UnixMicro()
	}
	err := dbtest.Exec(d, `INSERT INTO job (id, kind, account_id, person_id, due_us, done_us, held, paused, tries, nudge, lease_owner,
		lease_gen, lease_until_us, created_us) VALUES ($1, 'test', 'a', 'p', $2, 0, 0, 0, 0, 0, '', 0, 0, 1)`, id, us)
	for n, state := range targets {
		if err == nil {
			err = dbtest.Exec(d, `INSERT INTO job_target (job_id, n, thing, state, code, message, request_id, updated_us)
				VALUES ($1, $2, 'thing', $3, 'c', '{"id":"m"}', 'r', 2)`, id, n+1, string(state))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestALeaseIsHeldByOne(t *testing.T) {
	d := dbtest.Open(t)
	s, now := db.Jobs{DB: d}, shopDay
	jobAt(t, d, "j", now)
	conflict := func(what string, err error) {
		t.Helper()
		if f := fault.Of(err); f.Kind != fault.Conflict || f.Message.ID != "job.lease" {
			t.Errorf("%s: got %v", what, err)
		}
	}
	_, err := s.Claim(t.Context(), "none", "one", now, now.Add(time.Minute))
	conflict("claimed what is not there", err)
	first, err := s.Claim(t.Context(), "j", "one", now, now.Add(time.Minute))
	if err != nil || first != (job.Lease{JobID: "j", Kind: "test", Owner: "one", Gen: 1}) {
		t.Fatalf("claimed: got %+v, %v", first, err)
	}
	_, err = s.Claim(t.Context(), "j", "two", now, now.Add(time.Minute))
	conflict("claimed what another holds", err)
	_, err = s.Claim(t.Context(), "j", "one", now.Add(time.Minute-time.Microsecond), now.Add(time.Hour))
	conflict("claimed by its holder again", err)
	if err := s.Renew(t.Context(), first, now.Add(2*time.Minute)); err != nil {
		t.Errorf("renewed: %v", err)
	}
	second, err := s.Claim(t.Context(), "j", "two", now.Add(2*time.Minute), now.Add(time.Hour))
	if err != nil || second.Gen != 2 {
		t.Fatalf("claimed when it ran out: got %+v, %v", second, err)
	}
	conflict("renewed by who lost it", s.Renew(t.Context(), first, now.Add(time.Hour)))
	conflict("released by who lost it", s.Release(t.Context(), first, now, job.Next{Done: true}, false))
	stolen := second
	stolen.Owner = "one"
	conflict("released under another's name", s.Release(t.Context(), stolen, now, job.Next{Done: true}, false))
	if err := s.Release(t.Context(), second, now, job.Next{At: now.Add(time.Hour)}, true); err != nil {
		t.Fatalf("released: %v", err)
	}
	conflict("released twice", s.Release(t.Context(), second, now, job.Next{Done: true}, false))
	j, targets, err := s.Job(t.Context(), "j")
	if err != nil || j.Tries != 1 || !j.Due.Equal(now.Add(time.Hour)) || !j.DoneAt.IsZero() || len(targets) != 0 {
		t.Errorf("released after a failure: got %+v, %+v, %v", j, targets, err)
	}
	third, err := s.Claim(t.Context(), "j", "two", now, now.Add(time.Hour))
	if err != nil || third.Tries != 1 {
		t.Fatalf("claimed after a failure: got %+v, %v", third, err)
	}
	if err := s.Release(t.Context(), third, now, job.Next{Done: true}, false); err != nil {
		t.Fatalf("done: %v", err)
	}
	_, err = s.Claim(t.Context(), "j", "one", now.Add(time.Hour), now.Add(2*time.Hour))
	conflict("claimed when it is done", err)
	if j, _, err := s.Job(t.Context(), "j"); err != nil || !j.DoneAt.Equal(now) || j.Tries != 0 {
		t.Errorf("done: got %+v, %v", j, err)
	}
}

func TestANudgeIsNotLostInARelease(t *testing.T) {
	d := dbtest.Open(t)
	s, now := db.Jobs{DB: d}, shopDay
	jobAt(t, d, "j", now)
	l, err := s.Claim(t.Context(), "j", "one", now, now.Add(time.Minute))
	if err == nil {
		err = dbtest.Exec(d, "UPDATE job SET nudge = nudge + 1 WHERE id = 'j'")
	}
	if err == nil {
		err = s.Release(t.Context(), l, now.Add(time.Second), job.Next{At: now.Add(time.Hour)}, false)
	}
	if j, _, readErr := s.Job(t.Context(), "j"); err != nil || readErr != nil || !j.Due.Equal(now.Add(time.Second)) {
		t.Errorf("due at %v, %v, %v; want at once", j.Due, err, readErr)
	}
}

func TestWhichJobsAreDue(t *testing.T) {
	d := dbtest.Open(t)
	s, now := db.Jobs{DB: d}, shopDay
	if ids, err := s.Due(t.Context(), now, true, 10); err != nil || len(ids) != 0 {
		t.Errorf("of no jobs: got %v, %v", ids, err)
	}
	jobAt(t, d, "b", now, job.Pending)
	jobAt(t, d, "a", now, job.OK, job.Pending)
	jobAt(t, d, "earlier", now.Add(-time.Minute), job.Pending)
	jobAt(t, d, "not yet", now.Add(time.Microsecond), job.Pending)
	jobAt(t, d, "never", time.Time{}, job.Pending)
	jobAt(t, d, "held", now, job.Pending)
	jobAt(t, d, "done", now, job.Pending)
	jobAt(t, d, "followed", now, job.OK, job.Accepted)
	jobAt(t, d, "empty", now)
	if _, err := s.Claim(t.Context(), "held", "one", now, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := dbtest.Exec(d, "UPDATE job SET done_us = 1 WHERE id = 'done'"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		unsent bool
		limit  int
		want   []string
	}{
		{"with something to send, earliest first", true, 10, []string{"earlier", "a", "b"}},
		{"only so many", true, 2, []string{"earlier", "a"}},
		{"that are only followed", false, 10, []string{"empty", "followed"}},
	} {
		if ids, err := s.Due(t.Context(), now, tt.unsent, tt.limit); err != nil || !slices.Equal(ids, tt.want) {
			t.Errorf("%s: got %v, %v; want %v", tt.name, ids, err, tt.want)
		}
	}
	if err := s.Free(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if ids, _ := s.Due(t.Context(), now, true, 10); slices.Contains(ids, "held") {
		t.Error("a start freed its own lease")
	}
	if err := s.Free(t.Context(), "two"); err != nil {
		t.Fatal(err)
	}
	if ids, _ := s.Due(t.Context(), now, true, 10); !slices.Contains(ids, "held") {
		t.Error("the lease of another start was not freed")
	}
}

func TestAJobReadsBackWithItsTargets(t *testing.T) {
	d := dbtest.Open(t)
	s := db.Jobs{DB: d}
	if _, _, err := s.Job(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a job that is not there: got %v", err)
	}
	jobAt(t, d, "j", shopDay, job.OK, job.TargetUnknown)
	j, targets, err := s.Job(t.Context(), "j")
	if err != nil || j.Kind != "test" || j.AccountID != "a" || j.PersonID != "p" || len(targets) != 2 {
		t.Fatalf("got %+v, %+v, %v", j, targets, err)
	}
	want := job.Target{N: 2, Thing: "thing", State: job.TargetUnknown, Code: "c", Message: fault.Say("m"), RequestID: "r",
		UpdatedAt: time.UnixMicro(2).UTC()}
	if got := targets[1]; got.N != want.N || got.State != want.State || got.Message.ID != "m" || !got.UpdatedAt.Equal(want.UpdatedAt) ||
		got.RequestID != want.RequestID || got.Code != want.Code || got.Thing != want.Thing {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := dbtest.Exec(d, "UPDATE job_target SET state = 'nonsense'"); err == nil {
		t.Error("a target has a state that there is not")
	}
	if err := dbtest.Exec(d, "DELETE FROM job WHERE id = 'j'"); err == nil {
		t.Error("a job went and left its targets")
	}
	if err := dbtest.Exec(d, "UPDATE job_target SET message = '{' WHERE n = 1"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Job(t.Context(), "j"); err == nil {
		t.Error("a damaged message is read without a word")
	}
}
