package instance

import (
	"cmp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sampan/internal/app/spelling"
)

// The states of a server in one word each (cloud-api, 8.10). They are what
// `state:` in a search takes and what the facet "state" counts.
const (
	StateRunning    = "running"
	StateStopped    = "stopped"
	StateStarting   = "starting"
	StateStopping   = "stopping"
	StateRestarting = "restarting"
	StateCreating   = "creating"
	StateFaulty     = "faulty"
	StateFrozen     = "frozen"
	StateBusy       = "busy"    // anything else; Row.Status has the cloud's word
	StateUnknown    = "unknown" // ECS has not spoken of it yet
)

// States are all states, in the order in which they are offered.
func States() []string {
	return []string{StateRunning, StateStopped, StateStarting, StateStopping, StateRestarting, StateCreating, StateFaulty, StateFrozen,
		StateBusy, StateUnknown}
}

// StateOf gives the state for what ECS says of a server. frozen, which billing or
// ECS says, comes first.
func StateOf(status, task string, frozen bool) string {
	switch {
	case frozen:
		return StateFrozen
	case status == "":
		return StateUnknown
	case status == "ERROR":
		return StateFaulty
	case status == "BUILD":
		return StateCreating
	case status == "REBOOT", status == "HARD_REBOOT", strings.HasPrefix(task, "reboot"):
		return StateRestarting
	case task == "powering-on":
		return StateStarting
	case task == "powering-off":
		return StateStopping
	case task != "":
		return StateBusy
	case status == "ACTIVE":
		return StateRunning
	case status == "SHUTOFF":
		return StateStopped
	}
	return StateBusy
}

// The problems a row can have, the worst first. They are what `problem:` takes.
const (
	ProblemFaulty   = "faulty"   // the server is in error
	ProblemExpired  = "expired"  // its term is over
	ProblemFrozen   = "frozen"   // expired or blocked: no action is possible
	ProblemNotSeen  = "not-seen" // a source that listed it no longer does
	ProblemExpiring = "expiring" // it ends within ExpiringWithin and does not renew itself
	ProblemTraffic  = "traffic"  // less than TrafficLow of the package is left
	ProblemSilent   = "silent"   // it runs, and no port answered when they were tried
	ProblemDisagree = "disagree" // the sources contradict each other
	ProblemOutside  = "outside"  // changed outside of the console within a day
)

// Problems are all problems, the worst first.
func Problems() []string {
	return []string{ProblemFaulty, ProblemExpired, ProblemFrozen, ProblemNotSeen, ProblemExpiring, ProblemTraffic, ProblemSilent,
		ProblemDisagree, ProblemOutside}
}

// When the end of a term without auto-renew is said to be near. These figures,
// and those of traffic below, are the console's policy: lists, searches, colours
// and warnings use them.
const (
	ExpiringWithin = 14 * 24 * time.Hour // it counts as expiring
	ExpiringNow    = 3 * 24 * time.Hour  // and is urgent
)

// The share of a data package, of 1, below which what is left is said to be low.
const (
	TrafficLow  = 0.10 // little is left
	TrafficWarn = 0.25 // it gets low
)

// outsideFor is how long a change outside of the console counts as a problem.
const outsideFor = 24 * time.Hour

// Traffic is what was last known of a data package (cloud-api, 9.11).
type Traffic struct {
	Left, Total float64   // GB, of the current cycle
	CycleEnd    time.Time // zero: not known
	At          time.Time // when it was read; zero: never, and nothing else is known
}

// Known reports whether there are figures.
func (t Traffic) Known() bool { return !t.At.IsZero() && t.Total > 0 }

// Share is the part that is left, 0 to 1; ok is false when it is not known.
func (t Traffic) Share() (left float64, ok bool) {
	if !t.Known() {
		return 0, false
	}
	return max(0, min(1, t.Left/t.Total)), true
}

