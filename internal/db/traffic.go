package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/meter"
)

// Traffic keeps meters of data packages with their samples.
type Traffic struct{ DB *DB }

var _ meter.Store = Traffic{}

// together is how many packages are read or written at once.
const together = 250

const meterColumns = "package_id, account_id, item, read_us, unit, use_us, last, marks"

// Meters gives the meters of these packages, of all when nil.
func (s Traffic) Meters(ctx context.Context, packageIDs []string) ([]meter.Meter, error) {
	if packageIDs == nil {
		return s.meters(ctx, "SELECT "+meterColumns+" FROM meter ORDER BY package_id")
	}
	var all []meter.Meter
	for ids := range slices.Chunk(packageIDs, together) {
		some, err := s.meters(ctx, "SELECT "+meterColumns+" FROM meter WHERE package_id IN ("+placeholders(1, len(ids))+
			") ORDER BY package_id", anys(ids)...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (s Traffic) meters(ctx context.Context, query string, args ...any) ([]meter.Meter, error) {
	rows, err := s.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("db: meters: %w", err)
	}
	defer rows.Close()
	var all []meter.Meter
	for rows.Next() {
		var m meter.Meter
		var read, use int64
		var last, marks []byte
		if err := rows.Scan(&m.PackageID, &m.AccountID, &m.Item, &read, &m.Unit, &use, &last, &marks); err != nil {
			return nil, fmt.Errorf("db: meter: %w", err)
		}
		m.ReadAt, m.UseAt = fromMicros(read), fromMicros(use)
		samples, err := unpack(last)
		if err == nil && len(samples) > 0 {
			m.Last = samples[0]
		}
		if err == nil {
			m.Marks, err = unpack(marks)
		}
		if err != nil {
			return nil, fmt.Errorf("db: meter %s: %w", m.PackageID, err)
		}
		all = append(all, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("db: meters: %w", err)
	}
	return all, nil
}

// StartRows gives what a start reads of every meter.
func (s Traffic) StartRows(ctx context.Context, take func(packageID string, startRow []byte)) error {
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT package_id, brief FROM meter")
	if err != nil {
		return fmt.Errorf("db: start rows of meters: %w", err)
	}
	defer rows.Close()
	var id string
	var brief sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&id, &brief); err != nil {
			return fmt.Errorf("db: start rows of meters: %w", err)
		}
		take(id, brief)
	}
	return rows.Err()
}

// Keep writes meters whole, and their last samples where they are new.
func (s Traffic) Keep(ctx context.Context, meters []meter.Meter, sampled []bool) error {
	for from := 0; from < len(meters); from += together {
		to := min(from+together, len(meters))
		err := s.DB.Write(ctx, func(tx *sql.Tx) error { return keepAll(tx, meters[from:to], sampled[from:to]) })
		if err != nil {
			return err
		}
	}
	return nil
}

// keeper holds the statements of one transaction: they are read once, not once
// for each package.
type keeper struct{ meter, hours, put *sql.Stmt }

func keepAll(tx *sql.Tx, meters []meter.Meter, sampled []bool) error {
	var k keeper
	for _, s := range []struct {
		to    **sql.Stmt
		query string
	}{
		{&k.meter, "INSERT INTO meter (package_id, account_id, n, item, read_us, unit, use_us, last, marks, brief) " +
			"VALUES ($1, $2, (SELECT coalesce(max(n), 0) + 1 FROM meter), $3, $4, $5, $6, $7, $8, $9) " +
			"ON CONFLICT (package_id) DO UPDATE SET account_id = excluded.account_id, item = excluded.item, read_us = excluded.read_us, " +
			"unit = excluded.unit, last = excluded.last, marks = excluded.marks, brief = excluded.brief RETURNING n"},
		{&k.hours, "SELECT samples FROM traffic_hours WHERE meter = $1 AND day = $2"},
		{&k.put, "INSERT INTO traffic_hours (meter, day, samples) VALUES ($1, $2, $3) ON CONFLICT (meter, day) DO UPDATE SET samples = excluded.samples"},
	} {
		stmt, err := tx.Prepare(s.query)
		if err != nil {
			return fmt.Errorf("db: meters: %w", err)
		}
		defer stmt.Close()
		*s.to = stmt
	}
	for n, m := range meters {
		if err := k.keep(m, sampled[n]); err != nil {
			return fmt.Errorf("db: meter %s: %w", m.PackageID, err)
		}
	}
	return nil
}

func (k keeper) keep(m meter.Meter, sampled bool) error {
	last := []byte{}
	if !m.Last.At.IsZero() {
		last = pack([]meter.Sample{m.Last})
	}
	var n int64
	err := k.meter.QueryRow(m.PackageID, m.AccountID, m.Item, micros(m.ReadAt), m.Unit, micros(m.UseAt), last, pack(m.Marks),
		append([]byte{}, m.StartRow...)).Scan(&n)
	if err != nil || !sampled {
		return err
	}
	return k.sample(n, m.Last)
}

// sample adds a sample to those of its day and replaces one of the same hour.
func (k keeper) sample(id int64, s meter.Sample) error {
	day := dayOf(s.At)
	samples, err := samplesOf(k.hours.QueryRow(id, day))
	if err != nil {
		return err
	}
	hour := s.At.Truncate(time.Hour)
	samples = slices.DeleteFunc(samples, func(o meter.Sample) bool { return o.At.Truncate(time.Hour).Equal(hour) })
	samples = append(samples, s)
	slices.SortFunc(samples, func(a, b meter.Sample) int { return a.At.Compare(b.At) })
	_, err = k.put.Exec(id, day, pack(samples))
	return err
}

// samplesOf gives the samples of one row, none when it does not exist or is
// damaged: new ones must not wait for that.
func samplesOf(row *sql.Row) ([]meter.Sample, error) {
	var b []byte
	if err := row.Scan(&b); errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	samples, err := unpack(b)
	if err != nil {
		return nil, nil
	}
	return samples, nil
}

// Samples gives the samples of a package from a time on, oldest first.
func (s Traffic) Samples(ctx context.Context, packageID string, from time.Time) ([]meter.Sample, error) {
	var all []meter.Sample
	for _, kind := range []struct {
		query string
		first int64
	}{
		{"SELECT samples FROM traffic_days JOIN meter ON meter.n = meter WHERE package_id = $1 AND month >= $2 ORDER BY month", monthOf(from)},
		{"SELECT samples FROM traffic_hours JOIN meter ON meter.n = meter WHERE package_id = $1 AND day >= $2 ORDER BY day", dayOf(from)},
	} {
		some, err := s.samples(ctx, kind.query, packageID, kind.first)
		if err != nil {
			return nil, fmt.Errorf("db: samples of %s: %w", packageID, err)
		}
		all = append(all, some...)
	}
	all = slices.DeleteFunc(all, func(o meter.Sample) bool { return o.At.Before(from) })
	slices.SortStableFunc(all, func(a, b meter.Sample) int { return a.At.Compare(b.At) })
	return all, nil
}

func (s Traffic) samples(ctx context.Context, query string, args ...any) ([]meter.Sample, error) {
	rows, err := s.DB.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []meter.Sample
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		some, err := unpack(b)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, rows.Err()
}

// KeepUse replaces a package's usage records from the day of the first one on.
func (s Traffic) KeepUse(ctx context.Context, packageID string, at time.Time, uses []meter.Use) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		var n int64
		err := tx.QueryRow("UPDATE meter SET use_us = $2 WHERE package_id = $1 RETURNING n", packageID, micros(at)).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // its account has been deleted since
		}
		if err != nil {
			return fmt.Errorf("db: use of %s: %w", packageID, err)
		}
		if len(uses) > 0 {
			if _, err := tx.Exec("DELETE FROM traffic_use WHERE meter = $1 AND day >= $2", n, dateOf(uses[0].Day)); err != nil {
				return fmt.Errorf("db: use of %s: %w", packageID, err)
			}
		}
		for _, u := range uses {
			_, err := tx.Exec(
				"INSERT INTO traffic_use (meter, day, gb) VALUES ($1, $2, $3) ON CONFLICT (meter, day) DO UPDATE SET gb = excluded.gb", n,
				dateOf(u.Day), u.GB.String())
			if err != nil {
				return fmt.Errorf("db: use of %s: %w", packageID, err)
			}
		}
		return nil
	})
}

