package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations is the way from the schema of the file to that of the program.
type migrations struct {
	provider        *goose.Provider
	current, target int64
}

// newMigrations compares the file with the program, and refuses a file that a
// newer program has migrated.
func newMigrations(ctx context.Context, w *sql.DB) (*migrations, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, w, files,
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(respelling()), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	m := &migrations{provider: p}
	if m.current, m.target, err = p.GetVersions(ctx); err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	if m.current > m.target {
		return nil,
			fmt.Errorf(
				"the database has schema %d and this program knows %d: it was used with a newer version; start that one, or put a backup in place", m.current, m.target)
	}
	return m, nil
}

// run migrates, each file in a transaction of its own, after a backup.
func (m *migrations) run(ctx context.Context, d *DB) error {
	if m.current == m.target {
		return nil
	}
	if m.current > 0 {
		to := fmt.Sprintf("%s.before-schema-%d.backup", d.path, m.target)
		if err := backup(ctx, d.w, to); err != nil {
			return fmt.Errorf("back up before migrating: %w", err)
		}
		d.log.InfoContext(ctx, "database backed up before migrating", "file", to, "from", m.current, "to", m.target)
		if err := d.tie(ctx, d.w); err != nil { // the side file begins with it
			return fmt.Errorf("tie the migration to the file: %w", err)
		}
	}
	if _, err := m.provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate from schema %d to %d: %w", m.current, m.target, err)
	}
	return nil
}

// backup copies the database into a file that did not exist or is replaced,
// and opens it to compare the number of rows of every table.
func backup(ctx context.Context, w *sql.DB, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := w.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	if err := os.Chmod(to, 0o600); err != nil {
		return err
	}
	c, err := sql.Open("sqlite", dsn(to, url.Values{"mode": {"ro"}}))
	if err != nil {
		return err
	}
	defer c.Close()
	want, err := countRows(ctx, w)
	if err != nil {
		return err
	}
	got, err := countRows(ctx, c)
	if err != nil {
		return fmt.Errorf("read the copy %s: %w", to, err)
	}
	for table, n := range want {
		if got[table] != n {
			return fmt.Errorf("the copy %s has %d rows of %s in the place of %d", to, got[table], table, n)
		}
	}
	return nil
}

// countRows gives the number of rows of every table.
func countRows(ctx context.Context, c *sql.DB) (map[string]int64, error) {
	tables, err := columnOf(ctx, c, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64, len(tables))
	for _, t := range tables {
		var n int64
		if err := c.QueryRowContext(ctx, `SELECT count(*) FROM "`+t+`"`).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", t, err)
		}
		counts[t] = n
	}
	return counts, nil
}

// columnOf reads a query's one column of text.
func columnOf(ctx context.Context, c *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := c.QueryContext(ctx, query, args...)
	return scanAll(rows, err, func(row scanner) (string, error) {
		var s string
		err := row.Scan(&s)
		return s, err
	})
}
