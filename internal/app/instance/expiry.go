package instance

import (
	"context"
	"sync"

	"sampan/internal/app/account"
)

const (
	idsAtOnce  = 50  // that billing takes in one query (cloud-api, 9.8)
	billingWay = 4   // queries that wait for their turn at once: the pace is the adapter's
	commitEach = 500 // expiries that become visible together
)

// expiries asks billing about instances from the moment their ids are known,
// beside the listings that name them: a large account has many more queries to
// billing than pages, and must not begin with them when the pages are through.
// Its answers wait until somebody takes them. The nil one takes ids and forgets
// them.
type expiries struct {
	mu      sync.Mutex
	moved   *sync.Cond
	known   map[string]bool
	ids     []string // not asked about yet
	replies []reply
	closed  bool // no more ids will come
	asking  int  // workers that may still reply
	failed  error
	cancel  context.CancelFunc
}

type reply struct {
	asked  []string
	billed []Expiry
}

// asking starts asking; stop must be called.
func (r *reader) asking() *expiries {
	ctx, cancel := context.WithCancel(r.ctx)
	q := &expiries{known: make(map[string]bool), asking: billingWay, cancel: cancel}
	q.moved = sync.NewCond(&q.mu)
	for range billingWay {
		go q.work(func(ids []string) ([]Expiry, error) { return r.s.BSS.Expiries(ctx, r.access, ids) })
	}
	return q
}

// want adds ids; those it has had are passed over.
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
	q.moved.Broadcast()
}

// page adds the instances of a page of Config's.
func (q *expiries) page(listed []Listed) {
	ids := make([]string, len(listed))
	for n := range listed {
		ids[n] = listed[n].ID
	}
	q.want(ids)
}

// stop ends the asking and waits for it.
func (q *expiries) stop() {
	q.cancel()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.ids = true, nil
	q.moved.Broadcast()
	for q.asking > 0 {
		q.moved.Wait()
	}
}

// work asks about fifty ids at a time, about fewer only when no more will come.
// The first failure ends the asking.
func (q *expiries) work(ask func([]string) ([]Expiry, error)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for len(q.ids) < idsAtOnce && !q.closed {
			q.moved.Wait()
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
			q.replies = append(q.replies, reply{ids, billed})
		} else if q.failed == nil {
			q.failed = err
			q.cancel()
		}
		q.moved.Broadcast()
	}
	q.asking--
	q.moved.Broadcast()
}

// next waits for a reply; false when all that was wanted has been answered, or
// one failed.
func (q *expiries) next() (reply, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.moved.Broadcast()
	for len(q.replies) == 0 && q.asking > 0 {
		q.moved.Wait()
	}
	if len(q.replies) == 0 {
		return reply{}, false
	}
	p := q.replies[0]
	q.replies = q.replies[1:]
	return p, true
}

// wholeTerms is the source under which is kept when billing was last asked about
// everything; trouble stands under "bss".
const wholeTerms = "expiry"

// billed takes the answers: no more ids may be wanted.
func (r *reader) billed(q *expiries) {
	open, asked := 0, 0
	for {
		p, ok := q.next()
		if !ok {
			break
		}
		asked++
		r.take(answers{billed: p.billed, named: p.asked})
		for _, id := range p.asked {
			r.heard.asked[id] = true
		}
		for _, e := range p.billed {
			if e.Status != statusClosed {
				r.heard.billed[e.InstanceID] = true
				r.apply.part.share.named.Store(e.InstanceID, r.at.UnixMicro())
			}
		}
		if open += len(p.asked); open >= commitEach {
			r.commit()
			open = 0
		}
	}
	r.commit()
	if asked == 0 && q.failed == nil {
		return
	}
	source := owing
	if q == r.terms {
		source = terming
	}
	r.mark(source, asked, q.failed)
	if r.noted("bss", account.RightOrders, q.failed) && q == r.terms && !r.apply.silent["bss"] {
		r.apply.part.share.heard(FromBSS, "", r.at)
		r.s.note(r.ctx, Sync{AccountID: r.access.AccountID, Source: wholeTerms, TriedAt: r.at, OKAt: r.at})
	}
}
