package detail

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/instance"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/detail"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// rawMost is how much of one answer is shown.
const rawMost = 128 << 10

// showRaw answers with what the sources answered: the answers alone for the fold of a
// page, else a page of their own. Earlier versions stored answers unredacted, so what
// may be a secret is left out here too.
func showRaw(c echo.Context, frames page.Frames, name, back string, d instance.Detail) error {
	p := visit.Printer(c)
	var all []detail.RawModel
	for _, r := range d.Raw {
		title := p.T("server.raw.of", "Who", p.T("server.source."+r.Source.String()), "When", p.DateTime(r.At))
		all = append(all, detail.RawModel{Title: title, Body: readable(instance.Redact(r.Body))})
	}
	part := detail.Raws(all)
	if visit.Partial(c.Request()) {
		return page.Render(c, http.StatusOK, part, part)
	}
	title := p.T("server.raw.title", "Name", name)
	f, err := frames.Frame(c, title, layout.Instances)
	if err != nil {
		return err
	}
	h := ui.HeadModel{Title: title, Crumbs: []ui.Link{{Label: name, Href: back}}}
	return page.Render(c, http.StatusOK, detail.RawPage(f, h, all), nil)
}

// readable indents an answer and makes control signs visible. An answer that is not
// JSON is not indented.
func readable(body []byte) string {
	var tree any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	out := string(body)
	if err := dec.Decode(&tree); err == nil {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if enc.Encode(tree) == nil {
			out = b.String()
		}
	}
	if len(out) > rawMost {
		out = out[:rawMost] + "\n…"
	}
	lines := strings.Split(out, "\n")
	for n, l := range lines {
		lines[n] = text.Visible(l)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
