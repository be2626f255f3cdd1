// Package text holds every sentence the console shows and words numbers, money
// and times for its reader.
//
// # Catalogues
//
// Messages stand in TOML files beside this one, one pair for each area of the
// product, "buy.en.toml" and "buy.zh-Hans.toml"; all pairs are embedded and read
// together, so an area is added by adding its two files. Ids are flat, quoted,
// begin with the area's name and are unique over all files:
//
//	"orders.title" = "Orders"
//	"orders.paid" = "Paid {{.Amount}} from {{.Account}}"
//	"orders.count" = { one = "{{.N}} order", other = "{{.N}} orders" }
//
// Chinese needs only "other". Words for faults stand in files named
// "fault.<area>", under whatever ids the domain packages give to fault.Say. A
// test fails for an id that one language misses, for an id nobody defines, for
// one nobody uses, and for words written straight into a page.
//
// # In pages
//
// The handler puts a Printer into the context with With; components ask for
// words with T and N:
//
//	<h1>{ text.T(ctx, "orders.title") }</h1>
//	<p>{ text.N(ctx, "orders.count", m.Count) }</p>
//
// This is a deliberate departure from the rule that context values are for
// logs: a templ component has the context as its one implicit parameter, and
// handing a printer through every component would bury their models. Figures
// and times do not take this way: handlers word them (Money, Near, GiB) and
// models carry the result.
package text

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/language"
)

// The languages, as they stand in <html lang> and in a profile.
const (
	English = "en"
	Chinese = "zh-Hans"
	Pseudo  = "ar-XB" // right-to-left, made of the English words, for tests only
)

// A Language is one that a person can choose.
type Language struct {
	Tag  string // BCP 47
	Name string // in its own words
}

var pseudo atomic.Bool

// EnablePseudo offers the right-to-left pseudo-language from now on. The
// console calls it at start-up when its settings say so, and tests do.
func EnablePseudo() { pseudo.Store(true) }

// Languages lists what a person may choose from, English first.
func Languages() []Language {
	all := []Language{{English, "English"}, {Chinese, "简体中文"}}
	if pseudo.Load() {
		all = append(all, Language{Pseudo, "Pseudo (right-to-left)"})
	}
	return all
}

// Match chooses the language: the preferred one of the profile if it is
// offered (empty means "like the browser"), else the best for the browser's
// Accept-Language header, else English.
func Match(preferred, acceptLanguage string) string {
	offered := Languages()
	tags := make([]language.Tag, len(offered))
	for i, l := range offered {
		if l.Tag == preferred {
			return preferred
		}
		tags[i] = language.Make(l.Tag)
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return English
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return English
	}
	return offered[i].Tag
}

// A Printer words messages, figures and times for one reader: their language
// and zone, and the clock that "today" and "ago" are measured by. It does not
// change once made and is safe for concurrent use.
type Printer struct {
	lang string
	all  *words
	zone *time.Location
	now  func() time.Time
}

// New makes a Printer. A language that is not offered becomes English; a nil
// zone is UTC.
func New(lang string, zone *time.Location) *Printer {
	lang = Match(lang, "")
	if zone == nil {
		zone = time.UTC
	}
	return &Printer{lang: lang, all: in(lang), zone: zone, now: time.Now}
}

// At returns a copy of p whose clock is now: tests stop it, and a console whose
// clock is moved gives its own.
func (p *Printer) At(now func() time.Time) *Printer {
	c := *p
	c.now = now
	return &c
}

// Lang is the value of <html lang>.
func (p *Printer) Lang() string { return p.lang }

// Dir is the value of <html dir>: "ltr" or "rtl".
func (p *Printer) Dir() string {
	if p.lang == Pseudo {
		return "rtl"
	}
	return "ltr"
}

// Location is the reader's zone.
func (p *Printer) Location() *time.Location { return p.zone }

// Now is the Printer's clock in the reader's zone.
func (p *Printer) Now() time.Time { return p.now().In(p.zone) }

// T words the message id with pairs of name and value. An id that no catalogue
// has is shown as it is, between "⟦" and "⟧", and logged once.
func (p *Printer) T(id string, kv ...any) string { return p.word(id, nil, p.values(id, kv)) }

// N is T for a message with a count: the plural form is chosen by the rules of
// the language, and {{.N}} is n with its thousands grouped.
func (p *Printer) N(id string, n int, kv ...any) string {
	v := p.values(id, kv)
	v["N"] = p.Number(n)
	return p.word(id, &n, v)
}

