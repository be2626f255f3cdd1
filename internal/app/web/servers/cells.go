package servers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/view"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/servers"
	"sampan/web/templates/text"
)

// column says how a fact is shown: how it is sorted by, the class of its cell
// while the usual columns are shown, and those it always has.
type column struct {
	sort  string
	usual string
	card  string // class that keeps it in the narrow form of a row
	side  string // always
}

var columns = map[string]column{
	"state": {sort: "state", card: "s"}, "region": {sort: "region", usual: "p2"}, "address": {sort: "address", card: "b"},
	"image": {sort: "image", usual: "p2", side: "el"}, "size": {sort: "memory", usual: "p3", side: "n"}, "traffic": {sort: "traffic", card: "c"},
	"expires": {sort: "expires", card: "e"}, "account": {sort: "account", usual: "p4", side: "c-2 el"}, "instance": {sort: "instance", side: "el"},
	"server": {sort: "name", card: "b", side: "el"}, "private": {sort: "private"}, "hostname": {sort: "hostname", side: "el"}, "os": {sort: "os"},
	"spec": {sort: "spec", side: "mono"}, "zone": {}, "tags": {sort: "tag"}, "labels": {sort: "label"}, "autorenew": {sort: "autorenew"},
	"problem": {}, "cycle": {sort: "cycle"}, "order": {sort: "order", usual: "p3", side: "mono"},
	"created": {sort: "created"}, "updated": {sort: "updated"},
	"package": {sort: "trafficleft", usual: "p4", side: "n"},
}

// shownColumns are the columns of the answer: the account's only where there are several.
func (l *listing) shownColumns() []string {
	keys := l.choice.Columns
	if keys == nil {
		keys = l.List.Usual()
	}
	var all []string
	for _, k := range keys {
		if k == "account" && l.choice.Columns == nil && len(l.sc.Accounts) < 2 {
			continue
		}
		all = append(all, k)
	}
	return all
}

