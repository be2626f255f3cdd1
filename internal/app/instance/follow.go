package instance

import (
	"slices"
	"sync"
	"time"

	"sampan/internal/app/account"
)

// follow takes what comes after list and state: expiry, which has been asked
// for meanwhile, and traffic in hundreds, beside each other.
func (r *reader) follow(t tasks) {
	var wait sync.WaitGroup
	all := t.refresh || t.traffic
	if ids := r.packages(all); r.s.Traffic != nil && len(ids) > 0 && (all || r.heard.config) {
		wait.Go(func() {
			readings, err := r.s.Traffic.ReadTraffic(r.ctx, r.access, ids)
			if all || err != nil { // some that answer say nothing of the others
				r.noted("traffic", account.RightOrders, err)
			}
			r.s.SetTraffic(readings)
		})
	}
	switch {
	case r.terms != nil:
		r.terms.want(r.instances(everyRow)) // with those that only ECS has named
		r.billed(r.terms)
	case t.owed || t.list:
		if ids := r.instances(r.owed); len(ids) > 0 {
			owed := r.asking()
			defer owed.stop()
			owed.want(ids)
			r.billed(owed)
		}
	}
	wait.Wait()
	r.apply.part = r.s.partOf(r.access.AccountID) // with the traffic
}

// packages are those of all instances, or those that were never read.
func (r *reader) packages(all bool) []string {
	var ids []string
	for _, row := range r.apply.part.rows {
		if row.First && row.PackageID != "" && (all || row.Traffic.At.IsZero()) {
			ids = append(ids, row.PackageID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// owed reports whether billing should be asked about a row out of turn: it was
// never named, another source misses it, or its term ends now.
func (r *reader) owed(row *Row) bool {
	ends := row.Expires.Sub(r.at)
	return row.seen[FromBSS] == 0 || row.lost.has(FromConfig) || row.lost.has(FromECS) || !row.Expires.IsZero() && ends < time.Hour && ends > -2*time.Hour
}

func everyRow(*Row) bool { return true }

func (r *reader) instances(which func(*Row) bool) []string {
	var ids []string
	for _, row := range r.apply.part.rows {
		if row.First && row.InstanceID != "" && which(row) {
			ids = append(ids, row.InstanceID)
		}
	}
	slices.Sort(ids)
	return ids
}

// forget ends what no source knows any more.
func (r *reader) forget() {
	r.apply.forget(r.heard)
	r.commit()
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
