package wording

import (
	"slices"
	"strings"

	"sampan/internal/app/account"
	"sampan/internal/app/order"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// AccountState is a shape and a word for an account.
func AccountState(p *text.Printer, a account.Account) (shape, word string) {
	found := a.Found()
	switch {
	case a.Held():
		return ui.Off, p.T("accounts.state.held")
	case a.State == account.Disabled:
		return ui.Off, p.T("accounts.state.disabled")
	case a.Checking && found.Reach == account.NotAsked:
		return ui.Busy, p.T("accounts.state.checking")
	}
	switch found.Reach {
	case account.KeyRefused:
		return ui.Fault, p.T("accounts.state.broken")
	case account.Unreached:
		return ui.Fault, p.T("accounts.state.unreached")
	case account.Throttled:
		return ui.Warn, p.T("accounts.state.throttled")
	case account.Limited:
		return ui.Warn, p.T("accounts.state.limited")
	case account.Reached:
		return ui.Run, p.T("accounts.state.healthy")
	}
	return ui.Wait, p.T("accounts.state.unchecked")
}

// accountTrouble is what is wrong with an account.
type accountTrouble struct {
	Tone    string
	Heading string // what its check answered; "" when nothing is wrong
	Text    string // since when, and why
}

// TroubleOf is what is wrong with an account, since when and why. Of one that
// answers in part it names the lines of the check that tell more.
func TroubleOf(p *text.Printer, a account.Account) accountTrouble {
	found := a.Found()
	if !found.Wrong() {
		return accountTrouble{}
	}
	t := accountTrouble{Tone: ui.Bad, Heading: AnswerHeading(p, a),
		Text: p.T("accounts.since", "When", p.Near(found.At, p.Now())) + " " + Say(p, found.Message)}
	if found.Reach == account.Limited {
		t.Tone, t.Text = ui.Caution, missingNames(p, found)
	}
	return t
}

// missingNames are the lines of the check that are wrong, each once.
func missingNames(p *text.Printer, f account.Finding) string {
	var names []string
	for _, k := range f.Missing {
		kind, region, regional := RegionLine(k.Name)
		name := CheckTitle(p, kind, region)
		if right, is := strings.CutPrefix(k.Name, "right:"); is {
			name = RightTitle(p, account.Right(right))
		} else if regional {
			name = RegionName(p, region)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " · ")
}

// BalanceText is what an account has left, or that nobody knows.
func BalanceText(p *text.Printer, b order.Balance, f order.Freshness) string {
	switch {
	case b.At.IsZero() && f == order.Reading:
		return p.T("accounts.balance.reading")
	case b.At.IsZero():
		return p.Unknown()
	}
	return p.Money(b.Available.Amount, b.Available.Currency)
}

// RegionName is a region in the reader's words, its code where there are none.
func RegionName(p *text.Printer, code string) string {
	if word, ok := p.Word("region." + code); ok {
		return word
	}
	return text.Name(code)
}

// CheckHeading says what the check of an account answered, or that a check is under
// way that a person waits for.
func CheckHeading(p *text.Printer, a account.Account) string {
	if a.Checking && !a.Again {
		return p.T("accounts.answer.checking", "Account", text.Name(a.Label))
	}
	return AnswerHeading(p, a)
}

// AnswerHeading says what the last check answered, whether another is under way or not.
func AnswerHeading(p *text.Printer, a account.Account) string {
	f, label := a.Found(), text.Name(a.Label)
	if a.State == account.Disabled {
		return p.T("accounts.answer.disabled", "Account", label)
	}
	switch f.Reach {
	case account.Reached:
		return p.T("accounts.answer.reached", "Account", label)
	case account.Limited:
		if n := shortfalls(f); n > 0 {
			return p.N("accounts.answer.limited", n, "Account", label)
		}
		return p.T("accounts.answer.clock", "Account", label)
	case account.Throttled:
		return p.T("accounts.answer.throttled", "Account", label)
	case account.Unreached:
		return p.T("accounts.answer.unreached", "Account", label)
	case account.KeyRefused:
		return refusedHeading(p, a, f)
	}
	return p.T("accounts.answer.unchecked", "Account", label)
}

// refusedHeading tells a refused key from what else keeps a sign-in from working.
func refusedHeading(p *text.Printer, a account.Account, f account.Finding) string {
	label := text.Name(a.Label)
	switch f.Message.ID {
	case "cloud.login.wrong":
		return p.T("accounts.answer.refused.key", "Account", label)
	case "cloud.login.refused":
		return p.T("accounts.answer.refused.login", "Account", label)
	case "account.check.foreign":
		return p.T("accounts.answer.foreign", "Account", label)
	case account.TwinFound:
		return p.T("accounts.answer.held", "Other", text.Name(f.Message.Values["Account"]))
	case account.KeyLost, "account.check.unsealed":
		return p.T("accounts.answer.lost", "Account", label)
	case "cloud.clock", "cloud.clock.refused":
		return p.T("accounts.answer.refused.clock", "Account", label)
	}
	return p.T("accounts.answer.refused", "Account", label)
}

// shortfalls is how many of the lines that a page shows are wrong: a region is
// one line. The clock of this machine is not missing at the cloud.
func shortfalls(f account.Finding) int {
	seen := make(map[string]bool)
	for _, k := range f.Missing {
		kind, region, _ := strings.Cut(k.Name, ":")
		switch kind {
		case "clock":
		case "servers", "images":
			seen["region:"+region] = true
		default:
			seen[k.Name] = true
		}
	}
	return len(seen)
}

// RegionLine splits the name of a line of the check; is reports whether the line is
// one of a region.
func RegionLine(name string) (kind, region string, is bool) {
	kind, region, _ = strings.Cut(name, ":")
	return kind, region, kind == "servers" || kind == "images"
}

// CheckTitle is the name of a line of the check; kind and region as RegionLine gives
// them.
func CheckTitle(p *text.Printer, kind, region string) string {
	switch kind {
	case "keys":
		return p.T("accounts.line.keys")
	case "regions":
		if region == "inactive" {
			return p.T("accounts.line.inactive")
		}
		return p.T("accounts.line.regions")
	case "list":
		return p.T("accounts.line.list")
	case "billing":
		return p.T("accounts.line.billing")
	case "orders":
		return p.T("accounts.line.orders")
	case "clock":
		return p.T("accounts.line.clock")
	case "twin":
		return p.T("accounts.line.twin")
	}
	return text.Name(kind)
}

// RightTitle is the name of a right.
func RightTitle(p *text.Printer, r account.Right) string {
	switch r {
	case account.RightMetrics:
		return p.T("accounts.right.metrics")
	case account.RightChange:
		return p.T("accounts.right.change")
	case account.RightBuy:
		return p.T("accounts.right.buy")
	case account.RightPay:
		return p.T("accounts.right.pay")
	case account.RightCancel:
		return p.T("accounts.right.cancel")
	case account.RightServers:
		return p.T("accounts.right.servers")
	case account.RightImages:
		return p.T("accounts.right.images")
	}
	return text.Name(string(r))
}

// AccountNames lists what accounts are called.
func AccountNames(p *text.Printer, all []account.Account) string {
	names := make([]string, len(all))
	for n, a := range all {
		names[n] = text.Name(a.Label)
	}
	return p.List(names...)
}

// AccountLabel is what an account is called, or that it is not there any more.
func AccountLabel(p *text.Printer, accounts []account.Account, id string) string {
	for _, a := range accounts {
		if a.ID == id {
			return text.Name(a.Label)
		}
	}
	return p.T("overview.did.account.gone")
}
