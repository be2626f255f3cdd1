// Package db keeps everything in one SQLite file and is the only package that
// speaks SQL.
//
// One connection writes, in immediate transactions that are synced to disk
// before Write returns; a small pool reads. Statements are written for SQLite
// and PostgreSQL at once. Stores are small types around *DB, one file each,
// that satisfy the Store interface of their domain package. A row of the audit
// chain is written inside the transaction of the change it records.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
)

// Options of a database. Only Path is needed.
type Options struct {
	Path     string           // of the file; it and its directory are created when missing
	Lock     *DirLock         // of Path's directory, held by the caller; nil: Open takes it and Close gives it back
	Keyring  *seal.Keyring    // proved against the sentinel before anything is touched
	KeyLost  bool             // the key this database was made with is lost: forget what it sealed, go on with Keyring
	AuditKey []byte           // of the audit chain; nil: derived from Keyring
	Log      *slog.Logger     // nil: none
	Now      func() time.Time // nil: time.Now
	Free     func(dir string) (uint64, error)
	Probe    time.Duration // between looks at the disk; 0: 5 s (reliability.md §7)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	path     string
	main     *os.File // for its head; closed last, for SQLite's locks go with it
	w        *sql.DB  // one connection
	r        *sql.DB
	log      *slog.Logger
	now      func() time.Time
	auditKey []byte
	free     func(dir string) (uint64, error)
	lock     *DirLock // nil when the caller holds it

	turn    chan struct{} // full while a transaction is under way
	pending []audit.Row   // of the transaction under way; read and written only by the holder of turn
	marks   *marks

	start  int64     // number of this process start
	whole  bool      // the marks belonged to the database at this start (belt 1)
	unseen time.Time // since when the cloud is to be looked at

	mu       sync.Mutex // guards what follows
	storage  Storage
	told     []func(Storage)
	failed   chan struct{}
	restored bool

	stop    context.CancelFunc // of the watch over the disk
	stopped chan struct{}      // closed when that watch has ended
	closing sync.Once
}

// NewID gives a fresh id: a UUIDv7 in lower-case text, sortable by time and
// valid as a Client-Request-Id.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Open opens the database, and creates or migrates it when needed: takes the
// directory's lock, asserts SQLite's version, refuses a schema newer than the
// program and a key file that is not this database's, backs up before
// migrating, and finds out whether the file was restored, copied or rolled
// back (Restored).
//
// Its errors are sentences for the person who runs the process.
func Open(ctx context.Context, o Options) (*DB, error) {
	d := newDB(o)
	if o.Lock == nil {
		lock, err := LockDir(filepath.Dir(o.Path))
		if err != nil {
			return nil, err
		}
		d.lock = lock
	}
	if err := d.open(ctx, o.Keyring, o.KeyLost); err != nil {
		d.release()
		return nil, err
	}
	probe := o.Probe
	if probe == 0 {
		probe = 5 * time.Second
	}
	d.look(ctx)
	watching, stop := context.WithCancel(context.WithoutCancel(ctx)) // the watch ends with Close, not with ctx
	d.stop = stop
	go d.watch(watching, probe)
	return d, nil
}

