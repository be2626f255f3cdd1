package cloudsim

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Ledger is what really happened. Tests prove by it that nothing was bought twice.
type Ledger struct {
	Purchases []Purchase `json:"purchases"` // every purchase that took effect, oldest first
	Requests  []WireCall `json:"requests"`  // the last requests, oldest first
}

// Purchase is an order that a purchase call placed. Orders of a fleet, of extra_order and of Foreign are not
// among them.
type Purchase struct {
	Time            time.Time `json:"time"` // Sandbox calendar
	Account         string    `json:"account"`
	OrderID         string    `json:"order_id"`
	ClientRequestID string    `json:"client_request_id"`
	RequestID       string    `json:"request_id"`
	Summary         string    `json:"summary"` // "2 × hf.large.1.30m.linux BT 6.8.35 in ap-southeast-3, 1 month"
	Name            string    `json:"name"`
	Tags            []string  `json:"tags,omitempty"` // key=value
	Quantity        int       `json:"quantity"`
	AutoPay         bool      `json:"auto_pay"`
	Amount          string    `json:"amount"`
	Currency        string    `json:"currency"`
	Paid            time.Time `json:"paid,omitzero"` // when the balance was charged; it is charged once at most
	PayRequestID    string    `json:"pay_request_id,omitempty"`
	Status          int       `json:"status"`       // of the order, now
	InstanceIDs     []string  `json:"instance_ids"` // of the answer
	Delivered       []string  `json:"delivered"`    // those that came to be
}

// WireCall is a request as it was answered. It has no query, header or body.
type WireCall struct {
	Time            time.Time `json:"time"` // real clock
	Call            string    `json:"call"` // "" for a path that the cloud does not have
	Account         string    `json:"account,omitempty"`
	Method          string    `json:"method"`
	Path            string    `json:"path"`
	Status          int       `json:"status"` // 0: no answer was sent
	RequestID       string    `json:"request_id"`
	ClientRequestID string    `json:"client_request_id,omitempty"`
	Faults          []string  `json:"faults,omitempty"`
}

// keptCalls is how many requests the ledger remembers.
const keptCalls = 2000

// wireLog is a ring of the last requests; in memory only.
type wireLog struct {
	mu   sync.Mutex
	ring []WireCall
	next int
}

func (l *wireLog) add(w WireCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < keptCalls {
		l.ring = append(l.ring, w)
		return
	}
	l.ring[l.next] = w
	l.next = (l.next + 1) % keptCalls
}

func (l *wireLog) list() []WireCall {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(slices.Clone(l.ring[l.next:]), l.ring[:l.next]...)
}

func (l *wireLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.next = nil, 0
}

// Ledger returns what happened since the state was made or reset.
func (c *Cloud) Ledger() Ledger {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := Ledger{Purchases: []Purchase{}, Requests: c.wire.list()}
	for _, o := range c.state.orders {
		if !o.Fleet && !o.Foreign {
			out.Purchases = append(out.Purchases, c.purchaseOf(o))
		}
	}
	return out
}

func (c *Cloud) purchaseOf(o *order) Purchase {
	now := c.now()
	p := Purchase{Time: o.Created, Account: o.Account, OrderID: o.ID, ClientRequestID: o.ClientRequestID, RequestID: o.RequestID,
		Summary: o.summary(), Name: o.Name, Quantity: o.Quantity, AutoPay: o.AutoPay, Amount: cents(o.Cents).String(),
		Paid: o.Paid, PayRequestID: o.PayRequestID, Status: o.status(now), InstanceIDs: slices.Clone(o.Instances), Delivered: []string{}}
	if a := c.state.account(o.Account); a != nil {
		p.Currency = a.Currency
	}
	for k, v := range o.Tags {
		p.Tags = append(p.Tags, k+"="+v)
	}
	slices.Sort(p.Tags)
	for _, id := range o.Instances {
		if in := c.state.instances[id]; in != nil && !now.Before(in.Delivered) {
			p.Delivered = append(p.Delivered, id)
		}
	}
	return p
}

func (o *order) summary() string {
	image := o.ImageName + " " + o.ImageVersion
	if o.ImageID != "" {
		image = "image " + o.ImageID
	}
	kind, n := o.terms()
	unit := "month"
	if kind == 3 {
		unit = "year"
	}
	if n > 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d × %s %s in %s, %d %s", o.Quantity, o.Spec, image, o.Region, n, unit)
}
