package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// clockSuspect is the least offset of a clock that the check calls wrong
// (reliability.md §6).
const clockSuspect = 5 * time.Minute

// Check starts the connection check of cloud-api §17 in the background; its
// lines are stored one by one, each announced to pages. The check of a broken
// account tries its sign-in once more, so it needs person.ManageAccounts.
func (s *Service) Check(ctx context.Context, by person.Actor, id string) error {
	a, err := s.Store.Account(ctx, id)
	if err != nil {
		return fmt.Errorf("account: check %s: %w", id, err)
	}
	need := person.Refresh
	if a.State == Broken {
		need = person.ManageAccounts
	}
	if !by.May(need) {
		return denied()
	}
	if a.State == Disabled {
		return fault.New(fault.Conflict, "fault.account.disabled", "Account", a.Label)
	}
	if a.State == Broken {
		s.forget(id)
	}
	s.checks.ask(id)
	s.told(id)
	return nil
}

// Run makes the connection checks that are asked for, until ctx ends. At first it
// makes those that the last stop prevented or cut short. Checks of different accounts
// run at the same time. It returns when those under way have ended.
func (s *Service) Run(ctx context.Context) error {
	var under sync.WaitGroup
	defer under.Wait()
	all, err := s.Store.Accounts(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "account: look for checks to make up for", "err", err)
	}
	for _, a := range all {
		if a.State == Active && (a.Unread() || s.cut(a)) {
			s.checks.ask(a.ID)
		}
	}
	signal, retry := s.checks.wake(), time.NewTicker(s.scaled(againFirst/2))
	defer retry.Stop()
	for {
		for _, id := range s.checks.take() {
			under.Go(func() { s.runCheck(ctx, id) })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-signal:
		case <-retry.C:
			s.retry(ctx)
		}
	}
}

// retry repeats the check of accounts that no check has reached: as long as an
// account's id at the cloud is not known, no other call is made for it. A sign-in by
// password is repeated only by a person: every refused try counts towards a lock.
func (s *Service) retry(ctx context.Context) {
	all, err := s.Store.Accounts(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "account: look for accounts to check again", "err", err)
		return
	}
	s.discard(ctx, all)
	for _, a := range all {
		if f := a.Found(); a.Retried() && (f.Reach == Unreached || f.Reach == Throttled) && s.mayRepeat(a) {
			s.checks.askByItself(a.ID)
		}
	}
}

// Retried reports whether the console repeats the account's check without a person.
func (a Account) Retried() bool { return a.State == Active && a.Credential == ByKey }

func (s *Service) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / max(s.Scale, 1))
}

// mayRepeat reports whether the last check is long enough ago for another one that no
// person asked for.
func (s *Service) mayRepeat(a Account) bool {
	most := againMost
	if _, failed := a.signInFailed(); failed {
		most = againSignIn
	}
	return s.checks.mayRepeat(a.ID, s.Now().Sub(a.CheckedAt), s.scaled(againFirst), s.scaled(most))
}

// cut reports whether a stop cut the account's last check short.
func (s *Service) cut(a Account) bool {
	if i := a.line("keys"); i < 0 || !a.Checks[i].OK {
		return false
	}
	for _, region := range a.ActiveRegions(s.Regions) {
		if i := a.line("images:" + region); i < 0 || a.Checks[i].Old {
			return true
		}
	}
	return a.line("orders") < 0
}

// The first and the longest pause between two checks that no person asked for. The
// pauses after a failed sign-in are short: that check is a single call, and without
// it no other call can be made for the account.
const (
	againFirst  = time.Minute
	againSignIn = 90 * time.Second
	againMost   = time.Hour
)

// again asks for a new check of an account when a call was answered that the last
// check got no answer to: its page is not right any more. When the same step fails
// each time, for example in one region only, the pauses grow. A sign-in by password
// that got no answer is not repeated, because the call used an older token; the
// failed line is dropped. A refusal stays.
func (s *Service) again(ctx context.Context, a Account, right Right) error {
	if a.State != Active || a.Unread() {
		return nil
	}
	signIn, failed := a.signInFailed()
	byPerson := failed && !a.Retried()
	over := failed || slices.ContainsFunc(a.Checks, func(k Check) bool { return !k.OK && right != "" && rightOf(k.Name) == right })
	if !over || byPerson && signIn.reach() == KeyRefused || !s.mayRepeat(a) {
		return nil
	}
	if byPerson {
		return s.forgetSignIn(ctx, a)
	}
	s.checks.askByItself(a.ID)
	s.told(a.ID)
	return nil
}

