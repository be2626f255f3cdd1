//go:build unix

package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrLocked means that another process works on the data directory.
var ErrLocked = errors.New("another console uses the data directory")

// DirLock is the exclusive right to a data directory (reliability.md, I8). The
// operating system gives it back when the process ends, however it ends.
type DirLock struct{ f *os.File }

// LockDir takes the lock of a directory and creates the directory when it is
// missing. When another process has it the error is ErrLocked, in a sentence.
func LockDir(dir string) (*DirLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("db: create the data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("db: lock the data directory: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &DirLock{f}, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("db: %w %s: stop the other one first, or choose another directory", ErrLocked, dir)
	}
	return nil, fmt.Errorf("db: lock the data directory: %w", err)
}

// Close gives the lock back.
func (l *DirLock) Close() error { return l.f.Close() }

// freeSpace is the room that the process may still use on dir's disk, in bytes.
func freeSpace(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("db: free space of %s: %w", dir, err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
