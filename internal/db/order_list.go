package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/order"
	"sampan/internal/app/spelling"
)

// where collects the conditions of a query and their values.
type where struct {
	parts []string
	args  []any
}

// add appends a condition whose every "?" is the next value.
func (w *where) add(condition string, values ...any) {
	var b strings.Builder
	for _, r := range condition {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		w.args = append(w.args, values[0])
		values = values[1:]
		b.WriteString("$" + strconv.Itoa(len(w.args)))
	}
	w.parts = append(w.parts, b.String())
}

// in appends "column IN (…)"; an empty list matches nothing.
func (w *where) in(column string, values []any) {
	if len(values) == 0 {
		w.add("1 = 0")
		return
	}
	w.add(column+" IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")+")", values...)
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

func anys[T any](list []T) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = v
	}
	return all
}

// filter is everything of f but its group and its page.
func filter(f order.Filter) *where {
	w := &where{}
	if f.AccountIDs != nil {
		w.in("account_id", anys(f.AccountIDs))
	}
	if f.PersonID != "" {
		w.add("person_id = ?", f.PersonID)
	}
	if q := spelling.Form(spelling.Clean(f.Query)); q != "" {
		like := "%" + escapeLike(q) + "%"
		w.add(`(search LIKE ? ESCAPE '\' OR LOWER(cloud_order_id) LIKE ? ESCAPE '\')`, like, like)
	}
	return w
}

// escapeLike makes a text match itself in a LIKE with ESCAPE '\'.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// Orders gives one page of orders, latest first.
func (s Orders) Orders(ctx context.Context, f order.Filter) (order.Page, error) {
	p := order.Page{Counts: map[string]int{}}
	if _, _, _, err := parseOrderCursor(f.After); err != nil {
		f.After = "" // none, or an old or mangled link: the first page
	}
	if f.Removed && len(f.AccountIDs) > 0 {
		removed, err := s.removed(ctx, f.AccountIDs)
		if err != nil {
			return p, fmt.Errorf("db: orders of removed entries: %w", err)
		}
		f.AccountIDs = slices.Concat(f.AccountIDs, removed)
	}
	if err := s.counts(ctx, f, &p); err != nil {
		return p, fmt.Errorf("db: count orders: %w", err)
	}
	w, back, err := s.pageOf(f)
	if err != nil {
		return p, err
	}
	direction := "DESC"
	if back {
		direction = "ASC"
	}
	sorted := " ORDER BY created_us " + direction + ", id " + direction
	// The page is found by ids first: sorting the rows themselves, of all orders
	// of several accounts, would move megabytes for fifty of them.
	rows, err := s.DB.r.QueryContext(ctx, "SELECT "+purchaseColumns+" FROM purchase WHERE id IN (SELECT id FROM purchase"+w.String()+
		sorted+" LIMIT "+strconv.Itoa(f.Limit+1)+")"+sorted, w.args...)
	all, err := scanAll(rows, err, scanPurchase)
	if err != nil {
		return p, fmt.Errorf("db: orders: %w", err)
	}
	more := len(all) > f.Limit
	all = all[:min(len(all), f.Limit)]
	if back {
		slices.Reverse(all)
	}
	p.Rows = all
	if n := len(all); n > 0 {
		if more || back {
			p.Next = orderCursor("n", all[n-1])
		}
		if back && more || !back && f.After != "" {
			p.Prev = orderCursor("p", all[0])
		}
	}
	return p, nil
}

// removed gives the removed entries of the accounts at the cloud that these entries
// stand for.
func (s Orders) removed(ctx context.Context, accountIDs []string) ([]string, error) {
	w := &where{}
	w.add("a.deleted_us > 0 AND a.domain_id <> '' AND (a.site <> 'custom' OR a.endpoints = b.endpoints)")
	w.in("b.id", anys(accountIDs))
	return columnOf(ctx, s.DB.r, "SELECT DISTINCT a.id FROM account a JOIN account b ON b.site = a.site AND b.domain_id = a.domain_id"+
		w.String(), w.args...)
}

// pageOf adds the group and the place to continue from.
func (s Orders) pageOf(f order.Filter) (w *where, back bool, err error) {
	w = filter(f)
	if f.State != "" {
		w.in("state", anys(order.States(f.State)))
	}
	if f.After == "" {
		return w, false, nil
	}
	us, id, back, err := parseOrderCursor(f.After)
	if err != nil {
		return w, false, err
	}
	sign := "<"
	if back {
		sign = ">"
	}
	w.add("(created_us "+sign+" ? OR created_us = ? AND id "+sign+" ?)", us, us, id)
	return w, back, nil
}

