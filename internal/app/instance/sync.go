package instance

import (
	"slices"
	"strings"
	"time"

	"sampan/internal/app/account"
)

// lastSync is how a source went last, and when that was stored.
type lastSync struct {
	sync   Sync
	stored time.Time
}

// storeEach is how often an unchanged state of a source is stored. Sources are
// read every few seconds, and each row that is written is synced to the disk.
// Until then the state is given from memory; after a start it is that much older.
const storeEach = time.Minute

// toStore keeps how sources went and gives those to store: the changed ones, and
// those that were stored a while ago.
func (w *queue) toStore(all []Sync, each time.Duration) []Sync {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(all), func(y Sync) bool {
		if w.syncs == nil {
			w.syncs = make(map[string]map[string]*lastSync)
		}
		if w.syncs[y.AccountID] == nil {
			w.syncs[y.AccountID] = make(map[string]*lastSync)
		}
		k := w.syncs[y.AccountID][y.Source]
		if k != nil && y.TriedAt.Before(k.sync.TriedAt) {
			return true // a turn that began earlier and ended later
		}
		as := k != nil && k.sync.Trouble == y.Trouble && k.sync.Code == y.Code
		if k == nil {
			k = &lastSync{}
			w.syncs[y.AccountID][y.Source] = k
		}
		if y.OKAt.IsZero() {
			y.OKAt = k.sync.OKAt
		}
		k.sync = y
		if age := y.TriedAt.Sub(k.stored); as && age >= 0 && age < each {
			return true
		}
		k.stored = y.TriedAt
		return false
	})
}

// newest puts in place of stored syncs what was kept since.
func (w *queue) newest(all []Sync) []Sync {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, y := range all {
		k := w.syncs[y.AccountID][y.Source]
		if k == nil || !k.sync.TriedAt.After(y.TriedAt) {
			continue
		}
		all[n] = k.sync
		if all[n].OKAt.Before(y.OKAt) {
			all[n].OKAt = y.OKAt
		}
	}
	return all
}

// setPlaces sets the sources of the servers of an account, and whose rates count.
func (w *queue) setPlaces(accountID string, sources []string, payer account.Access) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.planned(accountID, &plan{})
	p.places, p.access = sources, payer
}

// answering gives a function that reports whether all places of a region answer:
// now, or when they were last read. While one does not, a server of the region
// whose project is not known is not called missing: it may be there.
func (w *queue) answering(accountID string) func(region string, now map[string]bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	silent := make(map[string][]string)
	if p := w.plans[accountID]; p != nil {
		for _, source := range p.places {
			place, _ := ecsRegion(source)
			region, _, _ := strings.Cut(place, "/")
			if g := p.state(source); g.read.IsZero() || g.fails > 0 || g.refused {
				silent[region] = append(silent[region], place)
			}
		}
	}
	return func(region string, now map[string]bool) bool {
		return !slices.ContainsFunc(silent[region], func(place string) bool { return !now[place] })
	}
}

// abandoned reports whether a sync is of a place that is no longer read: its
// region was switched off, or the last server of a project that the identity
// service does not list is gone.
func (w *queue) abandoned(y Sync) bool {
	if _, place := ecsRegion(y.Source); !place {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.plans[y.AccountID]
	return p != nil && len(p.places) > 0 && !slices.Contains(p.places, y.Source)
}

// placesOf gives the sources of the servers of an account.
func (w *queue) placesOf(accountID string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.plans[accountID]; p != nil {
		return slices.Clone(p.places)
	}
	return nil
}
