package wording

import (
	"slices"
	"time"

	"sampan/web/templates/text"
)

// ISO is a moment as <time datetime> takes it.
func ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// TimeOrDate is the time today, else the date.
func TimeOrDate(p *text.Printer, t time.Time) string {
	if slices.Equal(ymd(t.In(p.Location())), ymd(p.Now())) {
		return p.Time(t)
	}
	return p.Date(t)
}

func ymd(t time.Time) []int { return []int{t.Year(), t.YearDay()} }
