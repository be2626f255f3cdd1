package visit

import (
	"slices"
	"time"
	_ "time/tzdata" // the binary runs where no zone files are

	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// zones are the time zones a person may choose from: one for each offset and
// the places our people and Huawei's regions are in, west to east.
var zones = []string{
	"Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Mexico_City",
	"America/Chicago", "America/Bogota", "America/Lima", "America/New_York", "America/Caracas", "America/Santiago",
	"America/Halifax", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Atlantic/Azores", "UTC", "Africa/Casablanca",
	"Europe/London", "Europe/Lisbon", "Africa/Lagos", "Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Rome",
	"Africa/Cairo", "Africa/Johannesburg", "Europe/Athens", "Europe/Kyiv", "Europe/Istanbul", "Asia/Riyadh", "Africa/Nairobi",
	"Europe/Moscow", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul", "Asia/Karachi", "Asia/Tashkent", "Asia/Kolkata",
	"Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Jakarta", "Asia/Ho_Chi_Minh", "Asia/Shanghai",
	"Asia/Hong_Kong", "Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Manila", "Asia/Taipei", "Australia/Perth", "Asia/Tokyo",
	"Asia/Seoul", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Noumea", "Pacific/Auckland",
	"Pacific/Tongatapu",
}

// ZoneOptions are the zones as a form shows them; the chosen one is among them
// even if the list does not have it.
func ZoneOptions(p *text.Printer, chosen string) []ui.Option {
	if chosen == "" {
		chosen = "UTC"
	}
	names := zones
	if _, err := time.LoadLocation(chosen); err == nil && !slices.Contains(names, chosen) && len(chosen) < 64 {
		names = append([]string{chosen}, names...)
	}
	out := make([]ui.Option, 0, len(names))
	for _, name := range names {
		loc, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		out = append(out, ui.Option{Value: name, Label: text.New(p.Lang(), loc).At(p.Now).Zone(), Chosen: name == chosen})
	}
	return out
}
