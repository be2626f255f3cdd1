package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
)

var sentinelPlace = seal.Place{Table: "meta", Row: "1", Column: "sentinel"}

const sentinelText = "sampan"

// CheckSentinel proves that the key file is the one this database was made
// with, and writes the proof when there is none yet. The wrong key file is an
// error in a sentence.
func (d *DB) CheckSentinel(ctx context.Context, k *seal.Keyring) error {
	if err := d.proveKey(ctx, k); err != nil {
		return err
	}
	var there bool
	if err := d.w.QueryRowContext(ctx, "SELECT sentinel IS NOT NULL FROM meta WHERE id = 1").Scan(&there); err != nil || there {
		return err
	}
	box, err := k.Seal(sentinelPlace, []byte(sentinelText))
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE meta SET sentinel = $1 WHERE id = 1 AND sentinel IS NULL", box); err != nil {
			return fmt.Errorf("db: write the key's sentinel: %w", err)
		}
		return nil
	})
}

// proveKey compares the key with the sentinel and writes nothing.
func (d *DB) proveKey(ctx context.Context, k *seal.Keyring) error {
	var box []byte
	err := d.w.QueryRowContext(ctx, "SELECT sentinel FROM meta WHERE id = 1").Scan(&box)
	if err == sql.ErrNoRows || (err == nil && box == nil) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("db: read the key's sentinel: %w", err)
	}
	clear, err := k.Open(sentinelPlace, box)
	if err != nil || string(clear) != sentinelText {
		return fmt.Errorf("%w; put that one back. If it is lost, see A lost key file in the README: %w", errWrongKey, err)
	}
	return nil
}

// errWrongKey means that the key does not open what this database has sealed.
var errWrongKey = errors.New("the key file is not the one this database was made with")

// ErrKeyFits means that nothing is lost: the key opens the database.
var ErrKeyFits = errors.New("the key file fits this database: nothing is lost")

// lostKey turns what proveKey found around, where the key is said to be lost.
func lostKey(proof error) error {
	switch {
	case proof == nil:
		return ErrKeyFits
	case errors.Is(proof, errWrongKey):
		return nil
	}
	return proof
}

// forget drops everything that a lost key sealed and goes on with a new one, in
// one transaction: credentials have to be entered again, all else stays. The
// audit chain is continued under the new key.
func (d *DB) forget(ctx context.Context, k *seal.Keyring) error {
	box, err := k.Seal(sentinelPlace, []byte(sentinelText))
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE meta SET sentinel = $1 WHERE id = 1", box); err != nil {
			return fmt.Errorf("write the key's sentinel: %w", err)
		}
		_, err := tx.ExecContext(ctx, "UPDATE account SET sealed = NULL, trouble = $1, trouble_us = $2, updated_us = $2, rev = rev + 1, "+
			"state = CASE state WHEN 'disabled' THEN state ELSE 'broken' END WHERE deleted_us = 0",
			messageText(fault.Say(account.KeyLost)), micros(d.now()))
		if err != nil {
			return fmt.Errorf("forget the credentials: %w", err)
		}
		return d.audit(tx, audit.By(person.System, "key.lost"))
	})
}
