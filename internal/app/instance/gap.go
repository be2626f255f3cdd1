package instance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// About is a kind of fact that pages show and count.
type About string

// The facts, in the order in which they matter to somebody who reads a page.
const (
	AboutList    About = "list"    // which instances there are (Config)
	AboutStates  About = "states"  // how the servers of a region are (ECS)
	AboutTerms   About = "terms"   // expiry and auto-renew (billing)
	AboutTraffic About = "traffic" // what is left of data packages (billing)
)

var aboutOrder = []About{AboutList, AboutStates, AboutTerms, AboutTraffic}

// Gap is a fact of an account that is not known, or not as of now, and why. A
// figure that is made of the fact must not be shown as complete.
type Gap struct {
	AccountID string
	About     About
	Source    string        // as Sync.Source
	Region    string        // of AboutStates
	Lacking   int           // servers (AboutStates), packages or instances without the fact
	Old       int           // those whose fact is as of OKAt
	OKAt      time.Time     // when the source last answered completely; zero: never
	TriedAt   time.Time     // when it was last asked; zero: never
	Trouble   fault.Message // why it failed; zero: it is still to be read, or the answer lacks some
	Code      string        // the cloud's
}

// Failed reports whether the source was asked and failed.
func (g Gap) Failed() bool { return !g.Trouble.Zero() && !g.Off() }

// Off reports whether a person disabled the account: it is not meant to be read.
func (g Gap) Off() bool { return g.Trouble.ID == switchedOff }

// switchedOff is the message of a disabled account.
const switchedOff = "fault.account.disabled"

// Place is where the servers are whose states are not known, as Row.Place; "" for
// other facts.
func (g Gap) Place() string {
	place, _ := ecsRegion(g.Source)
	if g.About != AboutStates {
		return ""
	}
	return place
}

// Never reports whether the source never answered completely.
func (g Gap) Never() bool { return g.OKAt.IsZero() }

// Gaps is what is not known of some accounts.
type Gaps []Gap

// Of gives the gaps of these facts.
func (g Gaps) Of(about ...About) Gaps {
	return slices.DeleteFunc(slices.Clone(g), func(one Gap) bool { return !slices.Contains(about, one.About) })
}

// In gives the gaps of these accounts.
func (g Gaps) In(accountIDs ...string) Gaps {
	return slices.DeleteFunc(slices.Clone(g), func(one Gap) bool { return !slices.Contains(accountIDs, one.AccountID) })
}

// Lacking is how many servers, packages or instances lack the facts.
func (g Gaps) Lacking() int {
	n := 0
	for _, one := range g {
		n += one.Lacking
	}
	return n
}

// Short reports whether a count that is made of the facts is too small, or may
// be: some things lack a fact, or the source that names them never answered.
func (g Gaps) Short() bool {
	return slices.ContainsFunc(g, func(one Gap) bool { return one.Lacking > 0 || one.Never() })
}

// Gaps gives what is not known of accounts, from what is stored: sources that
// failed, that were never read or so long ago that they no longer speak of now,
// and rows that an answer left out. None means that everything was read.
func (s *Service) Gaps(ctx context.Context, accountIDs []string) (Gaps, error) {
	if len(accountIDs) == 0 {
		return nil, nil
	}
	syncs, err := s.Syncs(ctx, accountIDs)
	if err != nil {
		return nil, fmt.Errorf("instance: gaps: %w", err)
	}
	all, err := s.Accounts.List(ctx, person.System)
	if err != nil {
		return nil, fmt.Errorf("instance: gaps: %w", err)
	}
	pic := s.Picture()
	var out Gaps
	for _, a := range all {
		if slices.Contains(accountIDs, a.ID) {
			g := gapFinder{s: s, a: a, now: s.Now(), limits: s.limits(), rows: pic.lackCounts(a.ID), syncs: make(map[string]Sync)}
			for _, y := range syncs {
				if y.AccountID == a.ID {
					g.syncs[y.Source] = y
				}
			}
			out = append(out, g.find()...)
		}
	}
	slices.SortStableFunc(out, func(a, b Gap) int {
		return cmp.Or(slices.Index(aboutOrder, a.About)-slices.Index(aboutOrder, b.About), strings.Compare(a.Source, b.Source))
	})
	return out, nil
}

// limits are up to which age a fact speaks of now: the time that the schedule
// allows when nobody looks, and a quarter of it.
func (s *Service) limits() map[About]time.Duration {
	if s.Schedule == nil {
		return nil
	}
	late := func(d time.Duration) time.Duration { return d + d/4 }
	return map[About]time.Duration{AboutList: late(s.Schedule.ListIdle), AboutStates: late(s.Schedule.Idle),
		AboutTerms: late(s.Schedule.Expiry), AboutTraffic: late(s.Schedule.Traffic)}
}

// gapFinder finds the gaps of one account.
type gapFinder struct {
	s      *Service
	a      account.Account
	now    time.Time
	limits map[About]time.Duration
	rows   *lackCounts
	syncs  map[string]Sync
}

