package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Persons keeps people, their one-time links, sessions, known browsers and the
// tallies of guesses.
type Persons struct{ DB *DB }

var _ person.Store = Persons{}

const personColumns = "id, name, display_name, role, language, zone, theme, shortcuts, scope, disabled, created_us, updated_us, rev"

// scanPerson reads personColumns and whatever the query has after them.
func scanPerson(row scanner, more ...any) (person.Person, error) {
	var p person.Person
	var role string
	var shortcuts, disabled, created, updated int64
	to := []any{&p.ID, &p.Name, &p.DisplayName, &role, &p.Language, &p.Zone, &p.Theme, &shortcuts, &p.Scope, &disabled, &created,
		&updated, &p.Rev}
	if err := row.Scan(append(to, more...)...); err != nil {
		return person.Person{}, err
	}
	p.Role, p.Shortcuts, p.Disabled = person.Role(role), shortcuts == 1, disabled == 1
	p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
	return p, nil
}

// missing words a row that is not there.
func missing(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "fault.notfound").Because(fmt.Errorf("db: %s: %w", what, err))
	}
	return fmt.Errorf("db: %s: %w", what, err)
}

func (s Persons) note(tx *sql.Tx, n person.Note) error {
	e := audit.Entry{Actor: n.Actor, Action: n.Action, Outcome: n.Outcome, Params: n.Fields}
	if n.Target != "" {
		e.Targets = []string{n.Target}
	}
	return s.DB.audit(tx, e)
}

// Note writes only the audit row.
func (s Persons) Note(ctx context.Context, n person.Note) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error { return s.note(tx, n) })
}

// Any reports whether there is a person at all.
func (s Persons) Any(ctx context.Context) (bool, error) {
	var n int64
	if err := s.DB.r.QueryRowContext(ctx, "SELECT count(*) FROM person").Scan(&n); err != nil {
		return false, fmt.Errorf("db: count people: %w", err)
	}
	return n > 0, nil
}

// ByName gives the person with a normalised name, and the password's hash.
func (s Persons) ByName(ctx context.Context, name string) (person.Person, string, error) {
	return s.find(ctx, "name", name)
}

// ByID gives a person and the password's hash.
func (s Persons) ByID(ctx context.Context, id string) (person.Person, string, error) {
	return s.find(ctx, "id", id)
}

func (s Persons) find(ctx context.Context, column, value string) (person.Person, string, error) {
	var hash string
	p, err := scanPerson(s.DB.r.QueryRowContext(ctx, "SELECT "+personColumns+", password_hash FROM person WHERE "+column+" = $1", value),
		&hash)
	if err != nil {
		return person.Person{}, "", missing(err, "person")
	}
	return p, hash, nil
}

// Owners gives everybody with the role Owner who is not disabled, oldest first.
func (s Persons) Owners(ctx context.Context) ([]person.Person, error) {
	owners, err := all(ctx, s.DB, func(row scanner) (person.Person, error) { return scanPerson(row) },
		"SELECT "+personColumns+" FROM person WHERE role = 'owner' AND disabled = 0 ORDER BY created_us, id")
	if err != nil {
		return nil, fmt.Errorf("db: owners: %w", err)
	}
	return owners, nil
}

// PutLink stores a link and removes all others of its kind and person.
func (s Persons) PutLink(ctx context.Context, l person.Link, n person.Note) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		owner := sql.NullString{String: l.PersonID, Valid: l.PersonID != ""}
		if _, err := tx.ExecContext(ctx, "DELETE FROM link WHERE kind = $1 AND coalesce(person_id, '') = $2", string(l.Kind),
			l.PersonID); err != nil {
			return fmt.Errorf("db: remove old links: %w", err)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO link (hash, kind, person_id, expires_us) VALUES ($1, $2, $3, $4)",
			l.Hash, string(l.Kind), owner, micros(l.Expires)); err != nil {
			return fmt.Errorf("db: store a link: %w", err)
		}
		return s.note(tx, n)
	})
}

