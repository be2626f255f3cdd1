package wording

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

// FailingAccounts is how many accounts could not be read, in part or at all.
func FailingAccounts(gaps instance.Gaps) int {
	accounts := make(map[string]bool)
	for _, g := range gaps {
		if g.Failed() {
			accounts[g.AccountID] = true
		}
	}
	return len(accounts)
}

// AtLeastShort is AtLeast where there is no room for words: "3+", "?". short says that
// the count may be too small.
func AtLeastShort(p *text.Printer, n int, short bool) string {
	switch {
	case !short:
		return p.Number(n)
	case n == 0:
		return "?"
	}
	return p.T("gaps.atleast.mark", "N", p.Number(n))
}

// AtLeast words a count of things that the gaps are about: "3" when nothing is missing,
// "at least 3" when something is, "not known" when something is and the count is 0.
func AtLeast(p *text.Printer, n int, gaps instance.Gaps) string {
	switch {
	case !gaps.Short():
		return p.Number(n)
	case n == 0:
		return p.Unknown()
	}
	return p.T("gaps.atleast", "N", p.Number(n))
}

// NameGaps are the gaps of what servers and instances are found by: they may keep
// one from being found, and from being counted.
func NameGaps(gaps instance.Gaps) instance.Gaps {
	return gaps.Of(instance.AboutList, instance.AboutStates)
}

// OrUnread takes a sentence that says that nothing has a name, and adds that one of
// those that were not read may have it.
func OrUnread(p *text.Printer, sentence string, gaps instance.Gaps) string {
	if !NameGaps(gaps).Short() {
		return sentence
	}
	return sentence + " " + p.T("gaps.names")
}

// GapNote is several gaps of one account that have one reason.
type GapNote struct {
	Account account.Account
	Why     fault.Message
	code    string
	gaps    instance.Gaps
	All     bool // nothing of the account is read
}

// SortGaps puts the gaps together that failed alike, account by account in the
// order of the accounts; then, with no reason, what is still to be read of each.
func SortGaps(accounts []account.Account, gaps instance.Gaps) []GapNote {
	var failed, unread []GapNote
	for _, a := range accounts {
		var mine []GapNote
		of := gaps.In(a.ID)
		for _, g := range of {
			at := slices.IndexFunc(mine, func(n GapNote) bool { return sameReason(n.Why, g.Trouble) && n.code == g.Code })
			if at < 0 {
				at = len(mine)
				mine = append(mine, GapNote{Account: a, Why: g.Trouble, code: g.Code})
			}
			mine[at].gaps = append(mine[at].gaps, g)
		}
		for _, n := range mine {
			n.All = len(mine) == 1 && len(of.Of(instance.AboutList)) > 0 && (len(of.Of(instance.AboutStates)) > 0 || len(a.Projects) == 0)
			if n.Why.Zero() {
				unread = append(unread, n)
			} else {
				failed = append(failed, n)
			}
		}
	}
	return append(failed, unread...)
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

// Title says what could not be read, of whom.
func (n GapNote) Title(p *text.Printer) string {
	name := text.Name(n.Account.Label)
	switch {
	case n.Account.State == account.Disabled:
		return p.T("gaps.disabled", "Account", name)
	case n.Why.Zero() && n.missing(p) == "":
		return p.T("gaps.open.old", "Account", name)
	case n.Why.Zero() && !slices.ContainsFunc(n.gaps, instance.Gap.Never):
		return p.T("gaps.open.lacks", "Account", name)
	case n.Why.Zero():
		return p.T("gaps.open", "Account", name)
	case n.All:
		return p.T("gaps.all", "Account", name)
	}
	return p.T("instances.trouble", "Source", p.List(n.sources(p)...), "Account", name)
}

// mostSources is how many regions a title names.
const mostSources = 3

func (n GapNote) sources(p *text.Printer) []string {
	var out []string
	states := n.gaps.Of(instance.AboutStates)
	for _, g := range n.gaps {
		if g.About != instance.AboutStates || len(states) <= mostSources {
			out = append(out, SourceName(p, WithProject(n.Account, g.Source)))
		} else if g.Source == states[0].Source {
			out = append(out, p.N("gaps.regions", len(states)))
		}
	}
	return out
}

// Text says why, since when, and what is therefore not known.
func (n GapNote) Text(p *text.Printer) string {
	var sentences []string
	add := func(s string) {
		if s != "" {
			sentences = append(sentences, s)
		}
	}
	if n.Account.State != account.Disabled { // its title says it
		add(Say(p, n.Why))
		if !n.Why.Zero() {
			add(n.since(p))
		}
	}
	add(n.missing(p))
	add(n.old(p))
	all := strings.Join(sentences, " ")
	if code := text.Name(n.code); code != "" && !strings.Contains(all, code) {
		all += " " + code
	}
	return all
}

// since says when it was read last, and tried last.
func (n GapNote) since(p *text.Printer) string {
	read, tried := n.gaps[0].OKAt, time.Time{}
	for _, g := range n.gaps {
		if g.OKAt.Before(read) {
			read = g.OKAt
		}
		if g.TriedAt.After(tried) {
			tried = g.TriedAt
		}
	}
	sentence := p.T("gaps.never")
	if !read.IsZero() {
		sentence = p.T("gaps.since", "When", p.Near(read, p.Now()))
	}
	if !tried.IsZero() {
		sentence += " " + p.T("gaps.tried", "When", p.Near(tried, p.Now()))
	}
	return sentence
}

// missing says what is not known at all.
func (n GapNote) missing(p *text.Printer) string {
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
func (n GapNote) old(p *text.Printer) string {
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
func (n GapNote) note(p *text.Printer) ui.NoteModel {
	see := ui.Action{Label: p.T("web.banner.broken.do"), Href: "/accounts/" + n.Account.ID}
	m := ui.NoteModel{Tone: ui.Caution, Bold: n.Title(p), Text: n.Text(p), Actions: []ui.Action{see}}
	switch {
	case n.Why.Zero():
		m.Tone, m.Actions = "", nil
	case n.Account.State == account.Disabled:
		m.Tone = ""
	}
	return m
}

// GapNotes are the notes of gaps above a list. Of an account that cannot sign in
// at all the banner of the page says it.
func GapNotes(p *text.Printer, accounts []account.Account, gaps instance.Gaps) []ui.NoteModel {
	var out []ui.NoteModel
	for _, n := range SortGaps(accounts, gaps) {
		if n.Account.State != account.Broken {
			out = append(out, n.note(p))
		}
	}
	return out
}
