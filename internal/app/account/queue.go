package account

import (
	"maps"
	"sync"
	"time"
)

// checks are the connection checks that are asked for and under way.
type checks struct {
	mu     sync.Mutex
	of     map[string]progress // by account
	signal chan struct{}       // a check is queued
}

// progress is where the checks of an account are.
type progress struct {
	queued, running bool          // both: another check follows the one that is running
	byItself        bool          // no person asked for the check
	step            string        // the line that is asked for now
	pause           time.Duration // before the console may make the next one by itself; 0 is the shortest
}

func (p progress) underWay() bool { return p.queued || p.running }

// wake is signalled when a check is queued.
func (q *checks) wake() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begun()
	return q.signal
}

func (q *checks) begun() {
	if q.of == nil {
		q.of, q.signal = make(map[string]progress), make(chan struct{}, 1)
	}
}

func (q *checks) change(id string, f func(*progress)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begun()
	p := q.of[id]
	f(&p)
	q.of[id] = p
	if p.queued && !p.running {
		select {
		case q.signal <- struct{}{}:
		default:
		}
	}
}

// ask queues a check that a person waits for; one that is queued or running is enough.
func (q *checks) ask(id string) {
	q.change(id, func(p *progress) { p.queued, p.byItself = p.queued || !p.running, false })
}

// askAnew queues a check of what has just changed: one that is running is not enough.
func (q *checks) askAnew(id string) {
	q.change(id, func(p *progress) { p.queued, p.byItself = true, false })
}

// askByItself queues a check that no person asked for, unless one is under way.
func (q *checks) askByItself(id string) {
	q.change(id, func(p *progress) {
		if !p.underWay() {
			p.queued, p.byItself = true, true
		}
	})
}

// mayRepeat reports whether the last check is long enough ago for another, and
// doubles the time for the one after that, from first to most. One that is under
// way is not repeated.
func (q *checks) mayRepeat(id string, ago, first, most time.Duration) (may bool) {
	q.change(id, func(p *progress) {
		pause := min(max(p.pause, first), most)
		if may = !p.underWay() && ago >= pause; may {
			p.pause = min(2*pause, most)
		}
	})
	return may
}

// forgetPause forgets that checks were repeated: nothing is wrong any more.
func (q *checks) forgetPause(id string) { q.change(id, func(p *progress) { p.pause = 0 }) }

// begin says which line is asked for from now on.
func (q *checks) begin(id, step string) { q.change(id, func(p *progress) { p.step = step }) }

// take gives the accounts whose check begins now.
func (q *checks) take() (ids []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, p := range q.of {
		if p.queued && !p.running {
			p.queued, p.running = false, true
			q.of[id] = p
			ids = append(ids, id)
		}
	}
	return ids
}

func (q *checks) done(id string) {
	q.change(id, func(p *progress) { p.running, p.byItself, p.step = false, false, "" })
}

func (q *checks) at(id string) progress {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.of[id]
}

func (q *checks) all() map[string]progress {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.of)
}
