// Package job is work that outlives its request: rows in a table, driven by
// the runner that holds a lease on them.
//
// The table is the queue. A worker claims a due job for a short time under a
// generation, renews that lease while it works, and every result it writes
// names the lease, so that a worker which lost it cannot write (reliability.md
// §5, I8). What a job does is its Task's business; the engine knows only when
// it is due and who has it.
package job

import (
	"context"
	"time"

	"sampan/internal/app/fault"
)

// Job is a row of the queue.
type Job struct {
	ID        string
	Kind      string // which Task drives it
	AccountID string
	PersonID  string
	Due       time.Time // when it should be worked on next; zero: only when somebody nudges it
	DoneAt    time.Time // zero: not done
	Held      bool      // inside its undo window
	Paused    bool      // no further target is claimed until resumed
	Tries     int       // failures in a row
	CreatedAt time.Time
}

// TargetState is how far one target has come (reliability.md §5).
type TargetState string

// The states of a target.
const (
	Pending       TargetState = "pending"
	TargetSending TargetState = "sending"
	Accepted      TargetState = "accepted"
	OK            TargetState = "ok"
	Failed        TargetState = "failed"
	Skipped       TargetState = "skipped"
	TargetUnknown TargetState = "unknown"
	TargetCalled  TargetState = "cancelled"
)

// Final reports whether the target will not change any more.
func (s TargetState) Final() bool {
	switch s {
	case OK, Failed, Skipped, TargetCalled:
		return true
	}
	return false
}

// Target is one thing a job acts on, with its own result; results are never merged.
type Target struct {
	N         int // from 1
	Thing     string
	State     TargetState
	Code      string
	Message   fault.Message
	RequestID string
	UpdatedAt time.Time
}

// State of a job, computed from its targets.
type State string

// The states of a job.
const (
	Queued       State = "queued"
	Held         State = "held"
	Paused       State = "paused"
	Running      State = "running"
	Waiting      State = "waiting on cloud"
	Succeeded    State = "succeeded"
	PartlyFailed State = "partly failed"
	AllFailed    State = "failed"
	Unknown      State = "unknown"
	Cancelled    State = "cancelled"
)

// State gives the job's state by its targets (reliability.md §5). A job
// without targets is queued until it is done.
func (j Job) State(targets []Target) State {
	n := make(map[TargetState]int)
	for _, t := range targets {
		n[t.State]++
	}
	open := n[Pending] + n[TargetSending] + n[Accepted]
	switch {
	case n[TargetSending] > 0:
		return Running
	case n[Pending] > 0 && j.Held:
		return Held
	case n[Pending] > 0 && j.Paused:
		return Paused
	case n[Pending] > 0 && n[Pending] == len(targets):
		return Queued
	case n[Pending] > 0:
		return Running
	case open > 0:
		return Waiting
	case n[TargetUnknown] > 0:
		return Unknown
	case len(targets) == 0 && j.DoneAt.IsZero():
		return Queued
	case n[TargetCalled] > 0 && n[TargetCalled] == len(targets):
		return Cancelled
	case n[Failed] == 0:
		return Succeeded
	case n[Failed] == len(targets):
		return AllFailed
	}
	return PartlyFailed
}

// Lease is the right to work on one job, until somebody else claims it.
type Lease struct {
	JobID string
	Kind  string
	Owner string // random per process start
	Gen   int64  // one more with every claim
	Nudge int64  // nudges seen at the claim: a later one makes the job due again at once
	Tries int    // failures in a row before this claim
}

// Next says when the job is to be worked on again.
type Next struct {
	At   time.Time // zero: only when somebody nudges it
	Done bool      // never again
}

// Task does the work of one kind of job.
type Task interface {
	// Kind names the jobs it drives.
	Kind() string
	// Step does what is due and says when to come back. Its context ends when
	// the lease is lost or the runner stops; what must not be cut short, a send
	// and the record of its answer, detaches itself from that. An error is
	// logged and the step tried again later.
	Step(ctx context.Context, l Lease) (Next, error)
}

// Store keeps jobs. Every method is one transaction.
type Store interface {
	// Due gives the ids of at most limit jobs that are due and that nobody
	// holds at now, oldest first: with unsent those of which something is still to
	// be sent, without it the others.
	Due(ctx context.Context, now time.Time, unsent bool, limit int) ([]string, error)
	// Claim takes the job until the given time, if nobody holds it at now and it
	// is not done; else fault.Conflict. Whether it is due is not asked.
	Claim(ctx context.Context, id, owner string, now, until time.Time) (Lease, error)
	// Renew prolongs a lease; fault.Conflict when it is lost.
	Renew(ctx context.Context, l Lease, until time.Time) error
	// Release ends the lease and sets what Next says. A nudge that came in the
	// meantime makes the job due at now instead. failed counts one more try.
	// fault.Conflict when the lease is lost.
	Release(ctx context.Context, l Lease, now time.Time, next Next, failed bool) error
	// Free ends every lease that another process start holds. Only the one
	// process that holds the data directory may call it, before it works.
	Free(ctx context.Context, owner string) error
}

// Timing is how long things take. Every interval is divided by
// CONSOLE_TIME_SCALE (reliability.md §5).
type Timing struct {
	Lease    time.Duration // how long a claim holds without renewal
	Renew    time.Duration // how often it is renewed
	Poll     time.Duration // longest wait before the table is read again
	Retry    time.Duration // wait after the first failure, doubled each time
	MaxRetry time.Duration
	Stop     time.Duration // how long a stop waits for what is running; never scaled
}

// Intervals gives the figures of reliability.md §5 and §11 divided by scale; a
// scale of 0 counts as 1.
func Intervals(scale float64) Timing {
	return Timing{
		Lease:    Scale(60*time.Second, scale),
		Renew:    Scale(15*time.Second, scale),
		Poll:     Scale(time.Second, scale),
		Retry:    Scale(2*time.Second, scale),
		MaxRetry: Scale(2*time.Minute, scale),
		Stop:     65 * time.Second,
	}
}

// Scale divides an interval, never below a millisecond.
func Scale(d time.Duration, scale float64) time.Duration {
	if scale <= 0 {
		scale = 1
	}
	return max(time.Duration(float64(d)/scale), time.Millisecond)
}
