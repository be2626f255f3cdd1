package ui_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/ui"
)

// inside gives c children that say words.
func inside(c templ.Component, words string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		child := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "<p>"+templ.EscapeString(words)+"</p>")
			return err
		})
		return c.Render(templ.WithChildren(ctx, child), w)
	})
}

// parts are all components with every part of their models filled from s.
func parts(s string) map[string]templ.Component {
	at := func(words string) ui.Moment {
		return ui.Moment{ISO: "2026-11-23T01:19:30Z", Exact: "2026-11-23 09:19:30 UTC+8", Words: words}
	}
	action := ui.Action{Label: s, Icon: "plus", Href: s}
	return map[string]templ.Component{
		"button":         ui.Button(ui.Action{Label: s, Icon: "plus", Kind: ui.Primary, Name: "do", Value: s, Form: "f", Busy: s, ID: "b"}),
		"button-link":    ui.Button(ui.Action{Label: s, Href: s, Icon: "plus", ID: "b"}),
		"button-icon":    ui.Button(ui.Action{Label: s, Icon: "columns", IconOnly: true, Popover: "m", Copy: s, Kind: ui.Ghost}),
		"button-refused": ui.Button(ui.Action{Label: s, Icon: "dl", Refusal: s, ID: "b"}),
		"button-back":    ui.Button(ui.Action{Label: s, FormAction: s, SkipChecks: true, Big: true}),
		"link-button":    ui.LinkButton(s, s, "out", ui.Plain),
		"money":          ui.MoneyButton(ui.MoneyAction{Label: s, Name: "intent", Value: s, Busy: s}),
		"money-sandbox":  ui.MoneyButton(ui.MoneyAction{Label: s, Sandbox: true}),
		"copy":           ui.Copy("ssh", s, s),
		"copy-text":      ui.CopyText(s),
		"icon":           ui.IconClass("next", "flip"),
		"input": ui.Input(ui.Field{Name: "nm", Label: s, Aside: s, Hint: s, Error: s, Value: s, Placeholder: s, MaxLength: 64,
			Required: true, Focus: true, Autocomplete: "off"}),
		"input-plain": ui.Input(ui.Field{Name: "nm", ID: "other", Label: s, Value: s, Mono: true, ReadOnly: true, Disabled: true}),
		"input-number": ui.Input(ui.Field{Name: "q", Label: s, Type: "number", InputMode: "numeric", Min: "1", Max: "200", Short: true,
			Unit: s, Hint: s}),
		"input-password": ui.Input(ui.Field{Name: "p", Label: s, Type: "password", Reveal: true, Error: s}),
		"textarea":       ui.TextArea(ui.Field{Name: "d", Label: s, Value: s, Hint: s}, 2),
		"select": ui.Select(ui.Field{Name: "r", Label: s, Error: s},
			[]ui.Option{{Value: s, Label: s, Chosen: true}, {Value: "b", Label: s, Disabled: true}}),
		"checkbox":  ui.CheckBox(ui.Check{Name: "c", Label: s, Hint: s, Error: s, Required: true}),
		"switch":    ui.Switch(ui.Check{Name: "c", Label: s, Hint: s, Checked: true}),
		"radio":     inside(ui.Group(s, "pay", s), s),
		"radio-one": ui.Radio(ui.Check{Name: "pay", Value: "deduct", Label: s, Why: s, Disabled: true}),
		"cards": ui.RadioCards("size", s, false, []ui.Card{{Value: s, Title: s, Note: s, Text: s, Icon: "server", Checked: true},
			{Value: "b", Title: s, Why: []string{s, s}, Disabled: true}, {Value: "c", Title: s, Play: true, Inner: ui.Name(s)}}),
		"segment": ui.Segment("months", s,
			[]ui.Option{{Value: "1", Label: s, Name: s, Note: s, Chosen: true}, {Value: "2", Label: s, Disabled: true}}),
		"segment-links": ui.Segment("kind", s, []ui.Option{{Label: s, Href: s, Chosen: true, Note: s}, {Label: s, Href: "/b"}}),
		"errors":        ui.ErrorSummary(s, []ui.Mistake{{FieldID: "nm", Text: s}, {FieldID: "q", Text: s}}),
		"errors-one":    ui.ErrorSummary(s, []ui.Mistake{{FieldID: "nm", Text: s}}),
		"state":         ui.State(ui.Busy, s),
		"world":         ui.World(s, false),
		"world-sandbox": ui.World(s, true),
		"note":          inside(ui.Note(ui.NoteModel{Tone: ui.Caution, Bold: s, Text: s, Actions: []ui.Action{action}, Alert: true}), s),
		"note-quiet":    ui.Note(ui.NoteModel{Text: s}),
		"note-form":     ui.Note(ui.NoteModel{Bold: s, Post: "/close", Actions: []ui.Action{{Label: s, Submit: true}}}),
		"panel":         inside(ui.Panel(ui.PanelModel{ID: "p", Title: s, Count: s, Side: s, More: s, Href: s}), s),
		"panel-flush":   inside(ui.Panel(ui.PanelModel{ID: "p", Title: s, Flush: true}), s),
		"kv": ui.KV([]ui.Pair{{Key: s, Value: s, Note: s}, {Key: s, Value: s, Mono: true}, {Key: s, Value: s, Copy: true},
			{Key: s, Value: s, Name: true}, {Key: s, Part: ui.State(ui.Run, s)}}),
		"bill":        ui.Bill([]ui.Pair{{Key: s, Note: s, Value: s}, {Key: s, Value: s, Sum: true}}),
		"figures":     ui.Figures([]ui.Pair{{Key: s, Value: s, Note: s}}),
		"bar":         ui.Bar(ui.BarModel{Value: 1, Max: 3, Tone: ui.Moving, Label: s, Fat: true}),
		"bar-unknown": ui.Bar(ui.BarModel{}),
		"timeline": ui.Timeline([]ui.Step{{State: ui.Done, Title: s, Text: s, Mono: true, Money: s, Time: "09:14:02",
			At: "2026-11-23T01:14:02Z"}, {State: ui.Ask, Title: s, Text: s}, {State: ui.Now, Title: s, Part: ui.Bar(ui.BarModel{Label: s})},
			{State: ui.Failed, Title: s}, {State: ui.Todo, Title: s}}),
		"menu":       ui.Menu("m", []ui.Action{{Label: s, Href: s, Icon: "edit"}, {Label: s, Name: "do", Value: s, Form: "f"}}),
		"empty":      inside(ui.Empty(ui.EmptyModel{Icon: "server", Title: s, Text: s, Actions: []ui.Action{action}}), s),
		"empty-page": ui.Empty(ui.EmptyModel{Icon: "lock", Title: s, Text: s, Page: true}),
		"head": inside(ui.Head(ui.HeadModel{Crumbs: []ui.Link{{Label: s, Href: s}}, Title: s, Name: true, Shape: ui.Run, State: s,
			StateID: "st", Text: s, TitleBadge: ui.World(s, true)}), s),
		"head-plain": ui.Head(ui.HeadModel{Title: s}),
		"tabs":       ui.Tabs(s, []ui.Link{{Label: s, Href: s, Count: s, Current: true}, {Label: s, Href: "/b"}}),
		"pager":      ui.Pager(ui.PagerModel{Range: s, Older: "?after=1", NewerLabel: s, OlderLabel: s}),
		"fold":       inside(ui.Fold(s, true), s),
		"time":       ui.Time(at("23 Nov, 09:19")),
		"ago":        ui.Ago(at("1 min ago")),
		"live":       ui.Live(),
		"skeleton":   ui.Skeleton(2, s),
		"confirm": inside(ui.Confirm(ui.ConfirmModel{Title: s, Action: s, Keep: s, Back: s,
			Do: ui.Action{Label: s, Kind: ui.Destroy, Submit: true}, Hidden: []ui.Pair{{Key: "id", Value: s}}}), s),
		"confirm-money": ui.Confirm(ui.ConfirmModel{Title: s, Action: "/pay", Keep: s, Back: "/", Money: &ui.MoneyAction{Label: s}}),
	}
}

