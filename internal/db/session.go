package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sampan/internal/app/person"
)

// The most that one person can fill the tables with.
const (
	sessionsMax = 100
	devicesMax  = 50
)

const sessionColumns = "hash, person_id, created_us, seen_us, fresh_until_us, address, browser"

// sessionFields are the places to scan sessionColumns into, and a function
// that makes the session of them.
func sessionFields() ([]any, func() person.Session) {
	var s person.Session
	var created, seen, fresh int64
	to := []any{&s.Ref, &s.PersonID, &created, &seen, &fresh, &s.Address, &s.Browser}
	return to, func() person.Session {
		s.Created, s.Seen, s.FreshUntil = fromMicros(created), fromMicros(seen), fromMicros(fresh)
		return s
	}
}

// KnowsDevice reports whether the browser has signed this person in before.
func (s Persons) KnowsDevice(ctx context.Context, personID, hash string) (bool, error) {
	var n int64
	if err := s.DB.r.QueryRowContext(ctx, "SELECT count(*) FROM device WHERE hash = $1 AND person_id = $2", hash, personID).
		Scan(&n); err != nil {
		return false, fmt.Errorf("db: device: %w", err)
	}
	return n > 0, nil
}

// Start stores a session and the browser it was started from.
func (s Persons) Start(ctx context.Context, ss person.Session, device, clear string, undo []string, n person.Note) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO session ("+sessionColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7)",
			ss.Ref, ss.PersonID, micros(ss.Created), micros(ss.Seen), micros(ss.FreshUntil), ss.Address, ss.Browser); err != nil {
			return fmt.Errorf("db: store a session: %w", err)
		}
		if _, err := tx.ExecContext(ctx,
			"INSERT INTO device (hash, person_id, seen_us) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET seen_us = excluded.seen_us",
			device, ss.PersonID, micros(ss.Created)); err != nil {
			return fmt.Errorf("db: store a device: %w", err)
		}
		if err := prune(ctx, tx, ss); err != nil {
			return err
		}
		if err := forget(ctx, tx, clear); err != nil {
			return err
		}
		for _, b := range undo {
			if err := takeBack(ctx, tx, b); err != nil {
				return err
			}
		}
		return s.note(tx, n)
	})
}

// prune removes sessions that have run out, and the oldest of too many.
func prune(ctx context.Context, tx *sql.Tx, ss person.Session) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM session WHERE seen_us <= $1 OR created_us <= $2",
		micros(ss.Created.Add(-person.Idle)), micros(ss.Created.Add(-person.Lifetime))); err != nil {
		return fmt.Errorf("db: remove old sessions: %w", err)
	}
	if _, err := tx.ExecContext(ctx,
		"DELETE FROM session WHERE person_id = $1 AND hash NOT IN (SELECT hash FROM session WHERE person_id = $1 ORDER BY created_us DESC, hash LIMIT $2)",
		ss.PersonID, sessionsMax); err != nil {
		return fmt.Errorf("db: remove surplus sessions: %w", err)
	}
	if _, err := tx.ExecContext(ctx,
		"DELETE FROM device WHERE person_id = $1 AND hash NOT IN (SELECT hash FROM device WHERE person_id = $1 ORDER BY seen_us DESC, hash LIMIT $2)",
		ss.PersonID, devicesMax); err != nil {
		return fmt.Errorf("db: remove surplus devices: %w", err)
	}
	return nil
}

// Session gives a session and its person, ended or not.
func (s Persons) Session(ctx context.Context, ref string) (person.Session, person.Person, error) {
	to, made := sessionFields()
	p, err := scanPerson(s.DB.r.QueryRowContext(ctx, `
		SELECT p.id, p.name, p.display_name, p.role, p.language, p.zone, p.theme, p.shortcuts, p.scope, p.disabled, p.created_us, p.updated_us, p.rev,
		       s.hash, s.person_id, s.created_us, s.seen_us, s.fresh_until_us, s.address, s.browser
		FROM session s JOIN person p ON p.id = s.person_id WHERE s.hash = $1`, ref), to...)
	if err != nil {
		return person.Session{}, person.Person{}, missing(err, "session")
	}
	return made(), p, nil
}

// Sessions gives a person's sessions, the last used first.
func (s Persons) Sessions(ctx context.Context, personID string) ([]person.Session, error) {
	sessions, err := all(ctx, s.DB, func(row scanner) (person.Session, error) {
		to, made := sessionFields()
		if err := row.Scan(to...); err != nil {
			return person.Session{}, err
		}
		return made(), nil
	}, "SELECT "+sessionColumns+" FROM session WHERE person_id = $1 ORDER BY seen_us DESC, hash", personID)
	if err != nil {
		return nil, fmt.Errorf("db: sessions: %w", err)
	}
	return sessions, nil
}

// Seen moves the time of the last request.
func (s Persons) Seen(ctx context.Context, ref string, now time.Time) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE session SET seen_us = $1 WHERE hash = $2 AND seen_us < $1", micros(now), ref); err != nil {
			return fmt.Errorf("db: session: %w", err)
		}
		return nil
	})
}

// Freshen stores until when the password need not be asked.
func (s Persons) Freshen(ctx context.Context, ref string, until time.Time, bucket string, n person.Note) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE session SET fresh_until_us = $1 WHERE hash = $2", micros(until), ref)
		if err != nil {
			return fmt.Errorf("db: session: %w", err)
		}
		if rows, err := res.RowsAffected(); err != nil || rows != 1 {
			return missing(sql.ErrNoRows, "session")
		}
		if err := forget(ctx, tx, bucket); err != nil {
			return err
		}
		return s.note(tx, n)
	})
}

// End removes sessions of the person: one of them, or all but one.
func (s Persons) End(ctx context.Context, personID, only, keep string, n person.Note) ([]string, error) {
	var ended []string
	err := s.DB.Write(ctx, func(tx *sql.Tx) (err error) {
		if ended, err = endSessions(ctx, tx, personID, only, keep); err != nil {
			return err
		}
		return s.note(tx, n)
	})
	if err != nil {
		return nil, err
	}
	return ended, nil
}

func endSessions(ctx context.Context, tx *sql.Tx, personID, only, keep string) ([]string, error) {
	query, which := "DELETE FROM session WHERE person_id = $1 AND hash <> $2 RETURNING hash", keep
	if only != "" {
		query, which = "DELETE FROM session WHERE person_id = $1 AND hash = $2 RETURNING hash", only
	}
	rows, err := tx.QueryContext(ctx, query, personID, which)
	if err != nil {
		return nil, fmt.Errorf("db: end sessions: %w", err)
	}
	defer rows.Close()
	var ended []string
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return nil, fmt.Errorf("db: end sessions: %w", err)
		}
		ended = append(ended, ref)
	}
	return ended, rows.Err()
}
