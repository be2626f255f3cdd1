package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
)

const foundColumns = "cloud_order_id, account_id, status, created_us, amount, currency, quantity, period_unit, period_num, spec, region, names, user_name, " +
	"tag, purchase_id, review_id, source, found_us, seen_us, decision, decided_us, decided_by, cancel_asked_us, cancel_asked_by, cancel_sends, note, rev"

func scanFound(row scanner) (order.FoundOrder, error) {
	var f order.FoundOrder
	var amount, currency, names, note string
	var created, found, seen, decided, cancel int64
	err := row.Scan(&f.CloudOrderID, &f.AccountID, &f.Status, &created, &amount, &currency, &f.Quantity, &f.PeriodUnit, &f.PeriodNum,
		&f.Spec, &f.Region, &names, &f.UserName, &f.Tag, &f.OrderID, &f.ReviewID, &f.Source, &found, &seen, &f.Decision, &decided,
		&f.DecidedBy, &cancel, &f.CancelAskedBy, &f.CancelSends, &note, &f.Rev)
	if err != nil {
		return f, err
	}
	f.CreatedAt, f.FoundAt, f.SeenAt, f.DecidedAt, f.CancelAskedAt = fromMicros(created), fromMicros(found), fromMicros(seen),
		fromMicros(decided), fromMicros(cancel)
	var errAmount error
	f.Amount, errAmount = moneyFrom(amount, currency)
	return f, errors.Join(errAmount, fromJSON(names, &f.Names), fromJSON(note, &f.Note))
}

// PutFound keeps what was found.
func (s Orders) PutFound(ctx context.Context, all []order.FoundOrder) error {
	if len(all) == 0 {
		return nil
	}
	if err := s.DB.Write(ctx, func(tx *sql.Tx) error { return putFound(tx, all) }); err != nil {
		return fmt.Errorf("db: found orders: %w", err)
	}
	return nil
}

// putFound renews what was read of orders that are kept already: a look that
// knows less does not take away what another knew.
func putFound(tx *sql.Tx, all []order.FoundOrder) error {
	for _, f := range all {
		amount, currency := moneyText(f.Amount)
		_, err := tx.Exec("INSERT INTO found_order ("+foundColumns+") VALUES ("+placeholders(1, 27)+`)
			ON CONFLICT (cloud_order_id) DO UPDATE SET status = excluded.status,
				amount = CASE excluded.amount WHEN '' THEN found_order.amount ELSE excluded.amount END,
				currency = CASE excluded.amount WHEN '' THEN found_order.currency ELSE excluded.currency END,
				period_unit = CASE excluded.period_num WHEN 0 THEN found_order.period_unit ELSE excluded.period_unit END,
				period_num = CASE excluded.period_num WHEN 0 THEN found_order.period_num ELSE excluded.period_num END,
				region = CASE excluded.region WHEN '' THEN found_order.region ELSE excluded.region END,
				user_name = CASE excluded.user_name WHEN '' THEN found_order.user_name ELSE excluded.user_name END,
				names = CASE excluded.names WHEN '' THEN found_order.names ELSE excluded.names END,
				spec = CASE excluded.spec WHEN '' THEN found_order.spec ELSE excluded.spec END,
				quantity = CASE excluded.quantity WHEN 0 THEN found_order.quantity ELSE excluded.quantity END,
				tag = CASE excluded.tag WHEN '' THEN found_order.tag ELSE excluded.tag END,
				purchase_id = CASE excluded.purchase_id WHEN '' THEN found_order.purchase_id ELSE excluded.purchase_id END,
				review_id = CASE excluded.review_id WHEN '' THEN found_order.review_id ELSE excluded.review_id END,
				seen_us = excluded.seen_us, rev = found_order.rev + 1`,
			f.CloudOrderID, f.AccountID, f.Status, micros(f.CreatedAt), amount, currency, f.Quantity, string(f.PeriodUnit), f.PeriodNum,
			f.Spec, f.Region, listText(f.Names), f.UserName, f.Tag, f.OrderID, f.ReviewID, string(f.Source), micros(f.FoundAt),
			micros(f.SeenAt), string(f.Decision), micros(f.DecidedAt), f.DecidedBy, micros(f.CancelAskedAt), f.CancelAskedBy, f.CancelSends,
			messageText(f.Note), 1)
		if err != nil {
			return fmt.Errorf("found order %s: %w", f.CloudOrderID, err)
		}
	}
	return nil
}

