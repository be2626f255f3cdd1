//go:build e2e && linux

package crash

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sampan/e2e/world"
)

// smallDisk mounts a disk of its own, which only root may do.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=0700")
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("a disk of its own needs root; internal/db tries a full disk without one")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill takes room of a disk until only so much is left.
func fill(t *testing.T, file string, left uint64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for chunk := make([]byte, 64<<10); ; {
		var s syscall.Statfs_t
		if err := syscall.Fstatfs(int(f.Fd()), &s); err != nil {
			t.Fatal(err)
		}
		if uint64(s.Bavail)*uint64(s.Bsize) <= left {
			return
		}
		if _, err := f.Write(chunk); err != nil {
			return // full to the last byte
		}
	}
}

// onSmallDisk is a console whose data has a disk of its own.
func onSmallDisk(t *testing.T) (w *world.World, p *person, disk string) {
	disk = smallDisk(t, "96m")
	w = world.Start(t, world.Scale(100),
		world.Env("CONSOLE_DATA_DIR="+filepath.Join(disk, "data"), "CONSOLE_MASTER_KEY_FILE="+filepath.Join(disk, "data.key")))
	return w, newPerson(t, w), disk
}

func TestAnAnswerThatFindsTheDiskFullIsRecordedOnceThereIsRoom(t *testing.T) {
	w, p, disk := onSmallDisk(t)
	w.Fail("purchase", "delay", map[string]any{"delay": "1500ms"})
	v, id := p.orders(t, wares("answered-late", 1))
	p.reaches(t, id, "sending")
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast, 0)
	until(t, "the answer could not be recorded", func(context.Context) bool { return strings.Contains(w.Log(), "answer not recorded yet") })
	if d, err := p.passport(t.Context(), id); err != nil || d.State != "sending" {
		t.Errorf("with no room: %q, %v; want sending", d.State, err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	d := p.reaches(t, id, "awaiting payment")
	if d.had("unknown") || d.Attempts[0].Outcome != "ordered" {
		t.Errorf("the answer was lost: %+v %+v", d.Events, d.Attempts)
	}
	if mine := books(w).of(v.tag); len(mine) != 1 || mine[0].OrderID != d.Cloud.OrderID {
		t.Errorf("bought %+v, recorded %s", mine, d.Cloud.OrderID)
	}
}

func TestAFullDiskBuysNothingAndLosesNothing(t *testing.T) {
	w, p, dir := onSmallDisk(t)
	_, first := p.orders(t, wares("with-room", 1))
	p.reaches(t, first, "awaiting payment")

	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast, 16<<20) // less than the 32 MiB that money needs
	v, queued := p.orders(t, wares("little-room", 2))
	if d := p.reaches(t, queued, "expired"); d.Reason != "order.expired.disk" || len(d.Attempts) != 0 {
		t.Errorf("with little room: expired for %q after %d attempts", d.Reason, len(d.Attempts))
	}
	if got := books(w).of(v.tag); len(got) != 0 {
		t.Errorf("with little room: bought %+v", got)
	}

	fill(t, ballast, 0)
	until(t, "writing is refused", func(ctx context.Context) bool {
		a, err := p.Post(ctx, "/buy", url.Values{"image": {"ubuntu"}, "version": {"22.04"}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if a.Status >= 500 && a.Status != 503 {
			t.Fatalf("with no room: status %d: %s", a.Status, summary(a.Body))
		}
		return a.Status == 503
	})
	for _, path := range []string{"/", "/orders", "/orders/" + first, "/orders/" + queued, "/instances", "/buy"} {
		if a, err := p.Get(t.Context(), path); err != nil || a.Status != 200 {
			t.Errorf("with no room: GET %s: %d, %v", path, a.Status, err)
		}
	}

	w.Kill() // and it starts again once there is room, with all it had said
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.StartConsole()
	p.reaches(t, first, "awaiting payment")
	p.staysQuiet(t)
	fill(t, ballast, 0)
	until(t, "writing is refused again", func(ctx context.Context) bool {
		a, err := p.Post(ctx, "/buy", url.Values{"image": {"ubuntu"}, "version": {"22.04"}}.Encode())
		return err == nil && a.Status == 503
	})
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	var v3 review
	until(t, "it resumes by itself", func(ctx context.Context) bool {
		var err error
		v3, err = p.prepare(ctx, wares("room-again", 3))
		return err == nil
	})
	id, err := p.place(t.Context(), v3)
	if err != nil {
		t.Fatal(err)
	}
	p.reaches(t, id, "awaiting payment")
	if n := len(books(w).of(v3.tag)); n != 1 {
		t.Errorf("with room again: bought %d times, want once", n)
	}
	select {
	case <-w.Ended():
		t.Errorf("the console ended:\n%s", w.Log())
	default:
	}
}
