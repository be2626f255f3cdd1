package job

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sampan/internal/app/fault"
)

// Runner claims due jobs and lets their tasks work on them. Make it with
// NewRunner; Add the tasks before Run.
type Runner struct {
	store   Store
	owner   string
	now     func() time.Time
	timing  Timing
	workers int
	log     *slog.Logger
	tasks   map[string]Task
	wake    chan struct{}

	mu      sync.Mutex
	running map[string]bool // by job id: claimed by this runner and not given back
}

// Options of a Runner.
type Options struct {
	Store   Store
	Owner   string // random per process start
	Now     func() time.Time
	Timing  Timing
	Workers int // jobs worked on at the same time, of each of the two kinds of Store.Due; 0 = 16
	Log     *slog.Logger
}

// NewRunner makes a Runner without tasks.
func NewRunner(o Options) *Runner {
	if o.Workers <= 0 {
		o.Workers = 16
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{
		store: o.Store, owner: o.Owner, now: o.Now, timing: o.Timing, workers: o.Workers, log: o.Log,
		tasks: make(map[string]Task), wake: make(chan struct{}, 1), running: make(map[string]bool),
	}
}

// Add makes the runner drive the task's kind of job. Call it before Run.
func (r *Runner) Add(t Task) { r.tasks[t.Kind()] = t }

// Owner is the random id of this process start.
func (r *Runner) Owner() string { return r.owner }

// Wake is a hint that the job is due now: the table is the queue, and a lost
// hint only costs a second. It never blocks.
func (r *Runner) Wake(string) {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then lets what is running finish: a send and the
// record of its answer (reliability.md §11). It returns an error when something
// was still running after Timing.Stop.
//
// Jobs of which something is still to be sent have workers of their own: what is
// only followed may hang with its service, and must not keep a purchase waiting
// (reliability.md §6).
func (r *Runner) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	sending, following := make(chan struct{}, r.workers), make(chan struct{}, r.workers*followers)
	tick := time.NewTicker(r.timing.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		r.start(ctx, true, sending, &wg)
		r.start(ctx, false, following, &wg)
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-tick.C:
		}
	}
	return r.drain(&wg)
}

// followers is how many workers follow for one that sends: they mostly wait.
const followers = 4

// start claims as many due jobs as there are free slots.
func (r *Runner) start(ctx context.Context, unsent bool, slots chan struct{}, wg *sync.WaitGroup) {
	ids, err := r.due(ctx, unsent)
	if err != nil {
		if ctx.Err() == nil {
			r.log.ErrorContext(ctx, "jobs not read", "err", err)
		}
		return
	}
	for _, id := range ids {
		select {
		case slots <- struct{}{}:
		default:
			return // all busy: the next free slot or tick comes back
		}
		l, ok := r.claim(ctx, id)
		if !ok {
			<-slots
			continue
		}
		wg.Go(func() {
			defer func() { <-slots; r.Wake(id) }()
			r.work(ctx, l)
		})
	}
}

func (r *Runner) drain(wg *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	t := time.NewTimer(r.timing.Stop)
	defer t.Stop()
	select {
	case <-done:
		return nil
	case <-t.C:
		return fmt.Errorf("job: still running %v after the stop", r.timing.Stop)
	}
}

// RunDue works on everything that is due, one job after the other, and returns
// how many it found: one round of what Run does, for tests that go step by step.
func (r *Runner) RunDue(ctx context.Context) (int, error) {
	n := 0
	for _, unsent := range []bool{true, false} {
		ids, err := r.due(ctx, unsent)
		if err != nil {
			return n, err
		}
		for _, id := range ids {
			if l, ok := r.claim(ctx, id); ok {
				n++
				r.work(ctx, l)
			}
		}
	}
	return n, nil
}

// due gives the due jobs that this runner is not working on already. A lease
// may look expired here, when the calendar was moved, while its holder is us.
func (r *Runner) due(ctx context.Context, unsent bool) ([]string, error) {
	all, err := r.store.Due(ctx, r.now(), unsent, 4*r.workers*followers)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	free := all[:0]
	for _, id := range all {
		if !r.running[id] {
			free = append(free, id)
		}
	}
	return free, nil
}

func (r *Runner) claim(ctx context.Context, id string) (Lease, bool) {
	now := r.now()
	l, err := r.store.Claim(ctx, id, r.owner, now, now.Add(r.timing.Lease))
	if err != nil {
		if !fault.Is(err, fault.Conflict) && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "job not claimed", "job", id, "err", err)
		}
		return Lease{}, false
	}
	r.mu.Lock()
	r.running[id] = true
	r.mu.Unlock()
	return l, true
}

// work lets the task do one step under a lease that is kept alive meanwhile.
func (r *Runner) work(ctx context.Context, l Lease) {
	defer func() {
		r.mu.Lock()
		delete(r.running, l.JobID)
		r.mu.Unlock()
	}()
	stepCtx, lost := context.WithCancel(ctx)
	defer lost()
	// The lease outlives a stop of the runner: a send in flight still needs it.
	keepCtx, end := context.WithCancel(context.WithoutCancel(ctx))
	kept := make(chan struct{})
	go func() { defer close(kept); r.keep(keepCtx, lost, l) }()
	next, err := r.step(stepCtx, l)
	end()
	<-kept
	r.release(context.WithoutCancel(ctx), l, next, err)
}

// step calls the task and turns its panic into an error: one bad job must not
// end the process, and with it the sends of others (I14).
func (r *Runner) step(ctx context.Context, l Lease) (next Next, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job: %s %s: panic: %v", l.Kind, l.JobID, p)
		}
	}()
	t := r.tasks[l.Kind]
	if t == nil {
		return Next{}, fmt.Errorf("job: no task drives %q", l.Kind)
	}
	return t.Step(ctx, l)
}

// keep renews the lease until ctx ends, and ends the step when it is lost.
func (r *Runner) keep(ctx context.Context, lost context.CancelFunc, l Lease) {
	t := time.NewTicker(r.timing.Renew)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		err := r.store.Renew(ctx, l, r.now().Add(r.timing.Lease))
		if fault.Is(err, fault.Conflict) {
			r.log.WarnContext(ctx, "lease lost", "job", l.JobID, "generation", l.Gen)
			lost()
			return
		}
	}
}

func (r *Runner) release(ctx context.Context, l Lease, next Next, err error) {
	now := r.now()
	if err != nil {
		next = Next{At: now.Add(r.backoff(l.Tries))}
		if fault.Is(err, fault.Conflict) && l.Tries == 0 {
			next.At = now // somebody was quicker: read again at once
		}
		if !fault.Is(err, fault.Conflict) && ctx.Err() == nil {
			r.log.ErrorContext(ctx, "job step failed", "job", l.JobID, "kind", l.Kind, "err", err)
		}
	}
	if err := r.store.Release(ctx, l, now, next, err != nil); err != nil && !fault.Is(err, fault.Conflict) {
		r.log.ErrorContext(ctx, "lease not released", "job", l.JobID, "err", err) // it runs out by itself
	}
}

func (r *Runner) backoff(tries int) time.Duration {
	d := r.timing.Retry
	for range min(tries, 16) {
		d = min(2*d, r.timing.MaxRetry)
	}
	return d
}
