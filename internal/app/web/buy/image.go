package buy

import (
	"net/url"
	"slices"
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// imageModel is the first section: applications, systems, or the account's own
// images, as searched.
func (w *wizard) imageModel() *buy.ImageModel {
	kind := w.shownKind()
	m := &buy.ImageModel{Kinds: w.kindTabs(kind), Search: w.view.q, Matrix: "/buy/matrix"}
	if kind == catalog.Private {
		w.privateImages(m)
		return m
	}
	m.CanSearch = true
	all := w.catalog.Images(kind)
	if kind == catalog.Application {
		m.Categories = w.categories()
	}
	for _, i := range all {
		if w.matches(i) {
			m.Cards = append(m.Cards, w.imageCard(i))
		}
	}
	if w.filtered() {
		m.Shown = w.p.T("buy.image.shown", "N", len(m.Cards), "Of", len(all))
		m.All = w.viewURL(buyView{kind: string(kind)})
	}
	if len(m.Cards) == 0 {
		m.Empty = &ui.EmptyModel{Icon: "search", Title: w.p.T("buy.image.none"), Text: w.p.T("buy.image.none.text")}
	}
	return m
}

// shownKind is the kind on screen: that of the address, else that of the chosen
// image, else applications.
func (w *wizard) shownKind() catalog.Kind {
	switch {
	case w.view.kind != "":
		return catalog.Kind(w.view.kind)
	case w.choice.Kind != "":
		return w.choice.Kind
	}
	return catalog.Application
}

func (w *wizard) filtered() bool { return w.view.q != "" || w.view.category != "" }

// matches reports whether an image is among what was searched for: by name, by
// what it is for, by its version.
func (w *wizard) matches(i catalog.Image) bool {
	if w.view.category != "" && i.Kind == catalog.Application && i.Category != w.view.category {
		return false
	}
	q := strings.TrimSpace(spelling.Form(w.view.q))
	if q == "" {
		return true
	}
	terms := []string{i.DisplayName, i.Name, i.ID, w.purpose(i)}
	if i.Category != "" {
		terms = append(terms, wording.Say(w.p, catalog.CategoryName(i.Category)))
	}
	for _, v := range i.Versions {
		terms = append(terms, v.Name)
	}
	return strings.Contains(spelling.Form(strings.Join(terms, "\n")), q)
}

// purposes say in a few words what an image is for. An image of another
// catalogue has none.
var purposes = map[string]string{
	"bt": "buy.for.bt", "crm": "buy.for.crm", "ghost": "buy.for.ghost", "gitlab": "buy.for.gitlab", "joomla": "buy.for.joomla",
	"kodbox": "buy.for.kodbox", "matomo": "buy.for.matomo", "moodle": "buy.for.moodle", "nextcloud": "buy.for.nextcloud",
	"nodejs": "buy.for.nodejs", "odoo": "buy.for.odoo", "portainer": "buy.for.portainer", "prestashop": "buy.for.prestashop",
	"redmine": "buy.for.redmine", "srs": "buy.for.srs", "superset": "buy.for.superset", "wordpress": "buy.for.wordpress",
	"ubuntu": "buy.for.ubuntu", "debian": "buy.for.debian", "centos": "buy.for.centos", "huawei-cloud-euleros": "buy.for.euleros",
}

func (w *wizard) purpose(i catalog.Image) string {
	if id, ok := purposes[i.ID]; ok {
		return w.p.T(id)
	}
	return ""
}

// kindTabs lead to the three kinds, with what is chosen kept.
func (w *wizard) kindTabs(kind catalog.Kind) []buy.Tab {
	var tabs []buy.Tab
	for _, k := range []catalog.Kind{catalog.Application, catalog.System, catalog.Private} {
		t := buy.Tab{Label: w.p.T(kindTabNames[k]), Href: w.viewURL(buyView{kind: string(k)}), Current: k == kind}
		if k == catalog.Private {
			if n := len(w.images); n > 0 {
				t.Note = w.p.Number(n)
			}
		} else {
			t.Note = w.p.Number(len(w.catalog.Images(k)))
		}
		tabs = append(tabs, t)
	}
	return tabs
}

var kindTabNames = map[catalog.Kind]string{
	catalog.Application: "buy.image.applications", catalog.System: "buy.image.systems", catalog.Private: "buy.image.own",
}

// viewURL is this step with another view, and everything that is chosen but not
// kept yet.
func (w *wizard) viewURL(v buyView) string {
	q := w.chosenQuery()
	for name, value := range map[string]string{"kind": v.kind, "category": v.category, "q": v.q} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return w.path(stepImage) + "?" + q.Encode()
}

// chosenQuery is what is chosen and no draft holds yet, as an address: all of it
// on the first page, so that it can be sent to a colleague; a changed image in a
// draft.
func (w *wizard) chosenQuery() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if w.draft.ID == "" {
		set(wording.FromField, w.form[order.FieldAccount])
		set(order.FieldImage, w.form[order.FieldImage])
		set(order.FieldVersion, w.choice.Version)
		set(order.FieldSize, w.form[order.FieldSize])
		set(order.FieldRegion, w.form[order.FieldRegion])
		return q
	}
	if w.form[order.FieldImage] != w.saved[order.FieldImage] || w.form[order.FieldVersion] != w.saved[order.FieldVersion] {
		set(fieldPick, w.form[order.FieldImage])
		set(fieldVersion+w.form[order.FieldImage], w.form[order.FieldVersion])
	}
	return q
}

