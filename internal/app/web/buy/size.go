package buy

import (
	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
)

// sizeModel is all seven sizes as seen from the image. The region is chosen
// later, so a size that only some regions have is possible and says so.
func (w *wizard) sizeModel() *buy.SizeModel {
	m := &buy.SizeModel{}
	ch := w.choice
	ch.Spec, ch.Region = "", ""
	chosen, _ := w.catalog.Size(w.choice.Spec)
	sizes := w.catalog.Sizes()
	for n, o := range w.catalog.SizeOptions(ch) {
		s := sizes[n]
		c := buy.SizeCard{ID: s.Key, Title: w.what.Memory(s.MemoryMiB), Checked: o.Legal && s.Key == chosen.Key, Facts: []string{
			w.p.LTR(w.p.T("buy.size.vcpus", "N", s.VCPUs)), w.p.T("buy.size.disk", "Size", w.p.GiB(s.SystemDiskGiB)),
			w.p.Mbit(s.PeakBandwidthMbit), w.p.T("buy.size.traffic", "Size", w.p.Traffic(float64(s.TrafficGB))),
		}}
		if !o.Legal {
			c.Why = w.reasons(o.Choice, o.Reasons)
		} else {
			if only := w.onlyIn(o.Choice); only != "" {
				c.Facts = append(c.Facts, only)
			}
			for _, warning := range o.Warnings {
				c.Facts = append(c.Facts, wording.Say(w.p, warning))
			}
			var fresh order.Freshness
			c.Price, fresh = w.cardPrice(o.Choice.Spec)
			if fresh == order.Reading {
				m.Poll = w.path(stepSize)
			}
		}
		if c.Price != "" {
			m.PriceNote = w.p.T("buy.size.prices", "Region", w.what.Region(w.choice.Region))
		}
		m.Cards = append(m.Cards, c)
	}
	return m
}

// onlyIn names the regions of a choice that some do not have; empty when all do.
func (w *wizard) onlyIn(ch catalog.Choice) string {
	var names []string
	all := w.catalog.RegionOptions(ch, nil)
	for _, o := range all {
		if o.Legal {
			names = append(names, w.what.Region(o.Key))
		}
	}
	if len(names) == len(all) || len(names) == 0 || ch.Kind == catalog.Private {
		return ""
	}
	return w.p.T("buy.size.only", "Regions", w.p.List(names...))
}

// cardPrice is the price of a month in a size, once the region is chosen; ""
// while it is not known.
func (w *wizard) cardPrice(spec string) (string, order.Freshness) {
	if !w.chosen(stepRegion) || w.problem(stepRegion) != "" || w.choice.ImageID == "" {
		return "", order.NoPrice
	}
	r := w.request
	r.Spec, r.Quantity, r.PeriodUnit, r.PeriodNum = spec, 1, order.Month, 1
	r.DataDiskGiB, r.BackupGiB, r.HostSecurity = 0, 0, false
	q, fresh := w.h.Orders.Quote(w.account.ID, r)
	if fresh != order.Known {
		return "", fresh
	}
	return w.what.Money(q.Total), fresh
}

// regionModel is every region as seen from image and size.
func (w *wizard) regionModel() *buy.RegionModel {
	m := &buy.RegionModel{}
	ch := w.choice
	ch.Region = ""
	active := w.account.Active
	if w.account.Unread() { // not known yet: the review says so when a region is not active
		active = func(string) bool { return true }
	}
	for _, o := range w.catalog.RegionOptions(ch, active) {
		c := buy.RegionCard{Code: o.Key, Name: w.what.Region(o.Key), Checked: o.Legal && o.Key == w.choice.Region}
		if !o.Legal {
			c.Why = w.reasons(o.Choice, o.Reasons)
		}
		for _, warning := range o.Warnings {
			c.Warning = wording.Say(w.p, warning)
		}
		m.Cards = append(m.Cards, c)
	}
	return m
}
