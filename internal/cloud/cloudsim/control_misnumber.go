package cloudsim

import (
	"maps"
	"net/http"
	"slices"
)

// Faults after which the answer to a purchase carries another order than the one that was placed.

// misnumbered is the answer to a purchase with a number that no order has. A purchase that the Sandbox would refuse
// unread is refused.
func (c *Cloud) misnumbered(x *exchange) (reply, bool) {
	q, bad := readPurchase(x.body)
	if bad != nil {
		return reply{}, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	ids := make([]string, q.quantity)
	for i := range ids {
		ids[i] = instanceID(c.now(), randomHex(8))
	}
	return reply{status: http.StatusAccepted, body: obj{"order_id": c.orderNumber(c.now()), "instance_ids": ids}}, true
}

// instancesOf are the ids of an order's instances; there may be no such order.
func (c *Cloud) instancesOf(id string) []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if o := c.state.byOrder[id]; o != nil {
		return slices.Clone(o.Instances)
	}
	return []string{}
}

// replaceAnswer gives the answer of a call that took effect, replaced as a fault says. With wrong_number only the number is.
func replaceAnswer(rp, other reply, f Fault) reply {
	if said, _ := other.body.(obj); f.Kind == "wrong_number" {
		in, _ := rp.body.(obj)
		return numbered(rp, said["order_id"], in["instance_ids"])
	}
	return other
}

// numbered gives the answer of a purchase that took effect another order.
func numbered(rp reply, id, instances any) reply {
	in, placed := rp.body.(obj)
	if !placed {
		return rp
	}
	rp.body = maps.Clone(in)
	rp.body.(obj)["order_id"], rp.body.(obj)["instance_ids"] = id, instances
	return rp
}

// alter makes the purchase another one than was asked for.
func (q *purchaseRequest) alter(f Fault) {
	switch {
	case f.Count > 0:
		q.quantity = f.Count
	case f.Code == "":
		q.quantity++
	}
	if f.Code != "" {
		q.spec = f.Code
	}
}
