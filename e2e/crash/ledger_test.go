//go:build e2e

package crash

import (
	"slices"
	"time"

	"sampan/e2e/world"
)

// purchase is an order that really exists at the Sandbox.
type purchase struct {
	OrderID         string    `json:"order_id"`
	ClientRequestID string    `json:"client_request_id"`
	Name            string    `json:"name"`
	Tags            []string  `json:"tags"`
	Quantity        int       `json:"quantity"`
	Amount          string    `json:"amount"`
	Paid            time.Time `json:"paid"`
	Status          int       `json:"status"`
	Delivered       []string  `json:"delivered"`
}

// The order statuses of the cloud that matter here.
const (
	cancelledThere = 4
	unpaidThere    = 6
)

// ledger is what really happened, by the Sandbox's own books.
type ledger struct {
	Purchases []purchase `json:"purchases"`
	Requests  []struct {
		Time   time.Time `json:"time"`
		Call   string    `json:"call"`
		Status int       `json:"status"`
	} `json:"requests"`
}

func books(w *world.World) ledger {
	var l ledger
	w.Ledger(&l)
	return l
}

// of gives the purchases that carry an intent's tag or one of its request ids.
func (l ledger) of(tag string, requests ...string) []purchase {
	var mine []purchase
	for _, p := range l.Purchases {
		if slices.Contains(p.Tags, "sampan-order="+tag) || slices.Contains(requests, p.ClientRequestID) {
			mine = append(mine, p)
		}
	}
	return mine
}

// answered counts the calls of a kind since a time that the cloud executed.
func (l ledger) answered(call string, since time.Time) int {
	n := 0
	for _, r := range l.Requests {
		if r.Call == call && !r.Time.Before(since) && r.Status >= 200 && r.Status < 300 {
			n++
		}
	}
	return n
}