// Link finds a link that has not expired.
func (s Persons) Link(ctx context.Context, hash string, kind person.LinkKind, now time.Time) (person.Link, error) {
	l := person.Link{Hash: hash, Kind: kind}
	var expires int64
	err := s.DB.r.QueryRowContext(ctx,
		"SELECT coalesce(person_id, ''), expires_us FROM link WHERE hash = $1 AND kind = $2 AND (expires_us = 0 OR expires_us > $3)",
		hash, string(kind), micros(now)).Scan(&l.PersonID, &expires)
	if err != nil {
		return person.Link{}, missing(err, "link")
	}
	l.Expires = fromMicros(expires)
	return l, nil
}

// useLink removes a link that must exist.
func useLink(ctx context.Context, tx *sql.Tx, hash string, kind person.LinkKind) error {
	res, err := tx.ExecContext(ctx, "DELETE FROM link WHERE hash = $1 AND kind = $2", hash, string(kind))
	if err != nil {
		return fmt.Errorf("db: use a link: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return missing(errors.Join(err, sql.ErrNoRows), "link")
	}
	return nil
}

// CreateFirst uses up the set-up link and stores the first person.
func (s Persons) CreateFirst(ctx context.Context, p person.Person, passwordHash, link string, n person.Note) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := useLink(ctx, tx, link, person.LinkSetup); err != nil {
			return err
		}
		var people int64
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM person").Scan(&people); err != nil {
			return fmt.Errorf("db: count people: %w", err)
		}
		if people > 0 {
			return missing(sql.ErrNoRows, "first person")
		}
		_, err := tx.ExecContext(ctx,
			"INSERT INTO person ("+personColumns+", password_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
			p.ID, p.Name, p.DisplayName, string(p.Role), p.Language, p.Zone, p.Theme, bit(p.Shortcuts), p.Scope, bit(p.Disabled),
			micros(p.CreatedAt), micros(p.UpdatedAt), p.Rev, passwordHash)
		if err != nil {
			return fmt.Errorf("db: store a person: %w", err)
		}
		return s.note(tx, n)
	})
}

// SetPassword stores a new password and ends what the old one had opened.
func (s Persons) SetPassword(ctx context.Context, personID, passwordHash, keep, link string, buckets []string, now time.Time,
	n person.Note) ([]string, error) {
	var ended []string
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		if link != "" {
			if err := useLink(ctx, tx, link, person.LinkReset); err != nil {
				return err
			}
		}
		if err := change(ctx, tx, "UPDATE person SET password_hash = $1, updated_us = $2, rev = rev + 1 WHERE id = $3", passwordHash,
			micros(now), personID); err != nil {
			return err
		}
		var err error
		if ended, err = endSessions(ctx, tx, personID, "", keep); err != nil {
			return err
		}
		for _, q := range []string{"DELETE FROM device WHERE person_id = $1", "DELETE FROM link WHERE person_id = $1"} {
			if _, err := tx.ExecContext(ctx, q, personID); err != nil {
				return fmt.Errorf("db: set a password: %w", err)
			}
		}
		for _, b := range buckets {
			if err := forget(ctx, tx, b); err != nil {
				return err
			}
		}
		return s.note(tx, n)
	})
	if err != nil {
		return nil, err
	}
	return ended, nil
}

// change runs an update of one person, who must exist.
func change(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("db: change a person: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return missing(errors.Join(err, sql.ErrNoRows), "person")
	}
	return nil
}

// SaveProfile replaces what a person chose.
func (s Persons) SaveProfile(ctx context.Context, personID string, p person.Profile, now time.Time, n person.Note) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := change(ctx, tx,
			"UPDATE person SET display_name = $1, language = $2, zone = $3, theme = $4, shortcuts = $5, updated_us = $6, rev = rev + 1 WHERE id = $7",
			p.DisplayName, p.Language, p.Zone, p.Theme, bit(p.Shortcuts), micros(now), personID); err != nil {
			return err
		}
		return s.note(tx, n)
	})
}

// SaveScope replaces which accounts a person looks at. It is a matter of view
// and leaves no audit row.
func (s Persons) SaveScope(ctx context.Context, personID, scope string, now time.Time) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		return change(ctx, tx, "UPDATE person SET scope = $1, updated_us = $2, rev = rev + 1 WHERE id = $3", scope, micros(now), personID)
	})
}
