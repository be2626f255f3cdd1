//go:build e2e

package crash

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// way is how a copy of the data directory is put back.
type way string

const (
	overFiles way = "over the files"
	removed   way = "removed, then copied back"
	movedAway way = "moved away, then copied back under its name"
	oneFile   way = "console.db alone, beside a newer log"
	withMarks way = "directory, key and mark together"
)

var ways = []way{overFiles, removed, movedAway, oneFile, withMarks}

// rollback is a copy that is made of a running console, and put back later.
type rollback struct {
	way    way
	before bool // the copy is made while only the review exists
	at     kill // else: its instant after the click
	queued bool // another purchase is on the wire meanwhile: this one waits behind it

	front review // of that other one

	mu    sync.Mutex
	dir   string // where the copy lies; "" until it is made
	timer *time.Timer
}

func (k *rollback) String() string {
	if k == nil {
		return ""
	}
	return fmt.Sprintf(", rolled back (%s; copied before the click %v, else at %v; queued %v)", k.way, k.before, k.at, k.queued)
}

// stepBehind puts another purchase on the wire, whose answer takes a while.
func (r *run) stepBehind(ctx context.Context) error {
	k := r.plan.rollback
	if k == nil || !k.queued {
		return nil
	}
	v, err := r.p.prepare(ctx, wares(r.plan.name+"-front", 4))
	if err != nil {
		return err
	}
	r.w.Fail("purchase", "delay", map[string]any{"delay": "600ms"})
	id, err := r.p.place(ctx, v)
	if err != nil {
		return err
	}
	k.front = v
	r.p.reaches(r.t, id, "sending")
	return nil
}

// planCopy has the copy made at its moment.
func (r *run) planCopy() {
	k := r.plan.rollback
	if k == nil {
		return
	}
	if k.before {
		r.copy()
		return
	}
	k.timer = time.AfterFunc(time.Duration(k.at.share*float64(r.paces[k.at.of])), r.copy)
}

// copy freezes the console where it is, copies all that lies there, and lets it
// go on.
func (r *run) copy() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead || r.over {
		return
	}
	r.w.Signal(syscall.SIGSTOP)
	defer r.w.Signal(syscall.SIGCONT)
	dir, err := os.MkdirTemp(r.t.TempDir(), "copy")
	if err == nil {
		err = os.CopyFS(filepath.Join(dir, "data"), os.DirFS(r.w.DataDir()))
	}
	for _, beside := range []string{".key", ".mark"} {
		if err == nil {
			err = copyFile(r.w.DataDir()+beside, filepath.Join(dir, "data"+beside))
		}
	}
	if err != nil {
		r.t.Errorf("copy: %v", err)
		return
	}
	r.plan.rollback.mu.Lock()
	defer r.plan.rollback.mu.Unlock()
	r.plan.rollback.dir = dir
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// back kills the console and puts the copy in its place. It reports whether
// there was one.
func (r *run) back() (bool, error) {
	k := r.plan.rollback
	k.mu.Lock()
	dir := k.dir
	k.mu.Unlock()
	if k.timer != nil {
		k.timer.Stop()
	}
	if dir == "" {
		return false, nil
	}
	r.w.Kill()
	data, old := r.w.DataDir(), filepath.Join(dir, "data")
	var err error
	switch k.way {
	case overFiles:
		err = overwrite(old, data)
	case removed:
		if err = os.RemoveAll(data); err == nil {
			err = os.CopyFS(data, os.DirFS(old))
		}
	case movedAway:
		if err = os.Rename(data, dir+".old"); err == nil {
			err = os.CopyFS(data, os.DirFS(old))
		}
	case oneFile:
		err = copyFile(filepath.Join(old, "console.db"), filepath.Join(data, "console.db"))
	case withMarks:
		err = os.RemoveAll(data)
		if err == nil {
			err = os.CopyFS(data, os.DirFS(old))
		}
		for _, beside := range []string{".key", ".mark"} {
			err = errors.Join(err, copyFile(old+beside, data+beside))
		}
	}
	return true, err
}

// overwrite writes a copy into the files that are there, and leaves what the
// copy does not have.
func overwrite(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return copyFile(path, filepath.Join(to, name))
	})
}