// class is the class of a column's cells.
func (l *listing) class(key string) string {
	col := columns[key]
	if l.List == view.Instances && key == "address" {
		col.card = "" // the server's name stands there
	}
	parts := []string{col.card, col.side}
	if l.choice.Columns == nil {
		parts = append(parts, col.usual)
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// heads are the columns, the name first. Each links to the list sorted by it; the one
// that it is sorted by links to the reverse order.
func (l *listing) heads() []servers.Head {
	current, reversed := strings.CutPrefix(l.query.Sort, "-")
	if l.query.Sort == "" {
		current = "expires"
	}
	head := func(label, key, class string) servers.Head {
		h := servers.Head{Label: label, Class: class}
		if key == "" || l.sel != nil {
			return h
		}
		next := key
		if key == current {
			h.Sorted, next = "ascending", "-"+key
			if reversed {
				h.Sorted, next = "descending", key
			}
		}
		h.URL = l.query.Sorted(next).URL()
		return h
	}
	name := "name"
	if l.List == view.Instances {
		name = "instance"
	}
	all := []servers.Head{head(l.p.T("servers.column.name."+string(l.List)), name, "a")}
	for _, k := range l.shownColumns() {
		class := strings.TrimSpace(strings.Replace(l.class(k), "mono", "", 1)) // its cells hold codes, the head a word
		all = append(all, head(l.p.T("servers.column."+k), columns[k].sort, class))
	}
	return all
}

// cells words the rows of an answer. A word that many rows share is looked up once.
type cells struct {
	*listing
	keys    []string
	classes []string
	now     time.Time
	renews  string
	unknown string
	days    map[int64][2]string
	words   map[string]string
}

// rows are the rows of the answer, worded.
func (l *listing) rows(found []*instance.Row) []servers.Row {
	k := &cells{listing: l, keys: l.shownColumns(), now: l.p.Now(), renews: l.p.T("servers.renews"), unknown: l.p.Unknown(),
		days: make(map[int64][2]string), words: make(map[string]string)}
	for _, key := range k.keys {
		k.classes = append(k.classes, l.class(key))
	}
	all := make([]servers.Row, 0, len(found))
	for _, r := range found {
		all = append(all, k.row(r))
	}
	return all
}

func (k *cells) row(r *instance.Row) servers.Row {
	row := servers.Row{ID: k.List.ID(r), Name: text.Name(r.Name), Href: wording.RowURL(k.List, r),
		Cells: make([]servers.Cell, 0, len(k.keys))}
	if k.List == view.Instances {
		row.Name = text.Name(r.InstanceName)
	}
	if row.Name == "" {
		row.Name = row.ID
	}
	if slices.Contains(r.Problems(k.now), instance.ProblemOutside) {
		row.Note = k.p.T("servers.outside")
	}
	for n, key := range k.keys {
		c := k.cell(r, key)
		if c.Class != "" {
			c.Class = strings.TrimSpace(k.classes[n] + " " + c.Class)
		} else {
			c.Class = k.classes[n]
		}
		row.Cells = append(row.Cells, c)
	}
	return row
}

func (k *cells) cell(r *instance.Row, key string) servers.Cell {
	switch key {
	case "state":
		return servers.Cell{Kind: servers.State, Text: k.word("servers.state.", r.State), Note: wording.ServerShapes[r.State]}
	case "region":
		return servers.Cell{Text: k.word("region.", r.Region)}
	case "address":
		return servers.Cell{Kind: servers.Address, Text: text.Name(r.Address)}
	case "private":
		return servers.Cell{Kind: servers.Address, Text: text.Name(r.Private)}
	case "image":
		return servers.Cell{Kind: servers.Name, Text: text.Name(wording.ImageName(k.Catalog, r.Image))}
	case "size":
		return servers.Cell{Kind: servers.Figure, Text: k.size(r)}
	case "traffic":
		return k.traffic(r.Traffic)
	case "package":
		if !r.Traffic.Known() {
			return servers.Cell{Text: k.unknown}
		}
		return servers.Cell{Kind: servers.Figure, Text: k.p.Traffic(r.Traffic.Total)}
	case "expires":
		return k.expires(r)
	case "account":
		return servers.Cell{Kind: servers.Name, Text: text.Name(k.pic.AccountLabel(r.AccountID))}
	case "instance":
		return servers.Cell{Kind: servers.Link, Text: text.Name(cmp.Or(r.InstanceName, r.InstanceID)),
			Note: wording.RowURL(view.Instances, r)}
	case "server":
		c := servers.Cell{Kind: servers.Link, Text: text.Name(cmp.Or(r.Name, r.ServerID)), Note: wording.InsideURL(r)}
		if r.ServerID == "" {
			c.Text, c.Note = k.unknown, ""
		}
		return c
	case "hostname":
		return servers.Cell{Kind: servers.Name, Text: text.Name(r.Hostname)}
	case "os":
		return servers.Cell{Text: k.os(r.OS)}
	case "spec":
		return servers.Cell{Kind: servers.Code, Text: text.Name(r.Spec)}
	case "zone":
		return servers.Cell{Kind: servers.Code, Text: text.Name(r.Zone)}
	case "tags":
		return wordsCell(r.Tags)
	case "labels":
		return wordsCell(r.Labels)
	case "autorenew":
		if !r.TermKnown() {
			return servers.Cell{Text: k.unknown}
		}
		return servers.Cell{Text: k.word("servers.autorenew.", yesOrNo(r.AutoRenew))}
	case "problem":
		if p := r.Problem(k.Now()); p != "" {
			return servers.Cell{Text: k.word("servers.problem.", p)}
		}
		return servers.Cell{}
	case "cycle":
		return k.date(r.Traffic.CycleEnd)
	case "order":
		return servers.Cell{Kind: servers.Code, Text: text.Name(r.CloudOrder)}
	case "created":
		return k.date(r.Created)
	case "updated":
		return k.date(r.UpdatedAt)
	}
	return servers.Cell{}
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// word is a word of the catalogue, looked up once for all rows.
func (k *cells) word(prefix, value string) string {
	id := prefix + value
	w, ok := k.words[id]
	if !ok {
		if prefix == "region." {
			w = wording.RegionName(k.p, value)
		} else {
			w = k.p.T(id)
		}
		k.words[id] = w
	}
	return w
}

func (k *cells) os(os string) string {
	if os == "linux" || os == "windows" {
		return k.word("servers.os.", os)
	}
	if os == "" {
		return k.unknown
	}
	return text.Name(os)
}

// wordsCell shows tags or labels, the first three of them.
func wordsCell(all []string) servers.Cell {
	c := servers.Cell{Kind: servers.Words}
	for n, w := range all {
		if n == 3 {
			c.Words = append(c.Words, "+"+strconv.Itoa(len(all)-n))
			break
		}
		c.Words = append(c.Words, text.Name(w))
	}
	return c
}

// size is vCPUs and memory: "2, 8 GiB".
func (k *cells) size(r *instance.Row) string {
	cores, memory := r.VCPUs, r.MemoryMiB
	if cores == 0 || memory == 0 {
		spec, ok := k.Catalog.Spec(r.Spec)
		switch {
		case r.Spec == "":
			return k.unknown
		case !ok:
			return text.Name(r.Spec)
		}
		cores, memory = spec.VCPUs, spec.MemoryMiB
	}
	return k.p.LTR(strconv.Itoa(cores) + ", " + catalog.GiB(memory) + "\u00a0GiB")
}

// traffic is what is left: amber below a quarter, red below a tenth (design:
// tables).
func (k *cells) traffic(t instance.Traffic) servers.Cell {
	share, ok := t.Share()
	if !ok {
		return servers.Cell{Kind: servers.Traffic, Text: k.unknown}
	}
	c := servers.Cell{Kind: servers.Traffic, Text: k.p.Traffic(t.Left), At: strconv.Itoa(int(share*100 + 0.5))}
	switch {
	case share < instance.TrafficLow:
		c.Note = "t-bad"
	case share < instance.TrafficWarn:
		c.Note = "t-warn"
	}
	return c
}

// expires is when the term ends: red within 3 days, amber within 14, only
// without auto-renew (design: tables).
func (k *cells) expires(r *instance.Row) servers.Cell {
	c := k.date(r.Expires)
	if r.AutoRenew {
		c.Note = k.renews
		return c
	}
	if left := r.Expires.Sub(k.now); !r.Expires.IsZero() && left <= instance.ExpiringNow {
		c.Class = "c-bad"
	} else if !r.Expires.IsZero() && left <= instance.ExpiringWithin {
		c.Class = "c-warn"
	}
	return c
}

func (k *cells) date(t time.Time) servers.Cell {
	if t.IsZero() {
		return servers.Cell{Kind: servers.Date, Text: k.unknown}
	}
	local := t.In(k.p.Location())
	day := int64(local.Year())*366 + int64(local.YearDay())
	said, ok := k.days[day]
	if !ok {
		said = [2]string{k.p.Date(t), local.Format(time.DateOnly)}
		k.days[day] = said
	}
	return servers.Cell{Kind: servers.Date, Text: said[0], At: said[1]}
}
