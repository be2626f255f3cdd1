package instance

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"time"
)

// lateness is how long after it was bought an instance may be missing from
// every source without being gone: all of them are copies that lag.
const lateness = time.Hour

// picture is the rows of one account while answers are merged into them. It
// belongs to one goroutine.
type picture struct {
	accountID string
	rows      map[string]*row // by instance id
	byServer  map[string]*row // by server id
}

// row is an instance before and after the merge.
type row struct {
	was, is Instance
	fresh   bool // not stored yet
}

func newPicture(accountID string, stored []Instance) *picture {
	p := &picture{accountID: accountID, rows: make(map[string]*row, len(stored)), byServer: make(map[string]*row, len(stored))}
	for _, i := range stored {
		r := &row{was: i, is: i}
		p.rows[i.ID] = r
		if i.ServerID != "" {
			p.byServer[i.ServerID] = r
		}
	}
	return p
}

// validID keeps what is no id out of the picture and of later calls, where it
// would spoil a whole batch (cloud-api, 4).
var validID = regexp.MustCompile(`^[0-9a-zA-Z-]{1,64}$`).MatchString

func (p *picture) row(id string) *row {
	r, ok := p.rows[id]
	if !ok {
		r = &row{is: Instance{ID: id, AccountID: p.accountID}, fresh: true}
		p.rows[id] = r
	}
	return r
}

// listed merges what Config says. Config is a copy: it gives what no other
// source has (product, data package), and yields to ECS for what is in motion.
func (p *picture) listed(all []Listed, at time.Time) {
	for _, l := range all {
		if !validID(l.ID) {
			continue
		}
		r := p.row(l.ID)
		i := &r.is
		keep(&i.Name, l.Name)
		keep(&i.Region, l.Region)
		keep(&i.Spec, l.Spec)
		keep(&i.Image, l.Product)
		keep(&i.CloudOrder, l.OrderID)
		if len(l.PackageIDs) > 0 && !slices.Contains(l.PackageIDs, i.PackageID) {
			i.PackageID = l.PackageIDs[0]
		}
		if !l.Created.IsZero() {
			i.Created = l.Created
		}
		if len(l.ServerIDs) > 0 && (i.ServerID == "" || i.SeenECS.IsZero()) {
			i.ServerID = l.ServerIDs[0]
		}
		for _, id := range l.ServerIDs {
			p.byServer[id] = r
		}
		if i.Address == "" || i.SeenECS.IsZero() {
			keep(&i.Address, firstIPv4(l.Addresses))
		}
		i.SeenConfig = at
		i.GoneAt = time.Time{}
	}
}

// servers merges what ECS says: the truth about power, address and server. It
// belongs to the instance that its lock names, else to the one whose listing
// named the server; one that neither knows is not ours to place.
func (p *picture) servers(all []Server, at time.Time) {
	for _, s := range all {
		if s.Absent || s.ID == "" {
			continue
		}
		var r *row
		switch {
		case validID(s.InstanceID):
			r = p.row(s.InstanceID)
		case p.byServer[s.ID] != nil:
			r = p.byServer[s.ID]
		default:
			continue
		}
		i := &r.is
		if i.SeenECS.Equal(at) && i.ServerID != s.ID {
			continue // a second server in one instance: the first stands for it
		}
		keep(&i.Region, s.Region)
		if i.Image == "" {
			i.Image = s.ImageName
		}
		keep(&i.Address, firstIPv4(s.Public))
		i.ServerID, i.ServerName = s.ID, cmp.Or(s.Name, i.ServerName)
		i.State, i.TaskState, i.Frozen = s.Status, s.TaskState, s.Frozen
		if i.CloudOrder == "" {
			i.CloudOrder = s.OrderID
		}
		if i.Created.IsZero() {
			i.Created = s.Created
		}
		i.SeenECS = at
		i.GoneAt = time.Time{}
		p.byServer[s.ID] = r
	}
}

// statusClosed is a resource that billing calls closed (cloud-api, 9.3).
const statusClosed = 3

// statusFrozen is a resource that billing froze.
const statusFrozen = 4

// billed merges what billing says: expiry and renewal are its own. orderID is
// the order that was asked about, "" when ids were.
func (p *picture) billed(all []Expiry, orderID string, at time.Time) {
	for _, e := range all {
		if !validID(e.InstanceID) || e.Status == statusClosed {
			continue
		}
		i := &p.row(e.InstanceID).is
		if i.Name == "" {
			i.Name = e.Name
		}
		if i.Region == "" {
			i.Region = e.Region
		}
		if i.Spec == "" {
			i.Spec = e.Spec
		}
		if orderID != "" {
			i.CloudOrder = orderID
		}
		if i.Created.IsZero() {
			i.Created = e.Effective
		}
		if !e.Expires.IsZero() {
			i.Expires = e.Expires
		}
		i.AutoRenew = e.AutoRenew()
		i.Frozen = e.Status == statusFrozen || i.Frozen && i.SeenECS.Equal(at)
		i.SeenBSS = at
		i.GoneAt = time.Time{}
	}
}

// forgetGone marks what no source knows any more. Each of the three must have
// answered now: a missing listing alone proves nothing. regions are those ECS
// answered for.
func (p *picture) forgetGone(at time.Time, regions []string) {
	for _, r := range p.rows {
		i := &r.is
		seen := i.SeenConfig.Equal(at) || i.SeenECS.Equal(at) || i.SeenBSS.Equal(at)
		if seen || !i.GoneAt.IsZero() || !slices.Contains(regions, i.Region) || at.Sub(i.Created) < lateness {
			continue
		}
		i.GoneAt = at
	}
}

// ids gives the instances to ask billing about, sorted.
func (p *picture) ids() []string {
	var all []string
	for id, r := range p.rows {
		if r.is.GoneAt.IsZero() {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all
}

// changes gives the rows to store: those that changed, and those of which only
// the times of sight did. It makes what it gives the new base.
func (p *picture) changes(now time.Time) (changed, seen []Instance) {
	for _, r := range p.rows {
		same := r.was
		same.SeenConfig, same.SeenECS, same.SeenBSS = r.is.SeenConfig, r.is.SeenECS, r.is.SeenBSS
		switch {
		case r.fresh || same != r.is:
			r.is.UpdatedAt = now
			changed = append(changed, r.is)
		case r.was != r.is:
			seen = append(seen, r.is)
		}
		r.was, r.fresh = r.is, false
	}
	byID := func(a, b Instance) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(changed, byID)
	slices.SortFunc(seen, byID)
	return changed, seen
}

// keep takes a value that is there; one that is missing proves nothing.
func keep(old *string, value string) {
	if value != "" {
		*old = value
	}
}

func firstIPv4(addresses []string) string {
	for _, s := range addresses {
		if a, err := netip.ParseAddr(s); err == nil && a.Unmap().Is4() {
			return a.Unmap().String()
		}
	}
	return ""
}
