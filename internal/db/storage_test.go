package db_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

func TestAFullDisk(t *testing.T) {
	d := dbtest.Open(t, func(o *db.Options) { o.Probe = time.Millisecond })
	changes := make(chan db.Storage, 10)
	d.OnStorage(func(s db.Storage) { changes <- s })
	if err := put(t.Context(), d, "before", "kept"); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if err := d.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // no less than the file has now
	err := put(t.Context(), d, "big", strings.Repeat("x", 1<<20))
	if !fault.Is(err, fault.Busy) || fault.Of(err).Message.ID != "fault.disk.full" {
		t.Fatalf("got %v, want a full disk", err)
	}
	if s := <-changes; !s.ReadOnly || s.Failed {
		t.Errorf("told %+v", s)
	}
	if err := put(t.Context(), d, "small", "x"); !fault.Is(err, fault.Busy) {
		t.Errorf("a small write: %v", err)
	}
	if err := d.Ready(t.Context()); err != nil {
		t.Errorf("reading: %v", err)
	}
	if n := count(t, d.Read(), "setting"); n != 1 {
		t.Errorf("%d rows", n)
	}
	if _, err := db.Writer(d).Exec("PRAGMA max_page_count = 1000000"); err != nil { // somebody makes room
		t.Fatal(err)
	}
	if s := <-changes; s.ReadOnly {
		t.Errorf("told %+v", s)
	}
	if err := put(t.Context(), d, "after", "kept"); err != nil {
		t.Errorf("it does not resume: %v", err)
	}
	if n := count(t, d.Read(), "setting"); n != 2 {
		t.Errorf("%d rows, want those two that were acknowledged", n)
	}
}

func TestLittleSpace(t *testing.T) {
	var free atomic.Uint64
	free.Store(db.LowSpace)
	d := dbtest.Open(t, func(o *db.Options) {
		o.Probe = time.Millisecond
		o.Free = func(string) (uint64, error) { return free.Load(), nil }
	})
	if s := d.Storage(); s.LowSpace || s.Free != db.LowSpace {
		t.Errorf("at the limit: %+v", s)
	}
	free.Store(db.LowSpace - 1)
	eventually(t, "the warning", func() bool { return d.Storage().LowSpace })
	if n, err := d.FreeSpace(); n != db.LowSpace-1 || err != nil {
		t.Errorf("free: %d, %v", n, err)
	}
	if err := put(t.Context(), d, "a", "b"); err != nil {
		t.Errorf("little space refuses a write: %v", err)
	}
	free.Store(db.LowSpace)
	eventually(t, "the end of the warning", func() bool { return !d.Storage().LowSpace })
}

func TestFreeSpaceOfTheDisk(t *testing.T) {
	if n, err := dbtest.Open(t).FreeSpace(); n == 0 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestAnIOErrorStopsAllWriting(t *testing.T) {
	d := dbtest.Open(t)
	if err := put(t.Context(), d, "before", "kept"); err != nil {
		t.Fatal(err)
	}
	brokenDisk(t, func() {
		err := put(t.Context(), d, "big", strings.Repeat("x", 8<<20))
		if f := fault.Of(err); f.Kind != fault.Internal || f.Message.ID != "fault.storage.failed" {
			t.Errorf("got %v", err)
		}
	})
	select {
	case <-d.Failed():
	default:
		t.Fatal("Failed is not closed")
	}
	if err := put(t.Context(), d, "after", "x"); fault.Of(err).Message.ID != "fault.storage.failed" {
		t.Errorf("a later write, on a disk that seems well again: %v", err)
	}
	if err := d.Ready(t.Context()); err == nil {
		t.Error("it says it is ready")
	}
	if !d.Storage().Failed {
		t.Errorf("storage %+v", d.Storage())
	}
}

// brokenDisk runs f while the process may not write beyond the first megabytes
// of any file: the operating system refuses with an error that is not "full".
func brokenDisk(t *testing.T, f func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	limit := old
	limit.Cur = 4 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

func TestADamagedFile(t *testing.T) {
	o := db.Options{Path: filepath.Join(t.TempDir(), "console.db")}
	d := reopen(t, o)
	for i := range 200 {
		if err := put(t.Context(), d, fmt.Sprint(i), strings.Repeat("x", 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.QuickCheck(t.Context()); err != nil {
		t.Fatalf("a whole file: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(o.Path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	noise := []byte(strings.Repeat("\xff\x00\x17", 20000))
	if _, err := f.WriteAt(noise, info.Size()-int64(len(noise))); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	damaged, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}

	d = reopen(t, o)
	if err := d.QuickCheck(t.Context()); err == nil {
		t.Fatal("the check finds nothing")
	}
	select {
	case <-d.Failed():
	default:
		t.Error("Failed is not closed")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = db.Open(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "put a backup in its place") || !strings.Contains(err.Error(), o.Path+".damaged") {
		t.Errorf("the next start: %v", err)
	}
	if now, err := os.ReadFile(o.Path); err != nil || len(now) != len(damaged) {
		t.Errorf("the damaged file was changed: %d bytes, %v", len(now), err)
	}
}

func TestAFileThatIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.db")
	text := []byte(strings.Repeat("this is not a database. ", 1000))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := db.Open(t.Context(), db.Options{Path: path})
	if err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("got %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(text) {
		t.Errorf("the file was changed: %v", err)
	}
	if _, err := db.Open(t.Context(), db.Options{Path: path}); err == nil || strings.Contains(err.Error(), "another console") {
		t.Errorf("the failed start kept the lock: %v", err)
	}
}
