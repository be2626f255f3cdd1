package web

import (
	"maps"
	"slices"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// failing is how many accounts could not be read, in part or at all.
func failing(gaps instance.Gaps) int {
	accounts := make(map[string]bool)
	for _, g := range gaps {
		if g.Failed() {
			accounts[g.AccountID] = true
		}
	}
	return len(accounts)
}

// leastMark is atLeast where there is no room for words; short says that the count
// may be too small.
func leastMark(p *text.Printer, n int, short bool) string {
	switch {
	case !short:
		return p.Number(n)
	case n == 0:
		return "?"
	}
	return p.T("gaps.atleast.mark", "N", p.Number(n))
}

// atLeast words a count that was made of what the gaps are of: as it is when
// there are none, as a least figure, or as not known when it would be nothing.
func atLeast(p *text.Printer, n int, gaps instance.Gaps) string {
	switch {
	case !gaps.Short():
		return p.Number(n)
	case n == 0:
		return p.Unknown()
	}
	return p.T("gaps.atleast", "N", p.Number(n))
}

// nameGaps are the gaps of what servers and instances are found by: they may keep
// one from being found, and from being counted.
func nameGaps(gaps instance.Gaps) instance.Gaps {
	return gaps.Of(instance.AboutList, instance.AboutStates)
}

// orUnread adds to a sentence, that something is called nothing here, that it may
// be one of those that were not read.
func orUnread(p *text.Printer, words string, gaps instance.Gaps) string {
	if !nameGaps(gaps).Short() {
		return words
	}
	return words + " " + p.T("gaps.names")
}

// gapNote is several gaps of one account that have one reason.
type gapNote struct {
	account account.Account
	why     fault.Message
	code    string
	gaps    instance.Gaps
	all     bool // nothing of the account is read
}

// gapNotes puts the gaps together that failed alike, account by account in the
// order of the accounts; then, with no reason, what is still to be read of each.
func gapNotes(accounts []account.Account, gaps instance.Gaps) []gapNote {
	var failed, open []gapNote
	for _, a := range accounts {
		var mine []gapNote
		of := gaps.In(a.ID)
		for _, g := range of {
			at := slices.IndexFunc(mine, func(n gapNote) bool { return sameReason(n.why, g.Trouble) && n.code == g.Code })
			if at < 0 {
				at = len(mine)
				mine = append(mine, gapNote{account: a, why: g.Trouble, code: g.Code})
			}
			mine[at].gaps = append(mine[at].gaps, g)
		}
		for _, n := range mine {
			n.all = len(mine) == 1 && len(of.Of(instance.AboutList)) > 0 && (len(of.Of(instance.AboutStates)) > 0 || len(a.Projects) == 0)
			if n.why.Zero() {
				open = append(open, n)
			} else {
				failed = append(failed, n)
			}
		}
	}
	return append(failed, open...)
}

// sameReason reports whether two sources failed alike. The cloud's own words are
// left out: they name the request.
func sameReason(a, b fault.Message) bool {
	bare := func(m fault.Message) map[string]string {
		v := maps.Clone(m.Values)
		delete(v, "Detail")
		return v
	}
	return a.ID == b.ID && maps.Equal(bare(a), bare(b))
}

// title says what could not be read, of whom.
func (n gapNote) title(p *text.Printer) string {
	name := text.Name(n.account.Label)
	switch {
	case n.account.State == account.Disabled:
		return p.T("gaps.disabled", "Account", name)
	case n.why.Zero() && n.missing(p) == "":
		return p.T("gaps.open.old", "Account", name)
	case n.why.Zero() && !slices.ContainsFunc(n.gaps, instance.Gap.Never):
		return p.T("gaps.open.lacks", "Account", name)
	case n.why.Zero():
		return p.T("gaps.open", "Account", name)
	case n.all:
		return p.T("gaps.all", "Account", name)
	}
	return p.T("instances.trouble", "Source", p.List(n.sources(p)...), "Account", name)
}

// mostSources is how many regions a title names.
const mostSources = 3

func (n gapNote) sources(p *text.Printer) []string {
	var out []string
	states := n.gaps.Of(instance.AboutStates)
	for _, g := range n.gaps {
		if g.About != instance.AboutStates || len(states) <= mostSources {
			out = append(out, sourceName(p, withName(n.account, g.Source)))
		} else if g.Source == states[0].Source {
			out = append(out, p.N("gaps.regions", len(states)))
		}
	}
	return out
}

// text says why, since when, and what is therefore not known.
func (n gapNote) text(p *text.Printer) string {
	var out []string
	put := func(s string) {
		if s != "" {
			out = append(out, s)
		}
	}
	if n.account.State != account.Disabled { // its title says it
		put(sayIn(p, n.why))
		if !n.why.Zero() {
			put(n.since(p))
		}
	}
	put(n.missing(p))
	put(n.old(p))
	words := strings.Join(out, " ")
	if code := text.Name(n.code); code != "" && !strings.Contains(words, code) {
		words += " " + code
	}
	return words
}

// since says when it was read last, and tried last.
func (n gapNote) since(p *text.Printer) string {
	read, tried := n.gaps[0].OKAt, time.Time{}
	for _, g := range n.gaps {
		if g.OKAt.Before(read) {
			read = g.OKAt
		}
		if g.TriedAt.After(tried) {
			tried = g.TriedAt
		}
	}
	words := p.T("gaps.never")
	if !read.IsZero() {
		words = p.T("gaps.since", "When", p.Near(read, p.Now()))
	}
	if !tried.IsZero() {
		words += " " + p.T("gaps.tried", "When", p.Near(tried, p.Now()))
	}
	return words
}

// missing says what is not known at all.
func (n gapNote) missing(p *text.Printer) string {
	var out []string
	for _, about := range []instance.About{instance.AboutList, instance.AboutStates, instance.AboutTerms, instance.AboutTraffic} {
		of := n.gaps.Of(about)
		switch {
		case about == instance.AboutList && len(of) > 0 && of[0].Never():
			out = append(out, p.T("gaps.count.list"))
		case of.Lacking() > 0:
			out = append(out, p.N("gaps.count."+string(about), of.Lacking()))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return p.T("gaps.missing", "What", p.List(out...))
}

// old says what is shown as of an earlier moment, and of which.
func (n gapNote) old(p *text.Printer) string {
	var out []string
	var at time.Time
	for _, about := range []instance.About{instance.AboutStates, instance.AboutTerms, instance.AboutTraffic} {
		count := 0
		for _, g := range n.gaps.Of(about) {
			count += g.Old
			if g.Old > 0 && !g.OKAt.IsZero() && (at.IsZero() || g.OKAt.Before(at)) {
				at = g.OKAt
			}
		}
		if count > 0 {
			out = append(out, p.N("gaps.count."+string(about), count))
		}
	}
	if len(out) == 0 || at.IsZero() {
		return ""
	}
	return p.T("gaps.old", "What", p.List(out...), "When", p.Near(at, p.Now()))
}

// note is the gap above a list, or on the page of one thing.
func (n gapNote) note(p *text.Printer) ui.NoteModel {
	m := ui.NoteModel{Tone: ui.Caution, Bold: n.title(p), Text: n.text(p), Actions: []ui.Action{{Label: p.T("web.banner.broken.do"), Href: "/accounts/" + n.account.ID}}}
	switch {
	case n.why.Zero():
		m.Tone, m.Actions = "", nil
	case n.account.State == account.Disabled:
		m.Tone = ""
	}
	return m
}

// gapWords are the notes of gaps above a list. Of an account that cannot sign in
// at all the banner of the page says it.
func gapWords(p *text.Printer, accounts []account.Account, gaps instance.Gaps) []ui.NoteModel {
	var out []ui.NoteModel
	for _, n := range gapNotes(accounts, gaps) {
		if n.account.State != account.Broken {
			out = append(out, n.note(p))
		}
	}
	return out
}
