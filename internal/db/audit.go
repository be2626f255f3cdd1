package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
)

const auditColumns = "seq, at_us, person_id, person_name, role, session_ref, address, action, account_id, targets, params, intent, outcome, request_ids, prev_mac, mac"

// audit appends a row to the chain, in the caller's transaction: without
// the row nothing is done (I19). It may only be called inside Write, whose turn keeps the chain in
// one line. After the commit the row is also a line of the log.
func (d *DB) audit(tx *sql.Tx, e audit.Entry) error {
	var last audit.Row
	err := tx.QueryRow("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1").Scan(&last.Seq, &last.MAC)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("db: audit %s: %w", e.Action, err)
	}
	r := audit.Chain(d.auditKey, last, e, d.now())
	_, err = tx.Exec("INSERT INTO audit ("+auditColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
		r.Seq, micros(r.At), r.Actor.PersonID, r.Actor.Name, string(r.Actor.Role), r.Actor.SessionRef, r.Actor.Address,
		r.Action, r.AccountID, toJSON(r.Targets), toJSON(r.Params), r.Intent, r.Outcome, toJSON(r.RequestIDs), r.PrevMAC, r.MAC)
	if err != nil {
		return fmt.Errorf("db: audit %s: %w", e.Action, err)
	}
	head := audit.HeadOf(d.auditKey, r)
	if _, err := tx.Exec("UPDATE meta SET audit_seq = $1, audit_sum = $2 WHERE id = 1", head.Seq, head.Sum); err != nil {
		return fmt.Errorf("db: audit %s: %w", e.Action, err)
	}
	d.pending = append(d.pending, r)
	return nil
}

// logAudit writes the rows of the transaction just committed to the log: the
// second copy of the chain.
func (d *DB) logAudit(ctx context.Context) {
	for _, r := range d.pending {
		d.log.InfoContext(ctx, "audit", "seq", r.Seq, "at", r.At, "person", r.Actor.PersonID, "role", string(r.Actor.Role),
			"session", r.Actor.SessionRef, "address", r.Actor.Address, "action", r.Action, "account", r.AccountID,
			"targets", r.Targets, "params", r.Params, "intent", r.Intent, "outcome", r.Outcome, "requests", r.RequestIDs,
			"mac", fmt.Sprintf("%x", r.MAC))
	}
	d.pending = nil
}

// Audits reads the audit chain. Rows are written by the other stores, with the
// change they record.
type Audits struct{ DB *DB }

// Note writes a row that goes with no other change: a denied attempt.
func (a Audits) Note(ctx context.Context, e audit.Entry) error {
	return a.DB.Write(ctx, func(tx *sql.Tx) error { return a.DB.audit(tx, e) })
}

// Verify recomputes the chain and returns how many rows it has. The first row
// that is altered or missing is an *audit.Broken.
func (a Audits) Verify(ctx context.Context) (int64, error) {
	var head audit.Head
	if err := a.DB.r.QueryRowContext(ctx, "SELECT audit_seq, audit_sum FROM meta WHERE id = 1").Scan(&head.Seq, &head.Sum); err != nil {
		return 0, fmt.Errorf("db: audit head: %w", err)
	}
	return audit.Verify(a.DB.auditKey, a.Rows(ctx, 0), head)
}

// Rows gives the rows with numbers above after, oldest first. It holds a
// reading connection until the loop ends.
func (a Audits) Rows(ctx context.Context, after int64) iter.Seq2[audit.Row, error] {
	return func(yield func(audit.Row, error) bool) {
		rows, err := a.DB.r.QueryContext(ctx, "SELECT "+auditColumns+" FROM audit WHERE seq > $1 ORDER BY seq", after)
		if err != nil {
			yield(audit.Row{}, fmt.Errorf("db: audit rows: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			r, err := scanAudit(rows)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(audit.Row{}, fmt.Errorf("db: audit rows: %w", err))
		}
	}
}

// Latest gives the newest rows, the newest first; of one person alone unless
// personID is "".
func (a Audits) Latest(ctx context.Context, personID string, limit int) ([]audit.Row, error) {
	query, args := "SELECT "+auditColumns+" FROM audit ORDER BY seq DESC LIMIT $1", []any{limit}
	if personID != "" {
		query, args = "SELECT "+auditColumns+" FROM audit WHERE person_id = $2 ORDER BY seq DESC LIMIT $1", []any{limit, personID}
	}
	rows, err := all(ctx, a.DB, scanAudit, query, args...)
	if err != nil {
		return nil, fmt.Errorf("db: latest audit rows: %w", err)
	}
	return rows, nil
}

func scanAudit(row scanner) (audit.Row, error) {
	var r audit.Row
	var at int64
	var role, targets, params, requests string
	err := row.Scan(&r.Seq, &at, &r.Actor.PersonID, &r.Actor.Name, &role, &r.Actor.SessionRef, &r.Actor.Address,
		&r.Action, &r.AccountID, &targets, &params, &r.Intent, &r.Outcome, &requests, &r.PrevMAC, &r.MAC)
	if err != nil {
		return audit.Row{}, fmt.Errorf("db: audit row: %w", err)
	}
	r.At, r.Actor.Role = fromMicros(at), person.Role(role)
	if err := errors.Join(fromJSON(targets, &r.Targets), fromJSON(params, &r.Params), fromJSON(requests, &r.RequestIDs)); err != nil {
		return r, fmt.Errorf("db: audit row %d: %w", r.Seq, err)
	}
	return r, nil
}
