package instance

import (
	"context"
	"maps"
	"slices"
	"time"
)

// compact packs the rows of an account together in memory when many were made
// anew, and reports whether it did. What the picture says stays the same.
func (s *Service) compact(accountID string) bool {
	s.pub.Lock()
	defer s.pub.Unlock()
	old := s.picture.Load()
	n := slices.IndexFunc(old.accounts, func(p *accountRows) bool { return p.ages.account == accountID })
	if n < 0 || len(old.accounts[n].rows) < manyRows || old.accounts[n].scattered < len(old.accounts[n].rows)/4 {
		return false
	}
	accounts := slices.Clone(old.accounts)
	accounts[n] = accounts[n].compact()
	next := newSnapshot(accounts, old.labels, s.Now)
	next.Version, next.At, next.recent = old.Version, old.At, old.recent
	next.inherit(old, nil)
	s.picture.Store(next)
	return true
}

// accountRows gives the rows of an account, for a turn that reads it; none when
// it has no rows.
func (s *Service) accountRows(accountID string) *accountRows {
	for _, p := range s.current().accounts {
		if p.ages.account == accountID {
			return p
		}
	}
	return newAccountRows(&accountAges{account: accountID}, nil)
}

// publish makes the next picture from what a commit changed, and tells the pages.
// It gives the account's new rows.
func (s *Service) publish(accountID string, bundles map[string]*bundle, out outcome) *accountRows {
	now := s.Now()
	var next *accountRows
	s.replace(accountID, out.changed, func(old *accountRows) (*accountRows, []int32, bool) {
		var rows []*Row
		for _, b := range bundles {
			if !b.rec.GoneAt.IsZero() {
				continue
			}
			before := old.instanceRows(b.rec.ID)
			traffic := func(string) Traffic { return Traffic{} }
			if len(before) > 0 && before[0].PackageID == b.rec.PackageID {
				traffic = func(string) Traffic { return before[0].Traffic }
			}
			made := slices.DeleteFunc(b.rows, func(r *Row) bool { return !r.GoneAt.IsZero() })
			d := deriver{ages: old.ages, catalog: s.Catalog, pool: s.pool, traffic: traffic, unanswered: s.unanswered,
				labels: func(r *Row) []string { return labelsOf(old, r.ID(), before) }}
			d.derive(made, b.rec.Product)
			rows = append(rows, made...)
		}
		var changed []int32
		var same bool
		next, changed, same = old.with(rows, out.drop)
		return next, changed, same
	})
	s.announce(now, out)
	return next
}

// labelsOf gives the labels of a row that is made anew. before are the rows of
// its instance until now.
func labelsOf(old *accountRows, id string, before []*Row) []string {
	if r := old.row(id); r != nil {
		return r.Labels
	}
	if len(before) > 0 && before[0].ServerID == "" {
		return before[0].Labels // they were put on the instance before its server was known
	}
	return nil
}

// replace makes the next picture with other rows of an account. with gives them,
// the places of the changed ones, and whether no row came or went; the same rows
// mean that nothing changed. changed has the ids that Picture.Recent tells of.
func (s *Service) replace(accountID string, changed map[string]bool,
	with func(old *accountRows) (next *accountRows, at []int32, same bool)) {
	s.current() // loads the picture, if nobody has yet
	s.pub.Lock()
	defer s.pub.Unlock()
	old := s.picture.Load()
	accounts, at, offset, same := slices.Clone(old.accounts), []int32(nil), int32(0), false
	n := slices.IndexFunc(accounts, func(p *accountRows) bool { return p.ages.account == accountID })
	if n < 0 {
		p, _, _ := with(newAccountRows(&accountAges{account: accountID}, nil))
		accounts = append(accounts, p)
	} else {
		for _, p := range accounts[:n] {
			offset += int32(len(p.rows))
		}
		was := accounts[n]
		if accounts[n], at, same = with(was); accounts[n] == was {
			return // nothing changed
		}
	}
	next := newSnapshot(accounts, old.labels, s.Now)
	next.Version = old.Version + 1
	if same {
		for k := range at {
			at[k] += offset
		}
		next.inherit(old, at)
	}
	next.recent = old.recent
	for id := range changed {
		if len(changed) <= mostRecent {
			next.recent = append(next.recent[max(0, len(next.recent)-mostRecent+1):len(next.recent):len(next.recent)],
				Change{ID: id, Version: next.Version, At: next.At})
		}
	}
	s.picture.Store(next)
}

// announce tells the pages what changed. Topic "servers" names no ids:
// Picture.Recent gives them.
func (s *Service) announce(now time.Time, out outcome) {
	if len(out.changed) == 0 {
		return
	}
	topics := []string{"instances", "servers", "attention", "frame"}
	ids := slices.Sorted(maps.Keys(out.changed))
	for _, id := range ids[:min(len(ids), mostTopics)] {
		topics = append(topics, "instance/"+id, "server/"+id)
	}
	s.changed(topics...)
}

