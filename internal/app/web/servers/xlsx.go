package servers

import (
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"sampan/internal/app/instance"
)

// writeXLSX writes a workbook of one sheet, its first row frozen. Texts are typed
// as texts, so that none is a formula; times are UTC.
func writeXLSX(out io.Writer, l *listing, rows []*instance.Row) error {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	const sheet = "Sampan"
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	moment, err := book.NewStyle(&excelize.Style{NumFmt: 22})
	if err != nil {
		return err
	}
	w, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := w.SetColWidth(1, len(exports), 18); err != nil {
		return err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	cells := make([]any, len(exports))
	for i, e := range exports {
		cells[i] = excelize.Cell{StyleID: bold, Value: e.key}
	}
	for n := 0; ; n++ {
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, cells); err != nil {
			return err
		}
		if n == len(rows) {
			break
		}
		for i, e := range exports {
			cells[i] = xlsxCell(e.value(l, rows[n]), moment)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = book.WriteTo(out)
	return err
}

// xlsxCell is what a fact is in a workbook; what is not known is an empty cell.
func xlsxCell(v any, moment int) any {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, "; ")
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return excelize.Cell{StyleID: moment, Value: v.UTC()}
	}
	return v
}
