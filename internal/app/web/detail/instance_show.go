package detail

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/activity"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/detail"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/traffic"
	"sampan/web/templates/ui"
)

// InstancePages are the page of one instance and its raw answers.
type InstancePages struct {
	Instances Instances
	Orders    Orders
	Accounts  Accounts
	Activity  activity.Events
	Panel     func(c echo.Context, i instance.Instance, span string) (traffic.PanelModel, error) // of the traffic; nil: not shown
	Catalog   *catalog.Catalog
	Frames    page.Frames
	Scopes    visit.Scopes
	Known     page.Knowledge
}

// Instances is everything known of an instance and its servers (instance.Service).
type Instances interface {
	// Detail gives an instance by its id or that of one of its servers; fault.NotFound
	// when there is none. It does not check whether the person may see the account.
	Detail(ctx context.Context, by person.Actor, id string) (instance.Detail, error)
	// Get gives an instance; fault.NotFound when there is none.
	Get(ctx context.Context, by person.Actor, id string) (instance.Instance, error)
	// Picture gives the newest picture.
	Picture() *instance.Picture
}

// Orders are the orders that an instance came with (order.Service).
type Orders interface {
	// Orders gives a page of the orders that the filter names.
	Orders(ctx context.Context, by person.Actor, f order.Filter) (order.Page, error)
	// Bill gives what billing said of an order of the cloud, without waiting for it; what
	// is not known yet is read in the background.
	Bill(accountID, cloudOrderID string) (order.CloudOrder, order.Freshness)
}

// instanceView is one instance for one reader.
type instanceView struct {
	h       InstancePages
	p       *text.Printer
	by      person.Actor
	sc      visit.Scope
	account account.Account
	d       instance.Detail
}

// view finds the instance of the address among the accounts the person may see.
func (h InstancePages) view(c echo.Context) (instanceView, error) {
	v := instanceView{h: h, p: visit.Printer(c), by: visit.Actor(c)}
	var err error
	if v.sc, err = h.Scopes.Of(c); err != nil {
		return v, err
	}
	if v.d, err = h.Instances.Detail(c.Request().Context(), v.by, c.Param("id")); err != nil {
		return v, err
	}
	var ok bool
	if v.account, ok = v.sc.AccountOf(v.d.Instance.AccountID); !ok {
		return v, echo.ErrNotFound // of an account the person may not see
	}
	return v, nil
}

func (v instanceView) path(below string) string {
	return "/instances/" + url.PathEscape(v.d.Instance.ID) + below
}

// Show is one instance: GET /instances/{id}; htmx gets what a change swaps.
func (h InstancePages) Show(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	if v.d.Instance.ID == "" { // a server of which no instance is known
		if len(v.d.Rows) == 0 {
			return echo.ErrNotFound
		}
		return page.GoTo(c, "/servers/"+url.PathEscape(v.d.Rows[0].ServerID))
	}
	whole, err := v.wholeModel(c)
	if err != nil {
		return err
	}
	if visit.Partial(c.Request()) {
		whole.Partial = true
		part := detail.Whole(whole)
		return page.Render(c, http.StatusOK, part, part)
	}
	m := detail.InstanceModel{Name: wording.InstanceName(v.p, v.d.Instance), Shape: whole.Shape, Word: whole.Word,
		Refresh: v.by.May(person.Refresh), Whole: whole, Raw: v.path("/raw"),
		Console: wording.HuaweiConsole(v.account.Site, v.d.Instance.Region)}
	if h.Panel != nil {
		panel, err := h.Panel(c, v.d.Instance, "")
		if err != nil {
			return err
		}
		m.Traffic = &panel
	}
	if m.Activity, err = h.Activity.About(c, v.sc, v.p.T("server.activity"), v.d.Instance.ID, v.d.Instance.CloudOrder); err != nil {
		return err
	}
	f, err := h.Frames.Frame(c, m.Name, layout.Instances, "instances", "instance/"+v.d.Instance.ID, "traffic")
	if err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, detail.Instance(f, m), nil)
}

// Raw is what the sources answered, as it came: GET /instances/{id}/raw.
func (h InstancePages) Raw(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return showRaw(c, h.Frames, wording.InstanceName(v.p, v.d.Instance), v.path(""), v.d)
}

