// Package layout is the frame around every page: the document's head, the side
// bar, the strips of Sandbox and lost connection, and the regions in which the
// script speaks.
//
// A page hands over a Frame and its own content:
//
//	templ Page(f layout.Frame, m Model) {
//		@layout.Page(f) {
//			…
//		}
//	}
//
// Sign-in, set-up and failures use Bare, which has neither side bar nor stream.
package layout

import (
	"encoding/json"
	"net/url"
	"strings"

	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// The keys of the navigation, for Frame.Nav.
const (
	Overview  = "overview"
	Servers   = "servers"
	Instances = "instances"
	Buy       = "buy"
	Orders    = "orders"
	Traffic   = "traffic"
	Accounts  = "accounts"
	Sandbox   = "sandbox"
	Settings  = "settings"
)

// A Frame is what surrounds one page. A page that does not change by itself needs
// only a Title; the rest is the same for all pages of a request.
type Frame struct {
	Title  string // already worded; "· Sampan" is added
	Nav    string // which entry is current; empty for none
	Wrong  bool   // the form on it was refused: "Error:" goes into the title
	Person string // name of who is signed in

	Scope   ScopeModel
	Hide    []string         // keys of entries the person may not see
	Counts  map[string]Count // beside the entries, by key
	Banners []ui.NoteModel   // above the content: what concerns the whole console
	Late    string           // address of a note that the page does not wait for; empty: none

	// Topics are what the page watches; all go through its one stream. Empty
	// opens none.
	Topics []string

	Theme   string // "light", "dark" or, like the system, ""
	Density string // "roomy" or ""
	NoKeys  bool   // single-key shortcuts are switched off
	Toast   string // the result of what the person just did, said once
	Fixed   bool   // the page fills the height and its list scrolls
	IdleSec int    // seconds without a request until the session ends; 0 is not announced
	Version string
	Host    string
}

// ScopeModel is which accounts are shown.
type ScopeModel struct {
	Label   string // "All accounts", an account's name or "Sandbox"
	Sandbox bool
	Real    string // key of all real accounts; empty when there are none
	Choices []Choice
}

// A Choice is one entry of the menu of scopes.
type Choice struct {
	Label   string
	Key     string
	Sandbox bool
	Current bool
}

// A Count stands beside an entry of the navigation.
type Count struct {
	Text string // already worded
	Warn bool   // somebody has to act
}

// entry is one line of the navigation.
type entry struct{ key, url, icon, letter string }

// Groups of the side bar: what there is, what was bought, how it is set up. They
// hold only pages that exist.
var navigation = [][]entry{
	{{Overview, "/", "home", "o"}, {Servers, "/servers", "server", "s"}, {Instances, "/instances", "box", "i"}, {Buy, "/buy", "buy", "b"}},
	{{Orders, "/orders", "receipt", "d"}, {Traffic, "/traffic", "traffic", "t"}},
	{{Accounts, "/accounts", "key", "c"}, {Sandbox, "/sandbox", "sandbox", "x"}, {Settings, "/settings/you", "settings", ","}},
}

// An Entry is a page of the navigation.
type Entry struct{ Key, URL, Icon string }

// Pages are all pages of the navigation, for a search over them.
func Pages() []Entry {
	var all []Entry
	for _, group := range navigation {
		for _, e := range group {
			all = append(all, Entry{e.key, e.url, e.icon})
		}
	}
	return all
}

func (f Frame) groups() [][]entry {
	out := make([][]entry, 0, len(navigation))
	for _, group := range navigation {
		var seen []entry
		for _, e := range group {
			if !f.hides(e.key) {
				seen = append(seen, e)
			}
		}
		if len(seen) > 0 {
			out = append(out, seen)
		}
	}
	return out
}

func (f Frame) hides(key string) bool {
	for _, h := range f.Hide {
		if h == key {
			return true
		}
	}
	return false
}

// streamURL is the address of the page's one stream, empty when it watches nothing.
func (f Frame) streamURL() string {
	if len(f.Topics) == 0 {
		return ""
	}
	return "/events?topics=" + url.QueryEscape(strings.Join(f.Topics, ","))
}

// title is the document's title.
func (f Frame) title(p *text.Printer) string {
	if f.Wrong {
		return p.T("layout.title.error", "Page", f.Title)
	}
	return p.T("layout.title", "Page", f.Title)
}

// htmxConfig switches off all of htmx that our Content-Security-Policy forbids
// or that would store private pages, and lets a refused form (422) swap.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,` +
	`"historyCacheSize":0,"selfRequestsOnly":true,"scrollBehavior":"instant",` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},` +
	`{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

// spoken are the messages that the script words by itself; it finds them in
// <meta name="sampan-texts">. "{N}" and the like are its own placeholders.
var spoken = []struct{ key, id, name string }{
	{"copied", "common.copied", ""},
	{"liveOn", "layout.live.on", ""},
	{"liveOff", "layout.live.off", "Time"},
	{"connecting", "layout.live.connecting", ""},
	{"since", "layout.paused.since", "Time"},
	{"noAnswer", "layout.noanswer", ""},
	{"refused", "layout.refused", ""},
	{"idle", "layout.idle", "Time"},
	{"close", "common.close", ""},
	{"now", "format.rel.now", ""},
	{"ago.s", "format.rel.ago.s", "N"},
	{"ago.min", "format.rel.ago.min", "N"},
	{"ago.h", "format.rel.ago.h", "N"},
	{"in.s", "format.rel.in.s", "N"},
	{"in.min", "format.rel.in.min", "N"},
	{"in.h", "format.rel.in.h", "N"},
	{"for.min", "format.for.min", "N"},
	{"for.s", "format.for.s", "N"},
}

// scriptTexts is what the script says and the zone it says it in, as JSON for a
// meta element.
func scriptTexts(p *text.Printer) string {
	m := map[string]string{"zone": p.Location().String()} // IANA name, for the times the script itself words
	for _, s := range spoken {
		if s.name == "" {
			m[s.key] = p.T(s.id)
		} else {
			m[s.key] = p.T(s.id, s.name, "{"+s.name+"}")
		}
	}
	b, _ := json.Marshal(m) // a map of strings does not fail
	return string(b)
}
