package job_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// work is a Task made of a function.
type work func(ctx context.Context, l job.Lease) (job.Next, error)

func (work) Kind() string { return "test" }

func (w work) Step(ctx context.Context, l job.Lease) (job.Next, error) { return w(ctx, l) }

// queue is a database with jobs.
type queue struct {
	*testing.T
	db *db.DB
}

func newQueue(t *testing.T, ids ...string) *queue {
	q := &queue{t, dbtest.Open(t)}
	for _, id := range ids {
		q.exec(`INSERT INTO job (id, kind, account_id, person_id, due_us, done_us, held, paused, tries, nudge, lease_owner, lease_gen, lease_until_us, created_us)
			VALUES ($1, 'test', '', '', 1, 0, 0, 0, 0, 0, '', 0, 0, 1)`, id)
	}
	return q
}

func (q *queue) exec(query string, args ...any) {
	q.Helper()
	err := q.db.Write(context.Background(), func(tx *sql.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		q.Fatal(err)
	}
}

func (q *queue) job(id string) job.Job {
	q.Helper()
	j, _, err := db.Jobs{DB: q.db}.Job(q.Context(), id)
	if err != nil {
		q.Fatal(err)
	}
	return j
}

// quick is a timing for tests that wait for the engine itself.
var quick = job.Timing{Lease: time.Minute, Renew: 2 * time.Millisecond, Poll: 5 * time.Millisecond, Retry: time.Hour,
	MaxRetry: 2 * time.Hour, Stop: 10 * time.Second}

func (q *queue) runner(owner string, store job.Store, w work) *job.Runner {
	r := job.NewRunner(job.Options{Store: store, Owner: owner, Now: testclock.Now, Timing: quick})
	r.Add(w)
	return r
}

func TestTwoRunnersNeverWorkOnOneJob(t *testing.T) {
	q := newQueue(t, "a", "b", "c")
	var mu sync.Mutex
	steps, busy := map[string]int{}, map[string]bool{}
	w := func(_ context.Context, l job.Lease) (job.Next, error) {
		mu.Lock()
		if busy[l.JobID] {
			t.Errorf("%s is worked on twice at the same time", l.JobID)
		}
		busy[l.JobID] = true
		steps[l.JobID]++
		mu.Unlock()
		mu.Lock()
		busy[l.JobID] = false
		mu.Unlock()
		return job.Next{Done: true}, nil
	}
	var wg sync.WaitGroup
	for _, owner := range []string{"one", "two", "three"} {
		wg.Go(func() {
			r := q.runner(owner, db.Jobs{DB: q.db}, w)
			for range 5 {
				if _, err := r.RunDue(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, id := range []string{"a", "b", "c"} {
		if steps[id] != 1 || q.job(id).DoneAt.IsZero() {
			t.Errorf("%s: %d steps, done %v", id, steps[id], q.job(id).DoneAt)
		}
	}
}

func TestANudgeDuringAStepMakesTheJobDueAgain(t *testing.T) {
	q := newQueue(t, "a")
	steps := 0
	r := q.runner("one", db.Jobs{DB: q.db}, func(context.Context, job.Lease) (job.Next, error) {
		if steps++; steps == 1 {
			q.exec("UPDATE job SET nudge = nudge + 1, due_us = 1 WHERE id = 'a'")
		}
		return job.Next{At: testclock.Now().Add(time.Hour)}, nil
	})
	for range 3 {
		if _, err := r.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if steps != 2 {
		t.Errorf("steps: got %d, want 2: one, and one for the nudge", steps)
	}
}

func TestAFailedStepIsTriedAgainLaterAndLater(t *testing.T) {
	q := newQueue(t, "bad", "good")
	r := q.runner("one", db.Jobs{DB: q.db}, func(_ context.Context, l job.Lease) (job.Next, error) {
		if l.JobID == "bad" {
			panic("a defect")
		}
		return job.Next{Done: true}, nil
	})
	if _, err := r.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if q.job("good").DoneAt.IsZero() {
		t.Error("a defect in one job kept another from being done")
	}
	for tries, wait := range []time.Duration{time.Hour, 2 * time.Hour, 2 * time.Hour} {
		j := q.job("bad")
		if j.Tries != tries+1 || j.Due.Sub(testclock.Now()) > wait || j.Due.Sub(testclock.Now()) < wait-time.Minute {
			t.Errorf("after try %d: %d tries, due in %v, want in %v", tries+1, j.Tries, j.Due.Sub(testclock.Now()), wait)
		}
		q.exec("UPDATE job SET due_us = 1 WHERE id = 'bad'")
		if _, err := r.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// counted counts renewals, and may lose the lease.
type counted struct {
	job.Store
	renewed chan struct{}
	lost    atomic.Bool
}

func (c *counted) Renew(ctx context.Context, l job.Lease, until time.Time) error {
	select {
	case c.renewed <- struct{}{}:
	default:
	}
	if c.lost.Load() {
		return fault.New(fault.Conflict, "job.lease")
	}
	return c.Store.Renew(ctx, l, until)
}

func TestALeaseIsRenewedWhileAStepRuns(t *testing.T) {
	q := newQueue(t, "a")
	c := &counted{Store: db.Jobs{DB: q.db}, renewed: make(chan struct{})}
	r := q.runner("one", c, func(context.Context, job.Lease) (job.Next, error) {
		for range 3 {
			<-c.renewed
		}
		return job.Next{Done: true}, nil
	})
	if n, err := r.RunDue(t.Context()); n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestAStepEndsWhenItsLeaseIsLost(t *testing.T) {
	q := newQueue(t, "a")
	c := &counted{Store: db.Jobs{DB: q.db}, renewed: make(chan struct{}, 1)}
	c.lost.Store(true)
	r := q.runner("one", c, func(ctx context.Context, _ job.Lease) (job.Next, error) {
		<-ctx.Done()
		return job.Next{}, ctx.Err()
	})
	if n, err := r.RunDue(t.Context()); n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestAStopLetsARunningStepFinish(t *testing.T) {
	q := newQueue(t, "a")
	ctx, stop := context.WithCancel(t.Context())
	var finished atomic.Bool
	r := q.runner("one", db.Jobs{DB: q.db}, func(ctx context.Context, _ job.Lease) (job.Next, error) {
		stop()
		<-ctx.Done() // it is told
		finished.Store(true)
		return job.Next{Done: true}, nil
	})
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if !finished.Load() || q.job("a").DoneAt.IsZero() {
		t.Errorf("finished %v, done %v", finished.Load(), q.job("a").DoneAt)
	}
}

func TestALeaseThatRanOutCanBeTakenOverAndItsHolderWritesNothing(t *testing.T) {
	q := newQueue(t, "a")
	s := db.Jobs{DB: q.db}
	now := testclock.Now()
	first, err := s.Claim(t.Context(), "a", "one", now, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Claim(t.Context(), "a", "two", now.Add(59*time.Second), now.Add(2*time.Minute)); !fault.Is(err, fault.Conflict) {
		t.Errorf("claim of a held job: got %v, want a conflict", err)
	}
	second, err := s.Claim(t.Context(), "a", "two", now.Add(time.Minute), now.Add(2*time.Minute))
	if err != nil || second.Gen != first.Gen+1 {
		t.Fatalf("takeover: got %+v, %v", second, err)
	}
	for what, err := range map[string]error{
		"renew":   s.Renew(t.Context(), first, now.Add(time.Hour)),
		"release": s.Release(t.Context(), first, now, job.Next{Done: true}, false),
	} {
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%s by the former holder: got %v, want a conflict", what, err)
		}
	}
	if err := s.Release(t.Context(), second, now, job.Next{At: now}, false); err != nil {
		t.Error(err)
	}
	if err := s.Release(t.Context(), second, now, job.Next{At: now}, false); !fault.Is(err, fault.Conflict) {
		t.Errorf("released twice: got %v, want a conflict", err)
	}
}

func TestFreeEndsLeasesOfEarlierStarts(t *testing.T) {
	q := newQueue(t, "a", "b")
	s := db.Jobs{DB: q.db}
	now := testclock.Now()
	_, errA := s.Claim(t.Context(), "a", "dead", now, now.Add(time.Hour))
	_, errB := s.Claim(t.Context(), "b", "alive", now, now.Add(time.Hour))
	if err := errors.Join(errA, errB, s.Free(t.Context(), "alive")); err != nil {
		t.Fatal(err)
	}
	due, err := s.Due(t.Context(), now, false, 10)
	if err != nil || len(due) != 1 || due[0] != "a" {
		t.Errorf("due: got %v, %v, want only the dead one's", due, err)
	}
}

func TestWhatIsFollowedNeverKeepsASendWaiting(t *testing.T) {
	var ids []string
	for n := range 200 { // more than there are workers, and all of them hang
		ids = append(ids, fmt.Sprintf("hangs-%03d", n))
	}
	q := newQueue(t, ids...)
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan struct{})
	var hanging atomic.Int32
	r := q.runner("me", db.Jobs{DB: q.db}, func(ctx context.Context, l job.Lease) (job.Next, error) {
		if l.JobID == "click" {
			close(sent)
			return job.Next{Done: true}, nil
		}
		hanging.Add(1)
		<-ctx.Done()
		return job.Next{At: testclock.Now()}, nil
	})
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()
	for hanging.Load() < 64 {
		time.Sleep(time.Millisecond)
	}
	q.exec(`INSERT INTO job (id, kind, account_id, person_id, due_us, done_us, held, paused, tries, nudge, lease_owner, lease_gen, lease_until_us, created_us)
		VALUES ('click', 'test', '', '', 1, 0, 0, 0, 0, 0, '', 0, 0, 1)`)
	q.exec("INSERT INTO job_target (job_id, n, thing, state, code, message, request_id, updated_us) VALUES ('click', 1, 'click', 'pending', '', '', '', 1)")
	select {
	case <-sent:
	case <-time.After(20 * time.Second):
		t.Error("the send waits for what is followed")
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