func (v instanceView) wholeModel(c echo.Context) (detail.WholeModel, error) {
	p, i := v.p, v.d.Instance
	m := detail.WholeModel{URL: v.path(""), Topic: "instance/" + i.ID, Facts: v.facts(), Term: v.term(), Then: v.afterTerm(),
		Parts: v.packageParts(), Sources: v.sources(), Servers: serverRows(p, v.d.Rows)}
	m.Name = wording.InstanceName(p, i)
	m.Shape, m.Word = wording.InstanceState(p, i)
	m.PartsAge = saidBy(p, instance.FromConfig, i.SeenConfig)
	m.Notes = v.notes(c)
	var err error
	m.Orders, err = v.orders(c)
	return m, err
}

func (v instanceView) notes(c echo.Context) []ui.NoteModel {
	p, i := v.p, v.d.Instance
	var out []ui.NoteModel
	if !i.GoneAt.IsZero() {
		out = append(out, ui.NoteModel{Tone: ui.Caution, Text: p.T("instances.gone", "When", p.Near(i.GoneAt, p.Now()))})
	}
	out = append(out, lostNotes(p, v.d, "")...)
	out = append(out, differNotes(p, v.d)...)
	out = append(out, changeNotes(p, v.d.Changes)...)
	if n, ok := endNote(p, i); ok {
		out = append(out, n)
	}
	return append(out, v.h.Known.Troubles(c, v.sc, i.AccountID, v.h.placeOf(i))...)
}

func (v instanceView) facts() []ui.Pair {
	p, i := v.p, v.d.Instance
	out := []ui.Pair{
		{Key: p.T("instances.account"), Part: ui.World(v.account.Label, v.account.Sandbox())},
		{Key: p.T("instances.region"), Value: wording.RegionName(p, i.Region), Note: text.Name(i.Region)},
		{Key: p.T("instances.size"), Value: wording.Size(p, v.h.Catalog, i.Spec), Note: text.Name(i.Spec)},
		{Key: p.T("instances.image"), Value: wording.OrUnknown(p, i.Image), Name: true},
		{Key: p.T("server.fact.product"), Value: wording.OrUnknown(p, i.Product), Name: true, Note: text.Name(i.Plan)},
		{Key: p.T("server.facts.description"), Value: wording.OrNothing(p, i.Description), Name: true},
		{Key: p.T("server.facts.project"), Value: wording.OrUnknown(p, i.ProjectID), Mono: true, Note: text.Name(i.ProjectName)},
		{Key: p.T("server.facts.enterprise"), Value: wording.OrUnknown(p, i.EnterpriseProjectID), Mono: true, Note: text.Name(i.EnterpriseProject)},
		{Key: p.T("server.facts.provisioning"), Value: wording.OrUnknown(p, worded(p, "server.provisioning.", i.ProvisioningState)), Name: true, Note: worded(p, "server.held.", i.ConfigState)},
		{Key: p.T("instances.created"), Value: momentOf(p, i.Created)},
		{Key: p.T("instances.id"), Value: i.ID, Copy: true},
	}
	if tags := tagText(i.Tags); tags != "" {
		out = append(out, ui.Pair{Key: p.T("server.tags"), Value: tags, Name: true})
	}
	return out
}

// worded is the catalogue's text for one of Huawei's words, or that word when the
// catalogue has none.
func worded(p *text.Printer, prefix, word string) string {
	if said, ok := p.Word(prefix + strings.ToLower(word)); ok {
		return said
	}
	return text.Name(word)
}