// orderCursor is where a page goes on: a direction, "n" for older and "p" for
// newer, a time and an id.
func orderCursor(direction string, o order.Order) string {
	return direction + strconv.FormatInt(micros(o.CreatedAt), 10) + "." + o.ID
}

func parseOrderCursor(text string) (us int64, id string, back bool, err error) {
	if len(text) < 2 || len(text) > 80 || text[0] != 'n' && text[0] != 'p' {
		return 0, "", false, fmt.Errorf("db: cursor %q", text)
	}
	head, id, ok := strings.Cut(text[1:], ".")
	us, err = strconv.ParseInt(head, 10, 64)
	if err != nil || !ok {
		return 0, "", false, fmt.Errorf("db: cursor %q", text)
	}
	return us, id, text[0] == 'p', nil
}

// counts fills in the total and the counts by group.
func (s Orders) counts(ctx context.Context, f order.Filter, p *order.Page) error {
	w := filter(f)
	rows, err := s.DB.r.QueryContext(ctx, "SELECT state, COUNT(*) FROM purchase"+w.String()+" GROUP BY state", w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var st order.State
		var n int
		if err := rows.Scan(&st, &n); err != nil {
			return err
		}
		p.Counts[st.Group()] += n
		p.Counts[""] += n
	}
	p.Total = p.Counts[f.State]
	return rows.Err()
}

// Events gives the timeline of an order.
func (s Orders) Events(ctx context.Context, orderID string) ([]order.Event, error) {
	rows, err := s.DB.r.QueryContext(ctx, "SELECT at_us, state, message, person FROM purchase_event WHERE purchase_id = $1 ORDER BY n",
		orderID)
	all, err := scanAll(rows, err, func(row scanner) (order.Event, error) {
		var e order.Event
		var at int64
		var message string
		if err := row.Scan(&at, &e.State, &message, &e.Person); err != nil {
			return e, err
		}
		e.At = fromMicros(at)
		return e, fromJSON(message, &e.Message)
	})
	if err != nil {
		return nil, fmt.Errorf("db: events of order %s: %w", orderID, err)
	}
	return all, nil
}

