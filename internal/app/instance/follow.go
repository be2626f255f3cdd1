package instance

import (
	"context"
	"slices"
	"sync"
	"time"

	"sampan/internal/app/account"
)

// follow reads what needs the ids of the list: traffic, in calls of a hundred
// packages, and expiry, which billing is asked about since the first ids were
// known. Both run at the same time.
func (r *accountReader) follow(ctx context.Context, t tasks) {
	var wait sync.WaitGroup
	all := t.refresh || t.traffic
	if ids := r.packageIDs(all); r.s.Traffic != nil && len(ids) > 0 && (all || r.heard.config) {
		wait.Go(func() {
			readings, err := r.s.Traffic.ReadTraffic(ctx, r.access, ids)
			if all || err != nil { // that some packages were read does not say that all can be
				r.succeeded(ctx, "traffic", account.RightOrders, err)
			}
			r.s.SetTraffic(readings)
		})
	}
	switch {
	case r.terms != nil:
		r.terms.want(r.instanceIDs(everyRow)) // and the instances that only ECS named
		r.takeExpiries(ctx, r.terms)
	case t.owed || t.list:
		if ids := r.instanceIDs(func(row *Row) bool { return row.owesBilling(r.at) }); len(ids) > 0 {
			owed := r.startExpiries(ctx)
			defer owed.stop()
			owed.want(ids)
			r.takeExpiries(ctx, owed)
		}
	}
	wait.Wait()
	r.merge.current = r.s.accountRows(r.access.AccountID) // it has the traffic now
}

// packageIDs gives the data packages of all instances, or only those that were
// never read.
func (r *accountReader) packageIDs(all bool) []string {
	var ids []string
	for _, row := range r.merge.current.rows {
		if row.First && row.PackageID != "" && (all || row.Traffic.At.IsZero()) {
			ids = append(ids, row.PackageID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// owesBilling reports whether billing should be asked about the row before its next
// full read: it never named it, another source misses it, or its term ends now.
func (r *Row) owesBilling(now time.Time) bool {
	ends := r.Expires.Sub(now)
	return r.seen[FromBSS] == 0 || r.lost.has(FromConfig) || r.lost.has(FromECS) ||
		!r.Expires.IsZero() && ends < time.Hour && ends > -2*time.Hour
}

func everyRow(*Row) bool { return true }

// instanceIDs gives the ids of the instances whose rows satisfy a condition,
// sorted.
func (r *accountReader) instanceIDs(which func(*Row) bool) []string {
	var ids []string
	for _, row := range r.merge.current.rows {
		if row.First && row.InstanceID != "" && which(row) {
			ids = append(ids, row.InstanceID)
		}
	}
	slices.Sort(ids)
	return ids
}

// forget marks the instances that no source knows any more as gone.
func (r *accountReader) forget(ctx context.Context) {
	r.merge.forget(r.heard)
	r.commit(ctx)
}

// readImages reads the private images of all regions.
func (r *accountReader) readImages(ctx context.Context) {
	var wait sync.WaitGroup
	for _, region := range r.regions {
		wait.Go(func() {
			all, err := r.s.IMS.Images(ctx, r.access, region)
			if !r.succeeded(ctx, "ims:"+region, account.RightImages, err) {
				return
			}
			if err := r.s.Store.SaveImages(ctx, r.access.AccountID, region, all); err != nil {
				r.s.Log.ErrorContext(ctx, "instance: store images", "account", r.access.AccountID, "region", region, "err", err)
			}
		})
	}
	wait.Wait()
}
