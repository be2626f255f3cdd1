package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/spelling"
)

// Accounts is the account.Store.
type Accounts struct{ DB *DB }

const accountColumns = "id, label, site, credential, key_hint, endpoints, state, trouble, trouble_us, domain_id, domain_name, " +
	"projects, currency, checks, checked_us, rights, lock_lifted, created_us, updated_us, rev"

// labelKey is a label as it is compared: without regard to case and form.
func labelKey(label string) string { return spelling.Form(label) }

func scanAccount(row scanner) (account.Account, error) {
	var a account.Account
	var site, credential, endpoints, state, trouble, projects, checks, rights string
	var troubleUS, checkedUS, createdUS, updatedUS int64
	err := row.Scan(&a.ID, &a.Label, &site, &credential, &a.KeyHint, &endpoints, &state, &trouble, &troubleUS, &a.DomainID, &a.DomainName,
		&projects, &a.Currency, &checks, &checkedUS, &rights, &a.BuyLockLifted, &createdUS, &updatedUS, &a.Rev)
	if err != nil {
		return a, err
	}
	a.Site, a.Credential, a.State = account.Site(site), account.Credential(credential), account.State(state)
	a.TroubleAt, a.CheckedAt, a.CreatedAt, a.UpdatedAt = fromMicros(troubleUS), fromMicros(checkedUS), fromMicros(createdUS),
		fromMicros(updatedUS)
	return a, errors.Join(fromJSON(endpoints, &a.Endpoints), fromJSON(trouble, &a.Trouble), fromJSON(projects, &a.Projects),
		fromJSON(checks, &a.Checks), fromJSON(rights, &a.Rights))
}

// messageText is a message as stored, "" for none.
func messageText(m fault.Message) string {
	if m.Zero() {
		return ""
	}
	return toJSON(m)
}

func valuesText(v map[string]string) string {
	if len(v) == 0 {
		return ""
	}
	return toJSON(v)
}

// Accounts gives all accounts that are not deleted, by label.
func (s Accounts) Accounts(ctx context.Context) ([]account.Account, error) {
	found, err := all(ctx, s.DB, scanAccount, "SELECT "+accountColumns+" FROM account WHERE deleted_us = 0 ORDER BY label_key")
	if err != nil {
		return nil, fmt.Errorf("db: accounts: %w", err)
	}
	return found, nil
}

// Account gives one account that is not deleted.
func (s Accounts) Account(ctx context.Context, id string) (account.Account, error) {
	return oneAccount(ctx, s.DB.Read(), id)
}

// contextQuerier is a transaction or the reading pool.
type contextQuerier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func oneAccount(ctx context.Context, from contextQuerier, id string) (account.Account, error) {
	a, err := scanAccount(from.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM account WHERE id = $1 AND deleted_us = 0", id))
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "account.missing")
	}
	if err != nil {
		return a, fmt.Errorf("db: account %s: %w", id, err)
	}
	return a, nil
}

// Create stores a new account.
func (s Accounts) Create(ctx context.Context, a account.Account, sealed []byte, e audit.Entry) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO account ("+accountColumns+", label_key, sealed, deleted_us) VALUES ("+
			"$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0)",
			append(accountValues(a), labelKey(a.Label), sealed)...)
		if isUnique(err) {
			return account.ErrLabelTaken
		}
		if err != nil {
			return fmt.Errorf("db: create account %s: %w", a.ID, err)
		}
		return s.DB.audit(tx, e)
	})
}

// accountValues are the values of accountColumns.
func accountValues(a account.Account) []any {
	return []any{a.ID, a.Label, string(a.Site), string(a.Credential), a.KeyHint, toJSON(a.Endpoints), string(a.State),
		messageText(a.Trouble), micros(a.TroubleAt), a.DomainID, a.DomainName, toJSON(a.Projects), a.Currency, toJSON(a.Checks),
		micros(a.CheckedAt), toJSON(a.Rights), a.BuyLockLifted, micros(a.CreatedAt), micros(a.UpdatedAt), a.Rev}
}

// Update changes an account in one transaction.
func (s Accounts) Update(ctx context.Context, id string, change func(*account.Account) error,
	entries ...audit.Entry) (account.Account, error) {
	return s.update(ctx, id, nil, change, entries)
}

// Reseal is Update with a new sealed credential.
func (s Accounts) Reseal(ctx context.Context, id string, sealed []byte, change func(*account.Account) error,
	e audit.Entry) (account.Account, error) {
	return s.update(ctx, id, sealed, change, []audit.Entry{e})
}

