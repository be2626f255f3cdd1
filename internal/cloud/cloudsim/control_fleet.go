package cloudsim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// fleet is a number of instances that an account has had for a while. Only this is written: the instances follow from
// it, and are written by themselves when they change.
type fleet struct {
	Account string    `json:"account"`
	First   int       `json:"first"` // number of the first one within the account
	Count   int       `json:"count"`
	Seq     int       `json:"seq"` // instances that existed before
	At      time.Time `json:"at"`
}

// maxFleet bounds what one account can be given.
const maxFleet = 100_000

// Fleet gives an account n instances as if it had bought them over the last year: spread over its regions, most
// running, some stopped or faulty, some about to expire, expired or frozen, with all kinds of traffic. The same seed
// and account have the same fleet, relative to now. They cost nothing and are not in the ledger.
func (c *Cloud) Fleet(account string, n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.state.account(account)
	if a == nil {
		return fmt.Errorf("there is no account %q", account)
	}
	first := 0
	for _, f := range c.state.fleets {
		if f.Account == a.ID {
			first += f.Count
		}
	}
	if n < 1 || first+n > maxFleet {
		return fmt.Errorf("a fleet has 1 to %d instances", maxFleet)
	}
	if len(a.Regions) == 0 {
		return fmt.Errorf("the account %q has no region", a.Name)
	}
	f := fleet{Account: a.ID, First: first, Count: n, Seq: c.state.seq, At: c.now().Truncate(time.Second)}
	c.state.raise(f)
	return c.commit(rec("fleet", f))
}

// FleetOf is a fleet for one account.
type FleetOf struct {
	Account string `json:"account"` // id or name; made, in all six regions, when no account has that name
	Count   int    `json:"count"`
	Revoked bool   `json:"revoked,omitempty"` // its key does not work any more
}

// UsualFleets are 1,240 servers in six regions and three accounts, for a console that should look lived in.
func UsualFleets() []FleetOf {
	return []FleetOf{{Account: "Sandbox", Count: 640}, {Account: "Sandbox sign-in", Count: 400}, {Account: "Sandbox low", Count: 200}}
}

// Fleets makes several; an empty list means UsualFleets. It returns their accounts.
func (c *Cloud) Fleets(of []FleetOf) ([]Account, error) {
	if len(of) == 0 {
		of = UsualFleets()
	}
	var out []Account
	for _, f := range of {
		c.mu.RLock()
		a := c.state.account(f.Account)
		c.mu.RUnlock()
		if a == nil {
			if _, err := c.AddAccount(Account{Name: f.Account, Balance: "500.00"}); err != nil {
				return out, err
			}
		}
		if err := c.Fleet(f.Account, f.Count); err != nil {
			return out, err
		}
		if f.Revoked {
			if err := c.Revoke(f.Account, true); err != nil {
				return out, err
			}
		}
		all := c.Accounts()
		i := slices.IndexFunc(all, func(a Account) bool { return a.ID == f.Account || a.Name == f.Account })
		out = append(out, all[i])
	}
	return out, nil
}

// Revoke makes an account's access key useless, as its owner can at any time, or good again.
func (c *Cloud) Revoke(account string, revoked bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.state.account(account)
	if old == nil {
		return fmt.Errorf("there is no account %q", account)
	}
	next := *old
	next.KeyDisabled = revoked
	c.state.addAccount(&next)
	return c.commit(rec("account", &next))
}

// raise adds the orders and instances of a fleet to the state.
func (s *state) raise(f fleet) {
	a := s.account(f.Account)
	s.fleets = append(s.fleets, f)
	if a == nil {
		return
	}
	made := make([]*instance, 0, f.Count)
	for i := range f.Count {
		in, o := fleetMember(a, f, i)
		s.addOrder(o)
		made = append(made, in)
	}
	s.addFleet(a.ID, made)
}

var fleetRoles = []string{"web", "shop", "api", "db", "git", "mail", "wiki", "build", "files", "play"}