// Row is one server with its instance, as the lists show it. An instance whose
// server is not known has a row without ServerID, a server whose instance is not
// known one without InstanceID. A Row never changes: a change makes a new Row in
// the next Picture. All of it is safe for concurrent use.
type Row struct {
	AccountID  string
	InstanceID string
	ServerID   string

	Name         string // the server's; the instance's while no server is known
	InstanceName string
	Hostname     string
	Region       string
	Project      string // id of the project that it is in; "" = not known
	Zone         string

	State     string // one of States
	Status    string // the cloud's word: "ACTIVE"; "" = not known
	TaskState string

	Address string   // public IPv4, "" = none known
	Private string   // first private IPv4
	More    []string // further addresses, IPv6 among them

	OS        string // "linux", "windows"; "" = not known
	Image     string // the catalogue's id; the product's or image's own name when the catalogue does not know it
	ImageName string // as the cloud names it
	Spec      string // plan spec code, raw
	VCPUs     int
	MemoryMiB int

	Tags   []string // "key=value" or "key": the server's and the instance's, sorted
	Labels []string // the console's own, sorted

	PackageID  string // data package
	CloudOrder string // order that bought it
	Fault      string // the cloud's words when it is in error

	Expires   time.Time // zero: not known
	Created   time.Time
	Traffic   Traffic
	AutoRenew bool
	Frozen    bool
	Locked    bool
	Disagree  bool      // the sources contradict each other; Detail says in which facts
	First     bool      // the first row of its instance: lists of instances show it
	Silent    bool      // it runs, and no port answered when they were last tried
	lost      sourceSet // sources whose last complete answer did not have it

	ChangedOutside time.Time // last change that the console did not make; zero: none
	NotSeenSince   time.Time // when a source that no longer lists it did so last
	UpdatedAt      time.Time // last change of any fact
	GoneAt         time.Time // since when no source knows it; zero in the rows of a picture

	instance string              // InstanceName in lower case
	text     string              // names and order in lower case, for searches
	words    string              // tags, labels and further addresses in lower case, for searches
	codes    [codedFacets]uint16 // the row's values of facets, as the pool numbers them; 0: no number was left
	ages     *accountAges        // what the rows of an account share
	seen     [3]int64
	sums     [3]uint64
}

// ID is the server's id, or the instance's while no server is known. Selections,
// links and Picture.Row take it.
func (r *Row) ID() string { return cmp.Or(r.ServerID, r.InstanceID) }

// Source is one of the cloud's services that say something of an instance.
type Source uint8

// The sources.
const (
	FromConfig Source = iota
	FromECS
	FromBSS
)

// String names the source as in Sync.Source.
func (s Source) String() string { return [...]string{"config", "ecs", "bss"}[s] }

// sourceSet is a set of sources.
type sourceSet uint8

func (s sourceSet) has(by Source) bool { return s&(1<<by) != 0 }

func (s *sourceSet) put(by Source, is bool) {
	*s &^= 1 << by
	*s |= sourceSet(flag(is)) << by
}

// Seen is when the source last named the row; zero: never.
func (r *Row) Seen(by Source) time.Time {
	us := r.seen[by]
	if us == 0 {
		return time.Time{}
	}
	if !r.lost.has(by) && r.ages != nil {
		us = max(us, r.ages.listedAt(by, r.Place(), r.InstanceID))
	}
	return time.UnixMicro(us).UTC()
}

// Place is where ECS is asked for the row's server: a region, or another project
// of it, "ap-southeast-3/<project id>".
func (r *Row) Place() string {
	if r.Project == "" || r.ages == nil {
		return r.Region
	}
	own := r.ages.projects.Load()
	if own == nil || (*own)[r.Region] == "" || (*own)[r.Region] == r.Project {
		return r.Region
	}
	return r.Region + "/" + r.Project
}

// Problems gives what is wrong with the row at a time, the worst first.
func (r *Row) Problems(now time.Time) []string {
	var all []string
	for n, p := range Problems() {
		if r.problems(now)&(1<<n) != 0 {
			all = append(all, p)
		}
	}
	return all
}

// Problem is the worst of Problems, "" when nothing is wrong.
func (r *Row) Problem(now time.Time) string {
	for n, p := range Problems() {
		if r.problems(now)&(1<<n) != 0 {
			return p
		}
	}
	return ""
}

// problems is the set of the row's problems: bit n for Problems()[n].
func (r *Row) problems(now time.Time) uint16 {
	share, known := r.Traffic.Share()
	var set uint16
	for n, is := range [...]bool{
		r.State == StateFaulty,
		!r.Expires.IsZero() && r.Expires.Before(now),
		r.Frozen,
		!r.NotSeenSince.IsZero(),
		!r.Expires.IsZero() && !r.AutoRenew && !r.Expires.Before(now) && r.Expires.Before(now.Add(ExpiringWithin)),
		known && share < TrafficLow,
		r.Silent,
		r.Disagree,
		!r.ChangedOutside.IsZero() && now.Sub(r.ChangedOutside) < outsideFor,
	} {
		if is {
			set |= 1 << n
		}
	}
	return set
}

