package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"sampan/internal/app/meter"
)

// swept is how many rows one step takes, so that money need not wait.
const swept = 500

// Sweep leaves one sample of each day that ended before hourly, and drops what
// is of days before daily, in small steps.
func (s Traffic) Sweep(ctx context.Context, hourly, daily time.Time) error {
	for {
		n, err := s.rollUp(ctx, dayOf(hourly))
		if err != nil {
			return err
		}
		if n < swept {
			break
		}
	}
	for _, q := range []struct {
		query string
		until int64
	}{
		{"DELETE FROM traffic_days WHERE month < $1", monthOf(daily)},
		{"DELETE FROM traffic_use WHERE day < $1", dayOf(daily)},
		{"DELETE FROM meter WHERE read_us < $1 AND NOT EXISTS (SELECT 1 FROM traffic_hours h WHERE h.meter = meter.n) AND NOT EXISTS (SELECT 1 FROM traffic_days d WHERE d.meter = meter.n)", micros(hourly)},
		{"DELETE FROM traffic_use WHERE $1 > 0 AND NOT EXISTS (SELECT 1 FROM meter WHERE n = traffic_use.meter)", 1},
	} {
		err := s.DB.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec(q.query, q.until)
			return err
		})
		if err != nil {
			return fmt.Errorf("db: sweep samples: %w", err)
		}
	}
	return nil
}

type dayRow struct {
	meter, day int64
	samples    []meter.Sample
}

// rollUp moves some days that are over into their months.
func (s Traffic) rollUp(ctx context.Context, before int64) (int, error) {
	rows, err := s.daysBefore(ctx, before)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		for _, r := range rows {
			if n := len(r.samples); n > 0 {
				if err := keepDay(tx, r.meter, r.samples[n-1]); err != nil {
					return err
				}
			}
			if _, err := tx.Exec("DELETE FROM traffic_hours WHERE meter = $1 AND day = $2", r.meter, r.day); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("db: roll samples up: %w", err)
	}
	return len(rows), nil
}

func (s Traffic) daysBefore(ctx context.Context, before int64) ([]dayRow, error) {
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT meter, day, samples FROM traffic_hours WHERE day < $1 ORDER BY day LIMIT $2",
		before, swept)
	if err != nil {
		return nil, fmt.Errorf("db: old samples: %w", err)
	}
	defer rows.Close()
	var all []dayRow
	for rows.Next() {
		var r dayRow
		var b []byte
		if err := rows.Scan(&r.meter, &r.day, &b); err != nil {
			return nil, fmt.Errorf("db: old samples: %w", err)
		}
		if r.samples, err = unpack(b); err != nil {
			r.samples = nil // damaged: nothing of it can be kept
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// keepDay adds the last sample of a day to those of its month.
func keepDay(tx *sql.Tx, id int64, s meter.Sample) error {
	month := monthOf(s.At)
	samples, err := samplesOf(tx.QueryRow("SELECT samples FROM traffic_days WHERE meter = $1 AND month = $2", id, month))
	if err != nil {
		return err
	}
	samples = slices.DeleteFunc(samples, func(o meter.Sample) bool { return dayOf(o.At) == dayOf(s.At) })
	samples = append(samples, s)
	slices.SortFunc(samples, func(a, b meter.Sample) int { return a.At.Compare(b.At) })
	_, err = tx.Exec("INSERT INTO traffic_days (meter, month, samples) VALUES ($1, $2, $3) "+
		"ON CONFLICT (meter, month) DO UPDATE SET samples = excluded.samples", id, month, pack(samples))
	return err
}
