package webtest

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/web/buy"
	"sampan/internal/app/web/detail"
)

// Instances is a local picture in memory.
type Instances struct {
	GivenGaps instance.Gaps
	Open      map[string]instance.Asked // what became of refreshes
	Visits    atomic.Int32
	buy.Inventory
	detail.Details
	accounts    *accounts
	Servers     []instance.ServerRecord
	Read        []instance.PackageTraffic
	GivenLabels map[string][]string
	Service     *instance.Service // made of the above when the picture is first asked for
	GivenRows   []instance.Instance
	More        []*instance.Row
	filters     []instance.Filter
	GivenAsked  []string
	RefreshErr  error        // what Refresh answers, when set
	version     atomic.Int64 // of Rows
	next        string
	GivenSyncs  []instance.Sync // beside that of Config
}

func (i *Instances) List(_ context.Context, _ person.Actor, f instance.Filter) (instance.Page, error) {
	i.filters = append(i.filters, f)
	var rows []instance.Instance
	for _, r := range i.GivenRows {
		for _, id := range f.AccountIDs {
			if r.AccountID == id && (f.Query == "" || strings.Contains(r.Name, f.Query)) {
				rows = append(rows, r)
			}
		}
	}
	return instance.Page{Rows: rows, Total: len(rows), Next: i.next}, nil
}

func (i *Instances) Get(_ context.Context, _ person.Actor, id string) (instance.Instance, error) {
	for _, r := range i.GivenRows {
		if r.ID == id {
			return r, nil
		}
	}
	return instance.Instance{}, fault.New(fault.NotFound, "web.topic.unknown")
}

func (i *Instances) Refresh(_ context.Context, _ person.Actor, id string) error {
	i.GivenAsked = append(i.GivenAsked, id)
	return i.RefreshErr
}

func (i *Instances) RefreshAll(ctx context.Context, by person.Actor, accounts []account.Account) (instance.Waiting, error) {
	var w instance.Waiting
	for _, a := range accounts {
		if err := i.Refresh(ctx, by, a.ID); err != nil {
			return w, err
		}
		if open := i.Open[a.ID]; open.Waits {
			w.Accounts, w.Slowed = append(w.Accounts, a), open.Trouble == "cloud.throttled"
		}
	}
	return w, nil
}

func (i *Instances) Detail(ctx context.Context, by person.Actor, id string) (instance.Detail, error) {
	r, err := i.Get(ctx, by, id)
	return instance.Detail{Instance: r}, err
}

func (i *Instances) Refreshing(string) bool { return false }

func (i *Instances) Asked(id string) instance.Asked { return i.Open[id] }

func (i *Instances) Visited() { i.Visits.Add(1) }

// Rows gives the instances as rows, and those that stand there as rows only; each
// time of another version.
func (i *Instances) Rows() ([]*instance.Row, int64) {
	all := slices.Clone(i.More)
	for _, r := range i.GivenRows {
		all = append(all, &instance.Row{AccountID: r.AccountID, InstanceID: r.ID, ServerID: r.ServerID, Name: r.Name, InstanceName: r.Name,
			Region: r.Region, State: instance.StateOf(r.State, r.TaskState, r.Frozen), Frozen: r.Frozen, PackageID: r.PackageID,
			Expires: r.Expires, AutoRenew: r.AutoRenew, First: true})
	}
	return all, i.version.Add(1)
}

func (i *Instances) Syncs(context.Context, []string) ([]instance.Sync, error) {
	return append([]instance.Sync{{AccountID: "a1", Source: "config", OKAt: Now.Add(-3 * time.Minute)}}, i.GivenSyncs...), nil
}

// Gaps are the real ones of sources that failed, and those a test gives: what a
// test does not speak of was read.
func (i *Instances) Gaps(ctx context.Context, ids []string) (instance.Gaps, error) {
	i.Picture()
	all, err := i.Service.Gaps(ctx, ids)
	all = slices.DeleteFunc(all, func(g instance.Gap) bool { return !g.Failed() })
	return append(all, i.GivenGaps.In(ids...)...), err
}

func (i *Instances) Counts(_ context.Context, _ person.Actor, ids []string) (instance.Counts, error) {
	c := instance.Counts{ByRegion: map[string]int{}, ByState: map[string]int{}}
	for _, r := range i.GivenRows {
		c.Total++
		c.ByRegion[r.Region]++
		c.ByState[r.State]++
	}
	return c, nil
}
