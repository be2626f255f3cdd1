package db

import (
	"context"
	"database/sql"
	"fmt"

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
	box, err := k.Seal(sentinelPlace, []byte(sentinelText))
	if err != nil {
		return err
	}
	if _, err := d.w.ExecContext(ctx, "UPDATE meta SET sentinel = $1 WHERE id = 1 AND sentinel IS NULL", box); err != nil {
		return d.judge(fmt.Errorf("db: write the key's sentinel: %w", err))
	}
	return nil
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
		return fmt.Errorf("the key file is not the one this database was made with; put that one back: %w", err)
	}
	return nil
}