func newDB(o Options) *DB {
	d := &DB{
		path: o.Path, log: o.Log, now: o.Now, auditKey: o.AuditKey, free: o.Free,
		turn: make(chan struct{}, 1), failed: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.free == nil {
		d.free = freeSpace
	}
	if d.auditKey == nil && o.Keyring != nil {
		d.auditKey = o.Keyring.Derive("audit")
	}
	return d
}

func (d *DB) open(ctx context.Context, keyring *seal.Keyring, lost bool) error {
	if err := d.refuseDamaged(); err != nil {
		return err
	}
	p := past{inner: readMark(innerMark(d.path)), outer: readMark(outerMark(d.path))}
	_, there, err := readHead(d.path)
	p.fresh = !there
	if err != nil {
		return fmt.Errorf("db: look at %s before it is opened: %w", d.path, err)
	}
	if p.setAside, err = partStrangers(d.path, d.now()); err != nil {
		return fmt.Errorf("db: look at %s before it is opened: %w", d.path, err)
	}
	if d.main, err = os.OpenFile(d.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil { // SQLite would let others read it
		return fmt.Errorf("db: open %s: %w", d.path, err)
	}
	if d.w, err = sql.Open("sqlite", dsn(d.path, url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)",
			"wal_autocheckpoint(0)", "cache_spill(0)", "journal_size_limit(" + strconv.Itoa(walKept) + ")"},
		"_txlock": {"immediate"},
	})); err != nil {
		return fmt.Errorf("db: open %s: %w", d.path, err)
	}
	d.w.SetMaxOpenConns(1)
	if d.r, err = sql.Open("sqlite", dsn(d.path, url.Values{
		"_pragma": {"busy_timeout(5000)", "foreign_keys(1)", "temp_store(MEMORY)", "query_only(1)"},
	})); err != nil {
		return fmt.Errorf("db: open %s: %w", d.path, err)
	}
	d.r.SetMaxOpenConns(readers)
	d.r.SetMaxIdleConns(readers)
	d.r.SetConnMaxIdleTime(3 * time.Second) // each has cached up to 2 MB, which an idle console gives back
	if err := d.prepare(ctx, keyring, lost, p); err != nil {
		if isFull(err) {
			return fmt.Errorf("db: the disk of %s is full: free some space, then start again: %w", d.path, err)
		}
		if isDamage(err) {
			return fmt.Errorf("db: %s is damaged and is left as it is; put a backup in its place: %w", d.path, err)
		}
		return fmt.Errorf("db: %s: %w", d.path, err)
	}
	return nil
}

// prepare makes the open file ours: right version, right key, right schema.
func (d *DB) prepare(ctx context.Context, keyring *seal.Keyring, lost bool, p past) error {
	if err := assertVersion(ctx, d.w); err != nil {
		return err
	}
	if err := d.checkWhole(ctx, p); err != nil {
		return err
	}
	m, err := newMigrations(ctx, d.w)
	if err != nil {
		return err
	}
	if keyring != nil && m.current > 0 {
		err := d.proveKey(ctx, keyring)
		if lost {
			err = lostKey(err)
		}
		if err != nil {
			return err
		}
	}
	if err := m.run(ctx, d); err != nil {
		return err
	}
	if err := d.identify(ctx, p); err != nil {
		return err
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	if lost {
		to := d.path + ".before-key-lost.backup" // the key may be found, or the wrong one have been in its place
		if err := backup(ctx, d.w, to); err != nil {
			return fmt.Errorf("back up before forgetting what the lost key sealed: %w", err)
		}
		d.log.WarnContext(ctx, "the key is said to be lost; database backed up before its credentials are forgotten", "file", to)
		return d.forget(ctx, keyring)
	}
	if keyring != nil {
		return d.CheckSentinel(ctx, keyring)
	}
	return nil
}

// settle brings what the start wrote into the main file: what follows stands on
// one that knows the schema, and is tied to what is written over it.
func (d *DB) settle(ctx context.Context) error {
	if err := d.checkpoint(ctx, "TRUNCATE"); err != nil {
		return err
	}
	if h, _, err := headIn(d.main); err != nil || h.version() != 0 {
		return err
	}
	if err := d.Write(ctx, func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	return d.checkpoint(ctx, "TRUNCATE")
}

// dsn names the file so that every connection to it has the pragmas.
func dsn(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// assertVersion refuses SQLite versions that can damage a WAL database:
// those before 3.51.3, and the withdrawn 3.52.0 (reliability.md §7).
func assertVersion(ctx context.Context, w *sql.DB) error {
	var v string
	if err := w.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&v); err != nil {
		return fmt.Errorf("read SQLite's version: %w", err)
	}
	return versionFit(v)
}

func versionFit(v string) error {
	var major, minor, patch int
	if n, _ := fmt.Sscanf(v, "%d.%d.%d", &major, &minor, &patch); n < 2 {
		return fmt.Errorf("SQLite's version %q is not understood", v)
	}
	n := (major*1000+minor)*1000 + patch
	if n < 3051003 || n == 3052000 {
		return fmt.Errorf("SQLite %s can damage the database; this program needs 3.51.3 or newer, and not 3.52.0", v)
	}
	return nil
}

// Close stops the watch over the disk, writes the log back into the file and
// gives up the lock. Nothing may be read or written afterwards.
func (d *DB) Close() error {
	var err error
	d.closing.Do(func() {
		d.stop()
		<-d.stopped
		d.turn <- struct{}{} // wait for the writer; the turn is not given back
		if !d.Storage().Failed {
			err = d.rest()
		}
		err = errors.Join(err, d.release())
	})
	return err
}

// rest brings everything into the main file and says in the marks that it was
// done: the next start need not look the whole file over.
func (d *DB) rest() error {
	if err := d.checkpoint(context.Background(), "TRUNCATE"); err != nil { // Close has no context: it cannot be cancelled
		return err
	}
	if info, err := os.Stat(d.path + "-wal"); err != nil || info.Size() > 0 {
		return nil // another process reads it
	}
	d.marks.now.clean = true
	return d.marks.write(true)
}

// release closes whatever is open. After a failure of the disk the database
// stays open until the process ends: closing it would write.
func (d *DB) release() error {
	var errs []error
	if d.r != nil {
		errs = append(errs, d.r.Close())
	}
	if d.w != nil && !d.Storage().Failed {
		errs = append(errs, d.w.Close())
	}
	if d.main != nil && !d.Storage().Failed {
		errs = append(errs, d.main.Close())
	}
	if d.marks != nil {
		errs = append(errs, d.marks.close())
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
	}
	return errors.Join(errs...)
}

// Ready reports why the database cannot serve, nil when it can.
func (d *DB) Ready(ctx context.Context) error {
	if d.Storage().Failed {
		return errFailed
	}
	var one int
	if err := d.r.QueryRowContext(ctx, "SELECT 1 FROM meta WHERE id = 1").Scan(&one); err != nil {
		return d.judge(fmt.Errorf("db: ready: %w", err))
	}
	return nil
}

// readers is how many connections read at once, beside the one that writes.
const readers = 4

// Read is the pool for reading; a write on it fails.
func (d *DB) Read() *sql.DB { return d.r }

// Shrink closes idle reading connections and releases the cache of the writing
// one, unless something is being written.
func (d *DB) Shrink() {
	d.r.SetMaxIdleConns(-1)
	d.r.SetMaxIdleConns(readers)
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
		if _, err := d.w.Exec("PRAGMA shrink_memory"); err != nil {
			d.log.Debug("memory not given back", "err", err)
		}
	default:
	}
}

// Write runs fn in an immediate transaction and commits it, synced to disk,
// before it returns nil. Writers take turns. fn must not call Write, and must
// do no network call.
//
// An error of fn rolls back and comes back as it is. With a full disk nothing
// is written and the error is a fault.Busy ("fault.disk.full"); after an I/O
// error it is Internal ("fault.storage.failed"), every later Write fails, and
// Failed is closed. An error of the commit means: take it as not written, do
// not act on it.
func (d *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("db: wait to write: %w", ctx.Err())
	}
	defer func() { <-d.turn }()
	if err := d.mayWrite(); err != nil {
		return err
	}
	return d.judge(d.transact(ctx, fn))
}

