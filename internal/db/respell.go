package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"sampan/internal/app/spelling"
)

// respellVersion is the schema from which on the columns below hold the form in
// which spelling compares text; before, some held lower case.
const respellVersion = 15

// spelt are the columns that hold what text is compared by, and what each is
// made of. Within a group no two are equal, where the schema says so.
var spelt = []struct{ table, key, from, of, group string }{
	{"account", "label_key", "label", "id", "CASE WHEN deleted_us = 0 THEN '' ELSE id END"},
	{"instance", "name_key", "name", "account_id", "account_id || ' ' || id"},
	{"saved_view", "fold", "name", "id", "person_id || ' ' || list"},
	{"purchase", "search", "search", "id", "id"},
}

// spot is where a row stands: the column "of", and its id.
type spot struct{ of, id string }

// respell writes them anew. A key that another row of the group has by now is
// left as it is: two names that were different stay two.
func respell(ctx context.Context, tx *sql.Tx) error {
	for _, c := range spelt {
		rows, err := tx.QueryContext(ctx, "SELECT "+c.of+", id, "+c.key+", "+c.from+", "+c.group+" FROM "+c.table)
		if err != nil {
			return fmt.Errorf("db: respell %s: %w", c.table, err)
		}
		change, err := respelt(rows)
		if err != nil {
			return fmt.Errorf("db: respell %s: %w", c.table, err)
		}
		for at, key := range change {
			if _, err := tx.ExecContext(ctx, "UPDATE "+c.table+" SET "+c.key+" = $1 WHERE "+c.of+" = $2 AND id = $3", key, at.of, at.id); err != nil {
				return fmt.Errorf("db: respell %s: %w", c.table, err)
			}
		}
	}
	return nil
}

// respelt gives the rows whose key changes, and the new one.
func respelt(rows *sql.Rows) (map[spot]string, error) {
	defer rows.Close()
	change, groups, taken := make(map[spot]string), make(map[spot]string), make(map[[2]string]bool)
	for rows.Next() {
		var at spot
		var key, from, group string
		if err := rows.Scan(&at.of, &at.id, &key, &from, &group); err != nil {
			return nil, err
		}
		taken[[2]string{group, key}] = true
		if form := spelling.Form(from); form != key {
			change[at], groups[at] = form, group
		}
	}
	for at, form := range change {
		if k := [2]string{groups[at], form}; taken[k] {
			delete(change, at)
		} else {
			taken[k] = true
		}
	}
	return change, rows.Err()
}

func respelling() *goose.Migration {
	return goose.NewGoMigration(respellVersion, &goose.GoFunc{RunTx: respell}, nil)
}
