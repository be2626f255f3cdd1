package buy

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"sampan/internal/app/order"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/ui"
)

// extraGiB is what stands in the field of an extra before anything is typed.
const extraGiB = "20"

// tagRows is how many tags can be given (order.MaxTags).
const tagRows = order.MaxTags

// optionsModel is the fourth section, as typed.
func (w *wizard) optionsModel(ctx context.Context) *buy.OptionsModel {
	f := w.form
	m := &buy.OptionsModel{
		Name: f[order.FieldName], Quantity: w.quantityText(), Description: f[order.FieldDescription],
		AutoRenew: f[order.FieldAutoRenew] != "", HostSecurity: f[order.FieldHostSecurity] != "",
		Payment: cmp.Or(f[order.FieldPayment], string(order.ExactPriceFirst)), Cap: f[order.FieldCap],
		DataDisk: w.extraOn(order.FieldDataDisk), DataDiskGiB: w.extraText(order.FieldDataDisk),
		Backup: w.extraOn(order.FieldBackup), BackupGiB: w.extraText(order.FieldBackup),
		Suggestions: w.suggestions(ctx), Problems: map[string]string{},
	}
	if w.capOffered() {
		m.Offer = w.path(stepOptions) + "?check=1"
	}
	w.periods(m)
	w.currencies(m)
	m.Deduct, _ = w.h.Settings.AllowDeduct(ctx)
	if w.mayManage() {
		m.DeductURL = "/settings/console"
	}
	m.Tags = w.tagRows(0)
	m.CanAdd = len(m.Tags) < tagRows
	return m
}

// extraOn reports whether an extra is ticked; a draft made of an order has only
// its size.
func (w *wizard) extraOn(name string) bool {
	if on := w.form[name+fieldOn]; on != "" {
		return on == "on"
	}
	return w.form[name] != ""
}

func (w *wizard) extraText(name string) string {
	if typed, ok := w.form[name+fieldGiB]; ok {
		return typed
	}
	return cmp.Or(w.form[name], extraGiB)
}

// periods are months 1 to 9 and years 1 to 3 (API Reference, Table 4-2).
func (w *wizard) periods(m *buy.OptionsModel) {
	unit, num := cmp.Or(w.form[order.FieldPeriodUnit], string(order.Month)), cmp.Or(w.form[order.FieldPeriodNum], "1")
	option := func(u order.Unit, n int, id string) ui.Option {
		at := strconv.Itoa(n)
		return ui.Option{Value: string(u) + "-" + at, Label: at, Name: w.p.N(id, n), Chosen: string(u) == unit && at == num}
	}
	for n := 1; n <= order.MaxMonths; n++ {
		m.Months = append(m.Months, option(order.Month, n, "orders.period.months"))
	}
	for n := 1; n <= order.MaxYears; n++ {
		m.Years = append(m.Years, option(order.Year, n, "orders.period.years"))
	}
}

// currency is the account's own; "" while neither it nor a price is known.
func (w *wizard) currency() string {
	if w.account.Currency != "" {
		return w.account.Currency
	}
	if b, fresh := w.h.Orders.BalanceOf(w.account.ID); fresh == order.Known && b.Available.Currency != "" {
		return b.Available.Currency
	}
	if w.priced() {
		if q, fresh := w.h.Orders.Quote(w.account.ID, w.request); fresh == order.Known {
			return q.Total.Currency
		}
	}
	return ""
}

// currencies offers a choice only where the account's currency is not known.
func (w *wizard) currencies(m *buy.OptionsModel) {
	if code := w.currency(); code != "" {
		m.Currency, m.CurrencyCode = w.p.Currency(code), code
		return
	}
	chosen := cmp.Or(w.form[order.FieldCapCurrency], "USD")
	for _, code := range []string{"USD", "EUR", "CNY"} {
		m.Currencies = append(m.Currencies, ui.Option{Value: code, Label: code, Chosen: code == chosen})
	}
}

