package meter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

// Accounts gives access to the cloud; *account.Service does.
type Accounts interface {
	// Access gives what calls need; the fault says why an account has none.
	Access(ctx context.Context, accountID string) (account.Access, error)
	// Learn tells how a call went that needs a right: nil or its error.
	Learn(ctx context.Context, accountID string, right account.Right, err error)
}

// Inventory is the local picture.
type Inventory interface {
	// Rows gives every row of it, and its version; the caller does not change the
	// slice.
	Rows() (rows []*instance.Row, version int64)
	// SetTraffic puts readings that were made outside of a refresh into the
	// picture.
	SetTraffic(readings []instance.PackageTraffic)
}

// Service is the use cases of traffic. It is safe for concurrent use; its
// fields are set before the first call and not changed afterwards.
type Service struct {
	Store     Store
	Billing   Billing
	Accounts  Accounts
	Inventory Inventory
	// Changed tells open pages that topics changed. It must not block.
	Changed func(topics ...string)
	Now     func() time.Time
	Log     *slog.Logger

	mu       sync.RWMutex
	known    map[string]standing  // by package
	tried    map[string]time.Time // when the item of a package was last looked for
	waiting  map[string]request
	running  map[string]request // being read
	attempts map[string]attempt
	nudge    chan struct{}
	once     sync.Once

	readings atomic.Int64 // grows with every reading
	fleets   instance.Memo[fleetKey, Fleet]
	shorts   instance.Memo[fleetKey, []Line]
}

var _ instance.TrafficReader = (*Service)(nil)

// standing is what is kept of a meter in memory, for every package.
type standing struct {
	read, at, start, end int64 // Unix seconds; 0: not known
	left, total          float32
	perDay, overDays     float32
	unit                 int16
}

// standingOf gives the standing of a meter.
func standingOf(m Meter) standing {
	pace := PaceOf(append(slices.Clone(m.Marks), m.Last))
	if m.Last.At.IsZero() {
		pace = Pace{}
	}
	return standing{read: seconds(m.ReadAt), at: seconds(m.Last.At), start: seconds(m.Last.CycleStart), end: seconds(m.Last.CycleEnd),
		left: float32(m.Last.Left), total: float32(m.Last.Total), perDay: float32(pace.PerDay), overDays: float32(pace.Over.Hours() / 24),
		unit: int16(m.Unit)}
}

