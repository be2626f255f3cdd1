package buy

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/catalog"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/layout"
	"sampan/web/templates/text"
)

// matrixRows is how many lines of the matrix one page shows.
const matrixRows = 100

// Matrix is all that goes together and, where it does not, why, searchable:
// GET /buy/matrix?q=.
func (h Pages) Matrix(c echo.Context) error {
	q := strings.TrimSpace(c.QueryParam("q"))
	q = spelling.Cut(q, 100)
	p := visit.Printer(c)
	what := wording.Wares{Printer: p, Catalog: h.Catalog}
	lines := matrixLines(what, visit.Actor(c).May(person.Buy))
	var found []matrixLine
	for _, l := range lines {
		if l.matches(q) {
			found = append(found, l)
		}
	}
	m := buy.MatrixModel{Search: q, Count: p.N("buy.matrix.count", len(found)), Empty: len(found) == 0, Source: source(p, h.Catalog)}
	if len(found) > matrixRows && c.QueryParam("all") == "" {
		m.More = "/buy/matrix?" + url.Values{"q": {q}, "all": {"1"}}.Encode()
		found = found[:matrixRows]
	}
	for _, l := range found {
		m.Rows = append(m.Rows, l.row)
	}
	f, err := h.Frames.Frame(c, p.T("buy.matrix.title"), layout.Buy)
	if err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, buy.MatrixPage(f, m), buy.Matrix(m))
}

// source says where the matrix comes from.
func source(p *text.Printer, c *catalog.Catalog) string {
	d := c.Document()
	return p.T("buy.matrix.source", "Title", d.Title, "Issue", d.Issue, "Date", d.Date)
}

// matrixLine is an image, version and size over all regions, and what a search
// finds it by.
type matrixLine struct {
	row  buy.MatrixRow
	text string
}

func (l matrixLine) matches(q string) bool {
	for _, word := range strings.Fields(spelling.Form(q)) {
		if !strings.Contains(l.text, word) {
			return false
		}
	}
	return true
}

// matrixLines groups the matrix by image, version and size.
func matrixLines(what wording.Wares, mayBuy bool) []matrixLine {
	all := what.Catalog.Matrix()
	regions := len(what.Catalog.Regions())
	var lines []matrixLine
	for at := 0; at < len(all); at += regions {
		lines = append(lines, line(what, all[at:min(at+regions, len(all))], mayBuy))
	}
	return lines
}

// line is the cells of one image, version and size.
func line(what wording.Wares, cells []catalog.Row, mayBuy bool) matrixLine {
	p, first := what.Printer, cells[0]
	var open, codes, reasons []string
	for _, cell := range cells {
		if cell.Legal {
			open = append(open, what.Region(cell.Region.Code))
			codes = append(codes, cell.Region.Code)
			continue
		}
		for _, r := range cell.Reasons {
			if s := wording.Say(p, r.Message); !slices.Contains(reasons, s) {
				reasons = append(reasons, s)
			}
		}
	}
	r := buy.MatrixRow{Image: first.Image.DisplayName, Version: first.Version,
		Size: p.LTR(p.T("orders.size", "VCPUs", first.Size.VCPUs, "Memory", what.Memory(first.Size.MemoryMiB))), Reasons: reasons}
	switch len(open) {
	case 0:
		r.Regions = p.T("buy.matrix.nowhere")
	case len(cells):
		r.Regions = p.T("buy.matrix.everywhere")
	default:
		r.Regions = p.List(open...)
	}
	if len(open) > 0 && mayBuy && first.Image.Kind != catalog.Private {
		r.Buy = withPick(first.Image.ID, first.Version, first.Size.Key)
		r.BuyLabel = p.T("buy.matrix.buy.label", "Image", r.Image+" "+r.Version, "Size", r.Size)
	}
	found := append([]string{r.Image, first.Image.ID, r.Version, r.Size, first.Spec, r.Regions,
		wording.Say(p, catalog.CategoryName(first.Image.Category))}, open...)
	return matrixLine{row: r, text: spelling.Form(strings.Join(append(append(found, codes...), reasons...), "\n"))}
}
