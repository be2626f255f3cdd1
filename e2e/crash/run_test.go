//go:build e2e

package crash

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	_ "modernc.org/sqlite"

	"sampan/e2e/world"
)

// errWrong marks what is never right, console dead or alive.
var errWrong = errors.New("wrong")

// patience is how long one purchase may take to come to its end, kills
// included; the last look of the resolver is at 15 min divided by the scale.
const patience = 90 * time.Second

// mortal is a console that is killed and started again while one person works
// with it.
type mortal struct {
	t      *testing.T
	w      *world.World
	p      *person
	paces  [4]time.Duration
	report *report

	mu     sync.Mutex
	dead   bool
	rolled bool // a copy was put back in this world
}

func newMortal(t *testing.T, r *report) *mortal {
	limits := filepath.Join(t.TempDir(), "limits.json")
	fast := `{"rates": {"hcss": {"per_second": 1000, "in_flight": 1}, "bss": {"per_second": 1000, "in_flight": 2}, "ecs": {"per_second": 1000, "in_flight": 4},
		"config": {"per_second": 1000, "in_flight": 2}, "iam": {"per_second": 1000, "in_flight": 1}, "ims": {"per_second": 1000, "in_flight": 4}}}`
	if err := os.WriteFile(limits, []byte(fast), 0o600); err != nil {
		t.Fatal(err)
	}
	w := world.Start(t, world.Scale(100), world.Env("CONSOLE_LIMITS_FILE="+limits, "CONSOLE_LOG_LEVEL=info"))
	w.Fund("Sandbox", "1000000.00")
	m := &mortal{t: t, w: w, report: r, p: newPerson(t, w)}
	// A clean stop moves what was set up into the main file: a copy of that file alone,
	// made before the first checkpoint, would know neither the person nor the account.
	w.Stop()
	w.StartConsole()
	_, first := m.p.orders(t, wares("answered", 1)) // its answer teaches whose orders are ours
	m.p.reaches(t, first, "awaiting payment")
	m.paces = [4]time.Duration{instant: 2 * time.Millisecond, answer: 30 * time.Millisecond, whole: 700 * time.Millisecond,
		start: 250 * time.Millisecond}
	return m
}

// saw takes a measured stretch into the paces.
func (m *mortal) saw(p pace, d time.Duration) { m.paces[p] = (3*m.paces[p] + d) / 4 }

// run is one purchase from the click to its end.
type run struct {
	*mortal
	plan   plan
	review review
	order  string // "" until it is known
	began  time.Time
	caps   decimal.Decimal // most that anybody agreed to
	pays   int
	how    string // what the end came by, where that is not plain

	timers []*time.Timer // kills to come
	kills  int
	after  act // what the last kill came after
	over   bool
}

// step says how the loop goes on.
type step int

const (
	again step = iota
	ended
)

// buy lives through one plan and gives what is wrong with its end.
func (m *mortal) buy(b plan) (err error) {
	m.w.Mend()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	r := &run{mortal: m, plan: b}
	if r.review, err = m.p.prepare(ctx, b); err != nil {
		return fmt.Errorf("wizard: %w", err)
	}
	if err := r.stepBehind(ctx); err != nil {
		return fmt.Errorf("the one in front: %w", err)
	}
	for _, f := range b.faults {
		m.w.Fail(f["call"].(string), f["kind"].(string), f)
	}
	r.planCopy()
	r.began = time.Now()
	if b.payment == within {
		r.caps = decimal.NewFromInt(5000)
	}
	if err := r.press(ctx); err != nil {
		return err
	}
	last, err := r.live(ctx)
	if r.disarm() {
		r.revive(ctx)
	}
	if err != nil {
		return err
	}
	m.report.ended(r, last)
	if err := r.judge(ctx, last); err != nil || b.rollback == nil {
		return err
	}
	m.w.Mend()
	return r.relive(ctx)
}

// press is the click, once or twice, with the kill that may come after it.
func (r *run) press(ctx context.Context) error {
	r.arm(click)
	clicks := 1
	if r.plan.twice {
		clicks = 2
	}
	ids := make([]string, clicks)
	errs := make([]error, clicks)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range clicks {
		wg.Go(func() { ids[i], errs[i] = r.p.place(ctx, r.review) })
	}
	wg.Wait()
	for i, err := range errs {
		if errors.Is(err, errAgain) { // killed and started again between the page and the click
			continue
		}
		if err == nil {
			if r.order != "" && r.order != ids[i] {
				return fmt.Errorf("a double click made two orders: %s and %s", r.order, ids[i])
			}
			r.order = ids[i]
		} else if !r.gone() {
			return fmt.Errorf("click: %w", err)
		}
	}
	if r.order != "" && clicks == 1 {
		r.saw(answer, time.Since(began))
	}
	return nil
}