// relive goes on with the copy: the person signs in again where that is asked,
// and the purchase comes to an end once more, without being ordered again.
func (r *run) relive(ctx context.Context) error {
	put, err := r.back()
	if err != nil {
		return fmt.Errorf("put back: %w", err)
	}
	if !put {
		r.report.rolled("none: it had ended before the copy")
		return nil
	}
	r.rolled = true
	r.w.Launch()
	if !r.w.Ready(ctx) {
		return fmt.Errorf("it does not start on the copy: %s", r.w.Log())
	}
	if a, err := r.p.Get(ctx, "/orders"); err != nil || strings.HasPrefix(a.Location, "/sign-in") {
		if err := r.p.signIn(ctx); err != nil {
			return fmt.Errorf("sign in: %w", err)
		}
	}
	told, err := r.p.told(ctx)
	if err != nil {
		return err
	}
	if k := r.plan.rollback; !told && k.way != oneFile && k.way != withMarks {
		return fmt.Errorf("%s: no page says that the directory went back", k.way)
	}
	r.report.rolled(string(r.plan.rollback.way))
	if err := r.settle(ctx); err != nil {
		return err
	}
	if err := r.judgeLives(ctx); err != nil {
		return err
	}
	return r.tidy(ctx)
}

// settle waits until the purchase has come to an end in the second life too.
func (r *run) settle(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	r.plan.repeats = false // the person has ordered once, and does not again
	r.order = ""
	quiet := time.Now()
	for {
		if r.order == "" {
			id, err := r.p.ordered(ctx, r.review)
			if err != nil && !errors.Is(err, errAgain) && ctx.Err() == nil && !strings.Contains(err.Error(), "status 404") {
				return err
			}
			r.order = id
			if id == "" && time.Since(quiet) > 2*time.Second { // the look back is over: it is a review again
				return nil
			}
		} else if _, s, err := r.look(ctx); err != nil || s == ended {
			return err
		}
		select {
		case <-ctx.Done():
			d, _ := r.p.passport(context.WithoutCancel(ctx), r.order)
			return fmt.Errorf("stuck after the rollback: state %q (%s), order %q", d.State, d.Reason, d.Cloud.OrderID)
		case <-tick.C:
		}
	}
}

// judgeLives asks whether the intent was ordered and paid at most once over both
// lives, and whether what was ordered is linked or shown.
func (r *run) judgeLives(ctx context.Context) error {
	l := books(r.w)
	mine := l.of(r.review.tag, r.review.clientRequest)
	if len(mine) > 1 {
		return fmt.Errorf("bought %d times over both lives: %+v", len(mine), mine)
	}
	if front := r.plan.rollback.front; front.id != "" {
		if other := l.of(front.tag, front.clientRequest); len(other) > 1 {
			return fmt.Errorf("the one in front was bought %d times over both lives: %+v", len(other), other)
		}
	}
	if n := l.answered("pay", r.began); n > 1 {
		return fmt.Errorf("%d payments over both lives", n)
	}
	if len(mine) == 0 {
		return nil
	}
	d := passport{}
	if r.order != "" {
		var err error
		if d, err = r.p.passport(ctx, r.order); err != nil {
			return err
		}
		g, err := r.p.page(ctx, r.order)
		if err != nil {
			return err
		}
		if d.Cloud.OrderID == mine[0].OrderID || strings.Contains(g.Find("main").Text(), mine[0].OrderID) {
			return nil
		}
	}
	found, err := r.p.found(ctx)
	if err != nil {
		return err
	}
	if found[mine[0].OrderID] == "" && mine[0].Status != cancelledThere {
		return fmt.Errorf("order %s (status %d) is linked to nothing and not found at Huawei; here %q (%s); found %v", mine[0].OrderID,
			mine[0].Status, d.State, d.Reason, found)
	}
	return nil
}

// tidy decides what was found and closes what the pages say, so that the next
// purchase begins as any other.
func (r *run) tidy(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		found, err := r.p.found(ctx)
		if err != nil {
			return err
		}
		for _, at := range found {
			if _, err := r.p.Post(ctx, at, ""); err != nil {
				return err
			}
		}
		if _, err := r.p.Post(ctx, "/restored/close", ""); err != nil {
			return err
		}
		told, err := r.p.told(ctx)
		if err == nil && !told {
			r.rolled = false // from here on an ordinary restart says nothing again
		}
		if err != nil || !told {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the pages go on saying that the database went back: found %v", found)
		case <-tick.C:
		}
	}
}

// quiet asks whether an ordinary restart says nothing.
func (r *run) quiet(ctx context.Context) {
	if told, err := r.p.told(ctx); err == nil && told && !r.rolled {
		r.t.Errorf("%v: after a plain kill the pages say that the database went back", r.plan)
	}
}

func rollBacks(n int) bool { return n%5 == 3 }
