package order

import (
	"sync"
	"time"

	"sampan/internal/app/account"
)

// The names that adapters give the two calls that spend.
const (
	callPurchase = "purchase"
	callPay      = "pay"
)

// wire notes every exchange of the calls made with its access, for the
// passport. It is safe for concurrent use.
type wire struct {
	access account.Access

	mu  sync.Mutex
	all []account.Exchange
}

// newWire makes a wire over an access, for calls of a lane.
func newWire(a account.Access, l account.Lane) *wire {
	w := &wire{access: a}
	w.access.Lane = l
	w.access.Observe = func(x account.Exchange) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all = append(w.all, x)
	}
	return w
}

// taken gives the exchanges so far and forgets them; a nil wire has none.
func (w *wire) taken() []account.Exchange {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.all
	w.all = nil
	return all
}

// sent gives when the last request of the call left the machine; false when none did.
func (w *wire) sent(call string) (at time.Time, left bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range w.all {
		if x.Sent && x.Call == call {
			at, left = x.At, true
		}
	}
	return at, left
}
