package instance

import (
	"context"
	"slices"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// What is planned besides the places of servers, which are named as their syncs
// are: "ecs:ap-southeast-3".
const (
	sourceCount   = "count"  // how many instances Config has
	sourceList    = "config" // its list
	sourceOwed    = "owed"   // what billing is asked out of turn
	sourceTerms   = "expiry" // billing, asked about everything; why it failed stands under "bss"
	sourceTraffic = "traffic"
)

// plan is when the sources of an account were read last, and how that went.
type plan struct {
	access account.Access // without a secret: it names whose rates are in force
	places []string       // the sources of servers
	asked  time.Time      // when a full refresh was last asked for
	states map[string]*sourceState
}

// sourceState is how reading one source goes.
type sourceState struct {
	read    time.Time // begin of the last reading that succeeded; zero: never
	tried   time.Time // end of the last try
	fails   int       // tries in a row that failed without an answer
	refused bool      // the last try was refused
	until   time.Time // no try before: the cloud asked for a pause, or its circuit is open
	calls   int       // calls of the last reading that succeeded; 0: not known
	spent   time.Time // begin of the last reading whose calls were counted
	wasted  int       // calls of the last try that were answered, though the try failed
	why     fault.Message
	code    string
}

// state gives the state of a source; it makes one when there is none.
func (p *plan) state(source string) *sourceState {
	if p.states == nil {
		p.states = make(map[string]*sourceState)
	}
	if p.states[source] == nil {
		p.states[source] = &sourceState{}
	}
	return p.states[source]
}

// sources gives all sources that are planned.
func (p *plan) sources() []string {
	// The list comes first: reading it reads the places too.
	return append([]string{sourceList, sourceCount, sourceOwed, sourceTerms, sourceTraffic}, p.places...)
}

// planAll plans every account that can be read.
func (s *Service) planAll(ctx context.Context) {
	if s.Schedule == nil {
		return
	}
	all, err := s.Accounts.List(ctx, person.System)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: plan the refreshes", "err", err)
		return
	}
	for _, a := range all {
		if a.State != account.Active || a.Unread() {
			continue
		}
		p := &plan{places: s.placesOf(a), access: payerOf(a)}
		syncs, err := s.Store.Syncs(ctx, []string{a.ID})
		if err != nil {
			s.Log.ErrorContext(ctx, "instance: plan the refreshes", "account", a.ID, "err", err)
		}
		for _, y := range syncs {
			p.state(y.Source).read = y.OKAt
			if y.Source == sourceList {
				p.state(sourceCount).read = y.OKAt
			}
		}
		s.queue.plan(a.ID, p)
	}
}

// payerOf is an access that names whose rates count, and nothing else.
func payerOf(a account.Account) account.Access {
	return account.Access{AccountID: a.ID, Site: a.Site, Endpoints: account.Endpoints{IAM: a.Endpoints.IAM}, DomainID: a.DomainID}
}

// listedPlaces gives the sources of the servers of an account, in the regions and
// projects that the identity service lists.
func (s *Service) listedPlaces(a account.Account) []string {
	var all []string
	for _, region := range a.ActiveRegions(s.Regions) {
		all = append(all, "ecs:"+region)
		for _, name := range a.Further(region) {
			all = append(all, "ecs:"+region+"/"+a.Projects[name])
		}
	}
	return all
}

// placesOf gives all sources of the servers of an account.
func (s *Service) placesOf(a account.Account) []string {
	all, regions := s.listedPlaces(a), a.ActiveRegions(s.Regions)
	for _, r := range s.accountRows(a.ID).rows { // projects that Config names and the identity service does not list
		place := r.Place()
		if place == r.Region || r.ServerID == "" || !slices.Contains(regions, r.Region) {
			continue
		}
		if source := "ecs:" + place; !slices.Contains(all, source) {
			all = append(all, source)
		}
	}
	return all
}

// plan adds the plan of an account, unless it has one, and gives the one that
// counts.
func (w *queue) plan(accountID string, p *plan) *plan {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.planned(accountID, p)
}

// planned is plan with w.mu held.
func (w *queue) planned(accountID string, p *plan) *plan {
	if w.plans == nil {
		w.plans = make(map[string]*plan)
	}
	if w.plans[accountID] == nil {
		w.plans[accountID] = p
	}
	return w.plans[accountID]
}

// noteTry keeps how a try of a source went that began at a time.
func (w *queue) noteTry(accountID, source string, began, now time.Time, calls int, err error) {
	signal := w.wake()
	w.mu.Lock()
	w.planned(accountID, &plan{}).state(source).noteTry(began, now, calls, err)
	w.mu.Unlock()
	nudge(signal) // it may be due again before the turn ends
}

