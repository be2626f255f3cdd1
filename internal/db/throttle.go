package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sampan/internal/app/person"
)

// Guess counts one guess in every bucket, or in none and gives the time to wait.
func (s Persons) Guess(ctx context.Context, buckets []string, now time.Time, throttled person.Note) (time.Duration, error) {
	var wait time.Duration
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM throttle WHERE last_us <= $1", micros(now.Add(-person.QuietPeriod))); err != nil {
			return fmt.Errorf("db: throttle: %w", err)
		}
		next := make(map[string]person.Tally, len(buckets))
		told := true
		for _, b := range buckets {
			old, err := tally(ctx, tx, b)
			if err != nil {
				return err
			}
			t, w := old.Try(now)
			if w > 0 {
				told, t.Told = told && old.Told, true
			}
			wait, next[b] = max(wait, w), t
		}
		if wait == 0 {
			return putTallies(ctx, tx, next)
		}
		if told {
			return nil
		}
		return s.refuse(ctx, tx, next, throttled)
	})
	return wait, err
}

// refuse marks the buckets that wait as told, and says so in the audit: once
// for each wait, however many guesses come meanwhile.
func (s Persons) refuse(ctx context.Context, tx *sql.Tx, next map[string]person.Tally, n person.Note) error {
	for b, t := range next {
		if !t.Told {
			continue // not the one that waits: the guess was not made, so it does not count
		}
		if err := putTallies(ctx, tx, map[string]person.Tally{b: t}); err != nil {
			return err
		}
	}
	return s.note(tx, n)
}

func tally(ctx context.Context, tx *sql.Tx, bucket string) (person.Tally, error) {
	var t person.Tally
	var last, told int64
	err := tx.QueryRowContext(ctx, "SELECT failures, last_us, told FROM throttle WHERE bucket = $1", bucket).Scan(&t.Failures, &last, &told)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("db: throttle: %w", err)
	}
	t.Last, t.Told = fromMicros(last), told == 1
	return t, nil
}

func putTallies(ctx context.Context, tx *sql.Tx, all map[string]person.Tally) error {
	for b, t := range all {
		_, err := tx.ExecContext(ctx, `INSERT INTO throttle (bucket, failures, last_us, told) VALUES ($1, $2, $3, $4)
			ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures, last_us = excluded.last_us, told = excluded.told`,
			b, t.Failures, micros(t.Last), bit(t.Told))
		if err != nil {
			return fmt.Errorf("db: throttle: %w", err)
		}
	}
	return nil
}

func forget(ctx context.Context, tx *sql.Tx, bucket string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM throttle WHERE bucket = $1", bucket); err != nil {
		return fmt.Errorf("db: throttle: %w", err)
	}
	return nil
}

func takeBack(ctx context.Context, tx *sql.Tx, bucket string) error {
	t, err := tally(ctx, tx, bucket)
	if err != nil {
		return err
	}
	return putTallies(ctx, tx, map[string]person.Tally{bucket: t.Undo()})
}