func tagText(tags map[string]string) string {
	var all []string
	for k, val := range tags {
		if strings.HasPrefix(k, "_sys_") {
			continue
		}
		if val != "" {
			k += "=" + val
		}
		all = append(all, k)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (v instanceView) term() []ui.Pair {
	p, i := v.p, v.d.Instance
	return []ui.Pair{
		{Key: p.T("instances.expires"), Value: termEnds(p, i.Expires), Note: saidBy(p, instance.FromBSS, i.SeenBSS)},
		{Key: p.T("instances.renew"), Value: renewal(p, i)},
		{Key: p.T("instances.order"), Value: wording.OrUnknown(p, i.CloudOrder), Mono: true, Copy: i.CloudOrder != ""},
	}
}

// afterTerm is what happens after the end of the term: Huawei's usual dates
// (cloud-api, 11).
func (v instanceView) afterTerm() []string {
	p, i := v.p, v.d.Instance
	switch {
	case i.Expires.IsZero():
		return []string{p.T("server.then.unknown")}
	case i.AutoRenew && i.Expires.After(p.Now()):
		return []string{p.T("server.then.renews", "Day", p.Date(i.Expires)),
			p.T("server.then.unpaid", "Grace", graceDays, "Kept", retainedDays)}
	}
	return []string{
		p.T("server.then.grace", "Day", p.Date(i.Expires.AddDate(0, 0, graceDays))),
		p.T("server.then.kept", "Day", p.Date(i.Expires.AddDate(0, 0, graceDays+retainedDays))),
		p.T("server.then.gone"),
	}
}

// packagePartKinds are the parts of a package by what their logical type ends in
// (cloud-api, 7).
var packagePartKinds = []struct{ has, icon, word string }{
	{"ecs_instance", "server", "server.part.server"},
	{"hws.resource.type.volume", "disk", "server.part.disk"},
	{"evs_volume", "disk", "server.part.data"},
	{"cbc_freeresource", "traffic", "server.part.package"},
	{"bandwidth_lock", "traffic", "server.part.bandwidth"},
	{"eip_attach", "", ""}, {"eip_lock", "", ""}, // links between parts, not parts
	{"_eip", "globe", "server.part.eip"},
	{"cbr_vault", "backup", "server.part.vault"},
	{"hss_host", "shield", "server.part.security"},
	{"marketplace", "layers", "server.part.image"},
}

// packageParts is everything in the package, as the list of instances gives it.
func (v instanceView) packageParts() []detail.PartRow {
	if v.d.Listed == nil {
		return nil
	}
	var out []detail.PartRow
	for _, part := range v.d.Listed.Parts {
		row, ok := v.packagePart(part)
		if ok {
			out = append(out, row)
		}
	}
	return out
}

func (v instanceView) packagePart(o instance.Part) (detail.PartRow, bool) {
	row := detail.PartRow{Icon: "box", Kind: text.Name(o.Logical), Name: text.Name(o.Name), ID: text.Name(o.ID)}
	for _, k := range packagePartKinds {
		if !strings.Contains(o.Logical, k.has) && !strings.Contains(o.Type, k.has) {
			continue
		}
		if k.word == "" {
			return row, false
		}
		row.Icon, row.Kind = k.icon, v.p.T(k.word)
		break
	}
	row.Facts = strings.Join(v.packagePartFacts(o), " · ")
	return row, true
}

// packagePartFacts are what is known of a part besides its name, in words.
func (v instanceView) packagePartFacts(o instance.Part) []string {
	var facts []string
	for _, name := range shownAttributes {
		val := o.Attributes[name]
		if val == "" || len(val) > 60 || strings.ContainsAny(val, "{[") {
			continue
		}
		if gib, err := strconv.Atoi(val); name == "size" && err == nil {
			val = v.p.GiB(gib)
		}
		facts = append(facts, text.Name(val))
	}
	for _, mbit := range bandwidths(o.Attributes["bandwidth"]) {
		facts = append(facts, v.p.T("server.part.peak", "Mbit", v.p.Unit(v.p.Number(mbit), "Mbit/s")))
	}
	if t := v.d.Traffic; o.ID != "" && o.ID == v.d.Instance.PackageID {
		facts = append(facts, v.p.T("server.part.left", "Left", trafficLeft(v.p, t)))
		if !t.CycleEnd.IsZero() {
			facts = append(facts, v.p.T("server.part.resets", "Day", v.p.Date(t.CycleEnd)))
		}
	}
	return facts
}

// bandwidths reads the speeds in Mbit/s out of an address's attribute, which is JSON in
// text (cloud-api, 7). Of text that is not such JSON it gives none.
func bandwidths(attribute string) []int {
	var all []struct {
		Size int `json:"size"`
	}
	if json.Unmarshal([]byte(attribute), &all) != nil {
		return nil
	}
	var mbit []int
	for _, b := range all {
		if b.Size > 0 {
			mbit = append(mbit, b.Size)
		}
	}
	return mbit
}

// shownAttributes are the attributes of a part that pages show.
var shownAttributes = []string{"public_ip_address", "size", "volume_type", "availability_zone"}

// orders are the console's orders of the instance. When there are none it is what
// Huawei says of the order that bought it. Renewals made elsewhere are not known:
// neither the list of orders nor an order's details name the instance (cloud-api, 9.1, 9.2).
func (v instanceView) orders(c echo.Context) (detail.OrdersModel, error) {
	p, i := v.p, v.d.Instance
	m := detail.OrdersModel{Notes: []string{p.T("server.orders.renewals")}, Link: huaweiOrders(v.account.Site)}
	if i.CloudOrder == "" {
		m.Notes = append([]string{p.T("server.orders.unknown")}, m.Notes...)
		return m, nil
	}
	found, err := v.h.Orders.Orders(c.Request().Context(), v.by,
		order.Filter{AccountIDs: []string{i.AccountID}, Removed: true, Query: i.CloudOrder, Limit: 20})
	if err != nil {
		return m, err
	}
	what := wording.Wares{Printer: p, Catalog: v.h.Catalog}
	for _, o := range found.Rows {
		if o.CloudOrderID != i.CloudOrder {
			continue
		}
		row := detail.OrderRow{URL: "/orders/" + o.ID, Title: what.Title(o.Request), Date: p.Date(o.CreatedAt),
			Amount: what.Amount(o.Amount)}
		row.Shape, row.Word = wording.OrderLook(p, o)
		m.Rows = append(m.Rows, row)
	}
	if len(m.Rows) == 0 {
		v.addBoughtElsewhere(&m)
	}
	return m, nil
}

// addBoughtElsewhere adds the order that somebody placed outside of this console.
func (v instanceView) addBoughtElsewhere(m *detail.OrdersModel) {
	p, i := v.p, v.d.Instance
	m.Notes = append([]string{p.T("server.orders.elsewhere", "Order", text.Name(i.CloudOrder))}, m.Notes...)
	o, fresh := v.h.Orders.Bill(i.AccountID, i.CloudOrder)
	switch fresh {
	case order.Reading:
		m.Reading = true
	case order.Failed, order.NoPrice:
		m.Notes = append([]string{p.T("server.orders.unread")}, m.Notes...)
	case order.Known:
		row := detail.OrderRow{Title: p.N("server.orders.bought", max(1, o.Quantity)), Date: momentOf(p, o.CreatedAt), Shape: ui.Busy,
			Word: wording.OrderStatus(p, o.Status), Amount: wording.Wares{Printer: p}.Amount(o.Amount)}
		switch o.Status {
		case order.StatusCompleted:
			row.Shape = ui.Run
		case order.StatusCancelled:
			row.Shape = ui.Off
		}
		m.Rows = append(m.Rows, row)
	}
}

// huaweiOrders is Huawei's own page of orders and renewals (cloud-api, 12); empty
// where we know none.
func huaweiOrders(site account.Site) string {
	if site == account.International {
		return "https://account-intl.huaweicloud.com/usercenter/?locale=en-us"
	}
	return ""
}

// sources are the facts with who says them, and who says something else.
func (v instanceView) sources() []detail.SourceRow {
	p := v.p
	var out []detail.SourceRow
	for _, f := range v.d.Facts {
		row := detail.SourceRow{Fact: factName(p, f.Name), Value: factValue(p, f.Name, f.Value), Who: saidBy(p, f.Source, f.At)}
		for _, o := range f.Others {
			says := p.T("server.differ.same", "Who", saidBy(p, o.Source, o.At))
			if o.Value != f.Value {
				says = p.T("server.differ.says", "Who", saidBy(p, o.Source, o.At), "Value", factValue(p, f.Name, o.Value))
			}
			row.Other = append(row.Other, says)
		}
		out = append(out, row)
	}
	return out
}

// factValue words a fact's value: states, regions and times. Any other is shown as it is.
func factValue(p *text.Printer, name, value string) string {
	state, isState := p.Word("server.state." + value)
	switch at, err := time.Parse(time.RFC3339, value); {
	case name == "state" && isState:
		return state
	case name == "region":
		return wording.RegionName(p, value)
	case name == "expires" && err == nil:
		return p.DateTime(at)
	}
	return text.Name(value)
}

// Visible gives an error for an instance that is not there or of an account the
// person may not see: the topic's guard.
func (h InstancePages) Visible(ctx context.Context, by person.Actor, id string) error {
	i, err := h.Instances.Get(ctx, by, id)
	if err != nil {
		return err
	}
	_, err = h.Accounts.Get(ctx, by, i.AccountID)
	return err
}
