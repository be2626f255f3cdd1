package meter

import "time"

// Outlook says what is expected of a package in its running cycle.
type Outlook string

// The outlooks, the worst first.
const (
	UsedUp    Outlook = "used-up"   // nothing is left: outbound traffic is billed per GB now
	RunsOut   Outlook = "runs-out"  // before the cycle ends, at the present pace
	Lasts     Outlook = "lasts"     // until the cycle ends, at the present pace
	TooSoon   Outlook = "too-soon"  // there are too few samples
	NewCycle  Outlook = "new-cycle" // the cycle of the last reading is over; the new one was not read yet
	Unlimited Outlook = "unlimited" // the cloud gives no total that could be used up
	Uncounted Outlook = "uncounted" // the last reading gave no figure in GB
	Unread    Outlook = "unread"    // nothing was read yet
)

// Forecast is what is known and what is expected of a package, if the pace stays
// as it is.
type Forecast struct {
	Outlook Outlook
	Pace    Pace
	At      time.Time     // RunsOut: when. It may lie before now when the reading is old
	Early   time.Duration // RunsOut: how long before the cycle's end; 0: the end is not known
	Beyond  float64       // RunsOut: GB that will be used beyond the package until the cycle's end; 0: not known
	Rest    float64       // Lasts: GB that are left at the cycle's end, and expire
}

// farthest is how far ahead a forecast goes at most. A cycle is a month.
const farthest = 366 * 24 * time.Hour

// Look gives the forecast for a meter's package.
func Look(m Meter, pace Pace, now time.Time) Forecast {
	s, f := m.Last, Forecast{Pace: pace}
	switch {
	case m.ReadAt.IsZero():
		f.Outlook = Unread
	case m.Unit != 0:
		f.Outlook = Uncounted
	case s.At.IsZero():
		f.Outlook = Unread
	case !s.CycleEnd.IsZero() && !now.Before(s.CycleEnd):
		f.Outlook = NewCycle
	case s.Total <= 0:
		f.Outlook = Unlimited
	case s.Left <= 0:
		f.Outlook = UsedUp
	case !pace.Known():
		f.Outlook = TooSoon
	default:
		f.extrapolate(s)
	}
	return f
}

// extrapolate continues the pace from a sample on.
func (f *Forecast) extrapolate(s Sample) {
	days := farthest.Hours() / 24
	if f.Pace.PerDay > 0 {
		days = min(days, s.Left/f.Pace.PerDay)
	}
	at := s.At.Add(time.Duration(days * 24 * float64(time.Hour)))
	switch {
	case !s.CycleEnd.IsZero() && !at.Before(s.CycleEnd):
		f.Outlook, f.Rest = Lasts, max(0, s.Left-f.Pace.PerDay*s.CycleEnd.Sub(s.At).Hours()/24)
	case s.CycleEnd.IsZero() && at.Sub(s.At) >= 31*24*time.Hour:
		f.Outlook = Lasts // no cycle is longer than a month
	default:
		f.Outlook, f.At = RunsOut, at
		if !s.CycleEnd.IsZero() {
			f.Early, f.Beyond = s.CycleEnd.Sub(at), f.Pace.PerDay*s.CycleEnd.Sub(at).Hours()/24
		}
	}
}

// rank is the place of the outlook in order, the worst first.
func (o Outlook) rank() int {
	for n, x := range []Outlook{UsedUp, RunsOut, Lasts, TooSoon, NewCycle, Unlimited, Uncounted} {
		if o == x {
			return n
		}
	}
	return 99
}