// Say words a stored message, such as a fault.Message, whose values are plain
// strings. A value named "N", else "Minutes", else "Seconds", also chooses the
// plural form. A value that is itself a word of the catalogue is written
// "@region.tr-west-1"; several, with or without plain ones between, are separated
// by ", " and become a list. The values named "Money" and "Cap" are amounts with
// their currency, "12.4 USD"; those named in counts are grouped like every count:
// "1,025". The value named "Since" is a moment as time.RFC3339 and is worded by how
// far it is: "today at 18:00".
func (p *Printer) Say(id string, values map[string]string) string {
	v := make(map[string]string, len(values))
	for name, value := range values {
		v[name] = p.refer(value)
		if amount, currency, ok := strings.Cut(value, " "); ok && (name == "Money" || name == "Cap") {
			v[name] = p.MoneyText(amount, currency)
		}
		if n, err := strconv.Atoi(value); err == nil && slices.Contains(counts, name) {
			v[name] = p.Number(n)
		}
		if t, err := time.Parse(time.RFC3339, value); err == nil && name == "Since" {
			v[name] = p.Near(t, p.Now())
		}
	}
	for _, name := range []string{"N", "Minutes", "Seconds"} {
		if n, err := strconv.Atoi(values[name]); err == nil {
			return p.word(id, &n, v)
		}
	}
	return p.word(id, nil, v)
}

// counts are the values of stored messages that say how many. Other figures, of
// a status or in a name, stand as they are.
var counts = []string{"N", "Of", "Min", "Max", "Most", "GiB", "Needs", "Has", "VCPUs", "Seconds", "Minutes", "Unread"}

// Has reports whether the catalogue has the id, for ids that are put together
// from a value of the cloud.
func (p *Printer) Has(id string) bool { return english().byID[id] != nil }

// Word gives the words of an id that is put together from a value of the cloud,
// and whether the catalogue has such a name. A message that needs values does not count as one.
func (p *Printer) Word(id string) (string, bool) {
	if !isName(english().byID[id]) {
		return "", false
	}
	return p.T(id), true
}

func (p *Printer) values(id string, kv []any) map[string]string {
	if len(kv)%2 != 0 {
		panic("text: " + id + ": names and values do not pair up")
	}
	v := make(map[string]string, len(kv)/2+1)
	for i := 0; i < len(kv); i += 2 {
		name, ok := kv[i].(string)
		if !ok {
			panic(fmt.Sprintf("text: %s: the name of value %d is a %T", id, i/2, kv[i]))
		}
		switch value := kv[i+1].(type) {
		case string:
			v[name] = p.isolate(value)
		case int:
			v[name] = p.Number(value)
		default:
			v[name] = p.isolate(fmt.Sprint(value))
		}
	}
	return v
}

// refer words a value of Say: references become their words, an unknown one and
// everything else stands as it is.
func (p *Printer) refer(value string) string {
	if !strings.HasPrefix(value, "@") && !strings.Contains(value, ", @") {
		return p.isolate(value)
	}
	items := strings.Split(value, ", ")
	for i, item := range items {
		items[i] = p.isolate(item)
		if id, ok := strings.CutPrefix(item, "@"); ok {
			if word, has := p.Word(id); has {
				items[i] = word
			}
		}
	}
	return p.List(items...)
}

// isolate makes a value harmless inside a sentence: what it carries of control
// and direction signs becomes visible, and in a right-to-left sentence it keeps
// its own direction.
func (p *Printer) isolate(s string) string {
	s = Visible(s)
	if p.Dir() == "rtl" && s != "" {
		return "\u2068" + s + "\u2069" // first strong isolate … pop
	}
	return s
}

func (p *Printer) word(id string, count *int, values map[string]string) string {
	s := p.all.form(id, count)
	if s == "" {
		if s = english().form(id, count); s == "" {
			missing("text: no such message", p.lang, id)
			return "⟦" + id + "⟧"
		}
		missing("text: message is not translated", p.lang, id)
	}
	return fill(s, values)
}

var said sync.Map // of lang and id: what missing has logged

// missing logs a gap in the catalogues once: a page shown a thousand times
// would otherwise fill the log.
func missing(what, lang, id string) {
	if _, before := said.LoadOrStore(lang+" "+id, true); !before {
		slog.Error(what, "lang", lang, "id", id)
	}
}

type printerKey struct{}

// With returns a context whose pages speak with p.
func With(ctx context.Context, p *Printer) context.Context {
	return context.WithValue(ctx, printerKey{}, p)
}

// From gives the Printer of the context; English in UTC when there is none.
func From(ctx context.Context) *Printer {
	if p, ok := ctx.Value(printerKey{}).(*Printer); ok {
		return p
	}
	return fallback()
}

var fallback = sync.OnceValue(func() *Printer { return New(English, time.UTC) })

// T is From(ctx).T, for components.
func T(ctx context.Context, id string, kv ...any) string { return From(ctx).T(id, kv...) }

// N is From(ctx).N, for components.
func N(ctx context.Context, id string, n int, kv ...any) string { return From(ctx).N(id, n, kv...) }
