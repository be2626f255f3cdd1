package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is the day: "24 Nov", with the year when it is not this one.
func (p *Printer) Date(t time.Time) string {
	t = t.In(p.zone)
	if t.Year() == p.Now().Year() {
		return p.T("format.day", "Day", strconv.Itoa(t.Day()), "Month", p.month(t))
	}
	return p.T("format.day.year", "Day", strconv.Itoa(t.Day()), "Month", p.month(t), "Year", strconv.Itoa(t.Year()))
}

// LongDate is the day in full, for the head of a page: "Monday 23 November 2026".
func (p *Printer) LongDate(t time.Time) string {
	t = t.In(p.zone)
	return p.T("format.day.long",
		"Weekday", p.T("format.weekday."+strconv.Itoa(int(t.Weekday()))), "Day", strconv.Itoa(t.Day()),
		"Month", p.T("format.month.long."+strconv.Itoa(int(t.Month()))), "Year", strconv.Itoa(t.Year()))
}

func (p *Printer) month(t time.Time) string {
	return p.T("format.month." + strconv.Itoa(int(t.Month())))
}

// Time is the time of day in the reader's zone: "09:14".
func (p *Printer) Time(t time.Time) string { return t.In(p.zone).Format("15:04") }

// Clock is the time of day with seconds, for timelines: "09:14:02".
func (p *Printer) Clock(t time.Time) string { return t.In(p.zone).Format("15:04:05") }

// DateTime is day and time: "24 Nov, 15:29".
func (p *Printer) DateTime(t time.Time) string {
	return p.T("format.day.time", "Day", p.Date(t), "Time", p.Time(t))
}

// Exact is the moment for a tooltip: year, seconds and zone,
// "2026-11-24 15:29:00 UTC+8".
func (p *Printer) Exact(t time.Time) string {
	t = t.In(p.zone)
	return t.Format("2006-01-02 15:04:05 ") + offset(t)
}

// Near words a moment by how far it is: "today at 18:00", "tomorrow, 24 Nov at
// 15:29", "yesterday at 09:14", and all others "26 Nov at 15:29". Days are
// those of the reader's zone.
func (p *Printer) Near(t, now time.Time) string {
	t, now = t.In(p.zone), now.In(p.zone)
	switch days(now, t) {
	case 0:
		return p.T("format.near.today", "Time", p.Time(t))
	case 1:
		return p.T("format.near.tomorrow", "Day", p.Date(t), "Time", p.Time(t))
	case -1:
		return p.T("format.near.yesterday", "Time", p.Time(t))
	}
	return p.T("format.near.day", "Day", p.Date(t), "Time", p.Time(t))
}

// days counts midnights from one local day to another.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(to).Sub(day(from)).Hours() / 24)
}

// Relative words how long ago a moment was or how soon it will be, by the
// Printer's clock: "just now", "12 s ago", "3 min ago", "in 2 h"; from 24 hours
// on it is the date. Pages put it into <time datetime data-relative>, which
// the browser keeps current.
func (p *Printer) Relative(t time.Time) string {
	d := p.now().Sub(t)
	ahead := d < 0
	if ahead {
		d = -d
	}
	if d >= 24*time.Hour {
		return p.Date(t)
	}
	if d < 5*time.Second {
		return p.T("format.rel.now")
	}
	unit, n := "s", int(d/time.Second)
	switch {
	case d >= time.Hour:
		unit, n = "h", int(d/time.Hour)
	case d >= time.Minute:
		unit, n = "min", int(d/time.Minute)
	}
	way := "ago"
	if ahead {
		way = "in"
	}
	return p.T("format.rel."+way+"."+unit, "N", n)
}

// Duration words a length of time by its two largest units: "40 s", "3 min
// 12 s", "2 h 5 min", "3 d 4 h". It is rounded to seconds and never negative.
func (p *Printer) Duration(d time.Duration) string {
	s := int(d.Abs().Round(time.Second) / time.Second)
	units := []struct {
		id      string
		seconds int
	}{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}}
	for i, u := range units {
		if s < u.seconds && u.id != "s" {
			continue
		}
		out := p.T("format.for."+u.id, "N", s/u.seconds)
		if i+1 < len(units) {
			if n := s % u.seconds / units[i+1].seconds; n > 0 {
				out += " " + p.T("format.for."+units[i+1].id, "N", n)
			}
		}
		return out
	}
	return ""
}

// Zone names the reader's zone, once on a page: "Hong Kong (UTC+8)".
func (p *Printer) Zone() string {
	name := p.zone.String()
	if name == "UTC" || name == "" || name == "Local" {
		return offset(p.Now())
	}
	city := name[strings.LastIndex(name, "/")+1:]
	return strings.ReplaceAll(city, "_", " ") + " (" + offset(p.Now()) + ")"
}

// offset is the distance of t's zone from UTC: "UTC", "UTC+8", "UTC−3:30".
func offset(t time.Time) string {
	_, s := t.Zone()
	if s == 0 {
		return "UTC"
	}
	sign := "+"
	if s < 0 {
		sign, s = minus, -s
	}
	if s%3600 == 0 {
		return fmt.Sprintf("UTC%s%d", sign, s/3600)
	}
	return fmt.Sprintf("UTC%s%d:%02d", sign, s/3600, s%3600/60)
}