// meter gives the meter and the pace of a standing, without samples.
func (s standing) meter() (Meter, Pace) {
	last := Sample{At: moment(s.at), CycleStart: moment(s.start), CycleEnd: moment(s.end), Left: float64(s.left), Total: float64(s.total)}
	pace := Pace{PerDay: float64(s.perDay), Over: time.Duration(float64(s.overDays) * float64(24*time.Hour))}
	return Meter{ReadAt: moment(s.read), Unit: int(s.unit), Last: last}, pace
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func moment(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// ReadTraffic asks billing about packages, any number of them, stores the answers
// as samples, and gives them sorted by package (instance.TrafficReader). Of
// packages whose unit is no amount of data only the time is given. When some
// calls fail, the answers of the others are stored and come with the error.
func (s *Service) ReadTraffic(ctx context.Context, a account.Access, packageIDs []string) ([]instance.PackageTraffic, error) {
	if len(packageIDs) == 0 {
		return nil, nil
	}
	packageIDs = slices.Compact(slices.Sorted(slices.Values(packageIDs)))
	kept, err := s.Store.Meters(ctx, packageIDs)
	if err != nil {
		return nil, fmt.Errorf("traffic: %w", err)
	}
	meters := make(map[string]Meter, len(packageIDs))
	for _, m := range kept {
		meters[m.PackageID] = m
	}
	asked, ours := items(packageIDs, meters)
	readings, failed := s.Billing.Traffic(ctx, a, asked)
	found := make(map[string]Reading, len(readings))
	for _, r := range readings {
		found[ours[r.PackageID]] = r
	}
	if failed == nil {
		failed = s.resolve(ctx, a, packageIDs, meters, found)
	}
	out, err := s.keep(ctx, a.AccountID, meters, found)
	if err = errors.Join(failed, err); err != nil {
		return out, fmt.Errorf("traffic: of account %s: %w", a.AccountID, err)
	}
	return out, nil
}

// items gives the ids by which billing knows the packages, and the package of
// each.
func items(packageIDs []string, meters map[string]Meter) (asked []string, ours map[string]string) {
	ours = make(map[string]string, len(packageIDs))
	for _, id := range packageIDs {
		item := id
		if m := meters[id]; m.Item != "" {
			item = m.Item
		}
		asked, ours[item] = append(asked, item), id
	}
	return asked, ours
}

// noUnit is Meter.Unit when the reading had no unit.
const noUnit = -1

// keep stores readings and gives them for the picture.
func (s *Service) keep(ctx context.Context, accountID string, meters map[string]Meter,
	found map[string]Reading) ([]instance.PackageTraffic, error) {
	now := s.Now().UTC().Truncate(time.Second)
	var changed []Meter
	var sampled []bool
	var out []instance.PackageTraffic
	for id, r := range found {
		if id == "" {
			continue // it was not asked for
		}
		m := meters[id]
		m.PackageID, m.AccountID, m.ReadAt = id, accountID, now
		t := instance.Traffic{At: now, CycleEnd: r.CycleEnd}
		if r.Known {
			m.take(Sample{At: now, Left: r.Left.InexactFloat64(), Total: r.Total.InexactFloat64(), CycleStart: r.CycleStart,
				CycleEnd: r.CycleEnd}, now)
			t.Left, t.Total = m.Last.Left, m.Last.Total
		} else {
			m.Unit = cmp.Or(r.Unit, noUnit)
		}
		m.StartRow = startRow(m)
		changed, sampled, out = append(changed, m), append(sampled, r.Known),
			append(out, instance.PackageTraffic{PackageID: id, Traffic: t})
	}
	slices.SortFunc(out, func(a, b instance.PackageTraffic) int { return strings.Compare(a.PackageID, b.PackageID) })
	if len(changed) == 0 {
		return nil, nil
	}
	if err := s.Store.Keep(ctx, changed, sampled); err != nil {
		return out, fmt.Errorf("keep samples: %w", err)
	}
	s.remember(changed)
	return out, nil
}

// remember keeps meters in memory and tells the pages.
func (s *Service) remember(meters []Meter) {
	now := s.Now()
	worse := false
	s.mu.Lock()
	if s.known == nil {
		s.known = make(map[string]standing, len(meters))
	}
	for _, m := range meters {
		was, is := s.known[m.PackageID], standingOf(m)
		s.known[strings.Clone(m.PackageID)] = is
		worse = worse || was.forecast(now).Outlook != is.forecast(now).Outlook || was.isLow() != is.isLow()
	}
	s.mu.Unlock()
	s.readings.Add(1)
	topics := []string{"traffic"}
	if worse {
		topics = append(topics, "attention")
	}
	if s.Changed != nil {
		s.Changed(topics...)
	}
}

// forecast is the forecast of the package at a time.
func (s standing) forecast(now time.Time) Forecast {
	m, pace := s.meter()
	return Look(m, pace, now)
}

// isLow reports whether less than instance.TrafficLow is left.
func (s standing) isLow() bool {
	return s.unit == 0 && s.total > 0 && s.left < s.total*instance.TrafficLow
}

// LastTraffic gives the newest reading of every package, at start, and keeps them
// in memory.
func (s *Service) LastTraffic(ctx context.Context) ([]instance.PackageTraffic, error) {
	known := make(map[string]standing)
	var out []instance.PackageTraffic
	var old []string // kept without a start row, or with one of another form
	err := s.Store.StartRows(ctx, func(packageID string, b []byte) {
		st, t, err := readStartRow(b)
		if err != nil {
			old = append(old, packageID)
			return
		}
		known[packageID], out = st, append(out, instance.PackageTraffic{PackageID: packageID, Traffic: t})
	})
	if err == nil && old != nil {
		var meters []Meter
		meters, err = s.Store.Meters(ctx, old)
		for _, m := range meters {
			st, t, _ := readStartRow(startRow(m)) // it was just made and cannot be damaged
			known[m.PackageID], out = st, append(out, instance.PackageTraffic{PackageID: m.PackageID, Traffic: t})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("traffic: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(known, s.known) // what was read during the start is newer
	s.known = known
	return out, nil
}

func denied() error { return fault.New(fault.Forbidden, "traffic.forbidden") }

func may(by person.Actor, p person.Permission) error {
	if !by.May(p) {
		return denied()
	}
	return nil
}
