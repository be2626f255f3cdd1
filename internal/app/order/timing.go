package order

import (
	"time"

	"sampan/internal/app/job"
)

// Timing is every interval of a purchase, already divided by CONSOLE_TIME_SCALE.
// Intervals of sign-in and sessions and network timeouts are not among them.
type Timing struct {
	Expiry time.Duration // confirmed and not sent for so long: expired (I6)
	Queue  time.Duration // between looks of a confirmed order that has to wait
	Repeat time.Duration // between a 429 and the one repeat (§5, class D)

	Looks []time.Duration // after it became unknown: when to look (§3.8)
	Look  time.Duration   // between looks after the last one, until one is conclusive
	Watch time.Duration   // between looks while not found
	Until time.Duration   // how long not found and partly delivered are watched

	Before, After time.Duration // window around t0 in which an order may be ours

	Unseen time.Duration // for so long after the answer it is usual that billing does not show the order
	Gone   time.Duration // after so long a person decides about an order that billing does not show
	Silent time.Duration // an order under way that was not read for so long needs a person
	Fresh  time.Duration // what was read of an order so long ago may be acted on
	Twice  time.Duration // a second look counts for what was never sent when it is so long after the start

	Stand time.Duration // how long a call about an order under way waits at a gate, by the machine's clock

	Back     time.Duration // the look back at a start covers orders from so long before the last write
	BackMost time.Duration // and no orders older than this
	BackWait time.Duration // an account that has not answered for so long is shown as unread
	BackLook time.Duration // between tries

	Poll    []Pace        // how often an order under way is read, by its age in the state
	Rest    time.Duration // how often after the last of Poll
	Paid    time.Duration // still unpaid so long after a payment: it may be repeated
	Turn    time.Duration // a payment waits so long for its turn on the wire, and is not sent later
	PayHold time.Duration // a Pay that could not be sent for so long is taken back
	Alone   time.Duration // so long after the click, or after a payment, nothing is paid without asking again
	Grace   time.Duration // completed, but resources are missing: wait so long before saying so

	Lease   time.Duration // how often tidy runs
	Again   time.Duration // after a failed write of an answer; doubled up to a hundred times
	Same    time.Duration // an equal intent younger than this is a repetition
	Review  time.Duration // how long a review that nobody confirmed is kept
	Draft   time.Duration // how long a draft of the wizard is kept
	Quote   time.Duration // age at which a price or balance is read again
	Settled time.Duration // a delivered name counts as taken for so long, until the inventory has it
}

// Pace is a polling interval until an age.
type Pace struct {
	Until, Every time.Duration
}

// Intervals gives the figures of reliability.md §3 to §5 and cloud-api §5.4
// divided by scale.
func Intervals(scale float64) Timing {
	d := func(d time.Duration) time.Duration { return job.Scale(d, scale) }
	return Timing{
		Expiry: d(5 * time.Minute), Queue: d(2 * time.Second), Repeat: d(60 * time.Second),
		Looks: []time.Duration{d(15 * time.Second), d(30 * time.Second), d(time.Minute), d(2 * time.Minute),
			d(5 * time.Minute), d(10 * time.Minute), d(15 * time.Minute)},
		Look: d(time.Minute), Watch: d(time.Hour), Until: d(24 * time.Hour),
		// The least values: calls are not faster in a test, and the cloud's times are whole seconds.
		Before: max(d(2*time.Minute), 3*time.Second), After: max(d(10*time.Minute), time.Minute),
		Unseen: d(2 * time.Minute), Gone: d(15 * time.Minute), Silent: d(2 * time.Hour), Fresh: time.Minute,
		Twice: d(2 * time.Minute), Stand: 2 * time.Second,
		Back: max(d(10*time.Minute), time.Minute), BackMost: 7 * 24 * time.Hour,
		BackWait: max(d(30*time.Second), 3*time.Second), BackLook: d(time.Minute),
		Poll: []Pace{{d(time.Minute), d(5 * time.Second)}, {d(30 * time.Minute), d(15 * time.Second)}},
		Rest: d(time.Hour), Paid: d(2 * time.Minute), Turn: max(d(time.Minute), 10*time.Second), PayHold: d(5 * time.Minute),
		Alone: d(30 * time.Minute), Grace: d(5 * time.Minute),
		Lease: d(15 * time.Second), Again: 50 * time.Millisecond,
		Same: 24 * time.Hour, Review: 24 * time.Hour, Draft: 30 * 24 * time.Hour,
		Quote: d(10 * time.Minute), Settled: d(time.Hour),
	}
}

// every is the polling interval at an age.
func (t Timing) every(age time.Duration) time.Duration {
	for _, p := range t.Poll {
		if age < p.Until {
			return p.Every
		}
	}
	return t.Rest
}

// look is when to look next for an order unknown since then, and the time of
// the last planned look. now is after the look just made.
func (t Timing) look(since, now time.Time) (next, last time.Time) {
	last = since.Add(t.Looks[len(t.Looks)-1])
	for _, d := range t.Looks {
		if at := since.Add(d); at.After(now) {
			return at, last
		}
	}
	return now.Add(t.Look), last
}
