package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

const (
	draftColumns  = "id, person_id, step, form, before, ordered_as, repeat_of, created_us, updated_us, rev"
	reviewColumns = "id, draft_id, person_id, request, hash, client_request_id, intent_tag, image_name, body, url, repeats, order_id, created_us, start, replaced_by"
)

func scanDraft(row scanner) (order.Draft, error) {
	var d order.Draft
	var form, before string
	var created, updated int64
	if err := row.Scan(&d.ID, &d.PersonID, &d.Step, &form, &before, &d.OrderedAs, &d.RepeatOf, &created, &updated, &d.Rev); err != nil {
		return d, err
	}
	d.CreatedAt, d.UpdatedAt = fromMicros(created), fromMicros(updated)
	return d, errors.Join(fromJSON(form, &d.Form), fromJSON(before, &d.Before))
}

func beforeText(m map[string]string) string {
	if m == nil {
		return ""
	}
	return toJSON(m)
}

// CreateDraft writes a new draft.
func (s Orders) CreateDraft(ctx context.Context, d order.Draft) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO draft ("+draftColumns+") VALUES ("+placeholders(1, 10)+")", d.ID, d.PersonID, d.Step, toJSON(d.Form),
			beforeText(d.Before), d.OrderedAs, d.RepeatOf, micros(d.CreatedAt), micros(d.UpdatedAt), d.Rev)
		if err != nil {
			return fmt.Errorf("db: create draft: %w", err)
		}
		return nil
	})
}

// Draft gives one draft.
func (s Orders) Draft(ctx context.Context, id string) (order.Draft, error) {
	d, err := scanDraft(s.DB.r.QueryRowContext(ctx, "SELECT "+draftColumns+" FROM draft WHERE id = $1", id))
	if errors.Is(err, sql.ErrNoRows) {
		return d, fault.New(fault.NotFound, "order.draft.gone")
	}
	if err != nil {
		return d, fmt.Errorf("db: draft %s: %w", id, err)
	}
	return d, nil
}

// SaveDraft writes a draft where its revision is the one read.
func (s Orders) SaveDraft(ctx context.Context, d order.Draft) (order.Draft, error) {
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRow(
			"UPDATE draft SET step = $1, form = $2, before = $3, updated_us = $4, rev = rev + 1 WHERE id = $5 AND rev = $6 RETURNING rev",
			d.Step, toJSON(d.Form), beforeText(d.Before), micros(d.UpdatedAt), d.ID, d.Rev).Scan(&d.Rev)
		if errors.Is(err, sql.ErrNoRows) {
			return errMoved
		}
		return err
	})
	if err != nil {
		return d, fmt.Errorf("db: save draft %s: %w", d.ID, err)
	}
	return d, nil
}

// DeleteDraft removes a draft; its reviews stay until they are swept.
func (s Orders) DeleteDraft(ctx context.Context, id string) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM draft WHERE id = $1", id); err != nil {
			return fmt.Errorf("db: delete draft %s: %w", id, err)
		}
		return nil
	})
}

// Drafts gives a person's drafts that were not ordered, latest first.
func (s Orders) Drafts(ctx context.Context, personID string) ([]order.Draft, error) {
	rows, err := s.DB.r.QueryContext(ctx,
		"SELECT "+draftColumns+" FROM draft WHERE person_id = $1 AND ordered_as = '' ORDER BY updated_us DESC, id DESC", personID)
	all, err := scanAll(rows, err, scanDraft)
	if err != nil {
		return nil, fmt.Errorf("db: drafts: %w", err)
	}
	return all, nil
}

// Sweep removes old drafts and old reviews that were not confirmed.
func (s Orders) Sweep(ctx context.Context, drafts, reviews time.Time) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("DELETE FROM review WHERE order_id = '' AND created_us < $1", micros(reviews)); err != nil {
			return fmt.Errorf("db: sweep reviews: %w", err)
		}
		if _, err := tx.Exec("DELETE FROM draft WHERE updated_us < $1", micros(drafts)); err != nil {
			return fmt.Errorf("db: sweep drafts: %w", err)
		}
		return nil
	})
}

// CreateReview writes what a person is about to be shown.
func (s Orders) CreateReview(ctx context.Context, r order.Review) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error { return s.createReview(tx, r) })
}

func (s Orders) createReview(tx *sql.Tx, r order.Review) error {
	_, err := tx.Exec("INSERT INTO review ("+reviewColumns+") VALUES ("+placeholders(1, 15)+")", r.ID, r.DraftID, r.PersonID,
		toJSON(r.Request), r.Hash, r.ClientRequestID, r.IntentTag, r.ImageName, r.Body, r.URL, r.Repeats, r.OrderID, micros(r.CreatedAt),
		s.DB.start, "")
	if err != nil {
		return fmt.Errorf("db: create review: %w", err)
	}
	return nil
}

// ReplaceReview stores r and marks the older review as replaced by it, once.
func (s Orders) ReplaceReview(ctx context.Context, old string, r order.Review) (order.Review, error) {
	id := r.ID
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		err := one(tx.Exec("UPDATE review SET replaced_by = $1 WHERE id = $2 AND replaced_by = '' AND order_id = ''", r.ID, old))
		if errors.Is(err, errLease) { // it was replaced or confirmed before
			return tx.QueryRow("SELECT CASE replaced_by WHEN '' THEN id ELSE replaced_by END FROM review WHERE id = $1", old).Scan(&id)
		}
		if err != nil {
			return err
		}
		return s.createReview(tx, r)
	})
	if err != nil {
		return r, fmt.Errorf("db: replace review %s: %w", old, err)
	}
	return s.Review(ctx, id)
}

// OpenReviews gives what was shown since and not confirmed, latest first.
func (s Orders) OpenReviews(ctx context.Context, since time.Time) ([]order.Review, error) {
	rows, err := s.DB.r.QueryContext(ctx,
		"SELECT "+reviewColumns+" FROM review WHERE order_id = '' AND created_us >= $1 ORDER BY created_us DESC", micros(since))
	all, err := scanAll(rows, err, scanReview)
	if err != nil {
		return nil, fmt.Errorf("db: open reviews: %w", err)
	}
	return all, nil
}

func scanReview(row scanner) (order.Review, error) {
	var r order.Review
	var request string
	var created int64
	err := row.Scan(&r.ID, &r.DraftID, &r.PersonID, &request,
		&r.Hash, &r.ClientRequestID, &r.IntentTag, &r.ImageName, &r.Body, &r.URL, &r.Repeats, &r.OrderID, &created, &r.Start, &r.ReplacedBy)
	if err != nil {
		return r, err
	}
	r.CreatedAt = fromMicros(created)
	return r, fromJSON(request, &r.Request)
}

// Review gives one review.
func (s Orders) Review(ctx context.Context, id string) (order.Review, error) {
	r, err := scanReview(s.DB.r.QueryRowContext(ctx, "SELECT "+reviewColumns+" FROM review WHERE id = $1", id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "order.review.gone")
	}
	if err != nil {
		return r, fmt.Errorf("db: review %s: %w", id, err)
	}
	return r, nil
}
