package account

import (
	"maps"
	"sync"
	"time"
)

// checkQueue is the connection checks that are asked for and under way.
type checkQueue struct {
	mu     sync.Mutex
	of     map[string]progress // by account
	signal chan struct{}       // a check is queued
}

// progress is where the checks of an account are.
type progress struct {
	queued, running bool          // both: another check follows the one that is running
	byItself        bool          // the console asked for the check, not a person
	step            string        // the line that is asked for now
	pause           time.Duration // before the console may make the next one by itself; 0 is the shortest
}

func (p progress) underWay() bool { return p.queued || p.running }

// wake is signalled when a check is queued.
func (q *checkQueue) wake() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begun()
	return q.signal
}

func (q *checkQueue) begun() {
	if q.of == nil {
		q.of, q.signal = make(map[string]progress), make(chan struct{}, 1)
	}
}

func (q *checkQueue) change(id string, f func(*progress)) {
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

// ask queues a check that a person waits for, unless one is queued or running.
func (q *checkQueue) ask(id string) {
	q.change(id, func(p *progress) { p.queued, p.byItself = p.queued || !p.running, false })
}

// askAnew queues a check of what has just changed, also when one is running.
func (q *checkQueue) askAnew(id string) {
	q.change(id, func(p *progress) { p.queued, p.byItself = true, false })
}

// askByItself queues a check that no person asked for, unless one is under way.
func (q *checkQueue) askByItself(id string) {
	q.change(id, func(p *progress) {
		if !p.underWay() {
			p.queued, p.byItself = true, true
		}
	})
}

// mayRepeat reports whether the console may repeat a check that is so long ago, and
// then doubles the pause before the next one, from first to most. A check that is
// under way is not repeated.
func (q *checkQueue) mayRepeat(id string, ago, first, most time.Duration) (may bool) {
	q.change(id, func(p *progress) {
		pause := min(max(p.pause, first), most)
		if may = !p.underWay() && ago >= pause; may {
			p.pause = min(2*pause, most)
		}
	})
	return may
}

// forgetPause forgets that checks were repeated: nothing is wrong any more.
func (q *checkQueue) forgetPause(id string) { q.change(id, func(p *progress) { p.pause = 0 }) }

// begin says which line is asked for from now on.
func (q *checkQueue) begin(id, step string) { q.change(id, func(p *progress) { p.step = step }) }

// take gives the accounts whose check begins now.
func (q *checkQueue) take() (ids []string) {
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

func (q *checkQueue) done(id string) {
	q.change(id, func(p *progress) { p.running, p.byItself, p.step = false, false, "" })
}

func (q *checkQueue) at(id string) progress {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.of[id]
}

func (q *checkQueue) all() map[string]progress {
	q.mu.Lock()
	defer q.mu.Unlock()
	return maps.Clone(q.of)
}
