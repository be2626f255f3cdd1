package web

import (
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// wares words what is bought: images, sizes, regions, periods, money.
type wares struct {
	p       *text.Printer
	catalog *catalog.Catalog // nil where none is known: codes are shown as they are
}

// title is "3 × WordPress in Singapore".
func (w wares) title(r order.Request) string {
	return w.p.T("orders.what", "N", r.Quantity, "Image", r.Image.Name, "Region", w.region(r.Region))
}

// image is "WordPress 6.4".
func (w wares) image(i order.Image) string {
	return strings.TrimSpace(text.Name(i.Name) + " " + i.Version)
}

// size is "2 vCPU, 4 GiB", or the code where the catalogue does not know it.
func (w wares) size(spec string) string {
	if w.catalog != nil {
		if s, ok := w.catalog.Spec(spec); ok {
			return w.p.LTR(w.p.T("orders.size", "VCPUs", s.VCPUs, "Memory", w.memory(s.MemoryMiB)))
		}
	}
	return text.Name(spec)
}

// memory is "0.5 GiB", "16 GiB".
func (w wares) memory(mib int) string { return w.p.Unit(catalog.GiB(mib), "GiB") }

func (w wares) region(code string) string { return sayIn(w.p, catalog.RegionName(code)) }

// period is "1 month", "2 years, then automatic".
func (w wares) period(r order.Request) string {
	id := "orders.period.months"
	if r.PeriodUnit == order.Year {
		id = "orders.period.years"
	}
	s := w.p.N(id, r.PeriodNum)
	if r.AutoRenew {
		return w.p.T("orders.period.renewed", "Period", s)
	}
	return s
}

// extras lists what was added: "Data disk 20 GiB and host security"; empty for
// nothing.
func (w wares) extras(r order.Request) string {
	var all []string
	if r.DataDiskGiB > 0 {
		all = append(all, w.p.T("orders.extra.disk", "Size", w.p.GiB(r.DataDiskGiB)))
	}
	if r.BackupGiB > 0 {
		all = append(all, w.p.T("orders.extra.backup", "Size", w.p.GiB(r.BackupGiB)))
	}
	if r.HostSecurity {
		all = append(all, w.p.T("orders.extra.security"))
	}
	return w.p.List(all...)
}

// mode is how it is to be paid: "Exact price first", "At most US$ 26.00".
func (w wares) mode(r order.Request) string {
	switch {
	case r.Payment == order.DeductAtOnce:
		return w.p.T("orders.mode.deduct")
	case r.Payment == order.AtMost && r.Cap != nil:
		return w.p.T("orders.mode.atmost", "Amount", w.money(*r.Cap))
	}
	return w.p.T("orders.mode.exact")
}

// money is an exact amount.
func (w wares) money(m order.Money) string { return w.p.Money(m.Amount, m.Currency) }

// amount is an exact amount, or that it is not known: never zero, never a guess.
func (w wares) amount(m *order.Money) string {
	if m == nil {
		return w.p.Unknown()
	}
	return w.money(*m)
}

// tags lists them as "env=prod".
func (w wares) tags(r order.Request) string {
	all := make([]string, len(r.Tags))
	for i, t := range r.Tags {
		all[i] = text.Name(t.Key + "=" + t.Value)
	}
	return strings.Join(all, ", ")
}

// pairs are the facts of a request that order page and review share.
func (w wares) pairs(r order.Request) []ui.Pair {
	p := []ui.Pair{
		{Key: w.p.T("orders.facts.what"), Value: w.p.T("orders.facts.times", "N", r.Quantity, "Image", w.image(r.Image))},
		{Key: w.p.T("orders.facts.size"), Value: w.size(r.Spec)},
		{Key: w.p.T("orders.facts.region"), Value: w.region(r.Region)},
		{Key: w.p.T("orders.facts.name"), Value: r.Name, Name: true},
		{Key: w.p.T("orders.facts.period"), Value: w.period(r)},
	}
	if e := w.extras(r); e != "" {
		p = append(p, ui.Pair{Key: w.p.T("orders.facts.extras"), Value: e})
	}
	if t := w.tags(r); t != "" {
		p = append(p, ui.Pair{Key: w.p.T("orders.facts.tags"), Value: t, Name: true})
	}
	return p
}