// mostTopics is up to how many changed things pages are told of by name. A page
// about one thing listens to "servers" too.
const mostTopics = 200

// AccountsChanged asks for the names of the accounts to be read again, and for
// the rows of deleted ones to be removed. It returns at once.
func (s *Service) AccountsChanged() {
	s.relabel.Store(true)
	nudge(s.queue.wake())
}

// relabelAccounts does what AccountsChanged asked for.
func (s *Service) relabelAccounts(ctx context.Context) {
	if !s.relabel.Swap(false) {
		return
	}
	labels := s.accountLabels(ctx)
	old := s.current()
	if labels == nil || maps.Equal(old.labels, labels) {
		return
	}
	s.pub.Lock()
	old = s.picture.Load()
	accounts := slices.DeleteFunc(slices.Clone(old.accounts), func(p *accountRows) bool {
		_, there := labels[p.ages.account]
		return !there
	})
	next := newSnapshot(accounts, labels, s.Now)
	next.Version, next.recent = old.Version+1, old.recent
	s.picture.Store(next)
	s.pub.Unlock()
	s.changed("instances", "servers", "attention", "frame")
}

// SetTraffic puts readings of data packages into the picture.
func (s *Service) SetTraffic(readings []PackageTraffic) {
	by := make(map[string]Traffic, len(readings))
	for _, r := range readings {
		by[r.PackageID] = r.Traffic
	}
	s.revise(func(r *Row) (*Row, bool) {
		t, ok := by[r.PackageID]
		if !ok || r.PackageID == "" || t == r.Traffic {
			return nil, false
		}
		fresh := *r
		fresh.Traffic = t
		return &fresh, t.Left != r.Traffic.Left || t.Total != r.Traffic.Total || t.CycleEnd != r.Traffic.CycleEnd
	})
}

// SetLabels puts the labels of servers, by Row.ID, into the picture; an empty
// list removes them.
func (s *Service) SetLabels(labels map[string][]string) {
	s.revise(func(r *Row) (*Row, bool) {
		l, ok := labels[r.ID()]
		if !ok {
			return nil, false
		}
		l = slices.Sorted(slices.Values(l))
		if slices.Equal(l, r.Labels) {
			return nil, false
		}
		fresh := *r
		fresh.Labels = s.pool.list(l) // pub is held
		return fresh.finish(s.pool), true
	})
}

// unanswered are the servers where nothing answered when they were last tried:
// the address that was tried, by server id.
type unanswered map[string]string

// has reports whether the row is such a server, still has that address, and runs.
func (s unanswered) has(r *Row) bool {
	return r.State == StateRunning && r.Address != "" && s[r.ServerID] == r.Address
}

// SetUnanswered puts the results of trying servers into the picture: by server id
// the address where nothing answered, "" where something did.
func (s *Service) SetUnanswered(tried map[string]string) {
	fresh := s.keepUnanswered(tried)
	if len(fresh) == 0 {
		return
	}
	s.revise(func(r *Row) (*Row, bool) {
		if !fresh[r.ServerID] || s.unanswered.has(r) == r.Silent { // pub is held
			return nil, false
		}
		next := *r
		next.Silent = !r.Silent
		return &next, true
	})
}

// keepUnanswered stores the results of trying servers, and gives the servers
// whose rows may have to change; none before the first picture, which is made
// with the results.
func (s *Service) keepUnanswered(tried map[string]string) map[string]bool {
	s.pub.Lock()
	defer s.pub.Unlock()
	if s.unanswered == nil {
		s.unanswered = make(unanswered)
	}
	fresh := make(map[string]bool)
	for id, address := range tried {
		if s.unanswered[id] != address {
			fresh[id] = true
		}
		if s.unanswered[id] = address; address == "" {
			delete(s.unanswered, id)
		}
	}
	if s.picture.Load() == nil {
		return nil
	}
	return fresh
}

// revise replaces rows of all accounts. with gives the row to put instead, nil to
// leave it, and whether pages are told.
func (s *Service) revise(with func(*Row) (*Row, bool)) {
	for _, p := range s.current().accounts {
		out := outcome{changed: make(map[string]bool)}
		s.replaceSome(p.ages.account, with, &out)
		s.announce(s.Now(), out)
	}
}

// replaceSome is revise for one account; it notes in out which rows pages are
// told of.
func (s *Service) replaceSome(accountID string, with func(*Row) (*Row, bool), out *outcome) {
	s.replace(accountID, out.changed, func(old *accountRows) (*accountRows, []int32, bool) {
		next := old
		var at []int32
		for n, r := range old.rows {
			fresh, heard := with(r)
			if fresh == nil {
				continue
			}
			if next == old {
				next = &accountRows{ages: old.ages, rows: slices.Clone(old.rows), byID: old.byID, more: old.more, scattered: old.scattered}
			}
			next.rows[n], next.scattered = fresh, next.scattered+1
			at = append(at, int32(n))
			if heard {
				out.changed[fresh.ID()] = true
			}
		}
		return next, at, true
	})
}
