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

// comparedColumns are the columns that hold what text is compared by, and the
// text. Within a group no two are equal, where the schema says so.
var comparedColumns = []struct{ table, key, text, group string }{
	{"account", "label_key", "label", "CASE WHEN deleted_us = 0 THEN '' ELSE id END"},
	{"instance", "name_key", "name", "account_id || ' ' || id"},
	{"saved_view", "fold", "name", "person_id || ' ' || list"},
	{"purchase", "search", "search", "id"},
}

type (
	groupedKey struct{ group, key string }
	keyChange  struct {
		rowID int64
		to    groupedKey
	}
)

// respell writes these columns again. A key that another row of its group has
// already is left as it is: two names that were different stay different, and
// storing the row again under the same name does not change its key.
func respell(ctx context.Context, tx *sql.Tx) error {
	for _, c := range comparedColumns {
		if err := respellColumn(ctx, tx, c.table, c.key, c.text, c.group); err != nil {
			return fmt.Errorf("db: respell %s: %w", c.table, err)
		}
	}
	return nil
}

func respellColumn(ctx context.Context, tx *sql.Tx, table, key, text, group string) error {
	rows, err := tx.QueryContext(ctx, "SELECT rowid, "+key+", "+text+", "+group+" FROM "+table+" ORDER BY rowid")
	if err != nil {
		return err
	}
	defer rows.Close()
	taken := make(map[groupedKey]bool)
	var changes []keyChange
	for rows.Next() {
		var id int64
		var old groupedKey
		var written string
		if err := rows.Scan(&id, &old.key, &written, &old.group); err != nil {
			return err
		}
		taken[old] = true
		if form := spelling.Form(written); form != old.key {
			changes = append(changes, keyChange{id, groupedKey{old.group, form}})
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, c := range changes {
		if taken[c.to] {
			continue
		}
		taken[c.to] = true
		if _, err := tx.ExecContext(ctx, "UPDATE "+table+" SET "+key+" = $1 WHERE rowid = $2", c.to.key, c.rowID); err != nil {
			return err
		}
	}
	return nil
}

func respelling() *goose.Migration {
	return goose.NewGoMigration(respellVersion, &goose.GoFunc{RunTx: respell}, nil)
}