// live goes on, whatever happens, until the order's page has come to an end.
func (r *run) live(ctx context.Context) (passport, error) {
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	var last passport
	for {
		if r.gone() {
			r.revive(ctx)
		}
		d, s, err := r.look(ctx)
		if err == nil {
			last = d
		}
		switch {
		case err == nil && s == ended:
			if r.kills > 0 {
				return last, nil
			}
			r.kill(atEnd) // every purchase dies once, if only at its end
		case errors.Is(err, errWrong):
			return last, err
		case err != nil && !r.gone():
			select {
			case <-r.w.Ended():
				if !r.gone() {
					return last, fmt.Errorf("the console ended by itself: %w", err)
				}
			default:
				if ctx.Err() == nil {
					return last, err
				}
			}
		}
		select {
		case <-ctx.Done():
			return last,
				fmt.Errorf("no end after %v: state %q (%s), order %q at the cloud", patience, last.State, last.Reason, last.Cloud.OrderID)
		case <-tick.C:
		}
	}
}

// look reads the order as a person does, and does what a person would.
func (r *run) look(ctx context.Context) (passport, step, error) {
	if r.order == "" {
		return r.recall(ctx)
	}
	d, err := r.p.passport(ctx, r.order)
	if err != nil {
		return d, again, err
	}
	switch d.State {
	case "awaiting payment":
		return d, again, r.decide(ctx, d)
	case "needs human", "not found":
		s, err := r.choose(ctx, d)
		return d, s, err
	case "partly delivered", "refused", "expired", "cancelled", "closed":
		return d, ended, nil
	case "delivered":
		g, err := r.p.page(ctx, r.order)
		if err != nil || g.live() {
			return d, again, err
		}
		if r.kills == 0 {
			r.saw(whole, time.Since(r.began))
		}
		return d, ended, nil
	}
	return d, again, nil
}

// recall finds out what became of a click whose answer never came: the browser
// repeats it, or the person looks at the review again.
func (r *run) recall(ctx context.Context) (passport, step, error) {
	if r.plan.repeats {
		id, err := r.p.place(ctx, r.review)
		if errors.Is(err, errAgain) {
			return passport{}, again, r.readAgain(ctx, err)
		}
		r.order = id
		return passport{}, again, err
	}
	id, err := r.p.ordered(ctx, r.review)
	if errors.Is(err, errAgain) {
		err = nil // it was never recorded, and the person lets it be
	}
	if err != nil {
		return passport{}, again, err
	}
	r.order = id
	if id == "" {
		r.how = "never recorded"
		return passport{}, ended, nil
	}
	return passport{}, again, nil
}

// readAgain takes the review that is shown in the place of the one from before a
// restart; what is sent from now on carries its ids.
func (r *run) readAgain(ctx context.Context, shown error) error {
	_, at, _ := strings.Cut(shown.Error(), " at ")
	v, err := r.p.read(ctx, at)
	if err != nil {
		return err
	}
	if len(books(r.w).of(r.review.tag, r.review.clientRequest)) > 0 {
		return fmt.Errorf("%w: the review is shown again, and its first ids are in the books", errWrong)
	}
	r.review = v
	return nil
}

// decide pays or cancels what waits for its payment, where the page asks for it.
func (r *run) decide(ctx context.Context, d passport) error {
	if r.plan.payment != exact && d.Reason == "" {
		return nil // the console is about to pay by itself, or to say why not
	}
	g, err := r.p.page(ctx, r.order)
	if err != nil {
		return err
	}
	if forms := g.forms("cancel"); r.plan.cancels && len(forms) > 0 {
		return r.p.press(ctx, g, "cancel", forms[0])
	}
	forms := g.forms("pay")
	if len(forms) == 0 {
		return nil
	}
	if r.pays++; r.pays > 8 {
		return fmt.Errorf("%w: asked to pay for the ninth time: %s", errWrong, d.Reason)
	}
	amount, err := decimal.NewFromString(forms[0].Get("amount"))
	if err != nil {
		return fmt.Errorf("%w: the Pay button carries no amount: %v", errWrong, forms[0])
	}
	r.caps = decimal.Max(r.caps, amount)
	r.arm(pay)
	return r.p.press(ctx, g, "pay", forms[0])
}

