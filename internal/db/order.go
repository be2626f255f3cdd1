package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
)

// Orders keeps drafts, reviews and orders.
type Orders struct{ DB *DB }

var _ order.Store = Orders{}

// errMoved is what a change gets whose row is not as it was read.
var errMoved = fault.New(fault.Conflict, "order.conflict")

// Save writes what became of an order, where its state, revision and
// generation are those read and the lease, when one is given, is still held.
func (s Orders) Save(ctx context.Context, c order.Change) (order.Order, error) {
	o := c.Order
	if o.State != c.From && !c.From.May(o.State) {
		return o, fmt.Errorf("db: order %s: %q may not follow %q", o.ID, o.State, c.From)
	}
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		if c.Spending {
			if err := s.maySpend(tx, c.Kin); err != nil {
				return err
			}
		}
		if !c.ReadAt.IsZero() && s.DB.now().Sub(c.ReadAt) > freshEnough {
			return &order.Held{Why: order.HeldByAge}
		}
		if err := unlinked(tx, c.Unlinked, o.ID); err != nil {
			return err
		}
		if err := s.update(tx, &o, c.From, c.Lease, c.Answer); err != nil {
			return err
		}
		if c.Nudge {
			if err := nudgeJob(tx, o.ID, s.DB.now()); err != nil {
				return err
			}
		}
		return s.append(tx, o, c)
	})
	if err != nil {
		return c.Order, fmt.Errorf("db: save order %s: %w", o.ID, err)
	}
	return o, nil
}

// update is the one statement that changes a state.
func (s Orders) update(tx *sql.Tx, o *order.Order, from order.State, l job.Lease, answer bool) error {
	n := len(purchaseMoving)
	q := "UPDATE purchase SET " + assignments(purchaseMoving, 1) + ", rev = rev + 1" +
		fmt.Sprintf(" WHERE id = $%d AND state = $%d", n+1, n+2)
	args := append(movingValues(*o), o.ID, string(from))
	if answer { // the generation alone says whose answer it is
		q += fmt.Sprintf(" AND generation = $%d", len(args)+1)
		args = append(args, o.Generation)
	} else {
		q += fmt.Sprintf(" AND rev = $%d", len(args)+1)
		args = append(args, o.Rev)
	}
	if l.JobID != "" {
		q += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM job WHERE job.id = $%d AND lease_owner = $%d AND lease_gen = $%d)", len(args)+1,
			len(args)+2, len(args)+3)
		args = append(args, l.JobID, l.Owner, l.Gen)
	}
	err := tx.QueryRow(q+" RETURNING rev", args...).Scan(&o.Rev)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errMoved
	case isUnique(err): // the cloud's order has just been linked to another of ours
		return fault.New(fault.Conflict, "order.found.linked", "CloudOrder", o.CloudOrderID).Because(err)
	case err != nil:
		return err
	}
	return putTarget(tx, o.ID, o.Target())
}

// freshEnough is how old what was read of an order may be when it is acted on.
const freshEnough = time.Minute

// unlinked refuses to act on a cloud's order that another intent is linked to.
func unlinked(tx *sql.Tx, cloudOrderID, except string) error {
	if cloudOrderID == "" {
		return nil
	}
	other, err := text(tx.QueryRow("SELECT id FROM purchase WHERE cloud_order_id = $1 AND id <> $2", cloudOrderID, except))
	if err != nil || other != "" {
		return orErr(err, fault.New(fault.Conflict, "order.found.linked", "CloudOrder", cloudOrderID, "Order", other))
	}
	return nil
}

// maySpend is the guard of everything that costs money. kin are the entries of
// the Huawei account.
func (s Orders) maySpend(tx *sql.Tx, kin []string) error {
	if free, err := s.DB.FreeSpace(); err != nil || free < MoneySpace {
		return &order.Held{Why: order.HeldByDisk}
	}
	held, err := restoring(tx, kin)
	if err != nil || held != "" {
		return orErr(err, &order.Held{Why: order.HeldByRestore, OrderID: held})
	}
	return nil
}

// restoring gives an order of the account that a restored database had queued
// or was sending, and that is not decided; "" when there is none (I7).
func restoring(tx *sql.Tx, kin []string) (string, error) {
	var w where
	w.in("account_id", anys(kin)) // every caller names the entry itself at least
	w.add("restored = 1 AND state IN (?, ?)", string(order.Unknown), string(order.NeedsHuman))
	return text(tx.QueryRow("SELECT id FROM purchase"+w.String()+" LIMIT 1", w.args...))
}