func (s Accounts) update(ctx context.Context, id string, sealed []byte, change func(*account.Account) error,
	entries []audit.Entry) (account.Account, error) {
	var a account.Account
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if a, err = oneAccount(ctx, tx, id); err != nil {
			return err
		}
		if err := change(&a); err != nil {
			return err
		}
		a.ID, a.Rev, a.UpdatedAt = id, a.Rev+1, fromMicros(micros(s.DB.now()))
		if err := saveAccount(ctx, tx, a, sealed); err != nil {
			return err
		}
		for _, e := range entries {
			if err := s.DB.audit(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}

// saveAccount leaves the key of a label that stays alone: two labels that older
// versions told apart may have one form (respell).
func saveAccount(ctx context.Context, tx *sql.Tx, a account.Account, sealed []byte) error {
	_, err := tx.ExecContext(ctx, "UPDATE account SET label = $2, site = $3, credential = $4, key_hint = $5, endpoints = $6, state = $7, "+
		"trouble = $8, trouble_us = $9, domain_id = $10, domain_name = $11, projects = $12, currency = $13, checks = $14, checked_us = $15, "+
		"rights = $16, lock_lifted = $17, created_us = $18, updated_us = $19, rev = $20, "+
		"label_key = CASE WHEN label = $2 THEN label_key ELSE $21 END WHERE id = $1",
		append(accountValues(a), labelKey(a.Label))...)
	if isUnique(err) {
		return account.ErrLabelTaken
	}
	if err == nil && sealed != nil {
		_, err = tx.ExecContext(ctx, "UPDATE account SET sealed = $2 WHERE id = $1", a.ID, sealed)
	}
	if err != nil {
		return fmt.Errorf("db: update account %s: %w", a.ID, err)
	}
	return nil
}

// Sealed gives the sealed credential, once the row that says so is on disk.
func (s Accounts) Sealed(ctx context.Context, id string, e audit.Entry) ([]byte, error) {
	var sealed []byte
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT sealed FROM account WHERE id = $1 AND deleted_us = 0", id).Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "account.missing")
		}
		if err != nil {
			return fmt.Errorf("db: credential of account %s: %w", id, err)
		}
		return s.DB.audit(tx, e)
	})
	return sealed, err
}

// openStates are those of an order that the console still has to see to, as
// stored.
var openStates = []string{"confirmed", "sending", "unknown", "needs human", "ordered", "awaiting payment", "paying", "delivering"}

// OpenOrders gives how many orders of an account are open, as Delete counts them.
func (s Accounts) OpenOrders(ctx context.Context, id string) (int, error) {
	return openOrders(ctx, s.DB.Read(), id, micros(s.DB.now()))
}

func openOrders(ctx context.Context, from contextQuerier, id string, now int64) (open int, err error) {
	err = from.QueryRowContext(ctx, "SELECT COUNT(*) FROM purchase WHERE account_id = $1 AND (state IN ('"+strings.Join(openStates, "', '")+
		"') OR (state IN ('not found', 'partly delivered') AND check_until_us > $2))", id, now).Scan(&open)
	if err != nil {
		return 0, fmt.Errorf("db: open orders of account %s: %w", id, err)
	}
	return open, nil
}

// Delete removes an account if it may go, and unless orders of it are open. An
// order whose outcome was not found or is incomplete counts while it is watched.
func (s Accounts) Delete(ctx context.Context, id string, may func(account.Account) error, e audit.Entry) (int, error) {
	open := 0
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		a, err := oneAccount(ctx, tx, id)
		if err == nil && may != nil {
			err = may(a)
		}
		if err != nil {
			return err
		}
		now := micros(s.DB.now())
		if open, err = openOrders(ctx, tx, id, now); err != nil || open > 0 {
			return err
		}
		for _, statement := range []string{
			"UPDATE account SET deleted_us = $2, sealed = NULL, rev = rev + 1 WHERE id = $1",
			"DELETE FROM instance WHERE account_id = $1 AND $2 > 0",
			"DELETE FROM server WHERE account_id = $1 AND $2 > 0",
			"DELETE FROM probe WHERE account_id = $1 AND $2 > 0",
			"DELETE FROM packed WHERE account_id = $1 AND $2 > 0",
			"DELETE FROM raw_answer WHERE account_id = $1 AND $2 > 0",
			"DELETE FROM private_image WHERE account_id = $1 AND $2 > 0",
			"DELETE FROM sync WHERE account_id = $1 AND $2 > 0",
			"DELETE FROM traffic_hours WHERE meter IN (SELECT n FROM meter WHERE account_id = $1) AND $2 > 0",
			"DELETE FROM traffic_days WHERE meter IN (SELECT n FROM meter WHERE account_id = $1) AND $2 > 0",
			"DELETE FROM traffic_use WHERE meter IN (SELECT n FROM meter WHERE account_id = $1) AND $2 > 0",
			"DELETE FROM meter WHERE account_id = $1 AND $2 > 0",
		} {
			if _, err := tx.ExecContext(ctx, statement, id, now); err != nil {
				return fmt.Errorf("db: delete account %s: %w", id, err)
			}
		}
		return s.DB.audit(tx, e)
	})
	return open, err
}