// Uses gives the usage records of a package, oldest first.
func (s Traffic) Uses(ctx context.Context, packageID string) ([]meter.Use, error) {
	rows, err := s.DB.Read().QueryContext(ctx,
		"SELECT day, gb FROM traffic_use JOIN meter ON meter.n = meter WHERE package_id = $1 ORDER BY day", packageID)
	if err != nil {
		return nil, fmt.Errorf("db: use of %s: %w", packageID, err)
	}
	defer rows.Close()
	var all []meter.Use
	for rows.Next() {
		var day int64
		var gb string
		if err := rows.Scan(&day, &gb); err != nil {
			return nil, fmt.Errorf("db: use of %s: %w", packageID, err)
		}
		amount, err := decimal.NewFromString(gb)
		if err != nil {
			return nil, fmt.Errorf("db: use of %s: %w", packageID, err)
		}
		all = append(all, meter.Use{Day: beginOf(day), GB: amount})
	}
	return all, rows.Err()
}

// dayOf counts UTC days since 1970.
func dayOf(t time.Time) int64 { return floor(t.Unix(), 24*60*60) }

func floor(a, b int64) int64 {
	n := a / b
	if a%b < 0 {
		n--
	}
	return n
}

// monthOf counts UTC months since the year 0.
func monthOf(t time.Time) int64 {
	t = t.UTC()
	return int64(t.Year())*12 + int64(t.Month()) - 1
}

// dateOf is the date of a day of billing, which begins at midnight in Beijing.
func dateOf(day time.Time) int64 { return floor(day.Unix()+8*60*60, 24*60*60) }

// beginOf is the inverse of dateOf.
func beginOf(date int64) time.Time {
	return meter.Midnight(time.Unix(date*24*60*60-8*60*60, 0))
}
