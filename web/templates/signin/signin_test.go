package signin_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/layout"
	"sampan/web/templates/signin"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

func model(s string) signin.Model {
	return signin.Model{Name: s, Next: "/accounts?q=" + s, Problem: s, Errors: map[string]string{"name": s, "password": s},
		Languages: []ui.Option{{Value: "en", Label: "English", Chosen: true}}}
}

func TestPages(t *testing.T) {
	f := layout.Frame{Title: "Sign in", Version: "1.2.3", Host: "localhost:8080"}
	golden.Check(t, "page", signin.Page(f, signin.Model{Languages: model("").Languages}))
	golden.Check(t, "refused", signin.Page(f, model("mei")))
	golden.Check(t, "again", signin.Again(f, signin.AgainModel{Name: "mei", Next: "/accounts/new"}))
	golden.Check(t, "reset", signin.Reset(f, signin.ResetModel{}))
}

// hostile tries what handlers hand over: words that text.Name has made visible.
func hostile(t *testing.T, build func(string) templ.Component) {
	golden.Hostile(t, func(s string) templ.Component { return build(text.Name(s)) })
}

func TestHostileText(t *testing.T) {
	f := layout.Frame{Title: "Sign in"}
	hostile(t, func(s string) templ.Component { return signin.Page(f, model(s)) })
	hostile(t, func(s string) templ.Component {
		return signin.Again(f, signin.AgainModel{Name: s, Next: s, Problem: s, Errors: map[string]string{"password": s}})
	})
	hostile(t, func(s string) templ.Component { return signin.Reset(f, signin.ResetModel{Code: s, Problem: s}) })
}
