package meter

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
	ViewLow    = "low"    // less than instance.TrafficLow is left
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

// Low reports whether less than instance.TrafficLow of the package is left.
func (l Line) Low() bool { return l.counted() && l.Left < l.Total*instance.TrafficLow }

// counted reports whether the figures are of the running cycle and of an amount
// of data.
func (l Line) counted() bool {
	switch l.Forecast.Outlook {
	case UsedUp, RunsOut, Lasts, TooSoon:
		return true
	}
	return false
}

// Fleet is the traffic of some accounts.
type Fleet struct {
	Lines []Line // all instances with a data package, sorted as inOrder does

	Used, Total float64 // GB of the running cycles, over the lines that are counted
	Counted     int
	Counts      map[string]int // lines by view
	Unread      int            // lines that were never read, or gave no figures
	Renewed     int            // lines whose cycle ended since they were read
	Without     int            // instances whose package is not known
	// When the counted lines were read: the oldest and the newest; zero: there are none.
	Oldest, Newest time.Time
}

// Fleet gives the traffic of accounts as last known; it never asks the cloud. The
// result is shared for up to a minute: nobody may change it. It fails with
// fault.Forbidden.
func (s *Service) Fleet(by person.Actor, accountIDs []string) (Fleet, error) {
	if err := may(by, person.See); err != nil {
		return Fleet{}, err
	}
	rows, version := s.Inventory.Rows() // before the lock: making the first picture asks for LastTraffic
	return s.fleets.Of(version, s.keyOf(accountIDs), func() Fleet { return s.fleet(rows, accountIDs) }), nil
}

// GiveBack drops what is kept only to save time.
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

// keyOf is the key for these accounts now.
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

// Short gives the packages of accounts of which less than instance.TrafficLow is
// left, in the order of Fleet. It computes fewer forecasts than Fleet. It fails
// with fault.Forbidden.
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

// line gives the line of an instance and what is known of its package.
func line(r *instance.Row, st standing, now time.Time) Line {
	m, pace := st.meter()
	return Line{Row: r, ReadAt: m.ReadAt, At: m.Last.At, Left: m.Last.Left, Total: m.Last.Total, CycleEnd: m.Last.CycleEnd,
		Forecast: Look(m, pace, now)}
}

// sortKey is what lines are sorted by. It is small, so that sorting moves little
// memory.
type sortKey struct {
	rank  int8
	first float64 // within an outlook, the smallest first
	share float64 // then the smallest share left first
	n     int32
}

// inOrder sorts lines: first what is used up, the highest pace first; then what
// will be, the earliest first; then what lasts, the smallest share left first;
// then what is not known.
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

// add counts a line in the totals.
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
	case l.Forecast.Outlook == Unlimited: // it was read, but has no total
	default:
		f.Unread++
	}
}

// Only gives the fleet of the lines that keep accepts, with totals of its own.
// Instances whose package is not known are not in it.
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
