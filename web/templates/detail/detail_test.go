package detail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"sampan/web/templates/chart"
	"sampan/web/templates/detail"
	"sampan/web/templates/golden"
	"sampan/web/templates/ui"
)

func draw(s string) chart.Model {
	at := func(n int) time.Time { return golden.Now.Add(time.Duration(n) * time.Hour) }
	return chart.Draw(chart.Plot{From: at(0), To: at(4), Top: 100, Spark: true, Say: s,
		Points: []chart.Point{{At: at(0), Value: 10}, {At: at(1), Value: 30}, {At: at(4), Value: 20}}, Gap: 90 * time.Minute,
		Y: func(float64) string { return s }})
}

func access(s string) detail.AccessModel {
	return detail.AccessModel{SSH: s, Desktop: s, RDP: "/servers/s1/login.rdp", User: s, None: s, Screen: "/servers/s1/screen",
		Console: "https://console.example/", Where: s, First: s, QR: &detail.QRModel{Label: s, Size: "29", Path: "M4 4h7v1h-7z"}}
}

func checks(s string) detail.ChecksModel {
	return detail.ChecksModel{URL: "/servers/s1/checks", Topic: "reading/s1",
		Ports: []detail.PortRow{{Port: "22", Use: s, Shape: ui.Run, Word: s}, {Port: "80", Use: s, Shape: ui.Warn, Word: s}},
		When:  s, Notes: []ui.NoteModel{{Tone: ui.Caution, Bold: s, Text: s}}, Trying: true, Try: "/servers/s1/probe",
		Reset: []ui.Pair{{Key: s, Value: s, Note: s}},
		Card: &detail.CardModel{Title: s, Facts: []ui.Pair{{Key: s, Value: s}}, Open: "http://203.0.113.30/", Hint: s,
			Link: "https://manual.example/"}}
}

func metrics(s string) detail.MetricsModel {
	return detail.MetricsModel{URL: "/servers/s1/metrics?span=24h", Topic: "reading/s1",
		Spans: []ui.Option{{Label: s, Href: "/servers/s1/metrics?span=1h"},
			{Label: s, Href: "/servers/s1/metrics?span=24h", Chosen: true}},
		Charts: []detail.Gauge{{Name: s, Value: s, Chart: draw(s)}}, Notes: []ui.NoteModel{{Bold: s, Text: s}}, Age: s}
}

func names(s string) detail.NamesModel {
	return detail.NamesModel{URL: "/servers/s1/names", Topic: "server/s1", Note: s, Rows: []detail.NameRow{
		{Key: s, Value: s, Edit: "/servers/s1/names?edit=name", Label: s}, {Key: s, None: s, Hint: s},
		{Key: s, Field: &ui.Field{Name: "hostname", Label: s, Value: s, Error: s, Hint: s}}}, Open: true}
}

func tags(s string) detail.TagsModel {
	return detail.TagsModel{URL: "/servers/s1/tags", Topic: "server/s1", Tags: []detail.TagRow{{Key: s, Value: s, Text: s, Remove: s}},
		Add: true, Note: s,
		Key: ui.Field{Name: "key", ID: "tag-key", Label: s, Value: s}, Value: ui.Field{Name: "value", ID: "tag-value", Label: s}}
}

func facts(s string) detail.MainModel {
	return detail.MainModel{URL: "/servers/s1", Topic: "server/s1", Shape: ui.Run, Word: s, State: s,
		Notes:    []ui.NoteModel{{Tone: ui.Bad, Bold: s, Text: s}},
		Facts:    []ui.Pair{{Key: s, Value: s, Copy: true}, {Key: s, Value: s, Mono: true, Note: s}},
		Instance: []ui.Pair{{Key: s, Value: s, Name: true}}, InstanceURL: "/instances/i1", Partial: true}
}

func whole(s string) detail.WholeModel {
	return detail.WholeModel{URL: "/instances/i1", Topic: "instance/i1", Shape: ui.Ice, Word: s, Notes: []ui.NoteModel{{Text: s}},
		Facts: []ui.Pair{{Key: s, Value: s}}, Term: []ui.Pair{{Key: s, Value: s}}, Then: []string{s},
		Servers: []detail.ServerRow{{Name: s, URL: "/servers/s1", Shape: ui.Run, Word: s, Address: s, System: s}},
		Parts:   []detail.PartRow{{Icon: "disk", Kind: s, Name: s, ID: s, Facts: s}}, PartsAge: s,
		Orders: detail.OrdersModel{Rows: []detail.OrderRow{{URL: "/orders/o1", Title: s, Date: s, Shape: ui.Run, Word: s, Amount: s},
			{Title: s, Date: s, Shape: ui.Off, Word: s, Amount: s}}, Notes: []string{s}, Reading: true, Link: "https://orders.example/"},
		Sources: []detail.SourceRow{{Fact: s, Value: s, Who: s, Other: []string{s}}}, Partial: true}
}

var parts = map[string]func(s string) templ.Component{
	"access":  func(s string) templ.Component { return detail.Access(access(s)) },
	"checks":  func(s string) templ.Component { return detail.Checks(checks(s)) },
	"metrics": func(s string) templ.Component { return detail.Metrics(metrics(s)) },
	"names":   func(s string) templ.Component { return detail.Names(names(s)) },
	"tags":    func(s string) templ.Component { return detail.Tags(tags(s)) },
	"main":    func(s string) templ.Component { return detail.Main(facts(s)) },
	"whole":   func(s string) templ.Component { return detail.Whole(whole(s)) },
	"raws": func(s string) templ.Component {
		return detail.Raws([]detail.RawModel{{Title: s, Body: s}})
	},
	"screen": func(s string) templ.Component {
		return detail.Screen(detail.ScreenModel{Title: s, URL: "https://screen.example/?token=once"})
	},
}

func TestParts(t *testing.T) {
	for name, part := range parts {
		t.Run(name, func(t *testing.T) {
			golden.Check(t, name, part("Words"))
			golden.HostileMarkup(t, part)
		})
	}
}

// The address comes from the cloud: even if it were no address, nothing of it
// may run.
func TestHostileAddressOfAScreen(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return detail.Screen(detail.ScreenModel{URL: s}) })
}

func TestWhatWaitsSaysSo(t *testing.T) {
	m := metrics("Words")
	m.Waiting, m.Reading = true, true
	doc := golden.Tree(t, "en", detail.Metrics(m))
	if doc.Find("[aria-busy=true] .sk").Length() == 0 || doc.Find("[role=status]").Length() == 0 || doc.Find(".chart").Length() > 0 {
		t.Error("a panel without figures is no skeleton")
	}
	for name, part := range parts {
		if n := golden.Tree(t, "en", part("Words")).Find("[style], script").Length(); n != 0 {
			t.Errorf("%s: %d styles or scripts", name, n)
		}
	}
}

// htmx reads a slash in hx-trigger as the begin of a regular expression, and
// then hears nothing at all.
func TestTriggersHoldNoSlash(t *testing.T) {
	for name, part := range parts {
		golden.Tree(t, "en", part("Words")).Find("[hx-trigger]").Each(func(_ int, e *goquery.Selection) {
			if s := e.AttrOr("hx-trigger", ""); strings.Contains(s, "/") {
				t.Errorf("%s: %q", name, s)
			}
		})
	}
}