// Instance gives the row as an instance. What only Config's list has
// (description, projects) is left out: Service.Get gives it.
func (r *Row) Instance() Instance {
	return Instance{ID: r.InstanceID, AccountID: r.AccountID, Name: r.InstanceName, Region: r.Region, Spec: r.Spec, Image: r.ImageName,
		Address: r.Address, State: r.Status, TaskState: r.TaskState, Frozen: r.Frozen, ServerID: r.ServerID, ServerName: r.serverName(),
		PackageID: r.PackageID, CloudOrder: r.CloudOrder, AutoRenew: r.AutoRenew, Expires: r.Expires, Created: r.Created,
		SeenConfig: r.Seen(FromConfig), SeenECS: r.Seen(FromECS), SeenBSS: r.Seen(FromBSS), UpdatedAt: r.UpdatedAt, GoneAt: r.GoneAt}
}

// serverName is the server's name, "" while no server is known.
func (r *Row) serverName() string {
	if r.Status == "" && r.Name == r.InstanceName {
		return "" // no server is known: Name is the instance's
	}
	return r.Name
}

// accountAges is what the rows of an account share: when each source last listed
// the account, and its projects. The ages change while the rows stay, so that a
// refresh that finds nothing new makes no new rows.
type accountAges struct {
	account        string
	config         atomic.Int64
	billing        atomic.Int64
	places         sync.Map                          // place of servers → *atomic.Int64
	projects       atomic.Pointer[map[string]string] // region → id of the region's own project
	namedByBilling sync.Map                          // instance → microseconds: when billing named it since its last full read
}

// listedAt is when the source last listed everything, or billing named the
// instance, in microseconds; 0: never.
func (s *accountAges) listedAt(by Source, place, instanceID string) int64 {
	switch by {
	case FromConfig:
		return s.config.Load()
	case FromBSS:
		at, _ := s.namedByBilling.Load(instanceID)
		us, _ := at.(int64)
		return max(us, s.billing.Load())
	}
	if at, ok := s.places.Load(place); ok {
		return at.(*atomic.Int64).Load()
	}
	return 0
}

// setListed keeps that a source listed everything, ECS everything of a place.
func (s *accountAges) setListed(by Source, place string, at time.Time) {
	switch by {
	case FromConfig:
		s.config.Store(at.UnixMicro())
		return
	case FromBSS:
		s.billing.Store(at.UnixMicro())
		s.namedByBilling.Clear()
		return
	}
	v, _ := s.places.LoadOrStore(place, new(atomic.Int64))
	v.(*atomic.Int64).Store(at.UnixMicro())
}

// finish computes what searches and sorts use. It is called once, before the row
// is in a picture.
func (r *Row) finish(p *pool) *Row {
	fold, instance := spelling.Form(r.Name), spelling.Form(r.InstanceName)
	text := fold
	for _, s := range [...]string{instance, spelling.Form(r.Hostname), spelling.Form(r.CloudOrder)} {
		if s != "" && !strings.Contains(text, s) {
			text += "\n" + s
		}
	}
	r.text = text
	r.pointInstance(instance)
	r.words = p.words(r.More, r.Tags, r.Labels)
	r.codes = p.codes(r)
	return r
}

// pointInstance sets r.instance, the name of the instance in lower case, to a
// part of r.text, which holds it: so it takes no memory of its own.
func (r *Row) pointInstance(instance string) {
	r.instance = ""
	if at := strings.Index(r.text, instance); at >= 0 {
		r.instance = r.text[at : at+len(instance)]
	}
}

// fold is Name in lower case.
func (r *Row) fold() string {
	name, _, _ := strings.Cut(r.text, "\n")
	return name
}

// ownTexts are the texts that a row shares with no other.
func (r *Row) ownTexts() [10]*string {
	return [...]*string{&r.InstanceID, &r.ServerID, &r.Name, &r.InstanceName, &r.Hostname, &r.Address, &r.Private, &r.PackageID,
		&r.CloudOrder, &r.text}
}

// has reports whether a word, in the form in which names are compared, is part of
// a name, address, id, order, tag or label of the row.
func (r *Row) has(word string) bool {
	return strings.Contains(r.text, word) || strings.Contains(r.Address, word) || strings.Contains(r.Private, word) ||
		strings.Contains(r.words, word) || strings.Contains(r.ServerID, word) || strings.Contains(r.InstanceID, word)
}
