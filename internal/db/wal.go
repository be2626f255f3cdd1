package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// SQLite keeps what was committed since the last checkpoint in a side file, and
// takes any side file for that of the main file beside it. When only one of the
// two is exchanged, transactions of one age are merged into a database of
// another. Nothing in the format ties them together, so the console does: every
// transaction writes into the head of the database (its user version) a number
// made of the head that the main file bears at that time. A side file begins
// with such a transaction, and belongs to a main file whose head gives that
// number, or whose head is in the side file itself: then a checkpoint had begun. The
// head changes with every checkpoint, and a copy by VACUUM has another one.
//
// For this the console makes its checkpoints itself (checkpoint), and SQLite none.
// One that another program makes between tie and the commit would be missed. And
// SQLite writes nothing before the commit (cache_spill), which it does in the
// order of the pages: so a side file begins with the page that has the head.
//
// The formats: https://www.sqlite.org/fileformat2.html, 1.3 and 4.1.

const (
	headSize      = 100 // of the main file
	headFrom      = 24  // what changes in it: counter, size, free pages, schema, user version
	headVersion   = 60  // the user version
	walHeadSize   = 32
	frameHeadSize = 24
)

// head is the changing part of the head of a main file.
type head [headSize - headFrom]byte

func headOf(page []byte) head { return head(page[headFrom:headSize]) }

// version is the user version in the head; 0 in a database that was never tied.
func (h head) version() uint32 { return binary.BigEndian.Uint32(h[headVersion-headFrom:]) }

// tie is the number that stands for the head in what is written over it. It is
// never 0, and fits SQLite's signed number.
func (h head) tie() uint32 {
	sum := sha256.Sum256(h[:])
	return binary.BigEndian.Uint32(sum[:])&0x7fffffff | 1
}

// readHead reads the main file alone; ok is false where there is none yet. It is
// for before SQLite has the file open: to close a file gives up every lock that
// the process has on it, and without SQLite's anybody else who opens the database
// takes the side file away when they leave.
func readHead(path string) (h head, ok bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, err
	}
	defer func() { _ = f.Close() }()
	return headIn(f)
}

// headIn reads the head of an open main file.
func headIn(f *os.File) (h head, ok bool, err error) {
	var page [headSize]byte
	_, err = f.ReadAt(page[:], 0)
	return headOf(page[:]), err == nil, shortIsNil(err)
}

// belongs reports whether the side file was written over the main file that
// bears the head. One that holds no transaction belongs to any, and one that was
// not tied to a main file that never was: both are of before there were ties.
func belongs(wal io.Reader, h head) (bool, error) {
	var start [walHeadSize]byte
	if _, err := io.ReadFull(wal, start[:]); err != nil {
		return true, shortIsNil(err)
	}
	size := binary.BigEndian.Uint32(start[8:])
	if size == 1 {
		size = 65536
	}
	if size < 512 || size > 65536 || size&(size-1) != 0 {
		return true, nil // SQLite does not apply it either
	}
	frame := make([]byte, frameHeadSize+int(size))
	for n := 0; ; n++ {
		if _, err := io.ReadFull(wal, frame); err != nil {
			return n == 0, shortIsNil(err)
		}
		if [8]byte(frame[8:16]) != [8]byte(start[16:24]) {
			return n == 0, nil // what follows is left of an earlier round
		}
		first := binary.BigEndian.Uint32(frame) == 1
		own := headOf(frame[frameHeadSize:])
		if n == 0 && h.version() == 0 && (!first || own.version() == 0) {
			return true, nil
		}
		if !first {
			continue
		}
		if own == h || n == 0 && own.version() == h.tie() {
			return true, nil
		}
	}
}

func shortIsNil(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// partStrangers sets side files aside, by name, that belong to another age of
// the database.
func partStrangers(path string, now time.Time) (aside []string, err error) {
	h, ok, err := readHead(path)
	if err != nil || !ok {
		return nil, err
	}
	f, err := os.Open(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	mine, err := belongs(f, h)
	_ = f.Close()
	if err != nil || mine {
		return nil, err
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		to := path + suffix + ".set-aside-" + now.UTC().Format("20060102T150405.000000")
		switch err := os.Rename(path+suffix, to); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return aside, fmt.Errorf("set aside a side file of another age: %w", err)
		default:
			aside = append(aside, to)
		}
	}
	return aside, nil
}

// walPages is how many pages are written before a checkpoint brings them into
// the main file: 4 MB.
const walPages = 1000

// walKept is how many bytes of the side file SQLite keeps when it starts it again:
// fewer than cause a checkpoint, or every write would make one.
const walKept = 2 << 20

// checkpoint brings the side file into the main file as far as readers allow,
// with mode PASSIVE, or wholly and empties it, with TRUNCATE. The caller
// holds DB.turn.
func (d *DB) checkpoint(ctx context.Context, mode string) error {
	var busy, pages, done int
	return d.w.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &done)
}

// tie has the transaction that is about to be committed say which main file it
// is written over. The head is read each time: another program may have
// made a checkpoint since our last one.
func (d *DB) tie(ctx context.Context, w interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}) error {
	h, ok, err := headIn(d.main)
	if err != nil {
		return fmt.Errorf("read the head of %s: %w", d.path, err)
	}
	if !ok {
		return nil // a new file
	}
	_, err = w.ExecContext(ctx, "PRAGMA user_version = "+strconv.FormatUint(uint64(h.tie()), 10))
	return err
}

// walFull reports whether it is time for a checkpoint.
func (d *DB) walFull() bool {
	info, err := os.Stat(d.path + "-wal")
	return err == nil && info.Size() > walPages*(4096+frameHeadSize)
}
