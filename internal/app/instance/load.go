package instance

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"

	"sampan/internal/app/person"
)

// Picture gives the newest picture. It does not wait, except for the first call,
// which reads the picture from the store. A call counts as somebody who looks:
// for a while the picture is refreshed more often.
func (s *Service) Picture() *Picture {
	s.noteLook()
	return s.current()
}

// current is Picture without counting as somebody who looks. It takes no context:
// the first picture is made for all callers, and must not end with one of them.
func (s *Service) current() *Picture {
	if p := s.picture.Load(); p != nil {
		return p
	}
	s.load(context.Background())
	return s.picture.Load()
}

// load reads the first picture from the store, once.
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

// packing names how this program packs rows. Rows of another packing are made
// anew from the records.
func (s *Service) packing() string { return packing + " " + s.Version }

// loader makes the rows of the first picture. Their traffic is added later.
type loader struct {
	service *Service
	labels  map[string][]string
	rows    map[string][]*Row // by account
	ages    map[string]*accountAges
}

// agesOf gives what the rows of an account share; it makes it when there is none.
func (l *loader) agesOf(account string) *accountAges {
	if l.ages[account] == nil {
		l.ages[account] = &accountAges{account: account}
	}
	return l.ages[account]
}

// take derives rows of an account and keeps them. product is what Config calls
// their instance.
func (l *loader) take(account string, rows []*Row, product string) {
	sh := l.agesOf(l.service.pool.text(account))
	d := deriver{ages: sh, catalog: l.service.Catalog, pool: l.service.pool, labels: l.labelled, unanswered: l.service.unanswered}
	d.derive(rows, product)
	l.rows[sh.account] = append(l.rows[sh.account], rows...)
}

// labelled gives a row's labels. Labels that were put on an instance before its
// server was known are kept under the id of the instance.
func (l *loader) labelled(r *Row) []string {
	labels := l.labels[r.ID()]
	if labels == nil && r.First {
		labels = l.labels[r.InstanceID]
	}
	return labels
}

// unpack takes the packed rows of one instance.
func (l *loader) unpack(p Packed) error {
	rows, product, err := unpackRows(p.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", p.ID, err)
	}
	l.take(p.AccountID, rows, product)
	return nil
}

// merge makes the rows from the records, after an upgrade. It gives the packed
// rows for the next start.
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

// arrangeFirst sorts the rows as lists show them at first, before a page asks for
// it.
func (p *Picture) arrangeFirst() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range []orderKey{{"expires", false}, {"expires", true}} {
		p.order(key)
	}
}

// storePacked stores the packed rows that load had to make anew.
func (s *Service) storePacked(ctx context.Context) {
	if s.toPack == nil {
		return
	}
	if err := s.Store.Pack(ctx, s.packing(), s.toPack); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "instance: pack the rows", "err", err)
	}
	s.toPack = nil
}

// manyRows is from how many rows on memory is given back to the system after
// reading them: much more was used than is kept.
const manyRows = 2000

// bundles gives each record with its servers, and then the servers without a
// record, by instance.
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
		for k := range of { // the instance is gone or not known
			b := &bundle{rec: Record{Instance: Instance{AccountID: k.account}}, servers: take(k)}
			if !yield(b) {
				return
			}
		}
	}
}

// loadAges sets when each source last listed the account completely.
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

// loadProjects sets which project of each region is the region's own.
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

// lastTraffic gives the last reading of each data package.
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

// lastLabels gives the labels of all servers, by Row.ID; nil when they cannot be
// read.
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

// accountLabels gives the names of all accounts by id; nil when they cannot be
// read.
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
