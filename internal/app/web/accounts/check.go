package accounts

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"sampan/internal/app/account"
	"sampan/internal/app/person"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/accounts"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// CheckModel is the live part of a connection check. The bytes made of it are sent
// to everybody who watches: nothing in it depends on the role.
func CheckModel(p *text.Printer, a account.Account) accounts.CheckModel {
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

// checkSteps are the lines of the check, with one line for each region; then what is
// asked for now; last, marked as such, what the previous check found where this one
// has not asked yet.
func checkSteps(p *text.Printer, a account.Account) []ui.Step {
	var steps, earlier []ui.Step
	done := make(map[string]bool)
	add := func(k account.Check, s ui.Step) {
		if k.Old {
			s.State, s.Title = ui.Todo, p.T("accounts.line.before", "Line", s.Title)
			earlier = append(earlier, s)
		} else {
			steps = append(steps, s)
		}
	}
	for _, k := range a.Checks {
		if _, region, is := wording.RegionLine(k.Name); !is {
			add(k, checkStep(p, a, k))
		} else if !done[region] {
			done[region] = true
			if a.Checking && !k.Old && regionUnderWay(a, region) {
				continue // it is the step that is asked for now
			}
			add(k, regionStep(p, a, region))
		}
	}
	if a.Checking {
		steps = append(steps, nowStep(p, a.Step))
	}
	return append(append(steps, refusedSteps(p, a)...), earlier...)
}

func regionUnderWay(a account.Account, region string) bool {
	_, of, is := wording.RegionLine(a.Step)
	return is && of == region
}

// nowStep names what the check asks for at this moment.
func nowStep(p *text.Printer, name string) ui.Step {
	if name == "" {
		return ui.Step{State: ui.Now, Title: p.T("accounts.now.waiting")}
	}
	kind, region, regional := wording.RegionLine(name)
	s := ui.Step{State: ui.Now, Title: wording.CheckTitle(p, kind, region), Text: p.T("accounts.now.asking")}
	if regional {
		s.Title = wording.RegionName(p, region)
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
	s := ui.Step{State: ui.Done, Title: wording.CheckTitle(p, kind, region), Text: checkText(p, k), Time: tookText(p, k.Took)}
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
	said := wording.Say(p, k.Message)
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
	s := ui.Step{State: ui.Done, Title: wording.RegionName(p, region), Text: p.T("accounts.region.read")}
	var took time.Duration
	var parts []accounts.Part
	failed, lines := false, 0
	for _, k := range a.Checks {
		kind, of, is := wording.RegionLine(k.Name)
		if !is || of != region {
			continue
		}
		lines++
		took += k.Took
		part := accounts.Part{Shape: ui.Run, Word: p.T("accounts.part.servers"), Text: checkText(p, k)}
		if kind == "images" {
			part.Word = p.T("accounts.part.images")
		}
		if !k.OK {
			failed, part.Shape = true, ui.Warn
		}
		parts = append(parts, part)
	}
	if failed || lines < 2 {
		s.Text, s.Part = "", accounts.Parts(parts)
	}
	if failed {
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
			_, _, regional := wording.RegionLine(k.Name)
			return !regional && k.Right() == account.Right(right)
		})
		if answer := a.Rights[account.Right(right)]; !shown {
			out = append(out, ui.Step{State: ui.Ask, Title: wording.RightTitle(p, account.Right(right)), Text: refusedText(p, answer)})
		}
	}
	return out
}

// usedRights are those that the check does not ask for: reading cannot tell
// whether one may write, and metrics are asked for a server alone.
var usedRights = []account.Right{account.RightMetrics, account.RightChange, account.RightBuy, account.RightPay, account.RightCancel}

// useSteps are the rights that only their use shows: what it taught, and when.
func useSteps(p *text.Printer, a account.Account) []ui.Step {
	var out []ui.Step
	for _, r := range usedRights {
		s := ui.Step{State: ui.Todo, Title: wording.RightTitle(p, r), Text: p.T("accounts.right.unknown")}
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

// Part is the connection check of an account as the stream sends it.
func (h Pages) Part(ctx context.Context, id string, p *text.Printer) (templ.Component, error) {
	a, err := h.Accounts.Get(ctx, person.System, id)
	if err != nil {
		return nil, err
	}
	return accounts.Check(CheckModel(p, a)), nil
}

// Visible is fault.NotFound for an account that the person may not see. The stream
// asks it before it sends the topic.
func (h Pages) Visible(ctx context.Context, by person.Actor, id string) error {
	_, err := h.Accounts.Get(ctx, by, id)
	return err
}
