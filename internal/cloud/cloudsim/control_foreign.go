package cloudsim

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Foreign are orders placed without the console: billing has them, the ledger's purchases do not.
type Foreign struct {
	Account  string        `json:"account"`            // id or name
	Count    int           `json:"count"`              // orders; 0 means 1
	Name     string        `json:"name,omitempty"`     // of the instances; "": each order gets another one
	User     string        `json:"user,omitempty"`     // who placed them; "": "somebody.else"
	Spec     string        `json:"spec,omitempty"`     // "": the smallest that is sold in the region
	Region   string        `json:"region,omitempty"`   // "": ap-southeast-3, or the account's first
	Quantity int           `json:"quantity,omitempty"` // servers of each order; 0 means 1
	Months   int           `json:"months,omitempty"`   // 1 to 9, or 12, 24 or 36; 0 means 1
	Paid     bool          `json:"paid,omitempty"`     // at once; the balance stays as it is, as with a fleet
	Ago      time.Duration `json:"-"`                  // JSON: "ago", a duration such as "5m"
}

// maxForeign bounds the orders of one call.
const maxForeign = 1000

// Foreign places such orders and returns their numbers. They are as old as Ago says, and what was paid is delivered by
// the calendar.
func (c *Cloud) Foreign(f Foreign) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.state.account(f.Account)
	if a == nil {
		return nil, fmt.Errorf("there is no account %q", f.Account)
	}
	q, err := f.request(a, c.state.meta.Odoo)
	if err != nil {
		return nil, err
	}
	created := c.now().Add(-f.Ago)
	var ids []string
	var recs []record
	for range cmp.Or(f.Count, 1) {
		q.name = cmp.Or(f.Name, "other-"+randomHex(4))
		o := c.newOrder(a, cmp.Or(f.User, somebodyElse), q, created)
		o.Foreign = true
		c.state.addOrder(o)
		if f.Paid {
			recs = append(recs, c.deliver(a, o, created)...)
		} else {
			recs = append(recs, rec("order", o))
		}
		ids = append(ids, o.ID)
	}
	return ids, c.commit(recs...)
}

// request is what is bought: any image that is sold with the specification.
func (f Foreign) request(a *account, odoo bool) (purchaseRequest, error) {
	q := purchaseRequest{spec: f.Spec, region: f.Region, quantity: cmp.Or(f.Quantity, 1), months: cmp.Or(f.Months, 1)}
	q.yearly = q.months > maxMonths
	if q.region == "" && a.project(singapore) != "" {
		q.region = singapore
	}
	if q.region == "" && len(a.Regions) > 0 {
		q.region = a.Regions[0].Region
	}
	switch {
	case f.Count < 0 || f.Count > maxForeign:
		return q, fmt.Errorf("there are 1 to %d foreign orders", maxForeign)
	case q.quantity < 1 || q.quantity > maxQuantity:
		return q, fmt.Errorf("an order has 1 to %d servers", maxQuantity)
	case q.months < 1 || q.yearly && (q.months%12 != 0 || q.months > 12*maxYears):
		return q, errors.New("months are 1 to 9, 12, 24 or 36")
	case f.Name != "" && (len(f.Name) > maxName || !nameForm.MatchString(f.Name)):
		return q, fmt.Errorf("%q is not the name of an instance", f.Name)
	case f.Ago < 0:
		return q, errors.New("orders are placed now or a while ago")
	case a.project(q.region) == "":
		return q, fmt.Errorf("the account has no region %q", q.region)
	}
	for _, o := range offers {
		name := o.name
		if odoo && name == "Odo" {
			name = "Odoo"
		}
		i := slices.IndexFunc(o.specs, func(spec string) bool { return q.spec == "" || q.spec == spec })
		if i >= 0 && sells(name, o.version, o.specs[i], q.region, odoo) {
			q.imageName, q.imageVersion, q.spec = name, o.version, o.specs[i]
			return q, nil
		}
	}
	return q, fmt.Errorf("no image is sold with the specification %q in %s", q.spec, q.region)
}

func (c *Cloud) postForeign(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Foreign
		Ago string `json:"ago"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	var err error
	if in.Ago != "" {
		in.Foreign.Ago, err = time.ParseDuration(in.Ago)
	}
	var ids []string
	if err == nil {
		ids, err = c.Foreign(in.Foreign)
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusCreated, obj{"orders": ids})
}
