package catalog

import "time"

// Huawei counts days by Beijing's clock, which has no daylight saving time.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// AddMonths gives the moment so many calendar months later, by Huawei's rule: the
// same day by Beijing's clock, or the last day of a month that does not have it.
// So 31 January and one month is 28 February. Every date that the console
// computes from a period comes from here. Negative numbers go back.
func AddMonths(t time.Time, months int) time.Time {
	t = t.In(beijing)
	y, m, d := t.Date()
	first := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, beijing)
	last := first.AddDate(0, 1, -1).Day()
	h, mi, s := t.Clock()
	return time.Date(first.Year(), first.Month(), min(d, last), h, mi, s, t.Nanosecond(), beijing)
}

// EndOfTerm is when what begins at start ends by itself after so many months: at
// the end of that day by Beijing's clock.
func EndOfTerm(start time.Time, months int) time.Time {
	y, m, d := AddMonths(start, months).Date()
	return time.Date(y, m, d, 23, 59, 59, 0, beijing).UTC()
}