// append writes everything that goes with a change.
func (s Orders) append(tx *sql.Tx, o order.Order, c order.Change) error {
	for _, e := range c.Events {
		if err := addEvent(tx, o.ID, e); err != nil {
			return err
		}
	}
	if a := c.Attempt; a != nil {
		_, err := tx.Exec(
			"UPDATE purchase_attempt SET answered_us = $1, outcome = $2, status = $3, code = $4, request_id = $5 WHERE purchase_id = $6 AND n = $7",
			micros(a.AnsweredAt), a.Outcome, a.Status, a.Code, a.RequestID, o.ID, a.N)
		if err != nil {
			return err
		}
	}
	if k := c.Check; k != nil {
		_, err := tx.Exec(`INSERT INTO purchase_check (purchase_id, n, at_us, conclusive, orders, candidates, message)
			VALUES ($1, 1 + (SELECT COALESCE(MAX(n), 0) FROM purchase_check WHERE purchase_id = $1), $2, $3, $4, $5, $6)`,
			o.ID, micros(k.At), bit(k.Conclusive), k.Orders, k.Candidates, messageText(k.Message))
		if err != nil {
			return err
		}
	}
	if err := addExchanges(tx, o.ID, c.Exchanges); err != nil {
		return err
	}
	if err := putFound(tx, c.Found); err != nil {
		return err
	}
	if err := s.addAmount(tx, c.Amount); err != nil {
		return err
	}
	if c.Spelling != "" {
		_, err := tx.Exec(`INSERT INTO spelling (account_id, image_id, name, updated_us) VALUES ($1, $2, $3, $4)
			ON CONFLICT (account_id, image_id) DO UPDATE SET name = excluded.name, updated_us = excluded.updated_us`,
			o.AccountID, o.Request.Image.ID, c.Spelling, micros(s.DB.now()))
		if err != nil {
			return err
		}
	}
	for _, e := range c.Audit {
		if err := s.DB.audit(tx, e); err != nil {
			return err
		}
	}
	return nil
}

func addEvent(tx *sql.Tx, id string, e order.Event) error {
	_, err := tx.Exec(`INSERT INTO purchase_event (purchase_id, n, at_us, state, message, person)
		VALUES ($1, 1 + (SELECT COALESCE(MAX(n), 0) FROM purchase_event WHERE purchase_id = $1), $2, $3, $4, $5)`,
		id, micros(e.At), string(e.State), messageText(e.Message), e.Person)
	return err
}