// forgetSignIn drops the line of a failed sign-in, unless a check was made since.
func (s *Service) forgetSignIn(ctx context.Context, was Account) error {
	_, err := s.Store.Update(ctx, was.ID, func(a *Account) error {
		if !a.CheckedAt.Equal(was.CheckedAt) {
			return errNothingToDo
		}
		a.Checks = slices.DeleteFunc(a.Checks, func(k Check) bool { return k.Name == "keys" })
		if len(a.Checks) == 0 && len(a.Projects) > 0 { // an account that was never read keeps CheckedAt: Account.Unread
			a.CheckedAt = time.Time{}
		}
		return nil
	})
	if errors.Is(err, errNothingToDo) {
		return nil
	}
	s.told(was.ID)
	return err
}

// checkRun is one connection check under way.
type checkRun struct {
	s      *Service
	a      Account
	signIn *secret // what it signs in with
	old    []Check // of the check before; those not asked again yet stay as they were
	lines  []Check
	err    error // of the store, or errOver; nothing goes on after it
}

// errOver ends the check of an account that was deleted or disabled, or whose
// credential was replaced meanwhile: its results are dropped.
var errOver = errors.New("account: the check is over")

func (s *Service) runCheck(ctx context.Context, id string) {
	defer func() {
		s.checks.done(id)
		s.told(id)
	}()
	a, err := s.Store.Account(ctx, id)
	if err != nil || a.State == Disabled {
		return // deleted or disabled while it was queued
	}
	r := &checkRun{s: s, a: a, old: a.Checks}
	if err := r.all(ctx); err != nil && !errors.Is(err, errOver) && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "account: connection check", "account", id, "err", err)
	}
}

// all makes the steps in order. After a failed sign-in the others are not made.
func (r *checkRun) all(ctx context.Context) error {
	acc, signIn, err := r.s.access(ctx, r.a)
	r.signIn = signIn
	if err != nil {
		line := Check{Name: "keys", Kind: fault.Refused.String(), Message: fault.Say("account.check.unsealed")}
		return errors.Join(err, r.keepLine(ctx, line, nil))
	}
	acc.Lane = ForPerson
	if !r.identity(ctx, acc) {
		return r.end(ctx)
	}
	if r.s.Checked != nil { // the inventory is read while the check goes on: it may take minutes
		r.s.Checked(r.a.ID)
	}
	acc.DomainID, acc.Projects = r.a.DomainID, r.a.Projects
	r.list(ctx, acc)
	r.billing(ctx, acc)
	r.line(ctx, "orders", RightOrders, fault.Say("account.check.orders"), func() error { return r.s.Probe.Orders(ctx, acc) })
	for _, region := range r.a.ActiveRegions(r.s.Regions) {
		r.line(ctx, "servers:"+region, RightServers, fault.Say("account.check.servers", "Region", "@region."+region),
			func() error { return r.s.Probe.Servers(ctx, acc, region) })
		r.line(ctx, "images:"+region, RightImages, fault.Say("account.check.images", "Region", "@region."+region),
			func() error { return r.s.Probe.Images(ctx, acc, region) })
	}
	return r.end(ctx)
}

// end drops the lines of the check before that this one has no step for.
func (r *checkRun) end(ctx context.Context) error {
	if r.err != nil || ctx.Err() != nil {
		return r.err
	}
	r.old = nil
	if !slices.ContainsFunc(r.lines, func(k Check) bool { return !k.OK && rightOf(k.Name) != "" }) {
		r.s.checks.forgetPause(r.a.ID)
	}
	return r.store(ctx, nil)
}

