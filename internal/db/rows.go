package db

import (
	"context"
	"database/sql"
)

// scanner is *sql.Row or *sql.Rows.
type scanner interface{ Scan(to ...any) error }

// all reads every row of a query with scan.
func all[T any](ctx context.Context, d *DB, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := d.Read().QueryContext(ctx, query, args...)
	return scanAll(rows, err, scan)
}

// scanAll reads every row with scan and closes rows. err is the query's: rows
// is nil then. No row gives nil; after an error nothing is given.
func scanAll[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return found, nil
}
