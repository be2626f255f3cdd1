package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// mark is what a start compares the database with, to find out whether it is
// the one that was used here last (reliability.md §7, belt 1). It stands in the
// directory and, because a directory is copied and put back whole, also beside
// it. The database commits first, synced; the marks follow. So a mark is never
// ahead of the database it belongs to, unless an older database was put in place.
//
// Marks are synced at a start and at a stop only: after a power cut they may be
// behind, which is harmless.
type mark struct {
	id      string // of the database
	start   int64  // number of the process start that wrote it
	counter int64  // number of the last write transaction
	clean   bool   // written by a stop that left no side file
}

// markForm has one length for all values: a mark is written over in one piece.
const markForm = "sampan-mark 1 %-36s start=%012d counter=%020d clean=%d"

func (m mark) line() []byte {
	text := fmt.Sprintf(markForm, m.id, m.start, m.counter, bit(m.clean))
	return fmt.Appendf(nil, "%s sum=%08x\n", text, crc32.ChecksumIEEE([]byte(text)))
}

// sign is what a start finds where a mark should be.
type sign struct {
	mark
	there  bool // whole and legible
	closed bool // there may be one, and it cannot be read: that says nothing
}

func readMark(path string) sign {
	text, err := os.ReadFile(path)
	if err != nil {
		return sign{closed: !errors.Is(err, fs.ErrNotExist)}
	}
	var s sign
	var clean int64
	n, err := fmt.Sscanf(string(text), "sampan-mark 1 %s start=%d counter=%d clean=%d", &s.id, &s.start, &s.counter, &clean)
	if n != 4 || err != nil {
		return sign{}
	}
	s.clean = clean == 1
	s.there = string(s.line()) == string(text)
	return s
}

// marks are the two files of one open database. They are
// used only by the holder of DB.turn.
type marks struct {
	now   mark
	files []*os.File // those that can be written
	outer error      // why the one beside the directory cannot be, nil when it can
}

// innerMark and outerMark are where the marks of a database lie.
func innerMark(path string) string { return path + ".mark" }

func outerMark(path string) string {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		dir = filepath.Clean(filepath.Dir(path))
	}
	return dir + ".mark"
}