// identity is the first step: does the cloud accept the credential, whose account is
// it, which regions are there, is our clock right.
func (r *checkRun) identity(ctx context.Context, acc Access) bool {
	r.begin("keys")
	began := r.s.Now()
	who, err := r.s.Probe.Identity(ctx, acc)
	offset := r.offset(who)
	if err != nil {
		f := fault.Of(err)
		r.failed(ctx, Check{Name: "keys", Took: r.s.Now().Sub(began)}, RightProjects, f)
		if offset.Abs() > clockSuspect {
			r.clock(ctx, offset)
		}
		return false
	}
	if r.a.Site != SandboxSite && r.a.DomainID != "" && who.DomainID != "" && r.a.DomainID != who.DomainID {
		r.foreign(ctx, who)
		return false
	}
	line := Check{Name: "keys", OK: true, Took: r.s.Now().Sub(began), Message: fault.Say("account.check.keys")}
	if who.DomainName != "" {
		line.Message = fault.Say("account.check.keys.as", "Domain", who.DomainName)
	}
	if !r.settle(ctx, who, line, func(a *Account) {
		a.DomainID, a.Projects = who.DomainID, who.Projects
		if who.DomainName != "" {
			a.DomainName = who.DomainName
		}
		a.mend()
		a.learn(RightProjects, Answer{Allowed: true, At: r.s.Now().UTC()})
	}) {
		return false
	}
	r.clock(ctx, offset)
	r.regions(ctx)
	return r.err == nil
}

// foreign breaks an account whose new credential belongs to another account at the
// cloud: its orders would be looked for in the wrong account and be called not found.
// The Sandbox's account is another one after each reset, and is not broken.
func (r *checkRun) foreign(ctx context.Context, who Identity) {
	known := r.a.DomainName
	if known == "" || known == who.DomainName { // a sign-in by password names its account
		known = r.a.DomainID
	}
	why := fault.New(fault.Refused, "account.check.foreign", "Other", cmp.Or(who.DomainName, who.DomainID), "Domain", known)
	r.refused(ctx, why)
	r.keepLine(ctx, Check{Name: "keys", Kind: why.Kind.String(), Message: why.Message}, nil)
}

func (r *checkRun) offset(who Identity) time.Duration {
	if r.s.Offset != nil {
		if d := r.s.Offset(r.a.ID); d != 0 {
			return d
		}
	}
	return who.ClockOffset
}

func (r *checkRun) clock(ctx context.Context, offset time.Duration) {
	if offset.Abs() > clockSuspect {
		minutes := strconv.Itoa(int(offset.Abs().Round(time.Minute).Minutes()))
		r.keepLine(ctx, Check{Name: "clock", Message: fault.Say("account.check.clock.off", "Minutes", minutes)}, nil)
		return
	}
	seconds := strconv.FormatFloat(offset.Abs().Round(100*time.Millisecond).Seconds(), 'f', 1, 64)
	r.keepLine(ctx, Check{Name: "clock", OK: true, Message: fault.Say("account.check.clock", "Seconds", seconds)}, nil)
}

func (r *checkRun) regions(ctx context.Context) {
	active := r.a.ActiveRegions(r.s.Regions)
	if len(active) == 0 {
		r.keepLine(ctx, Check{Name: "regions", Message: fault.Say("account.check.regions.none")}, nil)
		return
	}
	r.keepLine(ctx, Check{Name: "regions", OK: true, Message: fault.Say("account.check.regions", "Regions", refs(active))}, nil)
	if r.a.Site == Mainland || r.a.Site == Europe {
		return // the catalogue's regions are of another site
	}
	var asleep []string
	for _, code := range r.s.Regions {
		if !slices.Contains(active, code) {
			asleep = append(asleep, code)
		}
	}
	if len(asleep) > 0 {
		r.keepLine(ctx, Check{Name: "regions:inactive", Message: fault.Say("account.check.regions.inactive", "Regions", refs(asleep))}, nil)
	}
}

// refs are regions as references to their names in the message catalogue.
func refs(codes []string) string { return "@region." + strings.Join(codes, ", @region.") }

func (r *checkRun) list(ctx context.Context, acc Access) {
	count := 0
	r.line(ctx, "list", RightList, fault.Message{}, func() (err error) {
		count, err = r.s.Probe.Count(ctx, acc)
		return err
	}, func(line *Check, _ *Account) {
		line.Message = fault.Say("account.check.list", "N", strconv.Itoa(count))
	})
}

func (r *checkRun) billing(ctx context.Context, acc Access) {
	currency := ""
	r.line(ctx, "billing", RightBilling, fault.Say("account.check.billing"), func() (err error) {
		currency, err = r.s.Probe.Currency(ctx, acc)
		return err
	}, func(_ *Check, a *Account) {
		if currency != "" {
			a.Currency = currency
		}
	})
}

