package wording

import (
	"net/url"
	"regexp"
	"strings"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/view"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Address is a path with its query, if it has one.
func Address(path string, v url.Values) string {
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// StateFound is the group of the orders page whose orders nobody here knows.
const StateFound = "found"

// FoundURL is where it stands.
var FoundURL = OrdersURL("state", StateFound)

// OrdersURL is the list of orders narrowed by one of its fields: "state", "account".
func OrdersURL(field, value string) string { return Address("/orders", url.Values{field: {value}}) }

// FromField is the account of a purchase while there is no draft.
const FromField = "from"

// BuyURL is where a purchase for an account begins.
func BuyURL(accountID string) string { return Address("/buy", url.Values{FromField: {accountID}}) }

// ReviewURL is where a stored review is shown.
func ReviewURL(rv order.Review) string {
	return Address("/buy/"+url.PathEscape(rv.DraftID)+"/review", url.Values{"review": {rv.ID}})
}

// ServersURL is the list of servers that a search finds: "state:faulty".
func ServersURL(terms ...string) string {
	return "/servers?" + url.Values{"q": {strings.Join(terms, " ")}}.Encode()
}

// InstanceURL is the page of a row.
func InstanceURL(r *instance.Row) string {
	if r.InstanceID == "" {
		return ServersURL("server:" + r.ServerID)
	}
	return "/instances/" + url.PathEscape(r.InstanceID)
}

// RowName is what a row is called.
func RowName(r *instance.Row) string {
	if r.Name == "" {
		return text.Name(r.ID())
	}
	return text.Name(r.Name)
}

// RowInstanceName is what a row's instance is called.
func RowInstanceName(r *instance.Row) string {
	if r.InstanceName == "" {
		return RowName(r)
	}
	return text.Name(r.InstanceName)
}

// ServerURL is the page of a row's server, or of its instance while there is
// none.
func ServerURL(r *instance.Row) string {
	if r.ServerID == "" {
		return InstanceURL(r)
	}
	return "/servers/" + url.PathEscape(r.ServerID)
}

// MostNamed is how many instances an item names.
const MostNamed = 3

// RowURL leads from a row to its page; "" where there is none.
func RowURL(l view.List, r *instance.Row) string {
	switch {
	case l == view.Servers && r.ServerID != "":
		return "/servers/" + r.ServerID
	case r.InstanceID != "":
		return "/instances/" + r.InstanceID
	}
	return ""
}

// InsideURL leads from an instance to a server in it. To its first one the
// instance's own id leads, too: the row holds it already, and 100 ids of servers
// more weigh 2 KB compressed.
func InsideURL(r *instance.Row) string {
	if r.First && r.InstanceID != "" {
		return "/servers/" + r.InstanceID
	}
	return RowURL(view.Servers, r)
}

// TrafficURL is the address of a view of all packages.
func TrafficURL(view string) string { return "/traffic?" + url.Values{"view": {view}}.Encode() }

// BuyAction is the link that leads to a purchase: simulated ones look so.
func BuyAction(p *text.Printer, sandbox bool) ui.Action {
	if sandbox {
		return ui.Action{Label: p.T("overview.buy.play"), Href: "/buy", Icon: "sandbox", Kind: ui.Play}
	}
	return ui.Action{Label: p.T("overview.buy"), Href: "/buy", Icon: "plus", Kind: ui.Primary}
}

// instanceID is what an id of the cloud looks like; another one gets no link.
var instanceID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// CloudID reports whether an id of the cloud may stand in an address.
func CloudID(id string) bool { return len(id) <= LongestID && instanceID.MatchString(id) }

// HuaweiConsole is Huawei's own page of the FlexusL instances in a region
// (cloud-api, 12); empty where we know none.
func HuaweiConsole(site account.Site, region string) string {
	host := ""
	switch site {
	case account.International:
		host = "console-intl.huaweicloud.com"
	case account.Mainland:
		host = "console.huaweicloud.com"
	default:
		return ""
	}
	q := url.Values{"region": {region}, "locale": {"en-us"}}
	return "https://" + host + "/smb/?" + q.Encode()
}

// LongestID is how many characters an id in an address may have.
const LongestID = 64
