package instance

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sampan/internal/app/catalog"
	"sampan/internal/app/spelling"
)

// lateness is how long after its purchase an instance may be missing from every
// source without being gone: all of them are copies that lag.
const lateness = time.Hour

// validID reports whether a text can be an id. Others are kept out of the picture
// and of later calls, where one would make the whole batch fail (cloud-api, 4).
func validID(id string) bool {
	for n := range len(id) {
		switch c := id[n]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-':
		default:
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 64
}

// statusClosed is a resource that is closed, as billing says (cloud-api, 9.3).
const statusClosed = 3

// statusFrozen is a resource that is frozen, as billing says.
const statusFrozen = 4

// merge makes one instance of what the sources say. Config gives what no other
// source has (product, data package); for what changes often, ECS counts before
// it, for Config is a copy. Expiry and renewal are billing's. Where a source
// never named the instance, what was known before stays.
func (b *bundle) merge() {
	b.sort()
	r := &b.rec
	i := &r.Instance
	var l Listed
	var e Expiry
	var s Server
	if r.Listed != nil {
		l = *r.Listed
	}
	if r.Billed != nil {
		e = *r.Billed
	}
	if len(b.servers) > 0 {
		s = b.servers[0].Server
	}
	i.Name = cmp.Or(l.Name, e.Name, i.Name)
	i.Region = cmp.Or(s.Region, l.Region, e.Region, i.Region)
	i.Spec = cmp.Or(l.Spec, e.Spec, i.Spec)
	i.Image = cmp.Or(l.Product, s.ImageName, i.Image)
	i.CloudOrder = cmp.Or(i.CloudOrder, l.OrderID, s.OrderID)
	if len(l.PackageIDs) > 0 && !slices.Contains(l.PackageIDs, i.PackageID) {
		i.PackageID = l.PackageIDs[0]
	}
	for _, at := range []time.Time{e.Effective, s.Created, l.Created} { // the last one wins
		if !at.IsZero() {
			i.Created = at
		}
	}
	switch {
	case s.ID != "":
		i.ServerID, i.ServerName = s.ID, cmp.Or(s.Name, i.ServerName)
		i.State, i.TaskState = s.Status, s.TaskState
	case len(l.ServerIDs) > 0:
		i.ServerID = l.ServerIDs[0]
	}
	i.Address = cmp.Or(firstIPv4(s.Public), firstIPv4(l.Addresses), i.Address)
	if r.Billed != nil {
		i.AutoRenew = e.AutoRenew()
		if !e.Expires.IsZero() {
			i.Expires = e.Expires
		}
	}
	i.Frozen = e.Status == statusFrozen || s.Frozen
	r.Fill()
	i.ProjectID = cmp.Or(i.ProjectID, s.ProjectID, e.ProjectID)
	i.EnterpriseProjectID = cmp.Or(i.EnterpriseProjectID, s.EnterpriseProjectID, e.EnterpriseProjectID)
	i.EnterpriseProject = cmp.Or(i.EnterpriseProject, e.EnterpriseProjectName)
	i.SeenConfig, i.SeenBSS, i.SeenECS = r.Seen[FromConfig], r.Seen[FromBSS], time.Time{}
	if len(b.servers) > 0 {
		i.SeenECS = b.servers[0].Seen
	}
}

// firstIPv4 gives the first of the addresses that is one of IPv4; "" when none
// is.
func firstIPv4(addresses []string) string {
	for _, s := range addresses {
		if a, err := netip.ParseAddr(s); err == nil && a.Unmap().Is4() {
			return a.Unmap().String()
		}
	}
	return ""
}

// facts gives what several sources say of the instance and its servers, in the
// order of factOrder.
func (b *bundle) facts() []Fact {
	r := b.rec
	var all []Fact
	add := func(server, name string, said ...Said) {
		said = slices.DeleteFunc(said, func(s Said) bool { return s.Value == "" })
		if len(said) > 0 {
			all = append(all, Fact{ServerID: server, Name: name, Value: said[0].Value, Source: said[0].Source, At: said[0].At,
				Others: said[1:]})
		}
	}
	var l Listed
	var e Expiry
	if r.Listed != nil {
		l = *r.Listed
	}
	if r.Billed != nil {
		e = *r.Billed
	}
	config := func(v string) Said { return Said{FromConfig, v, r.Seen[FromConfig]} }
	bss := func(v string) Said { return Said{FromBSS, v, r.Seen[FromBSS]} }
	ecs := func(v string) Said { return Said{} }
	var s Server
	if len(b.servers) > 0 {
		s = b.servers[0].Server
		at := b.servers[0].Seen
		ecs = func(v string) Said { return Said{FromECS, v, at} }
	}
	add("", "name", config(l.Name), bss(e.Name))
	add("", "region", ecs(s.Region), config(l.Region), bss(e.Region))
	add("", "spec", config(l.Spec), bss(e.Spec))
	add("", "order", config(l.OrderID), ecs(s.OrderID))
	add("", "address", ecs(firstIPv4(s.Public)), config(firstIPv4(l.Addresses)))
	server := ""
	if len(l.ServerIDs) > 0 {
		server = l.ServerIDs[0]
		if slices.Contains(l.ServerIDs, s.ID) {
			server = s.ID
		}
	}
	add("", "server", ecs(s.ID), config(server))
	add("", "project", config(l.ProjectID), ecs(s.ProjectID), bss(e.ProjectID))
	add("", "enterprise", config(l.EnterpriseProjectID), ecs(s.EnterpriseProjectID), bss(e.EnterpriseProjectID))
	add("", "state", ecs(StateOf(s.Status, s.TaskState, s.Frozen)), config(configState(l.Status)))
	add("", "image", config(l.Product), ecs(s.ImageName))
	for name, v := range map[string]string{"description": l.Description, "plan": l.Plan, "provisioning": l.ProvisioningState} {
		add("", name, config(v))
	}
	if !e.Expires.IsZero() {
		add("", "expires", bss(e.Expires.UTC().Format(time.RFC3339)))
	}
	slices.SortFunc(all, func(x, y Fact) int {
		return cmp.Compare(slices.Index(factOrder, x.Name), slices.Index(factOrder, y.Name))
	})
	return all
}

var factOrder = []string{"name", "description", "state", "region", "address", "server", "image", "spec", "plan", "provisioning", "order",
	"project", "enterprise", "expires"}

// configState gives a state for properties.status, which is display text only
// (cloud-api, 7).
func configState(status string) string {
	switch s := strings.ToLower(status); s {
	case "":
		return ""
	case "abnormal":
		return StateFaulty
	case "running", "stopped", "starting", "stopping", "restarting", "creating", "frozen":
		return s
	}
	return status
}

// weighty are the facts in which sources must agree. Config's copies of names,
// states and images lag, or are worded otherwise.
var weighty = []string{"region", "spec", "order", "address", "server", "project"}

// disagree reports whether sources contradict each other in a weighty fact.
func (b *bundle) disagree() bool {
	for _, f := range b.facts() {
		if f.Differs() && slices.Contains(weighty, f.Name) {
			return true
		}
	}
	return false
}

// deriver adds to rows what the sources do not know, and what is computed from
// the rest. It is used with Service.pub held.
type deriver struct {
	ages       *accountAges
	catalog    *catalog.Catalog
	pool       *pool
	traffic    func(packageID string) Traffic // nil: it is added later
	labels     func(*Row) []string
	unanswered unanswered
}

// derive completes the rows of an instance. product is what Config calls it.
func (d deriver) derive(rows []*Row, product string) {
	for _, row := range rows {
		row.AccountID, row.ages = d.ages.account, d.ages
		row.Image = d.pool.image(d.catalog, product, row.ImageName)
		row.Labels, row.Silent = d.labels(row), d.unanswered.has(row)
		if d.traffic != nil {
			row.Traffic = d.traffic(row.PackageID)
		}
		d.pool.intern(row)
		row.finish(d.pool)
	}
}

// bare makes the rows of the bundle as far as the sources know them; a deriver
// completes them.
func (b *bundle) bare(sh *accountAges) []*Row {
	r, i := &b.rec, &b.rec.Instance
	base := Row{AccountID: sh.account, InstanceID: i.ID, InstanceName: i.Name, Region: i.Region, Project: i.ProjectID, Spec: i.Spec,
		PackageID: i.PackageID, CloudOrder: i.CloudOrder, Expires: i.Expires, Created: i.Created, AutoRenew: i.AutoRenew,
		UpdatedAt: i.UpdatedAt, GoneAt: i.GoneAt, Disagree: b.disagree(), ages: sh}
	base.lost.put(FromConfig, r.Lost[FromConfig])
	base.lost.put(FromBSS, r.Lost[FromBSS])
	base.sums[FromConfig], base.sums[FromBSS] = r.Sums[FromConfig], r.Sums[FromBSS]
	base.seen[FromConfig], base.seen[FromBSS] = micro(r.Seen[FromConfig]), micro(r.Seen[FromBSS])
	base.NotSeenSince, base.ChangedOutside = r.NotSeenSince, latest(r.Outside)
	var all []*Row
	for n := range b.servers {
		s := &b.servers[n]
		if !s.GoneAt.IsZero() && i.GoneAt.IsZero() && (n > 0 || len(b.servers) > 1) {
			continue // a server that was replaced by another
		}
		row := base
		row.First = len(all) == 0
		row.fillServer(b, s)
		all = append(all, &row)
	}
	if len(all) == 0 && i.ID != "" {
		row := base
		row.First, row.Name, row.ServerID, row.Address = true, cmp.Or(i.ServerName, i.Name), i.ServerID, i.Address
		row.State, row.Status, row.TaskState, row.Frozen = StateOf(i.State, i.TaskState, i.Frozen), i.State, i.TaskState, i.Frozen
		row.ImageName, row.Tags = i.Image, tagsOf(i.Tags, nil)
		row.OS = osOfSpec(i.Spec)
		all = append(all, &row)
	}
	return all
}

// fillServer sets what ECS says of the server.
func (row *Row) fillServer(b *bundle, rec *ServerRecord) {
	i, s := &b.rec.Instance, &rec.Server
	row.ServerID, row.Name, row.Hostname = s.ID, cmp.Or(s.Name, i.Name), s.Hostname
	row.Region, row.Project, row.Zone = cmp.Or(s.Region, i.Region), cmp.Or(s.ProjectID, i.ProjectID), s.Zone
	if rec.Lost { // it is no longer where it was
		row.Project = cmp.Or(i.ProjectID, s.ProjectID)
	}
	row.Frozen = s.Frozen || i.Frozen
	row.Status, row.TaskState, row.State = s.Status, s.TaskState, StateOf(s.Status, s.TaskState, row.Frozen)
	row.Address, row.Private = firstIPv4(s.Public), firstIPv4(s.Private)
	if row.First {
		row.Address = cmp.Or(row.Address, i.Address)
	}
	for _, a := range slices.Concat(s.Public, s.Private) {
		if a != row.Address && a != row.Private {
			row.More = append(row.More, a)
		}
	}
	row.OS = cmp.Or(string(s.OS), osOfSpec(i.Spec))
	row.ImageName = cmp.Or(i.Image, s.ImageName)
	row.VCPUs, row.MemoryMiB = s.VCPUs, s.MemoryMiB
	row.Tags, row.Fault, row.Locked = tagsOf(i.Tags, s.Tags), s.Fault, s.Locked
	row.CloudOrder = cmp.Or(row.CloudOrder, s.OrderID)
	if row.Created.IsZero() {
		row.Created = s.Created
	}
	row.seen[FromECS], row.sums[FromECS] = micro(rec.Seen), rec.Sum
	row.lost.put(FromECS, rec.Lost)
	if rec.UpdatedAt.After(row.UpdatedAt) {
		row.UpdatedAt = rec.UpdatedAt
	}
	if !rec.NotSeenSince.IsZero() && (row.NotSeenSince.IsZero() || rec.NotSeenSince.Before(row.NotSeenSince)) {
		row.NotSeenSince = rec.NotSeenSince
	}
	if at := latest(rec.Outside); at.After(row.ChangedOutside) {
		row.ChangedOutside = at
	}
	if b.rec.ID == "" {
		row.First, row.GoneAt = true, rec.GoneAt
	}
}

func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// latest gives when the last of some changes was noted.
func latest(outside map[string]Noted) (at time.Time) {
	for _, n := range outside {
		if n.At.After(at) {
			at = n.At
		}
	}
	return at
}

// tagsOf joins the tags of instance and server, sorted, without those of the
// cloud itself.
func tagsOf(instance map[string]string, server []string) []string {
	var all []string
	for k, v := range instance {
		if v != "" {
			k += "=" + v
		}
		all = append(all, k)
	}
	for _, t := range server {
		all = append(all, strings.TrimSuffix(t, "="))
	}
	all = slices.DeleteFunc(all, func(t string) bool { return strings.HasPrefix(t, "_sys_") })
	slices.Sort(all)
	return slices.Compact(all)
}

// osOfSpec gives the operating system that the code of a plan names; "" when it
// names none.
func osOfSpec(spec string) string {
	switch {
	case strings.HasSuffix(spec, ".linux"):
		return string(catalog.Linux)
	// Codes of the catalogue end in .byol (Table 4-13).
	case strings.HasSuffix(spec, ".byol"), strings.HasSuffix(spec, ".win"), strings.HasSuffix(spec, ".windows"):
		return string(catalog.Windows)
	}
	return ""
}

// image is imageID, computed once for each pair of names.
func (p *pool) image(cat *catalog.Catalog, product, name string) string {
	key := [2]string{product, name}
	id, ok := p.images[key]
	if !ok {
		id = p.text(imageID(cat, product, name))
		if len(p.images) < poolSize {
			p.images[[2]string{p.text(product), p.text(name)}] = id
		}
	}
	return id
}

// imageID is the catalogue's id of an image; the name itself when the catalogue
// does not know it.
func imageID(cat *catalog.Catalog, product, name string) string {
	if cat != nil {
		for _, n := range imageNames(product, name) {
			if i, ok := cat.FindImage(n); ok && n != "" {
				return i.ID
			}
		}
	}
	return cmp.Or(name, product)
}

// imageNames are the names that the catalogue may know the image by: Config names
// the product "BT_light_server_8_0" (cloud-api, 7), ECS the image "BT 8.0".
func imageNames(product, name string) []string {
	all := []string{product, name}
	if bought, _, ok := strings.Cut(product, "_light_server"); ok {
		all = append(all, strings.ReplaceAll(bought, "_", " "))
	}
	if n := strings.LastIndexByte(name, ' '); n > 0 {
		all = append(all, name[:n])
	}
	return all
}

// pool keeps one copy of texts that many rows have, and numbers the values of
// facets, so that they are counted by number. It is used with Service.pub held.
type pool struct {
	texts  map[string]string
	lists  map[string][]string
	images map[[2]string]string // product and name → Row.Image
	values [codedFacets]map[string]uint16
}

// poolSize is how many different texts are shared at most.
const poolSize = 20_000

func newPool() *pool {
	p := &pool{texts: make(map[string]string), lists: make(map[string][]string), images: make(map[[2]string]string)}
	for n := range p.values {
		p.values[n] = make(map[string]uint16)
	}
	return p
}

// text gives the shared copy of a text.
func (p *pool) text(s string) string {
	if t, ok := p.texts[s]; ok {
		return t
	}
	s = strings.Clone(s)
	if len(p.texts) < poolSize {
		p.texts[s] = s
	}
	return s
}

// list gives the shared copy of a list.
func (p *pool) list(l []string) []string {
	if len(l) == 0 {
		return nil
	}
	key := strings.Join(l, "\n")
	if t, ok := p.lists[key]; ok {
		return t
	}
	own := make([]string, len(l))
	for n := range l {
		own[n] = p.text(l[n])
	}
	if len(p.lists) < poolSize {
		p.lists[key] = own
	}
	return own
}

// words gives the texts of lists as one shared text, in the form in which they
// are searched.
func (p *pool) words(lists ...[]string) string {
	var b strings.Builder
	for _, list := range lists {
		for _, s := range list {
			b.WriteString(spelling.Form(s))
			b.WriteByte('\n')
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return p.text(b.String())
}

// codes gives the numbers of the row's values; 0 when no number is left.
func (p *pool) codes(r *Row) (codes [codedFacets]uint16) {
	for n := range codes {
		v := coded(r, n)
		c, ok := p.values[n][v]
		if !ok && len(p.values[n]) < math.MaxUint16 {
			c = uint16(len(p.values[n]) + 1)
			p.values[n][strings.Clone(v)] = c
		}
		codes[n] = c
	}
	return codes
}

// intern lets the row share the texts that others have too, and puts its own
// texts into one piece of memory.
func (p *pool) intern(r *Row) {
	for _, s := range []*string{&r.AccountID, &r.Region, &r.Project, &r.Zone, &r.State, &r.Status, &r.TaskState, &r.OS, &r.Image,
		&r.ImageName, &r.Spec, &r.Fault} {
		*s = p.text(*s)
	}
	r.Tags, r.Labels, r.More = p.list(r.Tags), p.list(r.Labels), p.list(r.More)
	own := r.ownTexts() // the last one is made of the others by finish
	var b strings.Builder
	n := 0
	for _, s := range own {
		n += len(*s)
	}
	b.Grow(n)
	for _, s := range own {
		b.WriteString(*s)
	}
	all := b.String()
	for _, s := range own {
		n := len(*s)
		*s, all = all[:n], all[n:]
	}
}
