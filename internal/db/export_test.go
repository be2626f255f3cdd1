package db

import (
	"context"
	"database/sql"
	"net/url"

	"sampan/internal/app/audit"
)

// Writer is the writing connection, for tests that break things.
func Writer(d *DB) *sql.DB { return d.w }

// Audit appends a row inside a transaction of Write.
func Audit(d *DB, tx *sql.Tx, e audit.Entry) error { return d.audit(tx, e) }

// VersionFit judges a version of SQLite.
func VersionFit(v string) error { return versionFit(v) }

// MigrateTo makes a file with an older schema.
func MigrateTo(ctx context.Context, path string, version int64) error {
	w, err := sql.Open("sqlite", dsn(path, url.Values{}))
	if err != nil {
		return err
	}
	defer w.Close()
	m, err := newMigrations(ctx, w)
	if err != nil {
		return err
	}
	_, err = m.provider.UpTo(ctx, version)
	return err
}
