package wording

import (
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// Wares words what is bought: images, sizes, regions, periods, money.
type Wares struct {
	Printer *text.Printer
	Catalog *catalog.Catalog // nil where none is known: codes are shown as they are
}

// Title is "3 × WordPress in Singapore".
func (w Wares) Title(r order.Request) string {
	return w.Printer.T("orders.what", "N", r.Quantity, "Image", r.Image.Name, "Region", w.Region(r.Region))
}

// Image is "WordPress 6.4".
func (w Wares) Image(i order.Image) string {
	return strings.TrimSpace(text.Name(i.Name) + " " + i.Version)
}

// Size is "2 vCPU, 4 GiB", or the code where the catalogue does not know it.
func (w Wares) Size(spec string) string {
	if w.Catalog != nil {
		if s, ok := w.Catalog.Spec(spec); ok {
			return w.Printer.LTR(w.Printer.T("orders.size", "VCPUs", s.VCPUs, "Memory", w.Memory(s.MemoryMiB)))
		}
	}
	return text.Name(spec)
}

// Memory is "0.5 GiB", "16 GiB".
func (w Wares) Memory(mib int) string { return w.Printer.Unit(catalog.GiB(mib), "GiB") }

// Region is "Singapore", or the code where the catalogue does not know it.
func (w Wares) Region(code string) string { return Say(w.Printer, catalog.RegionName(code)) }

// Period is "1 month", "2 years, then automatic".
func (w Wares) Period(r order.Request) string {
	id := "orders.period.months"
	if r.PeriodUnit == order.Year {
		id = "orders.period.years"
	}
	s := w.Printer.N(id, r.PeriodNum)
	if r.AutoRenew {
		return w.Printer.T("orders.period.renewed", "Period", s)
	}
	return s
}

// Extras lists what was added: "Data disk 20 GiB and host security"; empty for
// nothing.
func (w Wares) Extras(r order.Request) string {
	var all []string
	if r.DataDiskGiB > 0 {
		all = append(all, w.Printer.T("orders.extra.disk", "Size", w.Printer.GiB(r.DataDiskGiB)))
	}
	if r.BackupGiB > 0 {
		all = append(all, w.Printer.T("orders.extra.backup", "Size", w.Printer.GiB(r.BackupGiB)))
	}
	if r.HostSecurity {
		all = append(all, w.Printer.T("orders.extra.security"))
	}
	return w.Printer.List(all...)
}

// Mode is how it is to be paid: "Exact price first", "At most US$ 26.00".
func (w Wares) Mode(r order.Request) string {
	switch {
	case r.Payment == order.DeductAtOnce:
		return w.Printer.T("orders.mode.deduct")
	case r.Payment == order.AtMost && r.Cap != nil:
		return w.Printer.T("orders.mode.atmost", "Amount", w.Money(*r.Cap))
	}
	return w.Printer.T("orders.mode.exact")
}

// Money is an exact amount.
func (w Wares) Money(m order.Money) string { return w.Printer.Money(m.Amount, m.Currency) }

// Amount is an exact amount, or that it is not known: never zero, never a guess.
func (w Wares) Amount(m *order.Money) string {
	if m == nil {
		return w.Printer.Unknown()
	}
	return w.Money(*m)
}

// tags lists them as "env=prod".
func (w Wares) tags(r order.Request) string {
	all := make([]string, len(r.Tags))
	for i, t := range r.Tags {
		all[i] = text.Name(t.Key + "=" + t.Value)
	}
	return strings.Join(all, ", ")
}

// Pairs are the facts of a request that order page and review share.
func (w Wares) Pairs(r order.Request) []ui.Pair {
	p := []ui.Pair{
		{Key: w.Printer.T("orders.facts.what"), Value: w.Printer.T("orders.facts.times", "N", r.Quantity, "Image", w.Image(r.Image))},
		{Key: w.Printer.T("orders.facts.size"), Value: w.Size(r.Spec)},
		{Key: w.Printer.T("orders.facts.region"), Value: w.Region(r.Region)},
		{Key: w.Printer.T("orders.facts.name"), Value: r.Name, Name: true},
		{Key: w.Printer.T("orders.facts.period"), Value: w.Period(r)},
	}
	if e := w.Extras(r); e != "" {
		p = append(p, ui.Pair{Key: w.Printer.T("orders.facts.extras"), Value: e})
	}
	if t := w.tags(r); t != "" {
		p = append(p, ui.Pair{Key: w.Printer.T("orders.facts.tags"), Value: t, Name: true})
	}
	return p
}

// Span is the length that is paid for, without what comes after: "1 month".
func (w Wares) Span(r order.Request) string {
	r.AutoRenew = false
	return w.Period(r)
}
