package db_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sampan/internal/app/seal"
	"sampan/internal/db"
)

// life is a console that is killed again and again, and what it has committed.
type life struct {
	*testing.T
	r    *rand.Rand
	o    db.Options
	d    *db.DB
	want map[string]string
	open []*sql.Tx // readers with a picture of some time
}

// FuzzAKillAtAnyInstant lets a console write, with readers and checkpoints,
// copies what lies there at some instant, also in the middle of a checkpoint or
// of a commit, and starts on the copy: it has all that was committed, and counts
// as what it is. `go test -fuzz FuzzAKill ./internal/db` goes on for longer.
func FuzzAKillAtAnyInstant(f *testing.F) {
	for _, seed := range []uint64{0, 2, 5} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		l := &life{T: t, r: rand.New(rand.NewPCG(seed, 1)), want: map[string]string{},
			o: db.Options{Path: filepath.Join(t.TempDir(), "data", "console.db"), Keyring: seal.NewKeyring()}}
		l.start()
		for range 12 {
			for range 1 + l.r.IntN(25) {
				l.step()
			}
			l.kill()
		}
		l.end()
	})
}

func (l *life) start() {
	l.Helper()
	d, err := db.Open(context.Background(), l.o)
	if err != nil {
		l.Fatal(err)
	}
	l.d = d
	if d.Restored() {
		l.Fatal("taken for restored")
	}
	rows, err := d.Read().Query("SELECT name, value FROM setting")
	if err != nil {
		l.Fatal(err)
	}
	defer rows.Close()
	got := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			l.Fatal(err)
		}
		got[name] = value
	}
	if !maps.Equal(got, l.want) {
		l.Fatalf("%d settings, want the %d that were committed", len(got), len(l.want))
	}
	if err := d.QuickCheck(l.Context()); err != nil {
		l.Fatal(err)
	}
	if left, _ := filepath.Glob(l.o.Path + "*set-aside*"); len(left) > 0 {
		l.Fatalf("set aside: %v", left)
	}
}

func (l *life) end() {
	for _, tx := range l.open {
		_ = tx.Rollback()
	}
	l.open = nil
	if err := l.d.Close(); err != nil {
		l.Error(err)
	}
}

// step is something that happens while the console runs.
func (l *life) step() {
	switch n := l.r.IntN(20); {
	case n < 2 && len(l.open) < 3:
		tx, err := l.d.Read().Begin()
		if err != nil {
			l.Fatal(err)
		}
		count := 0
		_ = tx.QueryRow("SELECT count(*) FROM setting").Scan(&count)
		l.open = append(l.open, tx)
	case n < 4 && len(l.open) > 0:
		_ = l.open[0].Rollback()
		l.open = l.open[1:]
	case n < 6:
		mode := []string{"PASSIVE", "PASSIVE", "FULL", "TRUNCATE"}[l.r.IntN(4)]
		if len(l.open) > 0 {
			mode = "PASSIVE" // the others would wait
		}
		_ = db.Writer(l.d).QueryRow("PRAGMA wal_checkpoint("+mode+")").Scan(new(int), new(int), new(int))
	case n < 7:
		_ = l.d.Write(l.Context(), func(tx *sql.Tx) error {
			_, _ = tx.Exec("INSERT INTO setting (name, value, updated_us) VALUES ('not', hex(zeroblob($1)), 0)", l.r.IntN(3_000_000))
			return context.Canceled
		})
	case n < 10 && len(l.want) > 0:
		name := slices.Sorted(maps.Keys(l.want))[l.r.IntN(len(l.want))]
		l.write("DELETE FROM setting WHERE name = $1", name)
		delete(l.want, name)
	default:
		size := l.r.IntN(20_000)
		if l.r.IntN(10) == 0 {
			size = l.r.IntN(3_000_000)
		}
		name, value := db.NewID(), strings.Repeat("x", size)
		l.write("INSERT INTO setting (name, value, updated_us) VALUES ($1, $2, 0)", name, value)
		l.want[name] = value
	}
}

func (l *life) write(q string, args ...any) {
	l.Helper()
	err := l.d.Write(l.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(q, args...)
		return err
	})
	if err != nil {
		l.Fatal(err)
	}
}

// kill goes on with what lies on the disk: the process that had it writes no more.
func (l *life) kill() {
	l.Helper()
	to := filepath.Join(l.TempDir(), "data")
	if err := os.MkdirAll(to, 0o700); err != nil {
		l.Fatal(err)
	}
	copied := func(from, to string) {
		b, err := os.ReadFile(from)
		if err != nil {
			l.Fatal(err)
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			l.Fatal(err)
		}
	}
	for _, suffix := range []string{"", "-wal", ".mark"} {
		copied(l.o.Path+suffix, filepath.Join(to, "console.db")+suffix)
	}
	copied(filepath.Dir(l.o.Path)+".mark", to+".mark")
	l.end()
	l.o.Path = filepath.Join(to, "console.db")
	frames := sideFrames(l.T, l.o.Path+"-wal")
	if l.r.IntN(2) == 0 {
		l.intoCheckpoint(frames)
	}
	if len(frames) > 0 && l.r.IntN(3) == 0 {
		l.intoCommit(frames[l.r.IntN(len(frames))])
	}
	l.start()
}

// frame is a page in a side file; last ends a transaction.
type frame struct {
	page uint32
	last bool
	raw  []byte // with its head
}

// sideFrames gives the frames of the transactions in a side file.
func sideFrames(t *testing.T, path string) []frame {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 32 {
		return nil
	}
	size := 24 + int(binary.BigEndian.Uint32(b[8:]))
	var all []frame
	ends := 0
	for at := 32; at+size <= len(b) && string(b[at+8:at+16]) == string(b[16:24]); at += size {
		f := frame{binary.BigEndian.Uint32(b[at:]), binary.BigEndian.Uint32(b[at+4:]) > 0, b[at : at+size]}
		if all = append(all, f); f.last {
			ends = len(all)
		}
	}
	return all[:ends]
}

// intoCheckpoint writes some of the pages that a checkpoint brings over: each as
// it was last, in the order of their numbers, up to some of them.
func (l *life) intoCheckpoint(frames []frame) {
	var ends []int
	latest := map[uint32]int{}
	for i, f := range frames {
		if latest[f.page] = i; f.last {
			ends = append(ends, i)
		}
	}
	if len(ends) == 0 {
		return
	}
	safe := ends[l.r.IntN(len(ends))] // a reader may hold the rest back
	pages := slices.DeleteFunc(slices.Sorted(maps.Keys(latest)), func(p uint32) bool { return latest[p] > safe })
	f, err := os.OpenFile(l.o.Path, os.O_WRONLY, 0)
	if err != nil {
		l.Fatal(err)
	}
	defer f.Close()
	for _, p := range pages[:l.r.IntN(len(pages)+1)] {
		raw := frames[latest[p]].raw[24:]
		if _, err := f.WriteAt(raw, int64(p-1)*int64(len(raw))); err != nil {
			l.Fatal(err)
		}
	}
}

// intoCommit leaves a piece of a transaction that was not committed behind the
// others.
func (l *life) intoCommit(piece frame) {
	end := 32
	for range sideFrames(l.T, l.o.Path+"-wal") {
		end += len(piece.raw)
	}
	f, err := os.OpenFile(l.o.Path+"-wal", os.O_WRONLY, 0)
	if err != nil {
		l.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(piece.raw[:l.r.IntN(len(piece.raw)+1)], int64(end)); err != nil { // its sum is wrong there
		l.Fatal(err)
	}
}
