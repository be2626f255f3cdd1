package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"sampan/internal/app/fault"
)

// LowSpace is the room below which the pages warn, MoneySpace the room below
// which nothing is ordered, paid or destroyed (reliability.md §3, §7).
const (
	LowSpace   uint64 = 256 << 20
	MoneySpace uint64 = 32 << 20
)

// Storage is the state of the disk, for the banner of every page.
type Storage struct {
	ReadOnly bool   // the disk is full: reads work, writes are refused; it ends when there is room
	LowSpace bool   // less than 256 MiB left
	Failed   bool   // an I/O error: the process must end
	Free     uint64 // bytes at the last look; 0 when it could not be asked
}

// Storage gives the state of the disk at the last look.
func (d *DB) Storage() Storage {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.storage
}

// OnStorage has f called after every change of ReadOnly, LowSpace or Failed.
// f must not block and must not write.
func (d *DB) OnStorage(f func(Storage)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = append(d.told, f)
}

// Failed is closed after an I/O error: the process must end, so that a
// supervisor starts it again (I15). Nothing is written any more.
func (d *DB) Failed() <-chan struct{} { return d.failed }

// FreeSpace is the room left on the database's disk now, in bytes.
func (d *DB) FreeSpace() (uint64, error) { return d.free(filepath.Dir(d.path)) }

// change applies f to the state and calls the functions of OnStorage.
func (d *DB) change(f func(*Storage)) {
	d.mu.Lock()
	before := d.storage
	f(&d.storage)
	after, told := d.storage, d.told
	d.mu.Unlock()
	before.Free = after.Free // a change of Free alone is not announced
	if before == after {
		return
	}
	d.log.Warn("storage changed", "read_only", after.ReadOnly, "low_space", after.LowSpace, "failed", after.Failed, "free", after.Free)
	for _, f := range told {
		f(after)
	}
}

// mayWrite refuses while the disk is full or has failed.
func (d *DB) mayWrite() error {
	switch s := d.Storage(); {
	case s.Failed:
		return errFailed
	case s.ReadOnly:
		return fault.New(fault.Busy, "fault.disk.full")
	}
	return nil
}

// judge looks at what a statement or commit ended with, and draws the
// consequences for the storage (I15). Errors of other layers pass unchanged.
func (d *DB) judge(err error) error {
	code := resultCode(err)
	switch {
	case code == 0:
		return err
	case isFull(err):
		d.change(func(s *Storage) { s.ReadOnly = true })
		return fault.New(fault.Busy, "fault.disk.full").Because(err)
	case code&0xff == lib.SQLITE_IOERR, code&0xff == lib.SQLITE_READONLY, code&0xff == lib.SQLITE_CANTOPEN, isDamage(err):
		d.fail(err)
		return errFailed.Because(err)
	case code&0xff == lib.SQLITE_BUSY, code&0xff == lib.SQLITE_LOCKED:
		return fault.New(fault.Busy, "fault.storage.busy").Because(err)
	}
	return err
}

// fail stops all writing for good.
func (d *DB) fail(err error) {
	first := false
	d.change(func(s *Storage) { first, s.Failed = !s.Failed, true })
	if first {
		d.log.Error("storage failed: the process must end", "err", err)
		close(d.failed)
	}
}

// isFull reports whether the disk had no room. The index of the log, which
// grows by allocation only, has another code for it.
func isFull(err error) bool {
	code := resultCode(err)
	return code&0xff == lib.SQLITE_FULL || code == lib.SQLITE_IOERR_SHMSIZE
}

// resultCode is SQLite's extended result code in err, 0 when there is none.
func resultCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// isDamage reports whether the file is not what SQLite wrote.
func isDamage(err error) bool {
	code := resultCode(err) & 0xff
	return code == lib.SQLITE_CORRUPT || code == lib.SQLITE_NOTADB || errors.Is(err, errDamaged)
}

// watch looks at the disk until ctx ends, and checks the file once a day.
func (d *DB) watch(ctx context.Context, every time.Duration) {
	defer close(d.stopped)
	look, night := time.NewTicker(every), time.NewTicker(24*time.Hour)
	defer look.Stop()
	defer night.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			d.look(ctx)
		case <-night.C:
			if err := d.QuickCheck(ctx); err != nil {
				d.log.ErrorContext(ctx, "nightly check", "err", err)
			}
		}
	}
}

// look measures the room, and while the disk is full tries to write.
func (d *DB) look(ctx context.Context) {
	free, err := d.FreeSpace()
	if err != nil {
		d.log.WarnContext(ctx, "free space not known", "err", err)
	}
	d.change(func(s *Storage) { s.Free, s.LowSpace = free, err == nil && free < LowSpace })
	if d.Storage().ReadOnly {
		d.probe(ctx)
	}
}

// probe writes and takes back 64 KiB: more than the next real write needs.
func (d *DB) probe(ctx context.Context) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return
	}
	err := d.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO setting (name, value, updated_us) VALUES ('probe', $1, 0)",
			string(make([]byte, 64<<10))); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM setting WHERE name = 'probe'")
		return err
	})
	if err == nil {
		d.change(func(s *Storage) { s.ReadOnly = false })
		return
	}
	_ = d.judge(err)
}

var errDamaged = errors.New("the file does not pass SQLite's quick check")

func damagedPath(path string) string { return path + ".damaged" }

// QuickCheck has SQLite look over the file. A damaged one is marked by a file
// beside it, so that no later start writes to it, and the storage fails.
func (d *DB) QuickCheck(ctx context.Context) error {
	found, err := columnOf(ctx, d.r, "PRAGMA quick_check(20)")
	if err != nil && !isDamage(err) {
		return fmt.Errorf("db: quick check: %w", err)
	}
	if err == nil && len(found) == 1 && found[0] == "ok" {
		return nil
	}
	bad := fmt.Errorf("db: %s: %w: %q", d.path, errDamaged, found)
	if err := os.WriteFile(damagedPath(d.path), []byte(bad.Error()+"\n"), 0o600); err != nil {
		d.log.ErrorContext(ctx, "mark the damaged database", "err", err)
	}
	d.fail(bad)
	return bad
}

// checkWhole has SQLite check the file before anything is written to it, unless
// the last process closed it: a damaged database is not opened.
func (d *DB) checkWhole(ctx context.Context, p past) error {
	if p.fresh || p.clean() && len(p.setAside) == 0 {
		return nil
	}
	began := time.Now() // the machine's clock: how long it took
	found, err := columnOf(ctx, d.w, "PRAGMA quick_check(20)")
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("%w: %q", errDamaged, found)
	}
	d.log.InfoContext(ctx, "the database was not closed in order: looked over, and whole", "took", time.Since(began))
	return nil
}

// refuseDamaged stops a start on a file that a check has found damaged.
func (d *DB) refuseDamaged() error {
	if _, err := os.Stat(damagedPath(d.path)); err == nil {
		return fmt.Errorf("db: %s was found damaged and is left as it is: put a backup in its place, then remove %s", d.path,
			damagedPath(d.path))
	}
	return nil
}
