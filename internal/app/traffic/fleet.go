package traffic

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

// The views of the list.
const (
	ViewEnding = "ending" // will run out before the cycle ends
	ViewLow    = "low"    // less than a tenth is left
	ViewUsedUp = "up"     // nothing is left
	ViewAll    = "all"
)

// Line is one package of the fleet.
type Line struct {
	Row         *instance.Row
	ReadAt      time.Time // zero: never
	At          time.Time // of the figures; zero: there are none
	Left, Total float64   // GB
	CycleEnd    time.Time // zero: not known
	Forecast    Forecast
}

// Low reports whether less than a tenth is left.
func (l Line) Low() bool { return l.counted() && l.Left < l.Total*instance.TrafficLow }

// counted reports whether the figures mean anything now.
func (l Line) counted() bool {
	switch l.Forecast.Outlook {
	case UsedUp, RunsOut, Lasts, TooSoon:
		return true
	}
	return false
}

// Fleet is the traffic of some accounts.
type Fleet struct {
	Lines []Line // all that have a data package, what runs out first first

	Used, Total float64 // GB of the running cycles, of the lines that are counted
	Counted     int
	Counts      map[string]int // lines by view
	Unread      int            // of which nothing was ever read, or nothing that counts
	Renewed     int            // whose cycle ended since they were read
	Without     int            // instances whose package is not known
	// Oldest and Newest are the readings that the counted lines show; zero: none.
	Oldest, Newest time.Time
}

// Fleet gives the traffic of accounts as last known; it never asks the cloud.
// Nobody may change it: it is kept for whoever asks next, for up to a minute.
func (s *Service) Fleet(by person.Actor, accountIDs []string) (Fleet, error) {
	if err := may(by, person.See); err != nil {
		return Fleet{}, err
	}
	rows, version := s.Inventory.Rows() // before the lock: making the first picture asks for LastTraffic
	return s.fleets.Of(version, s.keyOf(accountIDs), func() Fleet { return s.fleet(rows, accountIDs) }), nil
}

// GiveBack drops what is kept only so that it is not made again.
func (s *Service) GiveBack() {
	s.fleets.Forget()
	s.shorts.Forget()
}

// fleetKey names what a fleet depends on besides the picture.
type fleetKey struct {
	readings int64 // Service.readings
	minute   int64
	accounts string // their ids
}

func (s *Service) keyOf(accountIDs []string) fleetKey {
	return fleetKey{readings: s.readings.Load(), minute: s.Now().Unix() / 60, accounts: strings.Join(accountIDs, ",")}
}

func (s *Service) fleet(rows []*instance.Row, accountIDs []string) Fleet {
	wanted := make(map[string]bool, len(accountIDs))
	for _, id := range accountIDs {
		wanted[id] = true
	}
	now := s.Now()
	f := Fleet{Counts: map[string]int{}}
	f.Lines = make([]Line, 0, len(rows))
	s.mu.RLock()
	for _, r := range rows {
		switch {
		case !r.First || !wanted[r.AccountID]:
		case r.PackageID == "":
			f.Without++
		default:
			f.Lines = append(f.Lines, line(r, s.known[r.PackageID], now))
		}
	}
	s.mu.RUnlock()
	f.Lines = inOrder(f.Lines)
	for _, l := range f.Lines {
		f.add(l)
	}
	return f
}

// Short gives the packages of accounts of which less than a tenth is left, in
// the order of Fleet: what a warning needs, without looking ahead for all.
func (s *Service) Short(by person.Actor, accountIDs []string) ([]Line, error) {
	if err := may(by, person.See); err != nil {
		return nil, err
	}
	rows, version := s.Inventory.Rows()
	return s.shorts.Of(version, s.keyOf(accountIDs), func() []Line { return s.lowLines(rows, accountIDs) }), nil
}

func (s *Service) lowLines(rows []*instance.Row, accountIDs []string) []Line {
	now := s.Now()
	var lines []Line
	s.mu.RLock()
	for _, r := range rows {
		if !r.First || r.PackageID == "" || !slices.Contains(accountIDs, r.AccountID) {
			continue
		}
		if st := s.known[r.PackageID]; st.isLow() {
			if l := line(r, st, now); l.Low() {
				lines = append(lines, l)
			}
		}
	}
	s.mu.RUnlock()
	return inOrder(lines)
}

func line(r *instance.Row, st standing, now time.Time) Line {
	m, pace := st.meter()
	return Line{Row: r, ReadAt: m.ReadAt, At: m.Last.At, Left: m.Last.Left, Total: m.Last.Total, CycleEnd: m.Last.CycleEnd,
		Forecast: Look(m, pace, now)}
}

// place is where a line stands in the list, small, so that sorting moves little.
type sortKey struct {
	rank  int8
	first float64 // within the outlook, the smallest first
	share float64 // then what has the smallest part left
	n     int32
}

// inOrder sorts by what runs out first: what is used up, what costs most first;
// what will be, by when; what lasts, by the part that is left; and then what
// nothing is known of.
func inOrder(lines []Line) []Line {
	keys := make([]sortKey, len(lines))
	for n, l := range lines {
		p := sortKey{rank: int8(l.Forecast.Outlook.rank()), n: int32(n)}
		switch l.Forecast.Outlook {
		case UsedUp:
			p.first = -l.Forecast.Pace.PerDay
		case RunsOut:
			p.first = float64(l.Forecast.At.Unix())
		}
		if l.counted() && l.Total > 0 {
			p.share = l.Left / l.Total
		}
		keys[n] = p
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if n := cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.first, b.first), cmp.Compare(a.share, b.share)); n != 0 {
			return n
		}
		x, y := lines[a.n].Row, lines[b.n].Row
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.ID(), y.ID()))
	})
	sorted := make([]Line, len(lines))
	for n, p := range keys {
		sorted[n] = lines[p.n]
	}
	return sorted
}

func (f *Fleet) add(l Line) {
	f.Counts[ViewAll]++
	for _, view := range []string{ViewEnding, ViewLow, ViewUsedUp} {
		if l.In(view) {
			f.Counts[view]++
		}
	}
	switch {
	case l.counted():
		f.Counted++
		f.Used, f.Total = f.Used+max(0, l.Total-l.Left), f.Total+l.Total
		if f.Oldest.IsZero() || l.At.Before(f.Oldest) {
			f.Oldest = l.At
		}
		if l.At.After(f.Newest) {
			f.Newest = l.At
		}
	case l.Forecast.Outlook == NewCycle:
		f.Renewed++
	case l.Forecast.Outlook == Unlimited: // it was read, and there is nothing to add up
	default:
		f.Unread++
	}
}

// Only gives the part of the fleet whose lines are kept, with its own totals.
// Instances whose package is not known are of no part.
func (f Fleet) Only(keep func(Line) bool) Fleet {
	some := Fleet{Counts: map[string]int{}}
	for _, l := range f.Lines {
		if keep(l) {
			some.Lines = append(some.Lines, l)
			some.add(l)
		}
	}
	return some
}

// OutBy reports whether a package is used up, or will be by then at its present
// pace.
func (l Line) OutBy(then time.Time) bool {
	return l.Forecast.Outlook == UsedUp || l.Forecast.Outlook == RunsOut && !l.Forecast.At.After(then)
}

// In reports whether a line is in a view.
func (l Line) In(view string) bool {
	switch view {
	case ViewEnding:
		return l.Forecast.Outlook == RunsOut || l.Forecast.Outlook == UsedUp
	case ViewLow:
		return l.Low()
	case ViewUsedUp:
		return l.Forecast.Outlook == UsedUp
	}
	return true
}
