package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/order"
)

// Confirm turns a review into a confirmed order, once, with its job, its first
// event and its audit row; all rows or none.
func (s Orders) Confirm(ctx context.Context, c order.Confirmation) (id string, again bool, err error) {
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		id, again, err = s.confirmedBefore(tx, c)
		if err != nil || again {
			return err
		}
		if err := s.mayConfirm(tx, c); err != nil {
			return err
		}
		id = c.Order.ID
		return s.confirm(tx, c)
	})
	if err != nil {
		return "", false, fmt.Errorf("db: confirm review %s: %w", c.ReviewID, err)
	}
	return id, again, nil
}

var errReview = fault.New(fault.Conflict, "order.review.changed")

// confirmedBefore finds the order that the review became, or that an equal
// review of the same draft became in another tab (I9).
func (s Orders) confirmedBefore(tx *sql.Tx, c order.Confirmation) (string, bool, error) {
	var draft, orderID string
	err := tx.QueryRow("SELECT draft_id, order_id FROM review WHERE id = $1 AND person_id = $2 AND hash = $3", c.ReviewID,
		c.PersonID, c.Hash).
		Scan(&draft, &orderID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, errReview
	}
	if err != nil || orderID != "" {
		return orderID, orderID != "", err
	}
	err = tx.QueryRow("SELECT p.id FROM draft d JOIN purchase p ON p.id = d.ordered_as WHERE d.id = $1 AND p.hash = $2", draft, c.Hash).
		Scan(&orderID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return orderID, err == nil, err
}

// mayConfirm asks the questions whose answers only this transaction can keep true.
func (s Orders) mayConfirm(tx *sql.Tx, c order.Confirmation) error {
	o := c.Order
	var start int64
	if err := tx.QueryRow("SELECT start FROM review WHERE id = $1", c.ReviewID).Scan(&start); err != nil || start != s.DB.start {
		return orErr(err, errReview)
	}
	var w where
	w.in("account_id", anys(c.Kin))
	w.add("state = ? AND lock_lifted = 0", string(order.Unknown))
	if other, err := text(tx.QueryRow("SELECT id FROM purchase"+w.String()+" LIMIT 1", w.args...)); err != nil || other != "" {
		return orErr(err, fault.New(fault.Conflict, "order.locked", "Order", other))
	}
	if held, err := restoring(tx, c.Kin); err != nil || held != "" {
		return orErr(err, fault.New(fault.Conflict, "order.restoring", "Order", held))
	}
	if !c.Additional {
		same, err := sameHash(tx, o.Hash, micros(c.Since))
		if err != nil || same != "" {
			return orErr(err, fault.New(fault.Conflict, "order.repeat", "Order", same))
		}
	}
	holder, err := nameHolder(tx, c.Kin, o.Request.Name, micros(c.Settled), "")
	if err != nil || holder != "" {
		return orErr(err, &fault.Error{Kind: fault.Invalid, Message: fault.Say("order.review.impossible"),
			Fields: map[string]fault.Message{order.FieldName: fault.Say("order.name.taken.only", "Name", o.Request.Name)}})
	}
	return nil
}

func orErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (s Orders) confirm(tx *sql.Tx, c order.Confirmation) error {
	o := c.Order
	res, err := tx.Exec(
		"UPDATE review SET order_id = $1 WHERE id = $2 AND person_id = $3 AND hash = $4 AND order_id = '' AND created_us >= $5",
		o.ID, c.ReviewID, c.PersonID, c.Hash, micros(c.Fresh))
	if err = one(res, err); err != nil {
		if errors.Is(err, errLease) {
			return errReview
		}
		return err
	}
	o.Start = s.DB.start
	columns := purchaseColumns + ", price_key, name, search"
	args := append(fixedValues(o), movingValues(o)...)
	args = append(args, 1, c.PriceKey, o.Request.Name, c.Search)
	if _, err := tx.Exec("INSERT INTO purchase ("+columns+") VALUES ("+placeholders(1, len(args))+")", args...); err != nil {
		return err
	}
	if _, err := tx.Exec("UPDATE draft SET ordered_as = $1, rev = rev + 1 WHERE id = (SELECT draft_id FROM review WHERE id = $2)", o.ID,
		c.ReviewID); err != nil {
		return err
	}
	if err := addEvent(tx, o.ID, c.Event); err != nil {
		return err
	}
	for _, id := range c.Beside {
		_, err := tx.Exec(
			"INSERT INTO found_answer (cloud_order_id, hash, person_id, at_us) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			id, o.Hash, o.PersonID, micros(o.CreatedAt))
		if err != nil {
			return err
		}
	}
	j := job.Job{ID: o.ID, Kind: order.Kind, AccountID: o.AccountID, PersonID: o.PersonID, Due: o.CreatedAt, CreatedAt: o.CreatedAt}
	if err := createJob(tx, j, o.Target()); err != nil {
		return err
	}
	return s.DB.audit(tx, c.Audit)
}

// Recall makes an order of a review that was confirmed in a database that has
// since been replaced by an older copy.
func (s Orders) Recall(ctx context.Context, c order.Confirmation) (id string, err error) {
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		var again bool
		if id, again, err = s.confirmedBefore(tx, c); err != nil || again {
			return err
		}
		if err := unlinked(tx, c.Order.CloudOrderID, ""); err != nil {
			return err
		}
		id, c.Fresh = c.Order.ID, time.Time{}
		return s.confirm(tx, c)
	})
	if err != nil {
		return "", fmt.Errorf("db: recall review %s: %w", c.ReviewID, err)
	}
	return id, nil
}