// choose decides about orders that turned up, knowing which one is ours.
func (r *run) choose(ctx context.Context, d passport) (step, error) {
	mine := books(r.w).of(r.review.tag)
	g, err := r.p.page(ctx, r.order)
	if err != nil {
		return again, err
	}
	adopt := func(f url.Values) bool { return len(mine) == 1 && f.Get("order") == mine[0].OrderID }
	if i := slices.IndexFunc(g.forms("adopt"), adopt); i >= 0 {
		r.how = "found late, "
		if r.plan.adopts || d.State == "needs human" {
			r.how += "adopted"
			return again, r.p.press(ctx, g, "adopt", g.forms("adopt")[i])
		}
		r.how += "cancelled"
		if j := slices.IndexFunc(g.forms("cancel-found"), adopt); j >= 0 {
			return again, r.p.press(ctx, g, "cancel-found", g.forms("cancel-found")[j])
		}
		return again, nil // being cancelled
	}
	switch {
	case len(mine) == 1 && mine[0].Status == cancelledThere:
		return ended, nil
	case len(mine) == 1 && d.State == "not found" && len(g.forms("check")) > 0:
		return again, r.p.press(ctx, g, "check", g.forms("check")[0])
	case len(mine) == 0 && d.State == "needs human" && len(g.forms("none")) > 0:
		return again, r.p.press(ctx, g, "none", g.forms("none")[0])
	case len(mine) == 0 && d.State == "not found":
		return ended, nil
	}
	return again, nil
}

// arm sets the next kill that the plan has for an act.
func (r *run) arm(a act) {
	if len(r.plan.kills[a]) == 0 {
		return
	}
	k := r.plan.kills[a][0]
	r.plan.kills[a] = r.plan.kills[a][1:]
	r.timers = append(r.timers, time.AfterFunc(time.Duration(k.share*float64(r.paces[k.of])), func() { r.kill(a) }))
}

// disarm takes back the kills to come, and reports whether one came just now.
func (r *run) disarm() bool {
	for _, t := range r.timers {
		t.Stop()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	return r.dead
}

// kill ends the console where it is.
func (r *run) kill(after act) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead || r.over {
		return
	}
	r.w.Kill()
	r.dead, r.after = true, after
	r.kills++
}

// gone reports whether the console was killed; it waits for a kill under way.
func (r *run) gone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dead
}

// revive notes in which state the console died and starts it until it runs.
func (r *run) revive(ctx context.Context) {
	for r.gone() && ctx.Err() == nil {
		state := r.stateAtDeath()
		if state == unrecorded && r.order != "" {
			r.t.Errorf("%v: the order %s was shown, and the disk does not have it", r.plan, r.order)
		}
		began := time.Now()
		r.mu.Lock() // a kill to come is for the console that starts here
		r.report.died(r.after, state)
		r.w.Launch()
		r.dead = false
		r.mu.Unlock()
		r.arm(launch)
		if r.w.Ready(ctx) && !r.gone() {
			r.saw(start, time.Since(began))
			r.report.started(time.Since(began))
			r.quiet(ctx)
			r.arm(running)
		}
	}
}

// unrecorded is the state of an order that is not on disk.
const unrecorded = "not recorded"

// stateAtDeath reads the order's state from a copy of the dead console's files.
func (r *run) stateAtDeath() string {
	dir, err := os.MkdirTemp(r.t.TempDir(), "")
	if err != nil {
		r.t.Error(err)
		return "?"
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Join(r.w.DataDir(), "console.db"+suffix))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "console.db"+suffix), b, 0o600)
		}
		if err != nil && suffix == "" {
			r.t.Error(err)
			return "?"
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "console.db"))
	if err != nil {
		r.t.Error(err)
		return "?"
	}
	defer func() { _ = db.Close() }()
	var state string
	var asked int64
	err = db.QueryRowContext(r.t.Context(), "SELECT state, pay_asked_us FROM purchase WHERE review_id = ?", r.review.id).
		Scan(&state, &asked)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return unrecorded
	case err != nil:
		r.t.Errorf("the dead console's database: %v", err)
		return "?"
	case asked > 0:
		return state + ", Pay pressed"
	}
	return state
}
