package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/spelling"
	"sampan/internal/app/view"
)

// Views keeps saved views, chosen columns, labels and selections.
type Views struct{ DB *DB }

var _ view.Store = Views{}

const viewColumns = "id, person_id, list, name, search, sort, shared, updated_us"

// Views gives a person's own views of a list and the shared ones, by name.
func (s Views) Views(ctx context.Context, personID string, l view.List) ([]view.View, error) {
	views, err := all(ctx, s.DB, scanView, "SELECT "+viewColumns+` FROM saved_view
		WHERE list = $1 AND (person_id = $2 OR shared = 1) ORDER BY fold, id`, string(l), personID)
	if err != nil {
		return nil, fmt.Errorf("db: views: %w", err)
	}
	return views, nil
}

// View gives one view; fault.NotFound when there is none.
func (s Views) View(ctx context.Context, id string) (view.View, error) {
	v, err := scanView(s.DB.Read().QueryRowContext(ctx, "SELECT "+viewColumns+" FROM saved_view WHERE id = $1", id))
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.New(fault.NotFound, "view.unknown")
	}
	return v, err
}

func scanView(row scanner) (view.View, error) {
	var v view.View
	var updated int64
	if err := row.Scan(&v.ID, &v.Owner, &v.List, &v.Name, &v.Search, &v.Sort, &v.Shared, &updated); err != nil {
		return view.View{}, fmt.Errorf("db: view: %w", err)
	}
	v.UpdatedAt = fromMicros(updated)
	return v, nil
}

// SaveView stores a view, or replaces the one of that name, and gives its id.
// Where an older version kept two names apart that now compare equal (respell),
// the one with the same spelling is replaced.
func (s Views) SaveView(ctx context.Context, v view.View, e audit.Entry) (id string, err error) {
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `INSERT INTO saved_view (id, person_id, list, name, fold, search, sort, shared, updated_us)
			VALUES ($1, $2, $3, $4, COALESCE((SELECT fold FROM saved_view WHERE person_id = $2 AND list = $3 AND name = $4), $5), $6, $7, $8, $9)
			ON CONFLICT (person_id, list, fold) DO UPDATE SET name = excluded.name, search = excluded.search, sort = excluded.sort,
				shared = excluded.shared, updated_us = excluded.updated_us RETURNING id`,
			v.ID, v.Owner, string(v.List), v.Name, spelling.Form(v.Name), v.Search, v.Sort, bit(v.Shared), micros(v.UpdatedAt)).
			Scan(&id); err != nil {
			return fmt.Errorf("db: view %q: %w", v.Name, err)
		}
		return s.DB.audit(tx, e)
	})
	return id, err
}

// DeleteView forgets a view.
func (s Views) DeleteView(ctx context.Context, id string, e audit.Entry) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM saved_view WHERE id = $1", id); err != nil {
			return fmt.Errorf("db: view %s: %w", id, err)
		}
		return s.DB.audit(tx, e)
	})
}

// Choice gives how a person wants a list; the zero one when nothing is stored.
func (s Views) Choice(ctx context.Context, personID string, l view.List) (view.Choice, error) {
	var c view.Choice
	var columns string
	err := s.DB.Read().QueryRowContext(ctx, "SELECT columns, roomy, per_page FROM list_choice WHERE person_id = $1 AND list = $2",
		personID, string(l)).
		Scan(&columns, &c.Roomy, &c.PerPage)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("db: choice of %s: %w", personID, err)
	}
	c.Columns = strings.Fields(columns)
	return c, nil
}

// SaveChoice stores how a person wants a list.
func (s Views) SaveChoice(ctx context.Context, personID string, l view.List, c view.Choice) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO list_choice (person_id, list, columns, roomy, per_page) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (person_id, list) DO UPDATE SET columns = excluded.columns, roomy = excluded.roomy, per_page = excluded.per_page`,
			personID, string(l), strings.Join(c.Columns, " "), bit(c.Roomy), c.PerPage); err != nil {
			return fmt.Errorf("db: choice of %s: %w", personID, err)
		}
		return nil
	})
}

// Labels gives all labels, by what they stand on.
func (s Views) Labels(ctx context.Context) (map[string][]string, error) {
	rows, err := s.DB.Read().QueryContext(ctx, "SELECT target, label FROM label ORDER BY target, label")
	if err != nil {
		return nil, fmt.Errorf("db: labels: %w", err)
	}
	defer rows.Close()
	all := make(map[string][]string)
	for rows.Next() {
		var target, label string
		if err := rows.Scan(&target, &label); err != nil {
			return nil, fmt.Errorf("db: label: %w", err)
		}
		all[target] = append(all[target], label)
	}
	return all, rows.Err()
}

// SaveLabels replaces the labels of these things, and the audit row with them.
func (s Views) SaveLabels(ctx context.Context, labels map[string][]string, e audit.Entry) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		drop, err := tx.PrepareContext(ctx, "DELETE FROM label WHERE target = $1")
		if err != nil {
			return fmt.Errorf("db: labels: %w", err)
		}
		defer drop.Close()
		put, err := tx.PrepareContext(ctx, "INSERT INTO label (target, label) VALUES ($1, $2) ON CONFLICT DO NOTHING")
		if err != nil {
			return fmt.Errorf("db: labels: %w", err)
		}
		defer put.Close()
		for target, all := range labels {
			if _, err := drop.ExecContext(ctx, target); err != nil {
				return fmt.Errorf("db: labels of %s: %w", target, err)
			}
			for _, l := range all {
				if _, err := put.ExecContext(ctx, target, l); err != nil {
					return fmt.Errorf("db: labels of %s: %w", target, err)
				}
			}
		}
		return s.DB.audit(tx, e)
	})
}

// SaveSelection stores a selection and forgets the old ones, and those of the
// person that are too many.
func (s Views) SaveSelection(ctx context.Context, sel view.Selection, before time.Time) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM selection WHERE at_us < $1", micros(before)); err != nil {
			return fmt.Errorf("db: old selections: %w", err)
		}
		if _, err := tx.ExecContext(ctx,
			`INSERT INTO selection (id, person_id, list, source, search, ids, unknown, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			sel.ID, sel.Person, string(sel.List), sel.From, sel.Search, strings.Join(sel.IDs, "\n"), strings.Join(sel.Unknown, "\n"),
			micros(sel.At)); err != nil {
			return fmt.Errorf("db: selection: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM selection WHERE person_id = $1
			AND id NOT IN (SELECT id FROM selection WHERE person_id = $1 ORDER BY at_us DESC, id DESC LIMIT $2)`, sel.Person, view.KeptMost); err != nil {
			return fmt.Errorf("db: selections of %s: %w", sel.Person, err)
		}
		return nil
	})
}

// Selection gives a selection; fault.NotFound when there is none.
func (s Views) Selection(ctx context.Context, id string) (view.Selection, error) {
	sel := view.Selection{ID: id}
	var ids, unknown string
	var at int64
	err := s.DB.Read().QueryRowContext(ctx, "SELECT person_id, list, source, search, ids, unknown, at_us FROM selection WHERE id = $1", id).
		Scan(&sel.Person, &sel.List, &sel.From, &sel.Search, &ids, &unknown, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return sel, fault.New(fault.NotFound, "view.selection.gone")
	}
	if err != nil {
		return sel, fmt.Errorf("db: selection %s: %w", id, err)
	}
	sel.IDs, sel.Unknown, sel.At = lines(ids), lines(unknown), fromMicros(at)
	return sel, nil
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
