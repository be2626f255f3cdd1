package server

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

// Span is how far back metrics go.
type Span string

// The spans that pages offer.
const (
	Hour Span = "1h"
	Day  Span = "24h"
	Week Span = "7d"
)

// Spans are all of them, the shortest first.
var Spans = []Span{Hour, Day, Week}

// length is how long the span is. The cloud's raw interval is five minutes; a week is
// read by the hour, so that one call is enough (cloud-api, 10.2).
func (s Span) length() time.Duration {
	return map[Span]time.Duration{Hour: time.Hour, Day: 24 * time.Hour, Week: 7 * 24 * time.Hour}[s]
}

// Period is the time over which one point is the average.
func (s Span) Period() time.Duration {
	if s == Week {
		return time.Hour
	}
	return 5 * time.Minute
}

// fresh is how old a reading may become before it is read again.
func (s Span) fresh() time.Duration {
	return map[Span]time.Duration{Hour: time.Minute, Day: 5 * time.Minute, Week: 30 * time.Minute}[s]
}

// retry is how long after a failed reading the next one may begin.
const retry = 30 * time.Second

// Charted is what CES last said of a server over a span.
type Charted struct {
	Span     Span
	From, To time.Time // what the series cover; zero: nothing was read yet
	Series   []Series  // those of Metrics that were read, in that order
	At       time.Time // of the last good reading
	Reading  bool      // a newer reading is on its way

	Trouble   fault.Message // why the last reading failed; zero: it did not
	TroubleAt time.Time
}

// Metrics gives what was last read, and asks for newer figures when they are old. It
// does not wait for the cloud: the topic "reading/<server id>" changes when the answer
// is there. An unknown span counts as a day. The caller checks that the person may see
// the server's account.
func (s *Service) Metrics(by person.Actor, id string, span Span) (Charted, error) {
	row, err := s.Row(by, id)
	if err != nil {
		return Charted{}, err
	}
	if span.length() == 0 {
		span = Day
	}
	s.start()
	now, key := s.Now(), string(span)+" "+row.ServerID
	s.mu.Lock()
	m := s.charts[key]
	s.mu.Unlock()
	m.Span = span
	m.Reading = s.under("metrics "+string(span), row.ServerID)
	if !m.Reading && now.Sub(m.At) >= span.fresh() && now.Sub(m.TroubleAt) >= retry {
		m.Reading = s.soon("metrics "+string(span), row.ServerID, func(ctx context.Context) { s.readMetrics(ctx, row, span) })
	}
	return m, nil
}

func (s *Service) readMetrics(ctx context.Context, row *instance.Row, span Span) {
	to := s.Now().UTC()
	from := to.Add(-span.length())
	series, err := s.askMetrics(ctx, row, from, to, span.Period())
	key := string(span) + " " + row.ServerID
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.charts[key]
	if err != nil {
		m.Trouble, m.TroubleAt = s.troubleOf(ctx, "metrics", row.ServerID, err), s.Now()
	} else {
		m = Charted{From: from, To: to, Series: series, At: s.Now()}
	}
	s.charts[key] = m
	trim(s.charts, func(m Charted) time.Time { return m.At })
}

func (s *Service) askMetrics(ctx context.Context, row *instance.Row, from, to time.Time, period time.Duration) ([]Series, error) {
	access, err := s.access(ctx, row)
	if err != nil {
		return nil, err
	}
	series, err := s.Monitor.Metrics(ctx, access, row.Region, row.ServerID, from, to, period)
	s.learn(ctx, row, access, account.RightMetrics, err)
	return series, err
}

// Thin averages points over longer periods, for tables. It gives one point for each
// period that has any; periods begin at multiples of their length.
func Thin(points []Point, period time.Duration) []Point {
	var out []Point
	n := 0
	for _, p := range points {
		at := p.At.Truncate(period)
		if len(out) == 0 || !out[len(out)-1].At.Equal(at) {
			out, n = append(out, Point{At: at}), 0
		}
		n++
		last := &out[len(out)-1]
		last.Value += (p.Value - last.Value) / float64(n)
	}
	return out
}

// Flag says whether a reset of the password will work.
type Flag struct {
	Known   bool // the cloud said so
	OK      bool // the plug-in that a reset needs is there
	At      time.Time
	Reading bool

	Trouble   fault.Message
	TroubleAt time.Time
}

// flagFresh is how old an answer about the plug-in may become before it is asked again.
const flagFresh = 10 * time.Minute

// ResetFlag gives what was last known of the plug-in that a password reset needs
// (cloud-api, 8.8), and asks for it when that is old. It does not wait.
func (s *Service) ResetFlag(by person.Actor, id string) (Flag, error) {
	row, err := s.Row(by, id)
	if err != nil {
		return Flag{}, err
	}
	s.start()
	now := s.Now()
	s.mu.Lock()
	f := s.flags[row.ServerID]
	s.mu.Unlock()
	f.Reading = s.under("flag", row.ServerID)
	if !f.Reading && now.Sub(f.At) >= flagFresh && now.Sub(f.TroubleAt) >= retry {
		f.Reading = s.soon("flag", row.ServerID, func(ctx context.Context) { s.readFlag(ctx, row) })
	}
	return f, nil
}

func (s *Service) readFlag(ctx context.Context, row *instance.Row) {
	known, ok, err := s.askFlag(ctx, row)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flags[row.ServerID]
	if err != nil {
		f.Trouble, f.TroubleAt = s.troubleOf(ctx, "reset flag", row.ServerID, err), s.Now()
	} else {
		f = Flag{Known: known, OK: ok, At: s.Now()}
	}
	s.flags[row.ServerID] = f
	trim(s.flags, func(f Flag) time.Time { return f.At })
}

func (s *Service) askFlag(ctx context.Context, row *instance.Row) (known, ok bool, err error) {
	access, err := s.access(ctx, row)
	if err != nil {
		return false, false, err
	}
	known, ok, err = s.Cloud.ResetFlag(ctx, access, row.Region, row.ServerID)
	s.learn(ctx, row, access, account.RightServers, err)
	return known, ok, err
}
