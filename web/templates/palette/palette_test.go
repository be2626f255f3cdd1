package palette_test

import (
	"testing"

	"github.com/a-h/templ"

	"sampan/web/templates/golden"
	"sampan/web/templates/palette"
)

func found(s string) palette.Model {
	return palette.Model{Query: s, Nothing: s,
		Groups: []palette.Group{{Title: s, More: "/servers?q=x",
			Hits: []palette.Hit{{Icon: "server", Label: s, Note: s, Href: "/servers/s1"}, {Icon: "receipt", Label: s}}}}}
}

func TestComponents(t *testing.T) {
	golden.Check(t, "found", palette.Found(found("Words")))
}

func TestHostileTextStaysText(t *testing.T) {
	golden.HostileMarkup(t, func(s string) templ.Component { return palette.Found(found(s)) })
}