func (w *wizard) categories() []buy.Tab {
	tabs := []buy.Tab{{Label: w.p.T("buy.image.all.categories"), Value: "", Current: w.view.category == ""}}
	for _, c := range w.catalog.Categories() {
		tabs = append(tabs, buy.Tab{Label: wording.Say(w.p, catalog.CategoryName(c)), Value: c, Current: w.view.category == c})
	}
	return tabs
}

// imageCard is an application or a system.
func (w *wizard) imageCard(i catalog.Image) buy.ImageCard {
	c := buy.ImageCard{ID: i.ID, Initials: initials(i.DisplayName), Name: i.DisplayName, Text: w.purpose(i),
		Checked: w.choice.ImageID == i.ID, Select: fieldVersion + i.ID, Label: w.p.T("buy.image.version", "Image", i.DisplayName)}
	version := i.Versions[0].Name
	if c.Checked && w.choice.Version != "" {
		version = w.choice.Version
	}
	if len(i.Versions) == 1 {
		c.Note = version
	}
	for _, v := range i.Versions {
		c.Versions = append(c.Versions, ui.Option{Value: v.Name, Label: v.Name, Chosen: v.Name == version})
	}
	if i.Kind == catalog.Application {
		if s := w.catalog.Smallest(i.ID, version); s.MemoryMiB > w.usualMemory() {
			c.From = w.p.T("buy.image.from", "Memory", w.what.Memory(s.MemoryMiB))
		}
	}
	if not := w.notEverywhere(i); not != "" {
		c.Text = not
	}
	return c
}

// usualMemory is what most applications begin at: a card says its own only when
// it needs more.
func (w *wizard) usualMemory() int {
	least := map[int]int{}
	for _, i := range w.catalog.Images(catalog.Application) {
		least[w.catalog.Smallest(i.ID, "").MemoryMiB]++
	}
	usual, n := 0, 0
	for memory, count := range least {
		if count > n || count == n && memory < usual {
			usual, n = memory, count
		}
	}
	return usual
}

// notEverywhere names the versions that some regions do not have.
func (w *wizard) notEverywhere(i catalog.Image) string {
	var versions, regions []string
	for _, v := range i.Versions {
		if len(v.ExcludedRegions) == 0 {
			continue
		}
		versions = append(versions, v.Name)
		for _, r := range v.ExcludedRegions {
			if name := w.what.Region(r); !slices.Contains(regions, name) {
				regions = append(regions, name)
			}
		}
	}
	if len(versions) == 0 {
		return ""
	}
	return w.p.T("buy.image.excluded", "Versions", w.p.List(versions...), "Regions", w.p.List(regions...))
}

// initials are two letters shown instead of a logo.
func initials(name string) string {
	r := []rune(name)
	return string(r[:min(2, len(r))])
}

// privateImages are the account's own images by region, with their age.
func (w *wizard) privateImages(m *buy.ImageModel) {
	options := w.catalog.PrivateOptions(catalog.Choice{}, w.images)
	byRegion := map[string][]buy.ImageCard{}
	var regions []string
	for n, i := range w.images {
		if !slices.Contains(regions, i.Region) {
			regions = append(regions, i.Region)
		}
		byRegion[i.Region] = append(byRegion[i.Region], w.privateCard(i, options[n]))
	}
	for _, r := range regions {
		m.Groups = append(m.Groups, buy.ImageGroup{Region: w.what.Region(r), Cards: byRegion[r]})
	}
	if w.age.Reading {
		m.Reading = w.p.T("buy.image.reading")
		m.ReadURL = w.viewURL(buyView{kind: string(catalog.Private)})
	}
	if !w.age.At.IsZero() {
		m.Age = w.p.T("buy.image.age", "When", w.p.Relative(w.age.At))
	}
	for _, t := range w.age.Trouble {
		region := strings.TrimPrefix(t.Source, "ims:")
		m.Age = strings.TrimSpace(m.Age + " " + w.p.T("buy.image.trouble", "Region", w.what.Region(region)))
	}
	if len(w.images) == 0 && !w.age.Reading {
		m.Empty = &ui.EmptyModel{Icon: "layers", Title: w.p.T("buy.image.own.none"), Text: w.p.T("buy.image.own.none.text")}
	}
}

func (w *wizard) privateCard(i catalog.PrivateImage, o catalog.Option) buy.ImageCard {
	c := buy.ImageCard{ID: i.ID, Initials: initials(i.Name), Name: text.Name(i.Name), Foreign: true, Note: text.Name(i.ID), Mono: true,
		Checked: w.choice.ImageID == i.ID}
	switch i.OS {
	case catalog.Linux:
		c.Text = w.p.T("buy.image.linux")
	case catalog.Windows:
		c.Text = w.p.T("buy.image.windows")
	}
	if i.MinDiskGiB > 0 {
		c.From = w.p.T("buy.image.disk", "Size", w.p.GiB(i.MinDiskGiB))
	}
	if !o.Legal {
		c.Why = w.reasons(o.Choice, o.Reasons)
	}
	return c
}