func TestComponents(t *testing.T) {
	for name, c := range parts("Words") {
		t.Run(name, func(t *testing.T) { golden.Check(t, name, c) })
	}
}

func TestHostileTextStaysText(t *testing.T) {
	for name := range parts("") {
		t.Run(name, func(t *testing.T) {
			golden.HostileMarkup(t, func(s string) templ.Component { return parts(s)[name] })
		})
	}
}

func TestHostileNamesAreShownAsTheyAre(t *testing.T) {
	for name, build := range map[string]func(s string) templ.Component{
		"a name":              ui.Name,
		"an account":          func(s string) templ.Component { return ui.World(s, true) },
		"an address":          ui.CopyText,
		"a title that is one": func(s string) templ.Component { return ui.Head(ui.HeadModel{Title: s, Name: true}) },
		"a fact":              func(s string) templ.Component { return ui.KV([]ui.Pair{{Key: "k", Value: s, Name: true}}) },
		"a code":              func(s string) templ.Component { return ui.KV([]ui.Pair{{Key: "k", Value: s, Mono: true}}) },
		"a number of a step": func(s string) templ.Component {
			return ui.Timeline([]ui.Step{{State: ui.Done, Title: "t", Text: s, Mono: true}})
		},
	} {
		t.Run(name, func(t *testing.T) { golden.Hostile(t, build) })
	}
}