// noteTry keeps how a try went. calls are those of it that were answered; 0: they
// were not counted.
func (g *sourceState) noteTry(began, now time.Time, calls int, err error) {
	g.tried, g.wasted = now, 0
	if err == nil {
		g.fails, g.refused, g.until, g.why, g.code = 0, false, time.Time{}, fault.Message{}, ""
		if began.After(g.read) {
			g.read = began
		}
		if calls > 0 {
			g.calls, g.spent = calls, began
		}
		return
	}
	f := reason(fault.Of(err))
	g.why, g.code = f.Message, f.Code
	gone := f.Kind == fault.NotFound && !g.read.IsZero() // it was there before, so this may be an outage
	if g.refused = isNo(f) && !gone; g.refused {
		g.fails = 0
		return
	}
	g.fails++
	g.wasted = calls
	g.until = now.Add(fault.Of(err).RetryAfter)
}

// isNo reports whether a failure is an answer that will stay the same for a
// while. A wrong clock is no such answer: it is corrected without the cloud.
func isNo(f *fault.Error) bool {
	switch f.Kind {
	case fault.Refused, fault.NotFound, fault.Forbidden, fault.Invalid:
		return f.Message.ID != "cloud.clock"
	}
	return false
}

// reason gives why a call failed. When it was not made, because calls before it
// failed, that is the reason of those.
func reason(f *fault.Error) *fault.Error {
	if f.Message.ID != "cloud.circuit" || f.Err == nil {
		return f
	}
	if why := fault.Of(f.Err); why != nil && why.Kind != fault.Internal {
		return why
	}
	return f
}

// covers reports whether the tasks read a source.
func (t *tasks) covers(source string) bool {
	switch source {
	case sourceCount:
		return t.refresh || t.list || t.lookSources[source]
	case sourceList:
		return t.refresh || t.list || t.configOnly
	case sourceOwed:
		return t.refresh || t.list || t.expiry || t.owed
	case sourceTerms:
		return t.refresh || t.expiry
	case sourceTraffic:
		return t.refresh || t.traffic
	}
	return t.refresh || t.list || t.lookSources[source]
}

// concludePlan notes in the plan that a turn ended. A source that the turn
// covered without a call counts as read: there was nothing to ask. When the
// account could not be read at all, the turn counts as a failed try of it.
func (s *Service) concludePlan(ctx context.Context, tr track, t tasks, result turnResult, now time.Time) {
	for _, source := range s.nothingAsked(tr, t, result, now) {
		s.storeSyncs(context.WithoutCancel(ctx), Sync{AccountID: tr.account, Source: source, TriedAt: t.began.UTC(), OKAt: t.began.UTC()})
	}
}

// nothingAsked notes the end of a turn for the sources that it covered without a
// call, and gives those that count as read in full by it.
func (s *Service) nothingAsked(tr track, t tasks, result turnResult, now time.Time) (whole []string) {
	w := &s.queue
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.plans[tr.account]
	switch {
	case p == nil:
		return nil
	case result.unknown:
		delete(w.plans, tr.account)
		return nil
	}
	for _, source := range p.sources() {
		g := p.state(source)
		_, place := ecsRegion(source)
		switch {
		case !t.covers(source) || !g.tried.Before(t.began):
		case result.failed != nil:
			g.noteTry(t.began, now, 0, result.failed)
		case place: // it was added to the plan while the turn ran
		default:
			g.noteTry(t.began, now, 0, nil)
			if source == sourceTerms || source == sourceTraffic {
				whole = append(whole, source)
			}
		}
	}
	return whole
}

// reads reports whether a source is being read, or will be by the next turn. w.mu
// is held.
func (w *queue) reads(accountID, source string, g *sourceState) bool {
	whole, running := w.running[track{account: accountID}]
	if t := w.waiting[accountID]; t != nil && !running && t.covers(source) {
		return true
	}
	if running && whole.covers(source) && g.tried.Before(whole.began) {
		return true
	}
	_, looking := w.running[track{accountID, lookTrack, source}]
	return looking
}

// lookAgain asks for places to be read, except those that are being read or were
// a moment ago. w.mu is held.
func (w *queue) lookAgain(accountID string, places []string, now time.Time) {
	p := w.planned(accountID, &plan{})
	w.change(accountID, func(t *tasks) {
		for _, source := range places {
			g := p.state(source)
			if now.Sub(g.read) < justNow || w.reads(accountID, source, g) {
				continue
			}
			t.lookAt(source)
		}
	})
}

// justNow is up to which age an answer of ECS holds what Config counts: Config is
// a copy that lags.
const justNow = 5 * time.Second
