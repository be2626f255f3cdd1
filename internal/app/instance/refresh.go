package instance

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// reader is one turn on one account.
type reader struct {
	s       *Service
	ctx     context.Context
	access  account.Access
	regions []string
	at      time.Time // of this turn: what was seen now carries it
	picture *picture
}

// read does the tasks and gives the orders whose servers are all ready, with
// their number. Failures are kept as syncs: a banner says since when and why.
func (s *Service) read(ctx context.Context, accountID string, t tasks) map[string]int {
	r, err := s.newReader(ctx, accountID)
	if err != nil {
		return s.unread(ctx, accountID, t, err)
	}
	if t.images {
		r.images()
	}
	if !t.refresh && len(t.watches) == 0 {
		return nil
	}
	stored, err := s.Store.Instances(ctx, accountID)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the picture", "account", accountID, "err", err)
		return nil
	}
	r.picture = newPicture(accountID, stored)
	switch {
	case t.refresh:
		r.orders(t.watches)
		r.everything()
	default:
		r.fresh(t.watches)
	}
	found := make(map[string]int)
	for order := range t.watches {
		if n := r.picture.ready(order); n > 0 {
			found[order] = n
		}
	}
	return found
}

func (s *Service) newReader(ctx context.Context, accountID string) (*reader, error) {
	access, err := s.Accounts.Access(ctx, accountID)
	if err != nil {
		return nil, err
	}
	a, err := s.Accounts.Get(ctx, person.System, accountID)
	if err != nil {
		return nil, err
	}
	return &reader{s: s, ctx: ctx, access: access, regions: a.ActiveRegions(s.Regions), at: s.Now().UTC().Truncate(time.Microsecond)}, nil
}

// unread ends the turn of an account that cannot be read: deleted,
// disabled, broken. Its watches end; a later refresh takes them up.
func (s *Service) unread(ctx context.Context, accountID string, t tasks, err error) map[string]int {
	over := make(map[string]int)
	if ctx.Err() != nil {
		return over
	}
	for order := range t.watches {
		over[order] = unreadable
	}
	f := fault.Of(err)
	if f.Kind == fault.NotFound {
		return over
	}
	for _, source := range []string{"config", "bss"} {
		s.note(ctx, Sync{AccountID: accountID, Source: source, TriedAt: s.Now().UTC(), Trouble: f.Message.ID, Code: f.Code})
	}
	s.changed("instances")
	return over
}

// everything reads the three sources. List and state come first, side by side
// over regions, and are stored before billing is asked for the rest.
func (r *reader) everything() {
	var wait sync.WaitGroup
	var listed []Listed
	var listedOK bool
	wait.Go(func() { listed, listedOK = r.config() })
	servers := r.serversOf(r.regions)
	wait.Wait()

	if listedOK {
		r.picture.listed(listed, r.at)
	}
	r.merge(servers)
	r.store()
	billed, billedOK := r.billing(r.picture.ids())
	if billedOK {
		r.picture.billed(billed, "", r.at)
	}
	if listedOK && billedOK {
		r.picture.forgetGone(r.at, slices.Collect(maps.Keys(servers)))
	}
	r.store()
}

// fresh reads what fresh orders brought: billing by order names the instances,
// ECS their servers. Config comes late and is asked only once in a while.
func (r *reader) fresh(watches map[string]*watch) {
	r.orders(watches)
	regions := make(map[string]bool)
	rare := false
	for _, row := range r.picture.rows {
		if _, ours := watches[row.is.CloudOrder]; ours && slices.Contains(r.regions, row.is.Region) {
			regions[row.is.Region] = true
		}
	}
	for _, w := range watches {
		rare = rare || w.looks%8 == 7
	}
	r.store()
	r.merge(r.serversOf(slices.Sorted(maps.Keys(regions))))
	if rare {
		if listed, ok := r.config(); ok {
			r.picture.listed(listed, r.at)
		}
	}
	r.store()
}

// orders asks billing what the orders brought.
func (r *reader) orders(watches map[string]*watch) {
	for _, order := range slices.Sorted(maps.Keys(watches)) {
		billed, err := r.s.BSS.Delivered(r.ctx, r.access, order)
		if r.noted("bss", account.RightOrders, err) {
			r.picture.billed(billed, order, r.at)
		}
	}
}