// find gives the gaps, those of states by place.
func (g *gapFinder) find() Gaps {
	var out Gaps
	why, code := g.blocked()
	put := func(gap Gap, y Sync) {
		gap.AccountID, gap.OKAt, gap.TriedAt, gap.Trouble, gap.Code = g.a.ID, y.OKAt, y.TriedAt, y.Said(), y.Code
		if !why.Zero() {
			gap.Trouble, gap.Code = why, code
		}
		if g.weigh(&gap) {
			out = append(out, gap)
		}
	}
	put(Gap{About: AboutList, Source: "config", Old: g.rows.instances}, g.syncs["config"])
	for _, source := range g.stateSources() {
		place, _ := ecsRegion(source)
		region, _, _ := strings.Cut(place, "/")
		put(Gap{About: AboutStates, Source: source, Region: region, Lacking: g.rows.states[place],
			Old: g.rows.servers[place] - g.rows.states[place]}, g.syncs[source])
	}
	if g.rows.instances > 0 {
		terms := g.syncs["bss"]
		terms.OKAt = g.syncs[sourceTerms].OKAt // when billing was last asked about all instances
		put(Gap{About: AboutTerms, Source: "bss", Lacking: g.rows.terms, Old: g.rows.instances - g.rows.terms}, terms)
	}
	if g.rows.packages > 0 {
		put(Gap{About: AboutTraffic, Source: "traffic", Lacking: g.rows.traffic, Old: g.rows.packages - g.rows.traffic}, g.syncs["traffic"])
	}
	return out
}

// weigh reports whether the fact is a gap, and completes it.
func (g *gapFinder) weigh(gap *Gap) bool {
	limit := g.limits[gap.About]
	old := limit > 0 && g.now.Sub(gap.OKAt) > limit
	lacks := gap.Never() || old || gap.Lacking > 0
	if gap.Trouble.Zero() && lacks && g.s.Limited != nil && g.s.Limited(g.a, gap.Source) {
		gap.Trouble = fault.Say("instance.limited") // it is being read, which takes minutes at this rate
	}
	if gap.Trouble.Zero() && !gap.Never() && !old {
		gap.Old = 0 // what is known is of now
	}
	return lacks || !gap.Trouble.Zero()
}

// stateSources are the places that are read, and those where servers are known,
// sorted.
func (g *gapFinder) stateSources() []string {
	all := g.s.listedPlaces(g.a)
	for place, n := range g.rows.servers {
		if source := "ecs:" + place; n > 0 && place != "" && !slices.Contains(all, source) {
			all = append(all, source)
		}
	}
	slices.Sort(all)
	return all
}

// blocked says why nothing of the account is read at all, with the cloud's code;
// zero: it is read.
func (g *gapFinder) blocked() (fault.Message, string) {
	switch {
	case g.a.State == account.Disabled:
		return fault.Say(switchedOff, "Account", g.a.Label), ""
	case g.a.State == account.Broken:
		if g.a.Trouble.Zero() {
			return fault.Say("fault.account.broken", "Account", g.a.Label), ""
		}
		return g.a.Trouble, ""
	case len(g.a.Projects) == 0 && len(g.a.Checks) > 0 && !g.a.Checks[0].OK: // the account was never reached
		return g.a.Checks[0].Message, g.a.Checks[0].Code
	}
	return fault.Message{}, ""
}

// lackCounts counts the rows of an account, and those that lack a fact.
type lackCounts struct {
	servers   map[string]int // by place
	states    map[string]int // those without a state, by place
	instances int
	terms     int // instances whose term is not known
	packages  int
	traffic   int // packages that were never read
}

// lackCounts counts what the rows of an account lack, once per picture.
func (p *Picture) lackCounts(accountID string) *lackCounts {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u := p.lacks[accountID]; u != nil {
		return u
	}
	u := &lackCounts{servers: map[string]int{}, states: map[string]int{}}
	for _, a := range p.accounts {
		if a.ages.account == accountID {
			for _, r := range a.rows {
				u.add(r)
			}
		}
	}
	if p.lacks == nil {
		p.lacks = make(map[string]*lackCounts)
	}
	p.lacks[accountID] = u
	return u
}

func (u *lackCounts) add(r *Row) {
	u.servers[r.Place()]++
	if r.State == StateUnknown {
		u.states[r.Place()]++
	}
	if !r.First || r.InstanceID == "" {
		return
	}
	u.instances++
	if !r.TermKnown() {
		u.terms++
	}
	if r.PackageID != "" {
		u.packages++
		if r.Traffic.At.IsZero() {
			u.traffic++
		}
	}
}

// TermKnown reports whether billing named the row: only then do Expires and
// AutoRenew say anything.
func (r *Row) TermKnown() bool { return !r.Expires.IsZero() || r.seen[FromBSS] != 0 }

// FrozenKnown reports whether a source said whether the row is frozen.
func (r *Row) FrozenKnown() bool { return r.Frozen || r.Status != "" || r.TermKnown() }
