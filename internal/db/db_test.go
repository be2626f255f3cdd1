package db_test

import (
	"database/sql"
	"testing"

	"sampan/internal/db/dbtest"
)

func TestOpen(t *testing.T) {
	d := dbtest.Open(t)
	if err := d.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := d.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO setting (name, value, updated_us) VALUES ('a', 'b', 1)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
