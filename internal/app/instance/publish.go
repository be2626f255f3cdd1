package instance

import (
	"context"
	"maps"
	"slices"
	"time"
)

// gather puts the rows of an account together in memory once many were made
// anew, and reports whether it did. Nothing that anybody sees changes.
func (s *Service) gather(accountID string) bool {
	s.pub.Lock()
	defer s.pub.Unlock()
	old := s.picture.Load()
	n := slices.IndexFunc(old.parts, func(p *part) bool { return p.share.account == accountID })
	if n < 0 || len(old.parts[n].rows) < manyRows || old.parts[n].loose < len(old.parts[n].rows)/4 {
		return false
	}
	parts := slices.Clone(old.parts)
	parts[n] = parts[n].together()
	next := newSnapshot(parts, old.labels, s.Now)
	next.Version, next.At, next.recent = old.Version, old.At, old.recent
	next.inherit(old, nil)
	s.picture.Store(next)
	return true
}

// partOf gives the rows of an account, for the one that refreshes it.
func (s *Service) partOf(accountID string) *part {
	for _, p := range s.current().parts {
		if p.share.account == accountID {
			return p
		}
	}
	return newPart(&share{account: accountID}, nil)
}

// publish makes the next picture of what a commit changed, and tells the pages.
// It gives the account's new part.
func (s *Service) publish(accountID string, bundles map[string]*bundle, out outcome) *part {
	now := s.Now()
	var next *part
	s.replace(accountID, out.changed, func(old *part) (*part, []int32, bool) {
		var rows []*Row
		for _, b := range bundles {
			if !b.rec.GoneAt.IsZero() {
				continue
			}
			before := old.of(b.rec.ID)
			traffic := func(string) Traffic { return Traffic{} }
			if len(before) > 0 && before[0].PackageID == b.rec.PackageID {
				traffic = func(string) Traffic { return before[0].Traffic }
			}
			made := slices.DeleteFunc(b.rows, func(r *Row) bool { return !r.GoneAt.IsZero() })
			dresser{share: old.share, catalog: s.Catalog, pool: s.pool, traffic: traffic,
				labels: func(r *Row) []string { return labelsOf(old, r.ID(), before) }, silent: s.silent}.dress(made, b.rec.Product)
			rows = append(rows, made...)
		}
		var changed []int32
		var same bool
		next, changed, same = old.with(rows, out.drop)
		return next, changed, same
	})
	s.tell(now, out)
	return next
}

func labelsOf(old *part, id string, before []*Row) []string {
	if r := old.row(id); r != nil {
		return r.Labels
	}
	if len(before) > 0 && before[0].ServerID == "" {
		return before[0].Labels // of the instance, before its server was known
	}
	return nil
}

// replace puts another part in the place of an account's.
func (s *Service) replace(accountID string, changed map[string]bool, with func(old *part) (next *part, at []int32, same bool)) {
	s.current() // loads the picture, if nobody has yet
	s.pub.Lock()
	defer s.pub.Unlock()
	old := s.picture.Load()
	parts, at, offset, same := slices.Clone(old.parts), []int32(nil), int32(0), false
	n := slices.IndexFunc(parts, func(p *part) bool { return p.share.account == accountID })
	if n < 0 {
		p, _, _ := with(newPart(&share{account: accountID}, nil))
		parts = append(parts, p)
	} else {
		for _, p := range parts[:n] {
			offset += int32(len(p.rows))
		}
		was := parts[n]
		if parts[n], at, same = with(was); parts[n] == was {
			return // nothing changed
		}
	}
	next := newSnapshot(parts, old.labels, s.Now)
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
			next.recent = append(next.recent[max(0, len(next.recent)-mostRecent+1):len(next.recent):len(next.recent)], Change{ID: id, Version: next.Version, At: next.At})
		}
	}
	s.picture.Store(next)
}

// tell announces what changed. "servers" carries no names: Picture.Recent has
// them.
func (s *Service) tell(now time.Time, out outcome) {
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

// mostTopics is of how many things the pages are told one by one; a page that
// shows one thing hears of "servers" too.
const mostTopics = 200

// AccountsChanged has the accounts' names read again, and the rows of deleted
// ones taken out. It returns at once.
func (s *Service) AccountsChanged() {
	s.relabel.Store(true)
	nudge(s.work.wake())
}

// accounts does what AccountsChanged asked for.
func (s *Service) accounts(ctx context.Context) {
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
	parts := slices.DeleteFunc(slices.Clone(old.parts), func(p *part) bool { _, there := labels[p.share.account]; return !there })
	next := newSnapshot(parts, labels, s.Now)
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
// list takes them away.
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

// silence is servers that answered nowhere when they were last tried: the
// address that was tried, by server id.
type silence map[string]string

// of reports whether the row is such a server, still at that address, and runs.
func (s silence) of(r *Row) bool {
	return r.State == StateRunning && r.Address != "" && s[r.ServerID] == r.Address
}

// SetSilent puts what came of trying servers into the picture: by server id the
// address at which nothing answered, "" where something did.
func (s *Service) SetSilent(tried map[string]string) {
	fresh := s.hear(tried)
	if len(fresh) == 0 {
		return
	}
	s.revise(func(r *Row) (*Row, bool) {
		if !fresh[r.ServerID] || s.silent.of(r) == r.Silent { // pub is held
			return nil, false
		}
		next := *r
		next.Silent = !r.Silent
		return &next, true
	})
}

// hear keeps what came of trying servers, and gives those of which the picture
// may say something else. What nobody has loaded yet says it from the start.
func (s *Service) hear(tried map[string]string) map[string]bool {
	s.pub.Lock()
	defer s.pub.Unlock()
	if s.silent == nil {
		s.silent = make(silence)
	}
	fresh := make(map[string]bool)
	for id, address := range tried {
		if s.silent[id] != address {
			fresh[id] = true
		}
		if s.silent[id] = address; address == "" {
			delete(s.silent, id)
		}
	}
	if s.picture.Load() == nil {
		return nil
	}
	return fresh
}

// revise replaces rows of all accounts; with gives nil for a row that stays,
// and whether pages should hear of it.
func (s *Service) revise(with func(*Row) (*Row, bool)) {
	for _, p := range s.current().parts {
		out := outcome{changed: make(map[string]bool)}
		s.replaceSome(p.share.account, with, &out)
		s.tell(s.Now(), out)
	}
}

func (s *Service) replaceSome(accountID string, with func(*Row) (*Row, bool), out *outcome) {
	s.replace(accountID, out.changed, func(old *part) (*part, []int32, bool) {
		next := old
		var at []int32
		for n, r := range old.rows {
			fresh, heard := with(r)
			if fresh == nil {
				continue
			}
			if next == old {
				next = &part{share: old.share, rows: slices.Clone(old.rows), byID: old.byID, more: old.more, loose: old.loose}
			}
			next.rows[n], next.loose = fresh, next.loose+1
			at = append(at, int32(n))
			if heard {
				out.changed[fresh.ID()] = true
			}
		}
		return next, at, true
	})
}