// Attempts gives the sends of an order.
func (s Orders) Attempts(ctx context.Context, orderID string) ([]order.Attempt, error) {
	rows, err := s.DB.r.QueryContext(ctx, `SELECT n, client_request_id, image_name, body, url, sent_us, answered_us, outcome, status, code, request_id
		FROM purchase_attempt WHERE purchase_id = $1 ORDER BY n`, orderID)
	all, err := scanAll(rows, err, func(row scanner) (order.Attempt, error) {
		var a order.Attempt
		var sent, answered int64
		err := row.Scan(&a.N, &a.ClientRequestID, &a.ImageName, &a.Body, &a.URL, &sent, &answered, &a.Outcome, &a.Status, &a.Code,
			&a.RequestID)
		a.SentAt, a.AnsweredAt = fromMicros(sent), fromMicros(answered)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("db: attempts of order %s: %w", orderID, err)
	}
	return all, nil
}

// Checks gives the looks for an order of unknown outcome.
func (s Orders) Checks(ctx context.Context, orderID string) ([]order.Check, error) {
	rows, err := s.DB.r.QueryContext(ctx,
		"SELECT at_us, conclusive, orders, candidates, message FROM purchase_check WHERE purchase_id = $1 ORDER BY n", orderID)
	all, err := scanAll(rows, err, func(row scanner) (order.Check, error) {
		var c order.Check
		var at int64
		var message string
		if err := row.Scan(&at, &c.Conclusive, &c.Orders, &c.Candidates, &message); err != nil {
			return c, err
		}
		c.At = fromMicros(at)
		return c, fromJSON(message, &c.Message)
	})
	if err != nil {
		return nil, fmt.Errorf("db: checks of order %s: %w", orderID, err)
	}
	return all, nil
}

// Exchanges gives every request and answer of an order.
func (s Orders) Exchanges(ctx context.Context, orderID string) ([]account.Exchange, error) {
	rows, err := s.DB.r.QueryContext(ctx, `SELECT at_us, call, method, path, host, client_request_id, request_id, status, code, sent, took_us
		FROM purchase_exchange WHERE purchase_id = $1 ORDER BY n`, orderID)
	all, err := scanAll(rows, err, func(row scanner) (account.Exchange, error) {
		var x account.Exchange
		var at, took int64
		err := row.Scan(&at, &x.Call, &x.Method, &x.Path, &x.Host, &x.ClientRequestID, &x.RequestID, &x.Status, &x.Code, &x.Sent, &took)
		x.At, x.Took = fromMicros(at), time.Duration(took)*time.Microsecond
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("db: exchanges of order %s: %w", orderID, err)
	}
	return all, nil
}

// InState gives the orders in any of the states, oldest first.
func (s Orders) InState(ctx context.Context, accountID string, states ...order.State) ([]order.Order, error) {
	w := &where{}
	if accountID != "" {
		w.add("account_id = ?", accountID)
	}
	w.in("state", anys(states))
	rows, err := s.DB.r.QueryContext(ctx, "SELECT "+purchaseColumns+" FROM purchase"+w.String()+" ORDER BY created_us, id", w.args...)
	all, err := scanAll(rows, err, scanPurchase)
	if err != nil {
		return nil, fmt.Errorf("db: orders in %v: %w", states, err)
	}
	return all, nil
}

// NameHolder gives the order of the accounts that has the name.
func (s Orders) NameHolder(_ context.Context, accountIDs []string, name string, since time.Time, except string) (string, error) {
	id, err := nameHolder(s.DB.r, accountIDs, name, micros(since), except)
	if err != nil {
		return "", fmt.Errorf("db: holder of name %q: %w", name, err)
	}
	return id, nil
}

// SameHash gives the latest equal order that counts as a repetition.
func (s Orders) SameHash(_ context.Context, hash string, since time.Time) (string, error) {
	id, err := sameHash(s.DB.r, hash, micros(since))
	if err != nil {
		return "", fmt.Errorf("db: equal orders: %w", err)
	}
	return id, nil
}

// Linked tells which of the cloud's orders belong to orders of ours.
func (s Orders) Linked(ctx context.Context, cloudOrderIDs []string) (map[string]string, error) {
	out := make(map[string]string)
	for chunk := range slices.Chunk(cloudOrderIDs, 200) {
		w := &where{}
		w.in("cloud_order_id", anys(chunk))
		if err := s.linked(ctx, w, out); err != nil {
			return nil, fmt.Errorf("db: linked orders: %w", err)
		}
	}
	return out, nil
}

func (s Orders) linked(ctx context.Context, w *where, out map[string]string) error {
	rows, err := s.DB.r.QueryContext(ctx, "SELECT cloud_order_id, id FROM purchase"+w.String(), w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var cloud, ours string
		if err := rows.Scan(&cloud, &ours); err != nil {
			return err
		}
		out[cloud] = ours
	}
	return rows.Err()
}

// Paid gives the exact amounts once read for requests with the price key. A
// price that changed before it was paid was only read.
func (s Orders) Paid(ctx context.Context, key string, limit int) ([]order.Paid, error) {
	rows, err := s.DB.r.QueryContext(ctx, `SELECT a.at_us, a.amount, a.currency, a.purchase_id, p.paid_us,
			CASE WHEN p.state IN ($1, $2, $3) AND a.at_us = (SELECT MAX(b.at_us) FROM purchase_amount b WHERE b.purchase_id = p.id) THEN 1 ELSE 0 END
		FROM purchase_amount a JOIN purchase p ON p.id = a.purchase_id WHERE p.price_key = $4 ORDER BY a.at_us DESC LIMIT $5`,
		string(order.Delivering), string(order.Delivered), string(order.PartlyDelivered), key, limit)
	all, err := scanAll(rows, err, func(row scanner) (order.Paid, error) {
		var p order.Paid
		var at, paidAt int64
		var amount, currency string
		if err := row.Scan(&at, &amount, &currency, &p.OrderID, &paidAt, &p.Paid); err != nil {
			return p, err
		}
		m, err := moneyFrom(amount, currency)
		if m != nil {
			p.Amount = *m
		}
		p.At = fromMicros(at)
		if p.Paid && paidAt > 0 {
			p.At = fromMicros(paidAt)
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("db: paid amounts: %w", err)
	}
	return all, nil
}

// Spelling gives the spelling of an image that the account's cloud took.
func (s Orders) Spelling(ctx context.Context, accountID, imageID string) (string, error) {
	name, err := text(s.DB.r.QueryRowContext(ctx, "SELECT name FROM spelling WHERE account_id = $1 AND image_id = $2", accountID, imageID))
	if err != nil {
		return "", fmt.Errorf("db: spelling of %s: %w", imageID, err)
	}
	return name, nil
}

var _ querier = (*sql.DB)(nil)