// Claim makes an order ours to send, if every guard allows it, and stores the
// attempt and the audit row "about to send" with it (reliability.md §3.3).
func (s Orders) Claim(ctx context.Context, c order.Claim) (order.Order, error) {
	o := c.Order
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		if err := s.mayClaim(tx, c); err != nil {
			return err
		}
		if err := s.update(tx, &o, c.From, c.Lease, false); err != nil {
			if fault.Is(err, fault.Conflict) {
				return &order.Held{Why: order.HeldByChange}
			}
			return err
		}
		a := c.Attempt
		_, err := tx.Exec(`INSERT INTO purchase_attempt (purchase_id, n, client_request_id, image_name, body, url, sent_us, answered_us, outcome, status, code, request_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', 0, '', '')`, o.ID, a.N, a.ClientRequestID, a.ImageName, a.Body, a.URL, micros(a.SentAt))
		if err != nil {
			return err // the number and the request id of an attempt are unique
		}
		if err := addEvent(tx, o.ID, c.Event); err != nil {
			return err
		}
		return s.DB.audit(tx, c.Audit)
	})
	if err != nil {
		return c.Order, fmt.Errorf("db: claim order %s: %w", o.ID, err)
	}
	return o, nil
}

// mayClaim asks every guard of a send.
func (s Orders) mayClaim(tx *sql.Tx, c order.Claim) error {
	if err := s.maySpend(tx, c.Kin); err != nil {
		return err
	}
	var state string
	var expires, start, reviewed int64
	err := tx.QueryRow("SELECT p.state, p.expires_us, p.start, r.start FROM purchase p JOIN review r ON r.id = p.review_id WHERE p.id = $1",
		c.Order.ID).
		Scan(&state, &expires, &start, &reviewed)
	if err != nil {
		return err
	}
	if start != s.DB.start || reviewed != s.DB.start {
		return &order.Held{Why: order.HeldByStart}
	}
	if micros(c.Now) >= expires {
		return &order.Held{Why: order.HeldByTime}
	}
	if state != string(c.From) {
		return &order.Held{Why: order.HeldByChange}
	}
	if err := s.repeatable(tx, c); err != nil {
		return err
	}
	var other string
	var w where
	w.in("account_id", anys(c.Kin))
	w.add("id <> ? AND (state = ? OR state = ? AND lock_lifted = 0)", c.Order.ID, string(order.Sending), string(order.Unknown))
	err = tx.QueryRow("SELECT id, state FROM purchase"+w.String()+" ORDER BY state LIMIT 1", w.args...).Scan(&other, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case state == string(order.Unknown):
		return &order.Held{Why: order.HeldByUnknown, OrderID: other}
	}
	return &order.Held{Why: order.HeldByOther, OrderID: other}
}

// repeatable lets the first attempt through, and a second one only where the
// first is known to have been refused; never a third (§5, class D).
func (s Orders) repeatable(tx *sql.Tx, c order.Claim) error {
	var attempts, refused int
	err := tx.QueryRow("SELECT COUNT(*), COUNT(CASE WHEN outcome = 'refused' THEN 1 END) FROM purchase_attempt WHERE purchase_id = $1",
		c.Order.ID).
		Scan(&attempts, &refused)
	if err != nil {
		return err
	}
	first := c.From == order.Confirmed && attempts == 0 && c.Attempt.N == 1
	second := c.From == order.Sending && attempts == 1 && refused == 1 && c.Attempt.N == 2
	if !first && !second {
		return &order.Held{Why: order.HeldByChange}
	}
	return nil
}

// querier is a transaction or the reading pool.
type querier interface {
	QueryRow(query string, args ...any) *sql.Row
}

// text reads one text, "" when there is no row.
func text(row *sql.Row) (string, error) {
	var v string
	err := row.Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, err
}

// openList is the states that are open, for an IN of literals.
var openList = func() string {
	all := order.OpenStates()
	quoted := make([]string, len(all))
	for i, st := range all {
		quoted[i] = "'" + string(st) + "'"
	}
	return strings.Join(quoted, ", ")
}()

func sameHash(q querier, hash string, since int64) (string, error) {
	return text(q.QueryRow("SELECT id FROM purchase WHERE hash = $1 AND (created_us > $2 OR state IN ("+openList+
		")) ORDER BY created_us DESC LIMIT 1", hash, since))
}

func nameHolder(q querier, accountIDs []string, name string, settled int64, except string) (string, error) {
	var w where
	w.in("account_id", anys(accountIDs))
	w.add("name = ? AND id <> ? AND (state IN ("+openList+") OR state IN ('delivered', 'partly delivered') AND state_us > ?)", name,
		except, settled)
	return text(q.QueryRow("SELECT id FROM purchase"+w.String()+" LIMIT 1", w.args...))
}
