package web

import (
	archive "archive/zip"
	"bufio"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/instance"
)

// The parts of a workbook that are always the same (ECMA-376, part 1): one sheet
// whose texts stand in its cells, and two styles: plain, and a moment in UTC. The
// library for spreadsheets that is best kept would add 4 MB to the binary.
var workbook = []struct{ name, body string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sampan" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`},
}

// writeXLSX writes a workbook of one sheet. Texts are typed as texts, so that
// none is a formula; times are numbers of days, in UTC.
func writeXLSX(out io.Writer, l *listing, rows []*instance.Row) error {
	z := archive.NewWriter(out)
	for _, part := range workbook {
		w, err := z.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, xml.Header+part.body); err != nil {
			return err
		}
	}
	part, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(part)
	w.WriteString(xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols><col min="1" max="` + strconv.Itoa(len(exports)) + `" width="18" customWidth="1"/></cols><sheetData><row>`)
	for _, e := range exports {
		textCell(w, e.key, ` s="2"`)
	}
	w.WriteString("</row>")
	for _, r := range rows {
		w.WriteString("<row>")
		for _, e := range exports {
			writeCell(w, e.of(l, r))
		}
		if _, err := w.WriteString("</row>"); err != nil {
			return err
		}
	}
	w.WriteString("</sheetData></worksheet>")
	if err := w.Flush(); err != nil {
		return err
	}
	return z.Close()
}

// longestCell is how many characters a cell may hold.
const longestCell = 32_767

func writeCell(w *bufio.Writer, v any) {
	switch v := v.(type) {
	case string:
		textCell(w, v, "")
	case []string:
		textCell(w, strings.Join(v, "; "), "")
	case bool:
		w.WriteString(`<c t="b"><v>` + map[bool]string{true: "1", false: "0"}[v] + `</v></c>`)
	case int:
		w.WriteString(`<c><v>` + strconv.Itoa(v) + `</v></c>`)
	case float64:
		w.WriteString(`<c><v>` + strconv.FormatFloat(v, 'f', -1, 64) + `</v></c>`)
	case time.Time:
		if v.IsZero() {
			w.WriteString("<c/>")
			return
		}
		w.WriteString(`<c s="1"><v>` + strconv.FormatFloat(days(v), 'f', -1, 64) + `</v></c>`)
	default:
		w.WriteString("<c/>")
	}
}

func textCell(w *bufio.Writer, s, style string) {
	if s == "" {
		w.WriteString("<c/>")
		return
	}
	if r := []rune(s); len(r) > longestCell {
		s = string(r[:longestCell])
	}
	w.WriteString(`<c t="inlineStr"` + style + `><is><t xml:space="preserve">`)
	_ = xml.EscapeText(w, []byte(s)) // what XML cannot hold becomes U+FFFD
	w.WriteString(`</t></is></c>`)
}

// days since 30 December 1899, as spreadsheets count, to the second.
func days(t time.Time) float64 {
	return float64(t.UTC().Unix())/86400 + 25569
}