func (r *reader) merge(servers map[string][]Server) {
	for _, region := range slices.Sorted(maps.Keys(servers)) {
		r.picture.servers(servers[region], r.at)
	}
}

func (r *reader) config() ([]Listed, bool) {
	all, err := r.s.Config.Instances(r.ctx, r.access)
	return all, r.noted("config", account.RightList, err)
}

// serversOf reads regions side by side; a region that did not answer is
// missing from the result.
func (r *reader) serversOf(regions []string) map[string][]Server {
	var wait sync.WaitGroup
	var mu sync.Mutex
	found := make(map[string][]Server)
	for _, region := range regions {
		wait.Go(func() {
			all, err := r.s.ECS.Servers(r.ctx, r.access, region)
			if !r.noted("ecs:"+region, account.RightServers, err) {
				return
			}
			all = slices.DeleteFunc(all, func(s Server) bool { return !s.Flexus() })
			for i := range all {
				keep(&all[i].Region, region)
			}
			mu.Lock()
			defer mu.Unlock()
			found[region] = all
		})
	}
	wait.Wait()
	return found
}

func (r *reader) billing(ids []string) ([]Expiry, bool) {
	if len(ids) == 0 {
		return nil, true
	}
	all, err := r.s.BSS.Expiries(r.ctx, r.access, ids)
	return all, r.noted("bss", account.RightOrders, err)
}

// images reads the private images of all regions.
func (r *reader) images() {
	var wait sync.WaitGroup
	for _, region := range r.regions {
		wait.Go(func() {
			all, err := r.s.IMS.Images(r.ctx, r.access, region)
			if !r.noted("ims:"+region, account.RightImages, err) {
				return
			}
			if err := r.s.Store.SaveImages(r.ctx, r.access.AccountID, region, all); err != nil {
				r.s.Log.ErrorContext(r.ctx, "instance: store images", "account", r.access.AccountID, "region", region, "err", err)
			}
		})
	}
	wait.Wait()
}

// noted keeps how a call went and reports whether it succeeded. A call that
// was cut short by a shutdown says nothing about the cloud.
func (r *reader) noted(source string, right account.Right, err error) bool {
	if r.ctx.Err() != nil {
		return false
	}
	r.s.Accounts.Learn(r.ctx, r.access.AccountID, right, err)
	y := Sync{AccountID: r.access.AccountID, Source: source, TriedAt: r.at, OKAt: r.at}
	if err != nil {
		f := fault.Of(err)
		y.OKAt, y.Trouble, y.Code = time.Time{}, f.Message.ID, f.Code
		r.s.Log.WarnContext(r.ctx, "refresh failed", "account", y.AccountID, "source", source, "err", f)
	}
	r.s.note(r.ctx, y)
	return err == nil
}

func (s *Service) note(ctx context.Context, y Sync) {
	if err := s.Store.SaveSync(ctx, y); err != nil {
		s.Log.ErrorContext(ctx, "instance: store the state of a source", "account", y.AccountID, "source", y.Source, "err", err)
	}
}

// store commits what changed, then tells the pages.
func (r *reader) store() {
	if r.ctx.Err() != nil {
		return
	}
	changed, seen := r.picture.changes(r.at)
	if err := r.s.Store.Save(r.ctx, changed, seen); err != nil {
		r.s.Log.ErrorContext(r.ctx, "instance: store the picture", "account", r.access.AccountID, "err", err)
		return
	}
	r.s.rebuild(r.ctx)
	topics := []string{"instances"}
	if len(changed) > 0 {
		topics = append(topics, "frame")
		for _, i := range changed[:min(len(changed), 50)] {
			topics = append(topics, "instance/"+i.ID)
		}
	}
	r.s.changed(topics...)
}

// ready gives how many instances the order has, if every one of them runs and
// has its address; else 0.
func (p *picture) ready(order string) int {
	n := 0
	for _, r := range p.rows {
		if r.is.CloudOrder != order || !r.is.GoneAt.IsZero() {
			continue
		}
		if r.is.Address == "" || r.is.State != "ACTIVE" {
			return 0
		}
		n++
	}
	return n
}
