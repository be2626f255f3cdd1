package servers

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/view"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
)

// A format is a kind of file that a list can be saved as; kind ends its address.
type format struct {
	kind, mediaType string
	write           func(io.Writer, *listing, []*instance.Row) error
}

var (
	csvFile  = format{"csv", "text/csv; charset=utf-8", writeCSV}
	jsonFile = format{"json", "application/json", writeJSON}
	xlsxFile = format{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writeXLSX}
	formats  = []format{csvFile, jsonFile, xlsxFile}
)

// isFormat reports whether there are files of that kind.
func isFormat(kind string) bool {
	return slices.ContainsFunc(formats, func(f format) bool { return f.kind == kind })
}

// exported is a fact of a row as files have it. Its key heads the column and names the
// field, the same in every language, because programs read the files.
type exported struct {
	key   string
	value func(l *listing, r *instance.Row) any // string, int, float64, bool, time.Time, []string or nil for not known
}

var exports = []exported{
	{"server_id", func(_ *listing, r *instance.Row) any { return r.ServerID }},
	{"name", func(_ *listing, r *instance.Row) any { return r.Name }},
	{"instance_id", func(_ *listing, r *instance.Row) any { return r.InstanceID }},
	{"instance_name", func(_ *listing, r *instance.Row) any { return r.InstanceName }},
	{"account", func(l *listing, r *instance.Row) any { return l.pic.AccountLabel(r.AccountID) }},
	{"region", func(_ *listing, r *instance.Row) any { return r.Region }},
	{"zone", func(_ *listing, r *instance.Row) any { return r.Zone }},
	{"state", func(_ *listing, r *instance.Row) any { return orNil(r.State, r.State != instance.StateUnknown) }},
	{"cloud_status", func(_ *listing, r *instance.Row) any { return r.Status }},
	{"frozen", func(_ *listing, r *instance.Row) any { return orNil(r.Frozen, r.FrozenKnown()) }},
	{"problems", problemsOf},
	{"address", func(_ *listing, r *instance.Row) any { return r.Address }},
	{"private_address", func(_ *listing, r *instance.Row) any { return r.Private }},
	{"more_addresses", func(_ *listing, r *instance.Row) any { return r.More }},
	{"hostname", func(_ *listing, r *instance.Row) any { return r.Hostname }},
	{"os", func(_ *listing, r *instance.Row) any { return r.OS }},
	{"image", func(_ *listing, r *instance.Row) any { return r.Image }},
	{"cloud_image", func(_ *listing, r *instance.Row) any { return r.ImageName }},
	{"spec", func(_ *listing, r *instance.Row) any { return r.Spec }},
	{"vcpus", func(_ *listing, r *instance.Row) any { return orNil(r.VCPUs, r.VCPUs > 0) }},
	{"memory_mib", func(_ *listing, r *instance.Row) any { return orNil(r.MemoryMiB, r.MemoryMiB > 0) }},
	{"traffic_left_gb", func(_ *listing, r *instance.Row) any { return orNil(r.Traffic.Left, r.Traffic.Known()) }},
	{"traffic_total_gb", func(_ *listing, r *instance.Row) any { return orNil(r.Traffic.Total, r.Traffic.Known()) }},
	{"traffic_cycle_end", func(_ *listing, r *instance.Row) any { return r.Traffic.CycleEnd }},
	{"traffic_read_at", func(_ *listing, r *instance.Row) any { return r.Traffic.At }},
	{"expires", func(_ *listing, r *instance.Row) any { return r.Expires }},
	{"auto_renew", func(_ *listing, r *instance.Row) any { return orNil(r.AutoRenew, r.TermKnown()) }},
	{"order", func(_ *listing, r *instance.Row) any { return r.CloudOrder }},
	{"tags", func(_ *listing, r *instance.Row) any { return r.Tags }},
	{"labels", func(_ *listing, r *instance.Row) any { return r.Labels }},
	{"created", func(_ *listing, r *instance.Row) any { return r.Created }},
	{"changed", func(_ *listing, r *instance.Row) any { return r.UpdatedAt }},
	{"listed_at", func(_ *listing, r *instance.Row) any { return r.Seen(instance.FromConfig) }},
	{"state_read_at", func(_ *listing, r *instance.Row) any { return r.Seen(instance.FromECS) }},
	{"term_read_at", func(_ *listing, r *instance.Row) any { return r.Seen(instance.FromBSS) }},
	{"not_seen_since", func(_ *listing, r *instance.Row) any { return r.NotSeenSince }},
}

// problemsOf are the problems of a row; that there are none is known only when its
// state and its term are.
func problemsOf(l *listing, r *instance.Row) any {
	all := r.Problems(l.Now())
	return orNil(all, len(all) > 0 || r.State != instance.StateUnknown && r.TermKnown())
}