func addExchanges(tx *sql.Tx, id string, all []account.Exchange) error {
	for _, x := range all {
		_, err := tx.Exec(`INSERT INTO purchase_exchange
			(purchase_id, n, at_us, call, method, path, host, client_request_id, request_id, status, code, sent, took_us)
			VALUES ($1, 1 + (SELECT COALESCE(MAX(n), 0) FROM purchase_exchange WHERE purchase_id = $1), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
			id, micros(x.At), x.Call, x.Method, x.Path, x.Host, x.ClientRequestID, x.RequestID, x.Status, x.Code, bit(x.Sent),
			x.Took.Microseconds())
		if err != nil {
			return err
		}
	}
	return nil
}

// addAmount keeps an amount that differs from the last one read.
func (s Orders) addAmount(tx *sql.Tx, p *order.Paid) error {
	if p == nil {
		return nil
	}
	amount, currency := moneyText(&p.Amount)
	var last, lastCurrency string
	err := tx.QueryRow("SELECT amount, currency FROM purchase_amount WHERE purchase_id = $1 ORDER BY at_us DESC LIMIT 1", p.OrderID).
		Scan(&last, &lastCurrency)
	if err == nil && last == amount && lastCurrency == currency {
		return nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.Exec("INSERT INTO purchase_amount (purchase_id, at_us, amount, currency) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		p.OrderID, micros(p.At), amount, currency)
	return err
}

// Log adds exchanges to an order.
func (s Orders) Log(ctx context.Context, orderID string, x []account.Exchange) error {
	if len(x) == 0 {
		return nil
	}
	err := s.DB.Write(ctx, func(tx *sql.Tx) error { return addExchanges(tx, orderID, x) })
	if err != nil {
		return fmt.Errorf("db: exchanges of order %s: %w", orderID, err)
	}
	return nil
}

// Order gives one order.
func (s Orders) Order(ctx context.Context, id string) (order.Order, error) {
	o, err := scanPurchase(s.DB.r.QueryRowContext(ctx, "SELECT "+purchaseColumns+" FROM purchase WHERE id = $1", id))
	if errors.Is(err, sql.ErrNoRows) {
		return o, fault.New(fault.NotFound, "order.gone")
	}
	if err != nil {
		return o, fmt.Errorf("db: order %s: %w", id, err)
	}
	return o, nil
}

// Restore makes a restored database harmless (I7).
func (s Orders) Restore(ctx context.Context, now, next, until time.Time) error {
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		rows, err := tx.Query("SELECT " + purchaseColumns + " FROM purchase WHERE ended_us = 0")
		all, err := scanAll(rows, err, scanPurchase)
		if err != nil {
			return err
		}
		for _, o := range all {
			if !o.Queued() && o.State != order.Unknown {
				continue
			}
			if err := s.restore(tx, o, now, next, until); err != nil {
				return err
			}
		}
		_, err = tx.Exec("UPDATE meta SET restore_due = 0 WHERE id = 1")
		return err
	})
	if err != nil {
		return fmt.Errorf("db: restore orders: %w", err)
	}
	return nil
}

func (s Orders) restore(tx *sql.Tx, o order.Order, now, next, until time.Time) error {
	from := o.State
	o.PayAskedAt, o.PayAskedBy, o.CancelAskedAt, o.CancelAskedBy = time.Time{}, "", time.Time{}, ""
	o.Cap = nil // nothing is paid until a person agrees again
	for i := range o.Candidates {
		o.Candidates[i].CancelAsked, o.Candidates[i].AdoptAsked = false, ""
	}
	said := fault.Say("order.restored.asked")
	switch from {
	case order.Confirmed, order.Sending:
		o.State, o.Reason, o.NextCheckAt, o.CheckUntil, o.Restored = order.Unknown, fault.Say("order.unknown.restored"), next, until, true
	case order.Unknown:
		o.NextCheckAt, o.CheckUntil, o.Restored = next, until, true
	case order.NeedsHuman, order.NotFound: // their own sentences say more
	case order.Paying: // reading says whether it came through; it is not sent again
		o.PaySends, said = max(o.PaySends, order.MaxSends), fault.Say("order.restored.paying")
	default:
		o.Reason = said
	}
	if o.State != from {
		o.StateAt = now
		said = o.Reason
	}
	if err := s.update(tx, &o, from, job.Lease{}, false); err != nil {
		return err
	}
	if err := addEvent(tx, o.ID, order.Event{At: now, State: o.State, Message: said}); err != nil {
		return err
	}
	_, err := tx.Exec(
		"UPDATE job SET lease_owner = '', lease_until_us = 0, lease_gen = lease_gen + 1, done_us = $1, due_us = $2 WHERE id = $3",
		micros(o.EndedAt), micros(now), o.ID)
	if err != nil {
		return err
	}
	return s.DB.audit(tx, audit.By(person.System, "order.restored", o.ID).On(o.AccountID).For(o.ID).With("from", string(from)).
		With("to", string(o.State)).Ended("ok"))
}

// Start is the number of this process start.
func (s Orders) Start() int64 { return s.DB.Start() }

// Whole reports whether the database is the one that was used here last.
func (s Orders) Whole() bool { return s.DB.Whole() }

// Unseen is since when the cloud may have orders that the database does not know.
func (s Orders) Unseen() time.Time { return s.DB.Unseen() }

// Seen notes that they were looked at.
func (s Orders) Seen(ctx context.Context) error { return s.DB.Seen(ctx) }

// RestoredSince is when restore mode began, and why.
func (s Orders) RestoredSince(ctx context.Context) (time.Time, fault.Message, error) {
	return s.DB.RestoredSince(ctx)
}

// RestoreDone ends restore mode.
func (s Orders) RestoreDone(ctx context.Context, e audit.Entry) error {
	return s.DB.RestoreDone(ctx, e)
}

// Buyers gives the accounts that an order or an open review is of; of a restored
// database all of them, for those may be lost.
func (s Orders) Buyers(ctx context.Context) ([]string, error) {
	// One whose entry was deleted may have been added again: it is the same account.
	q := `SELECT account_id FROM purchase UNION SELECT b.id FROM purchase p JOIN account a ON a.id = p.account_id
		JOIN account b ON b.site = a.site AND b.domain_id = a.domain_id WHERE a.domain_id <> '' AND b.deleted_us = 0`
	if s.DB.Restored() {
		q = "SELECT id FROM account WHERE deleted_us = 0"
	}
	ids, err := columnOf(ctx, s.DB.r, q)
	if err != nil {
		return nil, fmt.Errorf("db: buyers: %w", err)
	}
	open, err := s.OpenReviews(ctx, time.Time{})
	for _, v := range open {
		if !slices.Contains(ids, v.Request.AccountID) {
			ids = append(ids, v.Request.AccountID)
		}
	}
	return ids, err
}
