package page

import (
	"sampan/internal/app/web/visit"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
)

// scopeLabel is the scope's name.
func scopeLabel(p *text.Printer, sc visit.Scope) string {
	switch {
	case len(sc.Accounts) == 0:
		return ""
	case sc.Key == visit.ScopeSandbox:
		return p.T("layout.nav.sandbox")
	case sc.Key == visit.ScopeReal && len(sc.Accounts) > 1:
		return p.T("layout.scope.all")
	default:
		return sc.Accounts[0].Label
	}
}

// scopeModel is the scope as the frame shows it.
func scopeModel(p *text.Printer, sc visit.Scope) layout.ScopeModel {
	m := layout.ScopeModel{Label: scopeLabel(p, sc), Sandbox: sc.Sandbox}
	var real, simulated []layout.Choice
	for _, a := range sc.All {
		choice := layout.Choice{Label: a.Label, Key: a.ID, Sandbox: a.Sandbox(), Current: sc.Key == a.ID}
		if a.Sandbox() {
			simulated = append(simulated, choice)
		} else {
			real = append(real, choice)
		}
	}
	if len(real) > 0 {
		m.Real = visit.ScopeReal
	}
	if len(real) > 1 {
		m.Choices = append(m.Choices,
			layout.Choice{Label: p.T("layout.scope.all"), Key: visit.ScopeReal, Current: sc.Key == visit.ScopeReal})
	} else if len(real) == 1 && sc.Key == visit.ScopeReal {
		real[0].Current = true
	}
	m.Choices = append(m.Choices, real...)
	if len(simulated) > 1 {
		m.Choices = append(m.Choices,
			layout.Choice{Label: p.T("layout.nav.sandbox"), Key: visit.ScopeSandbox, Sandbox: true, Current: sc.Key == visit.ScopeSandbox})
	} else if len(simulated) == 1 && sc.Key == visit.ScopeSandbox {
		simulated[0].Current = true
	}
	m.Choices = append(m.Choices, simulated...)
	return m
}