func orNil[T any](v T, is bool) any {
	if !is {
		return nil
	}
	return v
}

// CSV is GET /servers.csv and GET /instances.csv.
func (h Pages) CSV(c echo.Context) error { return h.export(c, csvFile) }

// JSON is GET /servers.json and GET /instances.json.
func (h Pages) JSON(c echo.Context) error { return h.export(c, jsonFile) }

// XLSX is GET /servers.xlsx and GET /instances.xlsx.
func (h Pages) XLSX(c echo.Context) error { return h.export(c, xlsxFile) }

// export answers with all rows of the search or of the selection, not with a page of
// them.
func (h Pages) export(c echo.Context, f format) error {
	l, err := h.open(c)
	if err != nil {
		return err
	}
	if n := len(l.query.Problems); l.query.Unread != "" && l.sel == nil { // its problems come last
		return &fault.Error{Kind: fault.Invalid, Message: l.query.Problems[n-1]}
	}
	rows := l.pic.All(l.query.ForPicture(l.sc.IDs()))
	if l.sel != nil {
		rows = l.Views.Rows(*l.sel, l.sc.IDs())
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, f.mediaType)
	header.Set(echo.HeaderContentDisposition, `attachment; filename="`+exportName(h.List, l.sc, l.Now())+"."+f.kind+`"`)
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	w := bufio.NewWriterSize(c.Response(), 64<<10)
	if err := f.write(w, l, rows); err != nil {
		return nil // the reader has left, or the time is over: half a file was sent already
	}
	_ = w.Flush()
	return nil
}

// exportName is plain ASCII: "servers-2026-11-23", "sandbox-servers-2026-11-23".
func exportName(list view.List, sc visit.Scope, now time.Time) string {
	name := string(list) + "-" + now.UTC().Format(time.DateOnly)
	if sc.Sandbox {
		return "sandbox-" + name
	}
	return name
}

// writeCSV writes a table for spreadsheets, UTF-8 with the mark by which they
// know it. All cells are quoted, so that none is cut where a reader expects other
// separators (reliability.md, 8); encoding/csv quotes only where it must.
func writeCSV(out io.Writer, l *listing, rows []*instance.Row) error {
	w := bufio.NewWriter(out)
	w.WriteString("\ufeff")
	line := make([]string, len(exports))
	for n, e := range exports {
		line[n] = e.key
	}
	if err := writeLine(w, line); err != nil {
		return err
	}
	for _, r := range rows {
		for n, e := range exports {
			line[n] = csvCell(e.value(l, r))
		}
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	return w.Flush()
}

var doubled = strings.NewReplacer(`"`, `""`)

// writeLine gives the first error of w, which keeps it from the write that failed.
func writeLine(w *bufio.Writer, cells []string) error {
	for n, cell := range cells {
		if n > 0 {
			w.WriteByte(',')
		}
		w.WriteByte('"')
		doubled.WriteString(w, cell)
		w.WriteByte('"')
	}
	_, err := w.WriteString("\r\n")
	return err
}

// csvCell is a value as a cell of a text file. A text never begins a formula.
func csvCell(v any) string {
	switch v := v.(type) {
	case string:
		return harmless(v)
	case []string:
		return harmless(strings.Join(v, "; "))
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return yesOrNo(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return wording.ISO(v)
	}
	return ""
}

// harmless puts an apostrophe before a text that a spreadsheet would take for a formula,
// and replaces control characters, which some spreadsheets remove first, by spaces. The
// full-width forms of the signs count, too.
func harmless(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	first := strings.TrimLeft(s, " \u00a0\u3000\ufeff\u200b")
	if first != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(first)[0]) {
		return "'" + s
	}
	return s
}

// writeJSON writes a list of objects; what is not known is null.
func writeJSON(out io.Writer, l *listing, rows []*instance.Row) error {
	end := "[\n"
	for _, r := range rows {
		if _, err := io.WriteString(out, end); err != nil {
			return err
		}
		end = ",\n"
		for n, e := range exports {
			b, err := json.Marshal(jsonValue(e.value(l, r)))
			if err != nil {
				return err
			}
			lead := `,"`
			if n == 0 {
				lead = `{"`
			}
			if _, err := io.WriteString(out, lead+e.key+`":`+string(b)); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(out, "}"); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		end = "["
	} else {
		end = "\n"
	}
	_, err := io.WriteString(out, end+"]\n")
	return err
}

// jsonValue is what a fact is in JSON: an empty text means "not known" and is null; a
// list never is null.
func jsonValue(v any) any {
	switch v := v.(type) {
	case string:
		return orNil(v, v != "")
	case []string:
		if v == nil {
			return []string{}
		}
	case time.Time:
		return orNil(wording.ISO(v), !v.IsZero())
	}
	return v
}
