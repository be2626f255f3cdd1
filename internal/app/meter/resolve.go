package meter

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
)

// mostOrders is how many orders one refresh asks billing about to find the items
// of packages: Config may give the ids of packages, while billing counts traffic
// by the items in them (cloud-api, 9.11).
const mostOrders = 10

// resolve finds the items of packages that billing did not know, by the orders
// that brought them, and adds their readings to found.
func (s *Service) resolve(ctx context.Context, a account.Access, packageIDs []string, meters map[string]Meter,
	found map[string]Reading) error {
	rows := s.unresolved(a.AccountID, packageIDs, meters, found)
	ours := make(map[string]string)
	var items []string
	for _, r := range rows {
		brought, err := s.Billing.Packages(ctx, a, r.CloudOrder)
		if err != nil {
			return err
		}
		if item := itemOf(brought, r.PackageID); item != "" {
			items, ours[item] = append(items, item), r.PackageID
			m := meters[r.PackageID]
			m.Item = item
			meters[r.PackageID] = m
		}
	}
	if len(items) == 0 {
		return nil
	}
	readings, err := s.Billing.Traffic(ctx, a, items)
	for _, reading := range readings {
		found[ours[reading.PackageID]] = reading
	}
	return err
}

// unresolved gives the instances of packages that billing did not know and whose
// items were not looked for within a day, at most mostOrders.
func (s *Service) unresolved(accountID string, packageIDs []string, meters map[string]Meter, found map[string]Reading) []*instance.Row {
	missing := make(map[string]bool)
	for _, id := range packageIDs {
		if _, ok := found[id]; !ok && meters[id].Item == "" {
			missing[id] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	now := s.Now()
	all, _ := s.Inventory.Rows()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tried == nil {
		s.tried = make(map[string]time.Time)
	}
	var rows []*instance.Row
	for _, r := range all {
		at, before := s.tried[r.PackageID]
		if !missing[r.PackageID] || r.AccountID != accountID || r.CloudOrder == "" ||
			before && now.Sub(at) < 24*time.Hour && !at.After(now) {
			continue
		}
		delete(missing, r.PackageID)
		s.tried[r.PackageID] = now
		if rows = append(rows, r); len(rows) == mostOrders {
			break
		}
	}
	return rows
}

// itemOf gives the item of a package among those that an order brought: of the
// package with that id, or of the only one. Of a package with several items it
// gives none, for the traffic may be in any of them.
func itemOf(brought []Package, packageID string) string {
	for _, p := range brought {
		if p.ID != packageID && len(brought) > 1 {
			continue
		}
		if len(p.Items) == 1 && p.Items[0].ID != packageID {
			return p.Items[0].ID
		}
	}
	return ""
}
