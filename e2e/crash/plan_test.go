//go:build e2e

package crash

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// plan is everything about one purchase that chance decides: what is bought and
// how it is paid, what the cloud does to it, and when the console is killed.
// Seed and number give the same plan again.
type plan struct {
	n        int
	name     string
	image    string
	version  string
	size     string
	region   string
	quantity int
	months   int
	payment  payment
	cancels  bool // the person cancels the unpaid order in the place of paying it
	adopts   bool // a late hit is adopted, not cancelled
	twice    bool // a double click
	repeats  bool // a click whose answer never came is repeated, as a reload does
	faults   []fault
	kills    map[act][]kill
	late     bool // the order shows up only after "not found"
	rollback *rollback
}

// payment is how the order is to be paid.
type payment string

const (
	exact  payment = "exact price first"
	within payment = "at most, enough"
	beyond payment = "at most, too little"
)

// fault is a misbehaviour of the Sandbox, as its control API takes it.
type fault map[string]any

// act is what a person or the machine does, and after which a kill may come.
type act string

const (
	click   act = "click"   // "Place the order"
	pay     act = "pay"     // "Pay"
	launch  act = "launch"  // the console is started again: it recovers
	running act = "running" // it answers again: it resolves, reads, waits
	atEnd   act = "end"     // the page has come to its end
)

// kill is when the console dies after an act: a share of what usually passes
// between the act and a later one.
type kill struct {
	of    pace
	share float64
}

// pace is a stretch of time that the test measures as it goes.
type pace int

const (
	instant pace = iota // 2 ms: the request is on its way
	answer              // from the click to its answer
	whole               // from the click to "ready"
	start               // from the start of a console to its first answer
)

// roll makes the plan of run n.
func roll(seed uint64, n int) plan {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	p := plan{
		n: n, name: fmt.Sprintf("crash-%04d", n), image: pick(r, "ubuntu", "ubuntu", "debian", "odoo"),
		region: pick(r, "ap-southeast-3", "ap-southeast-1", "tr-west-1", "sa-brazil-1"), cancels: r.Float64() < 0.1,
		adopts: r.Float64() < 0.6, twice: r.Float64() < 0.2, repeats: r.Float64() < 0.5, kills: map[act][]kill{},
	}
	// Unpaid orders have no name yet: unlike shapes are how they are told apart.
	p.quantity, p.months, p.size = 1+n%3, 1+n/3%9, []string{"2-2", "2-4", "2-8"}[n/27%3]
	switch x := r.Float64(); {
	case x < 0.5:
		p.payment = exact
	case x < 0.85:
		p.payment = within
	default:
		p.payment = beyond
	}
	p.version = map[string]string{"ubuntu": "22.04", "debian": "11.1", "odoo": "17.0"}[p.image]
	if n%3 == 0 {
		p.misbehave(r)
	}
	p.schedule(r)
	if rollBacks(n) { // after the rest of the plan, which stays as it was for a seed
		p.rollback = &rollback{way: ways[n/5%len(ways)], before: r.Float64() < 0.2, at: kill{answer, 3 * r.Float64()}}
		switch r.IntN(3) {
		case 0:
			p.rollback.at = kill{whole, 1.2 * r.Float64()}
		case 1:
			p.rollback.queued, p.rollback.before = true, false
			p.rollback.at = kill{answer, 12 * r.Float64()}
		}
	}
	return p
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// misbehave makes the cloud lose, delay or spoil answers.
func (p *plan) misbehave(r *rand.Rand) {
	ms := func(from, to int) string { return (time.Duration(from+r.IntN(to-from)) * time.Millisecond).String() }
	on := func(call, kind string, more ...any) {
		f := fault{"call": call, "kind": kind, "times": 1}
		for i := 0; i+1 < len(more); i += 2 {
			f[more[i].(string)] = more[i+1]
		}
		p.faults = append(p.faults, f)
	}
	lost := func() { on("purchase", pick(r, "drop_after", "truncate", "garble", "no_order_id")) }
	switch r.IntN(18) {
	case 0, 1:
		on("purchase", "drop_after")
	case 2:
		on("purchase", "drop_before")
	case 3:
		on("purchase", "delay", "delay", ms(20, 500))
	case 4:
		on("purchase", "late", "delay", ms(100, 3000))
		lost()
	case 5:
		on("purchase", "garble")
	case 6:
		on("purchase", "truncate")
	case 7:
		on("purchase", "html_502", "effect", r.IntN(2) == 0)
	case 8:
		on("purchase", "no_order_id")
	case 9:
		on("purchase", "throttle", "times", 1+r.IntN(2))
	case 10:
		on("purchase", "status", "status", 500, "effect", r.IntN(2) == 0)
	case 11:
		on("purchase", pick(r, "redirect", "oversize", "empty_ids", "instances_ids"))
	case 12:
		on("purchase", "extra_order")
		lost()
	case 13:
		p.late = true
		on("purchase", "late", "delay", "13s")
		lost()
	case 14:
		on("purchase", "sold_out")
	case 15:
		on("purchase", "late", "delay", ms(100, 2000))
	case 16:
		on("purchase", "order_fails", "status", pick(r, 2, 4))
	case 17:
		if p.quantity > 1 {
			on("purchase", "partial")
		}
	}
	switch r.IntN(10) {
	case 0:
		on("pay", "drop_before")
	case 1:
		on("pay", "drop_after")
	case 2:
		on("pay", "garble")
	case 3:
		on("pay", "delay", "delay", ms(20, 400))
	case 4:
		on("pay", "html_502", "effect", r.IntN(2) == 0)
	case 5:
		on("pay", pick(r, "throttle", "no_balance"))
	}
	switch r.IntN(8) {
	case 0:
		on("orders", pick(r, "drop_before", "html_200", "garble"), "times", 1+r.IntN(2))
	case 1:
		on("order", pick(r, "drop_before", "html_502", "truncate"), "times", 1+r.IntN(2))
	case 2:
		on("resources", pick(r, "drop_before", "garble"))
	case 3:
		on("instances", pick(r, "drop_before", "status"))
	}
}

// schedule says when the console dies: always once after the click or after
// Pay, and sometimes again while it recovers or goes on.
func (p *plan) schedule(r *rand.Rand) {
	add := func(a act, of pace, share float64) { p.kills[a] = append(p.kills[a], kill{of, share}) }
	after := func(a act) {
		switch x := r.Float64(); {
		case x < 0.2:
			add(a, instant, r.Float64())
		case x < 0.4:
			add(a, answer, r.Float64())
		case x < 0.75: // claimed, on the wire, being recorded
			add(a, answer, 0.8+2.5*r.Float64())
		default:
			add(a, whole, r.Float64())
		}
	}
	if p.payment != within && !p.cancels && r.Float64() < 0.5 {
		after(pay)
	} else {
		after(click)
	}
	for r.Float64() < 0.35 {
		add(launch, start, 1.1*r.Float64())
	}
	if r.Float64() < 0.3 {
		add(running, whole, r.Float64())
	}
}

func (p plan) String() string {
	return fmt.Sprintf("%s: %d × %s %s %s in %s, %d months, %s, faults %v%s", p.name, p.quantity, p.image, p.version, p.size, p.region,
		p.months, p.payment, p.faults, p.rollback)
}
