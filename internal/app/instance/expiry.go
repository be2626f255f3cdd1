package instance

import (
	"context"
	"sync"

	"sampan/internal/app/account"
)

const (
	idsAtOnce      = 50  // ids that billing takes in one query (cloud-api, 9.8)
	billingWorkers = 4   // queries at the same time; the adapter paces them
	commitEach     = 500 // expiries that become visible together
)

// expiries asks billing about instances as soon as their ids are known, while the
// lists that name them are still read: a large account needs many more queries to
// billing than pages, which would take too long after the last page. The answers
// are kept until next takes them. A nil expiries ignores ids.
type expiries struct {
	mu      sync.Mutex
	changed *sync.Cond
	known   map[string]bool
	ids     []string // not asked about yet
	answers []billingAnswer
	closed  bool // no more ids will come
	workers int  // workers that may still add an answer
	failed  error
	cancel  context.CancelFunc
}

// billingAnswer is what billing said about some instances.
type billingAnswer struct {
	asked    []string
	expiries []Expiry
}

// startExpiries starts asking; the caller must call stop.
func (r *accountReader) startExpiries(ctx context.Context) *expiries {
	ctx, cancel := context.WithCancel(ctx)
	q := &expiries{known: make(map[string]bool), workers: billingWorkers, cancel: cancel}
	q.changed = sync.NewCond(&q.mu)
	for range billingWorkers {
		go q.askInBatches(func(ids []string) ([]Expiry, error) { return r.s.BSS.Expiries(ctx, r.access, ids) })
	}
	return q
}

// want adds ids; those it already had are ignored.
func (q *expiries) want(ids []string) {
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, id := range ids {
		if !q.known[id] && validID(id) {
			q.known[id] = true
			q.ids = append(q.ids, id)
		}
	}
	q.changed.Broadcast()
}

// page adds the instances of one page of Config's list.
func (q *expiries) page(listed []Listed) {
	ids := make([]string, len(listed))
	for n := range listed {
		ids[n] = listed[n].ID
	}
	q.want(ids)
}

// stop ends the asking and waits until the workers ended.
func (q *expiries) stop() {
	q.cancel()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.ids = true, nil
	q.changed.Broadcast()
	for q.workers > 0 {
		q.changed.Wait()
	}
}

// askInBatches asks about idsAtOnce ids at a time, and about fewer only when no
// more will come. The first failure ends it.
func (q *expiries) askInBatches(ask func([]string) ([]Expiry, error)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.ids) < idsAtOnce && !q.closed {
			q.changed.Wait()
		}
		n := min(len(q.ids), idsAtOnce)
		if n == 0 || q.failed != nil {
			break
		}
		ids := q.ids[:n:n]
		q.ids = q.ids[n:]
		q.mu.Unlock()
		billed, err := ask(ids)
		q.mu.Lock()
		if err == nil {
			q.answers = append(q.answers, billingAnswer{ids, billed})
		} else if q.failed == nil {
			q.failed = err
			q.cancel()
		}
		q.changed.Broadcast()
	}
	q.workers--
	q.changed.Broadcast()
}

// next waits for an answer. It is false when everything was answered, or one
// query failed. No ids may be added after it.
func (q *expiries) next() (billingAnswer, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.changed.Broadcast()
	for len(q.answers) == 0 && q.workers > 0 {
		q.changed.Wait()
	}
	if len(q.answers) == 0 {
		return billingAnswer{}, false
	}
	p := q.answers[0]
	q.answers = q.answers[1:]
	return p, true
}

// takeExpiries merges the answers as they come. No ids may be added after it.
func (r *accountReader) takeExpiries(ctx context.Context, q *expiries) {
	open, asked := 0, 0
	for {
		p, ok := q.next()
		if !ok {
			break
		}
		asked++
		r.take(ctx, sourceAnswers{billed: p.expiries, named: p.asked})
		for _, id := range p.asked {
			r.heard.asked[id] = true
		}
		for _, e := range p.expiries {
			if e.Status != statusClosed {
				r.heard.billed[e.InstanceID] = true
				r.merge.current.ages.namedByBilling.Store(e.InstanceID, r.at.UnixMicro())
			}
		}
		if open += len(p.asked); open >= commitEach {
			r.commit(ctx)
			open = 0
		}
	}
	r.commit(ctx)
	if asked == 0 && q.failed == nil {
		return
	}
	source := sourceOwed
	if q == r.terms {
		source = sourceTerms
	}
	r.noteTry(source, asked, q.failed)
	if r.succeeded(ctx, "bss", account.RightOrders, q.failed) && q == r.terms && !r.merge.doubtful["bss"] {
		r.merge.current.ages.setListed(FromBSS, "", r.at)
		r.s.storeSyncs(ctx, Sync{AccountID: r.access.AccountID, Source: sourceTerms, TriedAt: r.at, OKAt: r.at})
	}
}