// open makes the files, and writes and syncs the mark into them. Only the inner
// one must succeed.
func (m *marks) open(path string) error {
	inner, err := os.OpenFile(innerMark(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the mark: %w", err)
	}
	m.files = append(m.files, inner)
	outer, err := os.OpenFile(outerMark(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		if _, err = outer.WriteAt(m.now.line(), 0); err == nil {
			err = outer.Sync()
		}
		if err != nil { // its disk may be another one, and full
			_ = outer.Close()
		} else {
			m.files = append(m.files, outer)
		}
	}
	m.outer = err
	return m.write(true)
}

// write brings the files up to date. Those that fail are behind from then on,
// which is harmless for the start that follows.
func (m *marks) write(sync bool) error {
	var errs []error
	for _, f := range m.files {
		_, err := f.WriteAt(m.now.line(), 0)
		if err == nil && sync {
			err = f.Sync()
		}
		if err != nil && !errors.Is(err, fs.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (m *marks) close() error {
	var errs []error
	for _, f := range m.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// follow brings the marks up to n, after the commit of n. While the database is
// being opened there are none yet.
func (d *DB) follow(n int64) {
	if d.marks == nil {
		return
	}
	d.marks.now.counter = n
	if err := d.marks.write(false); err != nil {
		d.log.Error("mark not written: a restored database may go unnoticed", "err", err)
	}
}

// past is what a start reads of itself before it writes.
type past struct {
	inner, outer sign
	setAside     []string // side files that did not belong to the main file
	fresh        bool     // there was no database
}

// clean reports whether, by both marks, the last process closed the database.
func (p past) clean() bool {
	return p.inner.there && p.inner.clean && (!p.outer.there || p.outer.clean)
}

// Why a start does not take the database for the one that was used here last.
// The log and the audit carry these ids; pages show their sentences.
const (
	tornOlder   = "restored.older"   // a mark is ahead of it
	tornOther   = "restored.other"   // a mark is of another database
	tornMissing = "restored.missing" // a mark that was made is not there
	tornSide    = "restored.side"    // the main file was exchanged and its side files were not
)

// The marks that were made, in meta.marked.
const (
	innerMade = 1
	outerMade = 2
)

// torn says why the marks do not belong to the database, "" when they do, and
// the highest numbers that they have seen. made says which there must be.
func (p past) torn(id string, counter int64, made int) (why string, seen mark) {
	for _, m := range []struct {
		sign
		made bool
	}{{p.inner, made&innerMade != 0}, {p.outer, made&outerMade != 0}} {
		switch {
		case !m.there && !m.closed && m.made:
			why = orElse(why, tornMissing)
		case m.there && m.id != id:
			why = orElse(why, tornOther)
		case m.there:
			seen.counter, seen.start = max(seen.counter, m.counter), max(seen.start, m.start)
		}
	}
	if seen.counter > counter {
		why = tornOlder
	}
	if len(p.setAside) > 0 {
		why = tornSide
	}
	return why, seen
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// identify begins a process start: it decides whether this is the database that
// was used here last (I7), gives the start its number, and makes the marks. If
// the marks do not belong to it, sessions, devices and links are dropped and the database is
// marked as restored in the same transaction, before the marks are brought up
// to date: a crash in between finds the difference again.
func (d *DB) identify(ctx context.Context, p past) error {
	if _, err := d.w.ExecContext(ctx,
		"INSERT INTO meta (id, database_id, counter, restored) VALUES (1, $1, 0, 0) ON CONFLICT (id) DO NOTHING", NewID()); err != nil {
		return fmt.Errorf("write the database's identity: %w", err)
	}
	var m mark
	var restored, due bool
	var made int
	var written int64
	err := d.w.QueryRowContext(ctx,
		"SELECT database_id, start, counter, marked, restored, restore_due, CASE back_us WHEN 0 THEN written_us ELSE back_us END FROM meta WHERE id = 1").
		Scan(&m.id, &m.start, &m.counter, &made, &restored, &due, &written)
	if err != nil {
		return fmt.Errorf("read the database's identity: %w", err)
	}
	d.unseen = fromMicros(written)
	why, seen := p.torn(m.id, m.counter, made)
	if why == "" {
		why, seen.counter = d.oldCounter(m, seen)
	}
	m.start, m.counter = max(m.start, seen.start)+1, max(m.counter, seen.counter)
	err = d.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE meta SET start = $1, counter = $2, back_us = $3 WHERE id = 1", m.start, m.counter,
			written); err != nil {
			return err
		}
		if why == "" {
			return nil
		}
		return d.markRestored(tx, why, p.setAside)
	})
	if err != nil {
		return fmt.Errorf("begin a new start: %w", err)
	}
	m.counter++
	d.start, d.whole, d.restored = m.start, why == "" && !due, restored || why != ""
	return d.makeMarks(ctx, m, made)
}

// makeMarks writes both marks, and notes in the database which were made: from
// then on a missing one means something.
func (d *DB) makeMarks(ctx context.Context, m mark, made int) error {
	d.marks = &marks{now: m}
	if err := d.marks.open(d.path); err != nil {
		return err
	}
	now := made | innerMade
	if err := d.marks.outer; err == nil {
		now |= outerMade
	} else {
		d.log.WarnContext(ctx,
			"no mark can be written beside the data directory: put back whole it is recognised by the orders at Huawei alone",
			"file", outerMark(d.path), "err", err)
	}
	if now != made {
		err := d.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec("UPDATE meta SET marked = $1 WHERE id = 1", now)
			return err
		})
		if err != nil {
			return fmt.Errorf("note that the marks were made: %w", err)
		}
	}
	_ = os.Remove(oldCounterPath(d.path)) // what it said is in the marks
	return nil
}

func oldCounterPath(path string) string { return path + ".counter" }

// oldCounter compares with the counter file that versions before the marks
// wrote, once.
func (d *DB) oldCounter(m mark, seen mark) (why string, counter int64) {
	var id string
	var inode, n int64
	text, err := os.ReadFile(oldCounterPath(d.path))
	if err != nil {
		return "", seen.counter
	}
	if got, _ := fmt.Sscanf(string(text), "sampan-counter 1 %s %d %d\n", &id, &inode, &n); got != 3 {
		return "", seen.counter
	}
	switch {
	case id != m.id:
		return tornOther, seen.counter
	case n > m.counter:
		return tornOlder, max(n, seen.counter)
	}
	return "", seen.counter
}

func (d *DB) markRestored(tx *sql.Tx, why string, aside []string) error {
	d.log.Warn("the database is not the one that was used here last: nothing queued will be sent", "reason", why, "set_aside", aside)
	for _, q := range []string{"DELETE FROM session", "DELETE FROM device", "DELETE FROM link"} {
		if _, err := tx.Exec(q); err != nil {
			return err
		}
	}
	said := fault.Say(why)
	if len(aside) > 0 {
		said = fault.Say(why, "File", filepath.Base(aside[0]))
	}
	if _, err := tx.Exec("UPDATE meta SET restored = 1, restore_due = 1, restored_us = $1, restored_why = $2 WHERE id = 1", micros(d.now()),
		messageText(said)); err != nil {
		return err
	}
	return d.audit(tx, audit.By(person.System, "database.restored").With("reason", why))
}

// Restored reports whether a start found that the file was restored, copied or
// rolled back, and RestoreDone has not been called since. Sessions are gone already.
func (d *DB) Restored() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.restored
}

// Whole reports whether this start found the database to be the one that was
// used here last. One that is not stays so until its orders were dealt with
// (Orders.Restore), whatever kills happen before.
func (d *DB) Whole() bool { return d.whole }

// Start is the number of this process start: one more than any before it.
func (d *DB) Start() int64 { return d.start }

// Unseen is since when things may have happened at the cloud that this database
// does not know of: when it was written last before this start, or before an
// earlier one that did not come to look (Seen). Zero where it does not say.
func (d *DB) Unseen() time.Time { return d.unseen }

// Seen notes that what happened since Unseen was looked at.
func (d *DB) Seen(ctx context.Context) error {
	return d.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec("UPDATE meta SET back_us = 0 WHERE id = 1")
		return err
	})
}

// OuterMark is where the mark beside the data directory lies, and why it cannot
// be written; nil when it can.
func (d *DB) OuterMark() (path string, err error) { return outerMark(d.path), d.marks.outer }

// RestoreDone ends restore mode, once everything queued has been decided. by is
// the owner who closed it, or the system.
func (d *DB) RestoreDone(ctx context.Context, e audit.Entry) error {
	err := d.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE meta SET restored = 0 WHERE id = 1"); err != nil {
			return err
		}
		return d.audit(tx, e)
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.restored = false
	return nil
}

// RestoredSince is when restore mode began and why; the zero time when it is over.
func (d *DB) RestoredSince(ctx context.Context) (time.Time, fault.Message, error) {
	var on bool
	var at int64
	var why string
	if err := d.r.QueryRowContext(ctx, "SELECT restored, restored_us, restored_why FROM meta WHERE id = 1").
		Scan(&on, &at, &why); err != nil || !on {
		return time.Time{}, fault.Message{}, err
	}
	var m fault.Message
	return fromMicros(at), m, fromJSON(why, &m)
}