func TestHintAndErrorAreTiedToTheirField(t *testing.T) {
	tests := []struct {
		name, hint, problem string
		describedBy         string
		invalid             string
	}{
		{"neither", "", "", "", ""},
		{"a hint", "h", "", "nm-hint", ""},
		{"an error", "", "e", "nm-error", "true"},
		{"the error is read before the hint", "h", "e", "nm-error nm-hint", "true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := golden.Tree(t, "en", ui.Input(ui.Field{Name: "nm", Label: "Name", Hint: tt.hint, Error: tt.problem}))
			in := doc.Find("input")
			if got := in.AttrOr("aria-describedby", ""); got != tt.describedBy {
				t.Errorf("aria-describedby: got %q, want %q", got, tt.describedBy)
			}
			if got := in.AttrOr("aria-invalid", ""); got != tt.invalid {
				t.Errorf("aria-invalid: got %q, want %q", got, tt.invalid)
			}
			if got := doc.Find("label").AttrOr("for", ""); got != in.AttrOr("id", "none") {
				t.Errorf("label is for %q, the field is %q", got, in.AttrOr("id", ""))
			}
		})
	}
}

func TestAnErrorNeverRepeatsItsHint(t *testing.T) {
	for _, tt := range []struct{ name, hint, problem, left string }{
		{"the same", "Use at least 15 characters. A few words you remember are fine.", "Use at least 15 characters. A few words you remember are fine.", ""},
		{"the error begins with a verb", "1 to 64 letters, digits, “_”, “-” and “.”. Only the name at Huawei changes.", "Use 1 to 64 letters, digits, “_”, “-” and “.”.", "Only the name at Huawei changes."},
		{"one sentence of two", "Up to 20. A key has 1 to 32 letters.", "That is too long. A key has 1 to 32 letters.", "Up to 20."},
		{"another", "Up to 1,024 characters.", "The description has 1,025 characters.", "Up to 1,024 characters."},
		{"Chinese", "至少 15 个字符。几个容易记住的词即可。", "至少 15 个字符。", "几个容易记住的词即可。"},
		{"a figure", "At most 1.5 TB. Less is fine.", "At most 1.5 TB.", "Less is fine."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := golden.Tree(t, "en", ui.Input(ui.Field{Name: "nm", Label: "Name", Hint: tt.hint, Error: tt.problem}))
			if got := doc.Find("small").Text(); got != tt.left {
				t.Errorf("the hint is %q, want %q", got, tt.left)
			}
			if by := doc.Find("input").AttrOr("aria-describedby", ""); strings.Contains(by, "nm-hint") != (tt.left != "") {
				t.Errorf("aria-describedby: %q", by)
			}
		})
	}
}

func TestRefusedButtonKeepsItsFocusAndSaysWhy(t *testing.T) {
	b := golden.Tree(t, "en", ui.Button(ui.Action{Label: "Pay", Submit: true, Name: "pay", Refusal: "The order has expired"})).
		Find("button")
	if got := b.AttrOr("aria-disabled", ""); got != "true" {
		t.Errorf("aria-disabled: got %q, want true", got)
	}
	if _, disabled := b.Attr("disabled"); disabled {
		t.Error("it is disabled: nobody could reach the reason by keyboard")
	}
	if got := b.AttrOr("type", ""); got != "button" {
		t.Errorf("type: got %q, want button: it must not submit", got)
	}
	if got, want := b.Text(), "PayThe order has expired"; got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
}

func TestRealAndSimulatedMoneyNeverLookAlike(t *testing.T) {
	real := golden.Tree(t, "en", ui.MoneyButton(ui.MoneyAction{Label: "Pay US$ 1.00"})).Find("button")
	play := golden.Tree(t, "en", ui.MoneyButton(ui.MoneyAction{Label: "Pay simulated US$ 1.00", Sandbox: true})).Find("button")
	if real.HasClass("play") || !real.HasClass("pri") {
		t.Errorf("real money has the classes %q, want pri and not play", real.AttrOr("class", ""))
	}
	if !play.HasClass("play") || play.HasClass("pri") {
		t.Errorf("simulated money has the classes %q, want play and not pri", play.AttrOr("class", ""))
	}
	if a, b := real.Find("use").AttrOr("href", ""), play.Find("use").AttrOr("href", ""); a == b {
		t.Errorf("both show the icon %q", a)
	}
}
