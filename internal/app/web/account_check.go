package web

import (
	"slices"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/web/templates/accounts"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// checkModel is the live part of a connection check. It is shared by all who
// look: nothing in it depends on the role.
func checkModel(p *text.Printer, a account.Account) accounts.CheckModel {
	m := accounts.CheckModel{ID: a.ID, Running: a.Checking, Never: a.CheckedAt.IsZero() && !a.Checking}
	if !a.CheckedAt.IsZero() {
		m.When = p.Near(a.CheckedAt, p.Now())
	}
	m.Lines = checkSteps(p, a)
	if (len(a.Checks) > 0 || len(a.Rights) > 0) && !a.Held() {
		m.Rights = useSteps(p, a)
	}
	return m
}

// checkHeading says what the check of an account answered, or that one is under
// way that a person waits for: nothing is called connected before it answered.
func checkHeading(p *text.Printer, a account.Account) string {
	if a.Checking && !a.Again {
		return p.T("accounts.answer.checking", "Account", text.Name(a.Label))
	}
	return answerHeading(p, a)
}

// answerHeading says what the last check answered, whether another is under way or not.
func answerHeading(p *text.Printer, a account.Account) string {
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

// checkSteps are the lines of the check, a region's parts in one; then what is
// asked for now, and what the check before found where this one has not asked yet.
func checkSteps(p *text.Printer, a account.Account) []ui.Step {
	var out, old []ui.Step
	done := make(map[string]bool)
	put := func(k account.Check, s ui.Step) {
		if k.Old {
			s.State, s.Title = ui.Todo, p.T("accounts.line.before", "Line", s.Title)
			old = append(old, s)
		} else {
			out = append(out, s)
		}
	}
	for _, k := range a.Checks {
		if _, region, is := regionLine(k.Name); !is {
			put(k, checkStep(p, a, k))
		} else if !done[region] {
			done[region] = true
			if a.Checking && !k.Old && regionUnderWay(a, region) {
				continue // it is the step that is asked for now
			}
			put(k, regionStep(p, a, region))
		}
	}
	if a.Checking {
		out = append(out, nowStep(p, a.Step))
	}
	return append(append(out, refusedSteps(p, a)...), old...)
}

func regionUnderWay(a account.Account, region string) bool {
	_, of, is := regionLine(a.Step)
	return is && of == region
}

// regionLine takes the name of a region's line apart.
func regionLine(name string) (kind, region string, is bool) {
	kind, region, _ = strings.Cut(name, ":")
	return kind, region, kind == "servers" || kind == "images"
}

// nowStep names what the check asks for at this moment.
func nowStep(p *text.Printer, name string) ui.Step {
	if name == "" {
		return ui.Step{State: ui.Now, Title: p.T("accounts.now.waiting")}
	}
	kind, region, regional := regionLine(name)
	s := ui.Step{State: ui.Now, Title: checkTitle(p, kind, region), Text: p.T("accounts.now.asking")}
	if regional {
		s.Title = regionName(p, region)
		s.Text = p.T("accounts.now.servers")
		if kind == "images" {
			s.Text = p.T("accounts.now.images")
		}
	}
	return s
}

// checkStep is one line: what was looked at, what was found or the remedy, and
// the cloud's code last. A right that a call found refused since is not shown as
// the check found it.
func checkStep(p *text.Printer, a account.Account, k account.Check) ui.Step {
	kind, region, _ := strings.Cut(k.Name, ":")
	s := ui.Step{State: ui.Done, Title: checkTitle(p, kind, region), Text: checkText(p, k), Time: tookText(p, k.Took)}
	if !k.OK {
		s.State = ui.Ask
		if kind == "keys" {
			s.State = ui.Failed
		}
		return s
	}
	if answer, since := refusedSince(a, k.Right()); since {
		s.State, s.Text = ui.Ask, refusedText(p, answer)
	}
	return s
}

func checkText(p *text.Printer, k account.Check) string {
	said := sayIn(p, k.Message)
	if k.Code != "" {
		said = strings.TrimSpace(said + " " + text.Name(k.Code))
	}
	return said
}

func tookText(p *text.Printer, took time.Duration) string {
	if took < time.Second {
		return ""
	}
	return p.Duration(took)
}

// regionStep is one line for a region: what may be read there, and where
// something is wrong its parts.
func regionStep(p *text.Printer, a account.Account, region string) ui.Step {
	s := ui.Step{State: ui.Done, Title: regionName(p, region), Text: p.T("accounts.region.read")}
	var took time.Duration
	var parts []accounts.Part
	wrong, known := false, 0
	for _, k := range a.Checks {
		kind, of, is := regionLine(k.Name)
		if !is || of != region {
			continue
		}
		known++
		took += k.Took
		part := accounts.Part{Shape: ui.Run, Word: p.T("accounts.part.servers"), Text: checkText(p, k)}
		if kind == "images" {
			part.Word = p.T("accounts.part.images")
		}
		if !k.OK {
			wrong, part.Shape = true, ui.Warn
		}
		parts = append(parts, part)
	}
	if wrong || known < 2 {
		s.Text, s.Part = "", accounts.Parts(parts)
	}
	if wrong {
		s.State = ui.Ask
	}
	s.Time = tookText(p, took)
	return s
}

// refusedSince is a right that a call found refused after the check found it given.
func refusedSince(a account.Account, right account.Right) (account.Answer, bool) {
	answer, known := a.Rights[right]
	return answer, known && !answer.Allowed
}

func refusedText(p *text.Printer, answer account.Answer) string {
	return strings.TrimSpace(p.T("accounts.right.refused", "When", p.Near(answer.At, p.Now())) + " " + text.Name(answer.Code))
}

// refusedSteps are rights that a call found refused since, where no line of the
// check shows it: of regions, because a right is not remembered for each.
func refusedSteps(p *text.Printer, a account.Account) []ui.Step {
	var out []ui.Step
	for _, k := range a.Found().Missing {
		right, is := strings.CutPrefix(k.Name, "right:")
		if !is || slices.Contains(usedRights, account.Right(right)) {
			continue
		}
		shown := slices.ContainsFunc(a.Checks, func(k account.Check) bool {
			_, _, regional := regionLine(k.Name)
			return !regional && k.Right() == account.Right(right)
		})
		if answer := a.Rights[account.Right(right)]; !shown {
			out = append(out, ui.Step{State: ui.Ask, Title: rightTitle(p, account.Right(right)), Text: refusedText(p, answer)})
		}
	}
	return out
}

func checkTitle(p *text.Printer, kind, region string) string {
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

// usedRights are those that the check does not ask for: reading cannot tell
// whether one may write, and metrics are asked for a server alone.
var usedRights = []account.Right{account.RightMetrics, account.RightChange, account.RightBuy, account.RightPay, account.RightCancel}

func rightTitle(p *text.Printer, r account.Right) string {
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

// useSteps are the rights that only their use shows: what it taught, and when.
func useSteps(p *text.Printer, a account.Account) []ui.Step {
	var out []ui.Step
	for _, r := range usedRights {
		s := ui.Step{State: ui.Todo, Title: rightTitle(p, r), Text: p.T("accounts.right.unknown")}
		if answer, known := a.Rights[r]; known {
			s.State, s.Text = ui.Done, p.T("accounts.right.used", "When", p.Near(answer.At, p.Now()))
			if !answer.Allowed {
				s.State, s.Text = ui.Failed, refusedText(p, answer)
			}
		}
		out = append(out, s)
	}
	return out
}