// Found gives one order that was found.
func (s Orders) Found(ctx context.Context, cloudOrderID string) (order.FoundOrder, error) {
	f, err := scanFound(s.DB.r.QueryRowContext(ctx, "SELECT "+foundColumns+" FROM found_order WHERE cloud_order_id = $1", cloudOrderID))
	if errors.Is(err, sql.ErrNoRows) {
		return f, fault.New(fault.NotFound, "order.found.gone")
	}
	if err != nil {
		return f, fmt.Errorf("db: found order %s: %w", cloudOrderID, err)
	}
	return f, nil
}

// FoundOrders gives those that no order here is linked to, latest first.
func (s Orders) FoundOrders(ctx context.Context, open bool) ([]order.FoundOrder, error) {
	q := "SELECT " + foundColumns +
		" FROM found_order WHERE NOT EXISTS (SELECT 1 FROM purchase p WHERE p.cloud_order_id = found_order.cloud_order_id)"
	if open {
		q += " AND decision = ''"
	}
	rows, err := s.DB.r.QueryContext(ctx, q+" ORDER BY created_us DESC, cloud_order_id")
	all, err := scanAll(rows, err, scanFound)
	if err != nil {
		return nil, fmt.Errorf("db: found orders: %w", err)
	}
	return all, nil
}

// SaveFound writes what was decided or wished of a found order.
func (s Orders) SaveFound(ctx context.Context, f order.FoundOrder, entries ...audit.Entry) (order.FoundOrder, error) {
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := unlinked(tx, f.CloudOrderID, ""); err != nil {
			return err
		}
		err := tx.QueryRow(`UPDATE found_order SET status = $1, decision = $2, decided_us = $3, decided_by = $4, cancel_asked_us = $5, cancel_asked_by = $6,
			cancel_sends = $7, note = $8, rev = rev + 1 WHERE cloud_order_id = $9 AND rev = $10 RETURNING rev`,
			f.Status, string(f.Decision), micros(f.DecidedAt), f.DecidedBy, micros(f.CancelAskedAt), f.CancelAskedBy, f.CancelSends,
			messageText(f.Note), f.CloudOrderID, f.Rev).Scan(&f.Rev)
		if errors.Is(err, sql.ErrNoRows) {
			return errMoved
		}
		for _, e := range entries {
			err = errors.Join(err, s.DB.audit(tx, e))
		}
		return err
	})
	if err != nil {
		return f, fmt.Errorf("db: save found order %s: %w", f.CloudOrderID, err)
	}
	return f, nil
}

// Answered tells beside which orders a request was said to be additional.
func (s Orders) Answered(ctx context.Context, hash string, cloudOrderIDs []string) (map[string]bool, error) {
	var w where
	w.add("hash = ?", hash)
	w.in("cloud_order_id", anys(cloudOrderIDs))
	ids, err := columnOf(ctx, s.DB.r, "SELECT cloud_order_id FROM found_answer"+w.String(), w.args...)
	if err != nil {
		return nil, fmt.Errorf("db: answers about found orders: %w", err)
	}
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

// OrderOfTag gives the order whose intent has the tag.
func (s Orders) OrderOfTag(ctx context.Context, tag string) (string, error) {
	id, err := text(s.DB.r.QueryRowContext(ctx, "SELECT id FROM purchase WHERE intent_tag = $1 LIMIT 1", tag))
	if err != nil {
		return "", fmt.Errorf("db: order of a tag: %w", err)
	}
	return id, nil
}
