package instance

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"

	"sampan/internal/app/person"
)

// Picture gives the newest picture. It costs nothing and never waits, but for
// the first time: then the picture is read from the store. Whoever asks counts
// as somebody who looks: refreshes come more often for a while.
func (s *Service) Picture() *Picture {
	s.noteLook()
	return s.current()
}

// current is Picture for ourselves.
func (s *Service) current() *Picture {
	if p := s.picture.Load(); p != nil {
		return p
	}
	s.load(context.Background())
	return s.picture.Load()
}

// load reads the picture from the store, once.
func (s *Service) load(ctx context.Context) {
	s.pub.Lock()
	defer s.pub.Unlock()
	if s.picture.Load() != nil {
		return
	}
	s.pool = newPool()
	traffic := make(chan map[string]Traffic, 1)
	go func() { traffic <- s.lastTraffic(ctx) }()
	l := loader{labels: s.lastLabels(ctx), service: s, rows: make(map[string][]*Row), ages: make(map[string]*accountAges)}
	whole, err := s.Store.Packed(ctx, s.packing(), l.unpack)
	if err != nil || !whole {
		if err != nil {
			s.Log.ErrorContext(ctx, "instance: read the packed rows", "err", err)
		}
		l.rows = make(map[string][]*Row)
		s.toPack = l.merge(ctx)
	}
	known := <-traffic
	s.loadProjects(ctx, l.ages)
	var accounts []*accountRows
	for _, account := range slices.Sorted(maps.Keys(l.rows)) {
		for _, r := range l.rows[account] {
			r.Traffic = known[r.PackageID]
		}
		s.loadAges(ctx, l.ages[account])
		accounts = append(accounts, newAccountRows(l.ages[account], slices.Clip(l.rows[account])))
	}
	p := newSnapshot(accounts, s.accountLabels(ctx), s.Now)
	s.picture.Store(p)
	if s.toPack != nil && len(p.rows) >= manyRows {
		debug.FreeOSMemory()
	}
}

// packing is how this program packs rows: those of another version are made
// anew from the records.
func (s *Service) packing() string { return packing + " " + s.Version }

// loader makes the rows of the first picture. Their traffic is put in later.
type loader struct {
	service *Service
	labels  map[string][]string
	rows    map[string][]*Row // by account
	ages    map[string]*accountAges
}

func (l *loader) agesOf(account string) *accountAges {
	if l.ages[account] == nil {
		l.ages[account] = &accountAges{account: account}
	}
	return l.ages[account]
}

func (l *loader) take(account string, rows []*Row, product string) {
	sh := l.agesOf(l.service.pool.text(account))
	deriver{ages: sh, catalog: l.service.Catalog, pool: l.service.pool, labels: l.labelled, unanswered: l.service.unanswered}.derive(rows, product)
	l.rows[sh.account] = append(l.rows[sh.account], rows...)
}

// labelled gives a row's labels. Those of an instance that had no server when
// they were put on it are kept under its own id.
func (l *loader) labelled(r *Row) []string {
	labels := l.labels[r.ID()]
	if labels == nil && r.First {
		labels = l.labels[r.InstanceID]
	}
	return labels
}

func (l *loader) unpack(p Packed) error {
	rows, product, err := unpackRows(p.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", p.ID, err)
	}
	l.take(p.AccountID, rows, product)
	return nil
}

// merge makes the rows out of the records: after an upgrade. It gives what is
// to be packed for the next start.
func (l *loader) merge(ctx context.Context) []Packed {
	s := l.service
	records, servers, err := s.Store.Everything(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the picture", "err", err)
		return nil
	}
	all := make([]Packed, 0, len(records))
	for b := range bundles(records, servers) {
		all = append(all, b.pack(l.agesOf(b.rec.AccountID))...)
		l.take(b.rec.AccountID, b.rows, b.rec.Product)
	}
	return all
}

// arrangeFirst sorts what lists begin with, once the first page is on its way.
func (p *Picture) arrangeFirst() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range []orderKey{{"expires", false}, {"expires", true}} {
		p.order(key)
	}
}

// storePacked keeps what load had to make anew.
func (s *Service) storePacked(ctx context.Context) {
	if s.toPack == nil {
		return
	}
	if err := s.Store.Pack(ctx, s.packing(), s.toPack); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "instance: pack the rows", "err", err)
	}
	s.toPack = nil
}

// manyRows is from how many rows on the memory that reading them took is given
// back at once: much more was read than is kept.
const manyRows = 2000

// bundles puts records and their servers together.
func bundles(records []Record, servers []ServerRecord) func(yield func(*bundle) bool) {
	return func(yield func(*bundle) bool) {
		type key struct{ account, instance string }
		of := make(map[key][]int32, len(servers))
		for n := range servers {
			k := key{servers[n].AccountID, servers[n].InstanceID}
			of[k] = append(of[k], int32(n))
		}
		take := func(k key) []ServerRecord {
			var all []ServerRecord
			for _, n := range of[k] {
				all = append(all, servers[n])
			}
			delete(of, k)
			return all
		}
		for n := range records {
			b := &bundle{rec: records[n], servers: take(key{records[n].AccountID, records[n].ID})}
			b.sort()
			if !yield(b) {
				return
			}
		}
		for k := range of { // instances that are gone, or not known
			b := &bundle{rec: Record{Instance: Instance{AccountID: k.account}}, servers: take(k)}
			if !yield(b) {
				return
			}
		}
	}
}

// loadAges tells the rows when their account was last listed.
func (s *Service) loadAges(ctx context.Context, sh *accountAges) {
	syncs, err := s.Store.Syncs(ctx, []string{sh.account})
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the ages", "account", sh.account, "err", err)
	}
	for _, y := range syncs {
		if y.OKAt.IsZero() {
			continue
		}
		if y.Source == "config" {
			sh.setListed(FromConfig, "", y.OKAt)
		} else if y.Source == sourceTerms {
			sh.setListed(FromBSS, "", y.OKAt)
		} else if region, ok := ecsRegion(y.Source); ok {
			sh.setListed(FromECS, region, y.OKAt)
		}
	}
}

// loadProjects tells the rows which projects are the regions' own.
func (s *Service) loadProjects(ctx context.Context, shares map[string]*accountAges) {
	all, err := s.Accounts.List(ctx, person.System)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the accounts' projects", "err", err)
	}
	for _, a := range all {
		if sh := shares[a.ID]; sh != nil {
			sh.projects.Store(&a.Projects)
		}
	}
}

func (s *Service) lastTraffic(ctx context.Context) map[string]Traffic {
	all := make(map[string]Traffic)
	if s.Traffic == nil {
		return all
	}
	readings, err := s.Traffic.LastTraffic(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the traffic", "err", err)
	}
	for _, r := range readings {
		all[r.PackageID] = r.Traffic
	}
	return all
}

func (s *Service) lastLabels(ctx context.Context) map[string][]string {
	if s.Labels == nil {
		return nil
	}
	all, err := s.Labels.Labels(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the labels", "err", err)
	}
	return all
}

func (s *Service) accountLabels(ctx context.Context) map[string]string {
	labels := make(map[string]string)
	all, err := s.Accounts.List(ctx, person.System)
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: read the accounts' names", "err", err)
		return nil
	}
	for _, a := range all {
		labels[a.ID] = a.Label
	}
	return labels
}
