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
	counting    = "count"  // how many instances Config has
	listing     = "config" // its list
	owing       = "owed"   // what billing is asked out of turn
	terming     = wholeTerms
	trafficking = "traffic"
)

// plan is when what an account has was read last, and how that went.
type plan struct {
	access account.Access // without a secret: for the rates in force
	places []string       // the sources of servers
	asked  time.Time      // when somebody asked for everything last
	sights map[string]*sight
}

// sight is how reading one source goes.
type sight struct {
	read    time.Time // begin of the last reading that went well; zero: never
	tried   time.Time // end of the last try
	fails   int       // tries in a row that got no answer
	refused bool      // the last try was answered with a no
	until   time.Time // no try before: the cloud wishes it, or its circuit is open
	calls   int       // what the last good reading cost; 0: not known
	spent   time.Time // begin of the last reading that is known to have taken calls
	wasted  int       // calls that were answered in the last try and came to nothing
	why     fault.Message
	code    string
}

func (p *plan) sight(source string) *sight {
	if p.sights == nil {
		p.sights = make(map[string]*sight)
	}
	if p.sights[source] == nil {
		p.sights[source] = &sight{}
	}
	return p.sights[source]
}

// sources are all that is planned.
func (p *plan) sources() []string {
	return append([]string{listing, counting, owing, terming, trafficking}, p.places...) // the list reads the places too
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
			p.sight(y.Source).read = y.OKAt
			if y.Source == listing {
				p.sight(counting).read = y.OKAt
			}
		}
		s.work.plan(a.ID, p)
	}
}

// payerOf is an access that names whose rates count, and nothing else.
func payerOf(a account.Account) account.Access {
	return account.Access{AccountID: a.ID, Site: a.Site, Endpoints: account.Endpoints{IAM: a.Endpoints.IAM}, DomainID: a.DomainID}
}

// listedPlaces gives the sources of the servers of an account in the regions and
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

// placesOf gives the sources of the servers of an account.
func (s *Service) placesOf(a account.Account) []string {
	all, regions := s.listedPlaces(a), a.ActiveRegions(s.Regions)
	for _, r := range s.partOf(a.ID).rows { // projects that Config names and the identity service does not
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

// plan plans an account that is not planned yet, and gives its plan.
func (w *work) plan(accountID string, p *plan) *plan {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.planned(accountID, p)
}

// planned is plan with w.mu held.
func (w *work) planned(accountID string, p *plan) *plan {
	if w.plans == nil {
		w.plans = make(map[string]*plan)
	}
	if w.plans[accountID] == nil {
		w.plans[accountID] = p
	}
	return w.plans[accountID]
}

// mark keeps how a try of a source went that began at a time.
func (w *work) mark(accountID, source string, began, now time.Time, calls int, err error) {
	signal := w.wake()
	w.mu.Lock()
	w.planned(accountID, &plan{}).sight(source).mark(began, now, calls, err)
	w.mu.Unlock()
	nudge(signal) // it may be due again before the turn ends
}

func (g *sight) mark(began, now time.Time, calls int, err error) {
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
	gone := f.Kind == fault.NotFound && !g.read.IsZero() // it was there: that it is not may be an outage
	if g.refused = isNo(f) && !gone; g.refused {
		g.fails = 0
		return
	}
	g.fails++
	g.wasted = calls
	g.until = now.Add(fault.Of(err).RetryAfter)
}

// isNo reports whether a failure is an answer that will be the same in a moment.
// A clock that is wrong is set right without the cloud.
func isNo(f *fault.Error) bool {
	switch f.Kind {
	case fault.Refused, fault.NotFound, fault.Forbidden, fault.Invalid:
		return f.Message.ID != "cloud.clock"
	}
	return false
}

// reason is why something could not be read: where a call was not made because
// of those before it failed, that of theirs.
func reason(f *fault.Error) *fault.Error {
	if f.Message.ID != "cloud.circuit" || f.Err == nil {
		return f
	}
	if why := fault.Of(f.Err); why != nil && why.Kind != fault.Internal {
		return why
	}
	return f
}

// covers reports whether a turn reads a source.
func (t *tasks) covers(source string) bool {
	switch source {
	case counting:
		return t.refresh || t.list || t.look[source]
	case listing:
		return t.refresh || t.list || t.news
	case owing:
		return t.refresh || t.list || t.expiry || t.owed
	case terming:
		return t.refresh || t.expiry
	case trafficking:
		return t.refresh || t.traffic
	}
	return t.refresh || t.list || t.look[source]
}

// concluded ends a turn in the plan. What it covered and nothing was asked about
// counts as read: there was nothing to ask. Where the account could not be read
// at all nothing was. What a later list names is read out of turn.
func (s *Service) concluded(l lane, t tasks, came turned, now time.Time) {
	for _, source := range s.unasked(l, t, came, now) {
		s.note(context.Background(), Sync{AccountID: l.account, Source: source, TriedAt: t.began.UTC(), OKAt: t.began.UTC()})
	}
}

// unasked gives what was read in full because there was nothing to ask.
func (s *Service) unasked(l lane, t tasks, came turned, now time.Time) (whole []string) {
	w := &s.work
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.plans[l.account]
	switch {
	case p == nil:
		return nil
	case came.unknown:
		delete(w.plans, l.account)
		return nil
	}
	for _, source := range p.sources() {
		g := p.sight(source)
		_, place := ecsRegion(source)
		switch {
		case !t.covers(source) || !g.tried.Before(t.began):
		case came.failed != nil:
			g.mark(t.began, now, 0, came.failed)
		case place: // it came to the plan while the turn ran
		default:
			g.mark(t.began, now, 0, nil)
			if source == terming || source == trafficking {
				whole = append(whole, source)
			}
		}
	}
	return whole
}

// reads reports whether somebody reads a source already, or is about to.
func (w *work) reads(accountID, source string, g *sight) bool {
	whole, running := w.under[lane{account: accountID}]
	if t := w.waiting[accountID]; t != nil && !running && t.covers(source) {
		return true
	}
	if running && whole.covers(source) && g.tried.Before(whole.began) {
		return true
	}
	_, looking := w.under[lane{accountID, looks, source}]
	return looking
}

// lookAgain asks for places to be looked at, those aside that are looked at right
// now or were a moment ago. w.mu is held.
func (w *work) lookAgain(accountID string, places []string, now time.Time) {
	p := w.planned(accountID, &plan{})
	w.change(accountID, func(t *tasks) {
		for _, source := range places {
			g := p.sight(source)
			if now.Sub(g.read) < justNow || w.reads(accountID, source, g) {
				continue
			}
			t.lookAt(source)
		}
	})
}

// justNow is how young an answer of ECS is to hold what Config counts: Config is
// a copy that lags.
const justNow = 5 * time.Second
