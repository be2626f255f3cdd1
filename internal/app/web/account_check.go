package web

import (
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
	for _, k := range a.Checks {
		m.Lines = append(m.Lines, checkStep(p, k))
	}
	if len(a.Checks) > 0 || len(a.Rights) > 0 {
		m.Lines = append(m.Lines, rightSteps(p, a)...)
	}
	return m
}

// checkStep is one line: what was looked at, what was found or the remedy, and
// the cloud's code last.
func checkStep(p *text.Printer, k account.Check) ui.Step {
	kind, region, _ := strings.Cut(k.Name, ":")
	s := ui.Step{State: ui.Done, Title: checkTitle(p, kind, region), Text: sayIn(p, k.Message), Time: p.Duration(k.Took)}
	if k.Took < time.Second {
		s.Time = ""
	}
	if !k.OK {
		s.State = ui.Ask
		if kind == "keys" {
			s.State = ui.Failed
		}
	}
	if k.Code != "" {
		s.Text = strings.TrimSpace(s.Text + " " + text.Name(k.Code))
	}
	return s
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
	case "servers":
		return p.T("accounts.line.servers", "Region", regionName(p, region))
	case "images":
		return p.T("accounts.line.images", "Region", regionName(p, region))
	}
	return text.Name(kind)
}

// rightSteps are the rights that reading cannot test: what the first use taught.
func rightSteps(p *text.Printer, a account.Account) []ui.Step {
	var out []ui.Step
	for _, r := range []struct {
		right account.Right
		title string
	}{
		{account.RightBuy, "accounts.right.buy"}, {account.RightPay, "accounts.right.pay"}, {account.RightCancel, "accounts.right.cancel"},
	} {
		s := ui.Step{State: ui.Todo, Title: p.T(r.title), Text: p.T("accounts.right.unknown")}
		if answer, known := a.Rights[r.right]; known {
			s.State, s.Text = ui.Done, p.T("accounts.right.used", "When", p.Near(answer.At, p.Now()))
			if !answer.Allowed {
				s.State = ui.Failed
				s.Text = strings.TrimSpace(p.T("accounts.right.refused", "When", p.Near(answer.At, p.Now())) + " " + text.Name(answer.Code))
			}
		}
		out = append(out, s)
	}
	return out
}
