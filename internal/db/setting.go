package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sampan/internal/app/audit"
	"sampan/internal/app/setting"
)

// Settings keeps settings by name.
type Settings struct{ DB *DB }

var _ setting.Store = Settings{}

// Setting gives a stored value; ok is false when none was stored.
func (s Settings) Setting(ctx context.Context, name string) (value string, ok bool, err error) {
	err = s.DB.r.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = $1", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("db: setting %s: %w", name, err)
	}
	return value, true, nil
}

// PutSetting stores a value and the audit row in one transaction.
func (s Settings) PutSetting(ctx context.Context, name, value string, e audit.Entry) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO setting (name, value, updated_us) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_us = excluded.updated_us`,
			name, value, micros(s.DB.now())); err != nil {
			return fmt.Errorf("db: setting %s: %w", name, err)
		}
		return s.DB.audit(tx, e)
	})
}
