//go:build e2e

package crash

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sampan/e2e/world"
)

// until asks again until it gets what is wanted.
func until(t *testing.T, what string, is func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for !is(ctx) {
		select {
		case <-ctx.Done():
			t.Fatalf("not within %v: %s", patience, what)
		case <-tick.C:
		}
	}
}

// reaches waits for a state of an order.
func (p *person) reaches(t *testing.T, id string, states ...string) passport {
	t.Helper()
	var d passport
	until(t, "order "+id+" is "+strings.Join(states, " or "), func(ctx context.Context) bool {
		var err error
		last := d
		if d, err = p.passport(ctx, id); err != nil {
			t.Fatalf("%v; it was %q (%s) before, order %q", err, last.State, last.Reason, last.Cloud.OrderID)
		}
		for _, s := range states {
			if d.State == s {
				return true
			}
		}
		return false
	})
	return d
}

// orders places a purchase and gives its review and id.
func (p *person) orders(t *testing.T, b plan) (review, string) {
	t.Helper()
	v, err := p.prepare(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.place(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	return v, id
}

// wares is a purchase of so many servers, for an exact price, unless changed.
func wares(name string, quantity int) plan {
	return plan{name: name, image: "ubuntu", version: "22.04", size: "2-2", region: "ap-southeast-3", quantity: quantity, months: 1,
		payment: exact}
}

// oneOnItsWay is a console with a purchase on the wire, whose answer takes a
// while, and a second one queued behind it.
func oneOnItsWay(t *testing.T) (w *world.World, p *person, sent, queued string, vs [2]review) {
	w = world.Start(t, world.Scale(20))
	p = newPerson(t, w)
	_, answered := p.orders(t, wares("answered", 5)) // its answer teaches whose orders are ours
	p.reaches(t, answered, "awaiting payment")
	w.Fail("purchase", "delay", map[string]any{"delay": "3s"})
	vs[0], sent = p.orders(t, wares("on-its-way", 1))
	p.reaches(t, sent, "sending")
	vs[1], queued = p.orders(t, wares("queued", 2))
	p.reaches(t, queued, "confirmed")
	return w, p, sent, queued, vs
}

// bought counts the purchases of the two intents at the Sandbox.
func bought(w *world.World, vs [2]review) [2]int {
	l := books(w)
	return [2]int{len(l.of(vs[0].tag)), len(l.of(vs[1].tag))}
}

func TestACopyThatRunsBesideTheOriginalSendsNothing(t *testing.T) {
	w, p, sent, queued, vs := oneOnItsWay(t)
	dir := w.CopyData()
	said, _, ended := w.Second(dir, 2*time.Second, "order moved", 2)
	if ended {
		t.Fatalf("the copy did not run:\n%s", said)
	}
	p.reaches(t, sent, "awaiting payment")
	p.reaches(t, queued, "awaiting payment")
	if got := bought(w, vs); got != [2]int{1, 1} {
		t.Errorf("bought %v times, want once each", got)
	}
	if n := strings.Count(said, "order moved"); n < 2 || strings.Contains(said, "to=sending") ||
		strings.Contains(said, "purchase answered") {
		t.Errorf("the copy: %d moves of orders:\n%s", n, said)
	}
}

func TestACopyThatTakesThePlaceOfTheOriginalSendsNothing(t *testing.T) {
	w, p, sent, queued, vs := oneOnItsWay(t)
	dir := w.CopyData()
	p.reaches(t, sent, "awaiting payment")
	p.reaches(t, queued, "awaiting payment")
	w.Stop()
	w.Replace(dir)
	comesBack(t, w, p, sent, queued, vs, true)
}

func TestAnOlderDatabasePutBackSendsNothing(t *testing.T) {
	w, p, sent, queued, vs := oneOnItsWay(t)
	w.Kill()
	older := map[string][]byte{}
	for _, name := range []string{"console.db", "console.db-wal", "console.db.mark"} {
		b, err := os.ReadFile(filepath.Join(w.DataDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		older[name] = b
	}
	w.StartConsole()
	p.reaches(t, sent, "awaiting payment")
	p.reaches(t, queued, "not found") // a later start does not send it
	w.Stop()
	_ = os.Remove(filepath.Join(w.DataDir(), "console.db-shm"))
	for name, b := range older { // written into the file that is there: its inode stays
		if err := os.WriteFile(filepath.Join(w.DataDir(), name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	comesBack(t, w, p, sent, queued, vs, false)
}

// comesBack starts the console on data that is older than the world: nothing
// queued is sent, what was on its way is found, and then buying goes on. both:
// what was queued in the copy was sent by the original.
func comesBack(t *testing.T, w *world.World, p *person, sent, queued string, vs [2]review, both bool) {
	t.Helper()
	w.StartConsole()
	if a, err := p.Get(t.Context(), "/"); err != nil || !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("the old session: %d to %q, %v; want a new sign-in", a.Status, a.Location, err)
	}
	if err := p.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	becomes, want := "not found", [2]int{1, 0}
	if both {
		becomes, want = "awaiting payment", [2]int{1, 1}
	}
	if d := p.reaches(t, queued, becomes); !d.had("unknown") || len(d.Attempts) != 0 {
		t.Errorf("queued: %+v after %d attempts, want it unknown, then %s", d.Events, len(d.Attempts), becomes)
	}
	d := p.reaches(t, sent, "awaiting payment")
	if !d.had("unknown") || len(d.Attempts) != 1 {
		t.Errorf("on its way: %+v after %d attempts, want it unknown first, and sent once", d.Events, len(d.Attempts))
	}
	if got := books(w).of(vs[0].tag); len(got) != 1 || got[0].OrderID != d.Cloud.OrderID {
		t.Errorf("bought %+v, found %s", got, d.Cloud.OrderID)
	}
	if got := bought(w, vs); got != want {
		t.Errorf("bought %v times, want %v, by the original", got, want)
	}
	v, err := p.prepare(t.Context(), wares("afterwards", 3))
	if err != nil {
		t.Fatal(err)
	}
	var id string
	until(t, "buying goes on by itself", func(ctx context.Context) bool {
		id, err = p.place(ctx, v)
		return err == nil
	})
	p.reaches(t, id, "awaiting payment")
	if n := len(books(w).of(v.tag)); n != 1 {
		t.Errorf("after the restore: bought %d times, want once", n)
	}
}

func TestACopyDoesNotPayWhatWasPressed(t *testing.T) {
	w := world.Start(t, world.Scale(20))
	p := newPerson(t, w)
	v, id := p.orders(t, wares("pressed", 1))
	p.reaches(t, id, "awaiting payment")
	g, err := p.page(t.Context(), id)
	if err != nil || len(g.forms("pay")) != 1 {
		t.Fatalf("Pay: %v, %v", g.forms("pay"), err)
	}
	w.Fail("order", "delay", map[string]any{"delay": "2s", "times": -1}) // it is read before it is paid
	if err := p.press(t.Context(), g, "pay", g.forms("pay")[0]); err != nil {
		t.Fatal(err)
	}
	dir := w.CopyData()
	if _, err := p.prepare(t.Context(), wares("later", 2)); err != nil { // the original goes on
		t.Fatal(err)
	}
	w.Kill() // neither has paid
	w.Mend()
	w.Replace(dir)
	w.StartConsole()
	if err := p.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := p.reaches(t, id, "awaiting payment"); d.Reason != "order.restored.asked" {
		t.Errorf("asked to pay: got %q, want to be asked again", d.Reason)
	}
	until(t, "the page asks again", func(ctx context.Context) bool {
		g, err = p.page(ctx, id)
		return err == nil && len(g.forms("pay")) == 1
	})
	if n := len(books(w).of(v.tag)); n != 1 || w.Calls("pay") != 0 {
		t.Errorf("bought %d times, %d payments sent; want 1 and 0", n, w.Calls("pay"))
	}
	if err := p.press(t.Context(), g, "pay", g.forms("pay")[0]); err != nil {
		t.Fatal(err)
	}
	p.reaches(t, id, "delivered")
	if n := w.Calls("pay"); n != 1 {
		t.Errorf("payments: got %d, want 1", n)
	}
}

func TestWhatWasQueuedBeforeALongDowntimeExpires(t *testing.T) {
	w := world.Start(t, world.Scale(20), world.Env("CONSOLE_CLOCK={sandbox}"))
	p := newPerson(t, w)
	w.Fail("purchase", "delay", map[string]any{"delay": "3s"})
	_, sent := p.orders(t, wares("on-its-way", 1))
	p.reaches(t, sent, "sending")
	v, queued := p.orders(t, wares("queued", 2))
	w.Kill()
	w.Advance(6 * time.Minute)
	w.StartConsole()
	if d := p.reaches(t, queued, "not found"); len(d.Attempts) != 0 || d.Reason != "order.notfound.unsent" {
		t.Errorf("attempts: got %d (%s), want none, and Huawei asked", len(d.Attempts), d.Reason)
	}
	w.Advance(time.Minute)
	p.reaches(t, sent, "needs human") // nobody has answered yet whose orders are ours
	if n := len(books(w).of(v.tag)); n != 0 {
		t.Errorf("bought %d times, want never", n)
	}
}

func TestAStopFinishesWhatIsBeingSent(t *testing.T) {
	w := world.Start(t, world.Scale(20))
	p := newPerson(t, w)
	w.Fail("purchase", "delay", map[string]any{"delay": "1500ms"})
	v, id := p.orders(t, wares("stopped", 1))
	p.reaches(t, id, "sending")
	w.Signal(syscall.SIGTERM)
	select {
	case <-w.Ended():
	case <-time.After(20 * time.Second):
		t.Fatal("it did not stop within 20 s")
	}
	if code := w.ExitCode(); code != 0 {
		t.Errorf("exit code: got %d, want 0", code)
	}
	if n := len(books(w).of(v.tag)); n != 1 {
		t.Errorf("bought %d times, want once", n)
	}
	w.StartConsole()
	d := p.reaches(t, id, "awaiting payment")
	if d.had("unknown") || d.Attempts[0].Outcome != "ordered" {
		t.Errorf("after the stop: %+v %+v; want the answer recorded before the end", d.Events, d.Attempts)
	}
}

func TestASecondConsoleOnTheSameDataSaysSo(t *testing.T) {
	w := world.Start(t)
	p := newPerson(t, w)
	said, code, ended := w.Second(w.DataDir(), 10*time.Second, "", 0)
	if !ended || code == 0 {
		t.Fatalf("ended %v with code %d:\n%s", ended, code, said)
	}
	if want := "another console uses the data directory " + w.DataDir() + ": stop the other one first"; !strings.Contains(said, want) {
		t.Errorf("it says %q, want %q", said, want)
	}
	if _, id := p.orders(t, wares("first", 1)); id == "" {
		t.Error("the first one does not go on")
	}
}

func TestAnUnpaidOrderEndsWhenTheCalendarPassesItsDeadline(t *testing.T) {
	w := world.Start(t, world.Scale(20), world.Env("CONSOLE_CLOCK={sandbox}"))
	p := newPerson(t, w)
	v, id := p.orders(t, wares("left-alone", 1))
	p.reaches(t, id, "awaiting payment")
	w.Kill()
	w.Advance(8 * 24 * time.Hour)
	w.StartConsole()
	d := p.reaches(t, id, "closed") // the session is on the real clock: nobody has to sign in again
	p.staysQuiet(t)
	if mine := books(w).of(v.tag); len(mine) != 1 || !mine[0].Paid.IsZero() || mine[0].Status != cancelledThere ||
		d.Cloud.OrderID != mine[0].OrderID {
		t.Errorf("at the cloud: %+v; here %+v", mine, d.Cloud)
	}
	g, err := p.page(t.Context(), id)
	if err != nil || len(g.forms("again")) == 0 {
		t.Errorf("the page does not offer to order again: %v", err)
	}
}