// quantityText is how many as typed, also when the field was emptied.
func (w *wizard) quantityText() string {
	if typed, ok := w.form[order.FieldQuantity]; ok {
		return typed
	}
	return "1"
}

// capOffered reports whether the page fills in the cap: no one has typed one.
func (w *wizard) capOffered() bool {
	if w.form[fieldOffer] != "" {
		return true
	}
	_, sent := w.form[order.FieldCap]
	return !sent
}

// offerCap fills in a cap that is the page's with the price of what is chosen
// now; it is empty while that is not known. It reports whether that changed it.
func (w *wizard) offerCap() bool {
	if !w.capOffered() {
		return false
	}
	amount, code := "", w.form[order.FieldCapCurrency]
	if w.priced() {
		if q, fresh := w.h.Orders.Quote(w.account.ID, w.request); fresh == order.Known {
			amount, code = q.Total.Amount.RoundUp(2).StringFixed(2), q.Total.Currency
		}
	}
	if amount == w.form[order.FieldCap] && code == w.form[order.FieldCapCurrency] {
		return false
	}
	w.form = overlay(w.form, map[string]string{order.FieldCap: amount, order.FieldCapCurrency: code, fieldOffer: "on"})
	return true
}

// readingPrice reports whether the price of what is chosen is on its way.
func (w *wizard) readingPrice() bool {
	if !w.priced() {
		return false
	}
	_, fresh := w.h.Orders.Quote(w.account.ID, w.request)
	return fresh == order.Reading
}

// suggestions are free names made of the image's.
func (w *wizard) suggestions(ctx context.Context) []string {
	stem := strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		}
		return -1
	}, w.request.Image.Name))
	if stem == "" || stem[0] >= '0' && stem[0] <= '9' {
		stem = "server"
	}
	var free []string
	for n := 1; len(free) < 3 && n < 1000; n++ {
		try := stem + "-" + strconv.Itoa(n)
		taken, err := w.h.Instances.NameTaken(ctx, w.account.ID, try)
		if err != nil {
			return nil // suggestions less
		}
		if !taken {
			free = append(free, try)
		}
	}
	return free
}

// tagRows are the tags as typed, at least one row, and more empty ones if asked.
func (w *wizard) tagRows(more int) []buy.TagRow {
	var rows []buy.TagRow
	for n := 1; ; n++ {
		at := strconv.Itoa(n)
		key, ok := w.form[order.FieldTagKey+at]
		value := w.form[order.FieldTagValue+at]
		if !ok && value == "" {
			break
		}
		rows = append(rows, buy.TagRow{N: at, Key: key, Value: value})
	}
	empty := len(rows) == 0 || (rows[len(rows)-1].Key == "" && rows[len(rows)-1].Value == "")
	if len(rows) == 0 || more > 0 && !empty {
		rows = append(rows, buy.TagRow{N: strconv.Itoa(len(rows) + 1)})
	}
	return rows
}

// optionOrder is the order of the fields on the page, for the list of mistakes.
var optionOrder = []string{order.FieldName, order.FieldQuantity, fieldPeriod, order.FieldPayment, order.FieldCap, order.FieldDataDisk,
	order.FieldBackup}

// controls are the ids of the controls that are not called like their field.
var controls = map[string]string{
	order.FieldDataDisk: order.FieldDataDisk + fieldGiB, order.FieldBackup: order.FieldBackup + fieldGiB,
	order.FieldPayment: "payment-exact",
}

// optionProblems puts the problems beside their fields. With typed only, fields
// that are still empty get no problem.
func (w *wizard) optionProblems(m *buy.OptionsModel, typedOnly bool) {
	for field, problem := range w.problems {
		if stepOf(field) != stepOptions {
			continue
		}
		// How many is filled in from the start: it is empty because somebody emptied it.
		if typedOnly && strings.TrimSpace(w.form[field]) == "" && w.form[field+fieldGiB] == "" && field != order.FieldQuantity {
			continue
		}
		m.Problems[controlOf(field)] = wording.Say(w.p, problem)
		if field == order.FieldName {
			m.UseName = problem.Values["Free"]
		}
	}
}