func (d *DB) transact(ctx context.Context, fn func(tx *sql.Tx) error) error {
	d.pending = nil
	tx, err := d.w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := fn(tx); err != nil {
		return err
	}
	var n int64
	err = tx.QueryRow("UPDATE meta SET counter = counter + 1, written_us = $1 WHERE id = 1 RETURNING counter", micros(d.now())).Scan(&n)
	if err != nil {
		return fmt.Errorf("db: count: %w", gone(ctx, err))
	}
	if err := d.tie(ctx, tx); err != nil {
		return fmt.Errorf("db: tie: %w", gone(ctx, err))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("db: commit: %w", gone(ctx, err))
	}
	d.follow(n)
	d.logAudit(ctx)
	if d.walFull() {
		if err := d.checkpoint(ctx, "PASSIVE"); err != nil && ctx.Err() == nil { // the transaction stands; the next one tries again
			d.log.WarnContext(ctx, "checkpoint not made", "err", d.judge(err))
		}
	}
	return nil
}

// gone replaces sql.ErrTxDone by the reason: database/sql rolls back by itself
// when ctx ends.
func gone(ctx context.Context, err error) error {
	if why := ctx.Err(); why != nil && errors.Is(err, sql.ErrTxDone) {
		return why
	}
	return err
}

// errFailed is what every write gets after an I/O error.
var errFailed = fault.New(fault.Internal, "fault.storage.failed")