// begin notes which line is asked for now, and tells the account's page.
func (r *checkRun) begin(name string) {
	r.s.checks.begin(r.a.ID, name)
	if r.s.Changed != nil {
		r.s.Changed("account/" + r.a.ID) // nothing else changed
	}
}

// line makes one call and stores its line: good, or the failure.
func (r *checkRun) line(
	ctx context.Context, name string, right Right, good fault.Message, call func() error, also ...func(*Check, *Account),
) {
	if r.err != nil || ctx.Err() != nil {
		return
	}
	r.begin(name)
	began := r.s.Now()
	err := call()
	line := Check{Name: name, Took: r.s.Now().Sub(began)}
	if err != nil {
		r.failed(ctx, line, right, fault.Of(err))
		return
	}
	line.OK, line.Message = true, good
	r.keepLine(ctx, line, func(a *Account) {
		a.learn(right, Answer{Allowed: true, At: r.s.Now().UTC()})
		for _, f := range also {
			f(&r.lines[len(r.lines)-1], a)
		}
	})
}

// failed stores a line of a failed call: the adapter's message is the remedy.
func (r *checkRun) failed(ctx context.Context, line Check, right Right, f *fault.Error) {
	line.Message, line.Code, line.Request, line.Kind = f.Message, f.Code, f.RequestID, f.Kind.String()
	if f.Kind == fault.Internal {
		line.Message = fault.Say("account.check.failed")
		r.s.Log.ErrorContext(ctx, "account: connection check", "account", r.a.ID, "line", line.Name, "err", f)
	}
	if signInRefused(f) {
		r.refused(ctx, f)
	}
	r.keepLine(ctx, line, func(a *Account) {
		if f.Status == http403 {
			a.learn(right, Answer{At: r.s.Now().UTC(), Code: f.Code})
		}
	})
}

// keepLine stores the lines so far and announces them. The lines of the check before that
// this one has not asked again yet stay stored, so a stop loses none.
func (r *checkRun) keepLine(ctx context.Context, line Check, change func(*Account)) error {
	if r.err != nil {
		return r.err
	}
	line.Since = r.since(line)
	r.lines = append(r.lines, line)
	return r.store(ctx, change)
}

// since is when the line began to fail like this: if the check before had the same
// failure, the time of that failure.
func (r *checkRun) since(line Check) time.Time {
	if line.OK {
		return time.Time{}
	}
	for _, k := range r.old {
		if k.Name == line.Name && !k.OK && k.Message.ID == line.Message.ID && !k.Since.IsZero() {
			return k.Since
		}
	}
	return r.s.Now().UTC()
}

func (r *checkRun) store(ctx context.Context, change func(*Account)) error {
	return r.update(ctx, func(a *Account) {
		if change != nil {
			change(a)
		}
		a.Checks, a.CheckedAt = r.known(), r.s.Now().UTC()
	})
}

func (r *checkRun) update(ctx context.Context, change func(*Account), entries ...audit.Entry) error {
	if r.err != nil {
		return r.err
	}
	r.asItWas(func() error {
		a, err := r.s.Store.Update(ctx, r.a.ID, func(a *Account) error {
			if a.State == Disabled {
				return errOver
			}
			change(a)
			return nil
		}, entries...)
		if err != nil {
			return fmt.Errorf("account: store the check of %s: %w", r.a.ID, err)
		}
		r.a = a
		return nil
	})
	if r.err == nil {
		r.s.told(r.a.ID)
	}
	return r.err
}

// refused breaks the account: the cloud does not accept its credential.
func (r *checkRun) refused(ctx context.Context, why *fault.Error) {
	r.asItWas(func() error {
		r.s.LoginRefused(ctx, r.a.ID, why)
		return nil
	})
}

// asItWas calls do while the account's credential is the one that the check signs in
// with, and keeps it from being replaced meanwhile. With another credential it ends
// the check.
func (r *checkRun) asItWas(do func() error) {
	r.s.mu.RLock()
	defer r.s.mu.RUnlock()
	r.err = errOver
	if r.s.secrets[r.a.ID] == r.signIn {
		r.err = do()
	}
}

// known are the lines so far, then those of the check before that this one has not
// asked again yet.
func (r *checkRun) known() []Check {
	all := slices.Clone(r.lines)
	for _, k := range r.old {
		if !slices.ContainsFunc(r.lines, func(n Check) bool { return n.Name == k.Name }) {
			k.Old = true
			all = append(all, k)
		}
	}
	return all
}