// fleetMember is one instance with the order that bought it.
func fleetMember(a *account, f fleet, i int) (*instance, *order) {
	n := f.First + i
	id := fmt.Sprintf("%s/%d", a.ID, n)
	rng := rand.New(rand.NewPCG(hashOf(id, "fleet"), 1))
	region := a.Regions[n%len(a.Regions)]
	months := []int{1, 1, 1, 3, 6, 9, 12, 24}[rng.IntN(8)]
	expires, born := fleetDates(rng, f.At, months)
	of, spec := fleetImage(rng, region.Region)
	o := &order{ID: "CS" + born.In(huaweiTime).Format("0601021504") + fleetCode(id), Account: a.ID, Fleet: true, User: a.IAMUser,
		Name: fmt.Sprintf("%s-%s-%03d", fleetRoles[rng.IntN(len(fleetRoles))], region.Region[:2], n+1), Region: region.Region,
		Project: region.ProjectID, Spec: spec, ImageName: of.name, ImageVersion: of.version, Months: months, Yearly: months >= 12,
		Quantity: 1, AutoRenew: rng.IntN(3) == 0, Created: born.Add(-time.Minute), Paid: born.Add(-30 * time.Second), Ready: born,
		Tags: map[string]string{"env": []string{"prod", "test", "dev"}[rng.IntN(3)]}}
	if rng.IntN(4) == 0 {
		o.Extras = []extra{{Type: "evs", Size: 10 * (1 + rng.IntN(20))}}
	}
	for _, l := range billLines(o.Spec, o.Region, o.Months, o.Yearly, 1, o.Extras) {
		o.Cents += l.cents
	}
	in := &instance{ID: instanceID(born, hash32(id, "instance")[:16]), OrderID: o.ID, Account: a.ID, Name: o.Name, Seq: f.Seq + i + 1,
		Born: born, Active: born.Add(3 * time.Second), Delivered: born.Add(5 * time.Second), Listed: born.Add(12 * time.Second),
		Expires: expires, AutoRenew: o.AutoRenew, Power: fleetPower(rng), Pace: fleetPace(rng), order: o, fleet: true}
	o.Instances = []string{in.ID}
	return in, o
}

func fleetCode(id string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	h, out := hashOf(id, "order"), make([]byte, 5)
	for i := range out {
		out[i] = digits[h%36]
		h /= 36
	}
	return string(out)
}

// fleetDates puts the end of the term: one in twenty within a week, one in twenty in the grace period, one in forty in
// retention, the rest somewhere in the term.
func fleetDates(rng *rand.Rand, now time.Time, months int) (expires, born time.Time) {
	day := 24 * time.Hour
	term := now.AddDate(0, months, 0).Sub(now)
	left := time.Duration(rng.Float64() * float64(term))
	switch k := rng.IntN(40); {
	case k < 2:
		left = time.Duration(rng.IntN(7*24)) * time.Hour
	case k < 4:
		left = -time.Duration(1+rng.IntN(14)) * day
	case k < 5:
		left = -time.Duration(16+rng.IntN(13)) * day
	}
	born = now.Add(left).AddDate(0, -months, 0).Truncate(time.Second)
	if latest := now.Add(-time.Hour); born.After(latest) {
		born = latest // a fleet is there, not on its way
	}
	return expiryAfter(born, months), born
}

// fleetImage is an image that is sold in the region, with a specification it may have.
func fleetImage(rng *rand.Rand, region string) (offer, string) {
	for {
		o := offers[rng.IntN(len(offers))]
		if !slices.Contains(o.notIn, region) {
			return o, o.specs[rng.IntN(min(3, len(o.specs)))]
		}
	}
}

func fleetPower(rng *rand.Rand) string {
	switch k := rng.IntN(50); {
	case k == 0:
		return "ERROR"
	case k < 7:
		return "SHUTOFF"
	}
	return "ACTIVE"
}

// fleetPace: most use little, some use all of it before the month ends.
func fleetPace(rng *rand.Rand) float64 {
	if rng.IntN(12) == 0 {
		return 1 + rng.Float64()
	}
	return rng.Float64() * 0.8
}
