package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
)

// counterFile stands next to the database and holds the number of the last
// write transaction. The database commits first, synced; the file follows. So
// the file is never ahead of the database it belongs to, unless somebody put
// an older database in place. It also holds the database's id and inode, so
// that another database and a copy are noticed too.
//
// It is not synced: after a power cut it may be behind, which is harmless.
type counterFile struct {
	f     *os.File
	id    string
	inode uint64
}

const counterLine = "sampan-counter 1 %s %d %020d\n"

func (c *counterFile) write(n int64) error {
	_, err := c.f.WriteAt(fmt.Appendf(nil, counterLine, c.id, c.inode, n), 0)
	return err
}

func (c *counterFile) close() error { return c.f.Close() }

func counterPath(path string) string { return path + ".counter" }

// read returns what the file says; ok is false when it is missing or damaged.
func (c *counterFile) read() (id string, inode uint64, n int64, ok bool) {
	text, err := os.ReadFile(c.f.Name())
	if err != nil {
		return "", 0, 0, false
	}
	got, err := fmt.Sscanf(string(text), counterLine, &id, &inode, &n)
	return id, inode, n, err == nil && got == 3
}

// identify reads or writes the row about the database itself, and decides
// whether the file is the one this directory has always had (I7). If not, it
// drops sessions, devices and links and marks the database as restored in one
// transaction, before the counter file is brought up to date: a crash in
// between finds the mark or the difference again.
func (d *DB) identify(ctx context.Context) error {
	if _, err := d.w.ExecContext(ctx, "INSERT INTO meta (id, database_id, counter, restored) VALUES (1, $1, 0, 0) ON CONFLICT (id) DO NOTHING", NewID()); err != nil {
		return fmt.Errorf("write the database's identity: %w", err)
	}
	c := &counterFile{}
	var counter, restored int64
	if err := d.w.QueryRowContext(ctx, "SELECT database_id, counter, restored FROM meta WHERE id = 1").Scan(&c.id, &counter, &restored); err != nil {
		return fmt.Errorf("read the database's identity: %w", err)
	}
	var err error
	if c.inode, err = identity(d.path); err != nil {
		return fmt.Errorf("look at the database file: %w", err)
	}
	if c.f, err = os.OpenFile(counterPath(d.path), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("open the counter file: %w", err)
	}
	d.twin = c
	why, ahead := c.differs(counter)
	if why != "" {
		if counter, err = d.markRestored(ctx, why, max(counter, ahead)); err != nil {
			return fmt.Errorf("mark the database as restored: %w", err)
		}
		restored = 1
	}
	d.restored = restored == 1
	if err := c.write(counter); err != nil {
		return fmt.Errorf("write the counter file: %w", err)
	}
	return nil
}

// differs says why the counter file does not belong to the database, "" when
// it does, and the counter that the file has seen.
func (c *counterFile) differs(counter int64) (why string, seen int64) {
	id, inode, n, ok := c.read()
	switch {
	case !ok && counter == 0:
		return "", 0 // new, or the first start ended right after making it
	case !ok:
		return "the counter file is missing", 0
	case id != c.id:
		return "the counter file belongs to another database", 0
	case n > counter:
		return "the database is older than its counter file", n
	case inode != c.inode:
		return "the database file is a copy", n
	}
	return "", n
}

func (d *DB) markRestored(ctx context.Context, why string, seen int64) (int64, error) {
	d.log.WarnContext(ctx, "database was restored, copied or rolled back: nothing queued will be sent", "reason", why)
	err := d.Write(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{"DELETE FROM session", "DELETE FROM device", "DELETE FROM link"} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("UPDATE meta SET restored = 1, counter = $1 WHERE id = 1", seen); err != nil {
			return err
		}
		return d.audit(tx, audit.By(person.System, "database.restored").With("reason", why))
	})
	return seen + 1, err
}

// follow brings the counter file up to n, after the commit of n. While the
// mark of identify is being written there is no twin yet to bring up.
func (d *DB) follow(n int64) {
	if d.twin == nil {
		return
	}
	if err := d.twin.write(n); err != nil && !errors.Is(err, fs.ErrClosed) {
		d.log.Error("counter file not written: a restored database may go unnoticed", "err", err)
	}
}

// Restored reports whether the file was restored, copied or rolled back since
// it was last used here, and RestoreDone has not been called since. While it
// is true nothing may be sent: first expire what is confirmed, and take what
// was being sent or worked on as unknown (I7). Sessions are gone already.
func (d *DB) Restored() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.restored
}

// RestoreDone ends restore mode, once everything queued has been dealt with.
func (d *DB) RestoreDone(ctx context.Context) error {
	err := d.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE meta SET restored = 0 WHERE id = 1"); err != nil {
			return err
		}
		return d.audit(tx, audit.By(person.System, "database.recovered"))
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.restored = false
	return nil
}
