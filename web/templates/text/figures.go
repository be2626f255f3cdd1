package text

import (
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

const (
	nbsp  = "\u00a0"
	minus = "\u2212"
)

// Western digits are used in every language (design: languages), so English
// does for the pseudo-language too.
var figures = map[string]*message.Printer{
	English: message.NewPrinter(language.English),
	Chinese: message.NewPrinter(language.SimplifiedChinese),
	Pseudo:  message.NewPrinter(language.English),
}

// Number groups the thousands of a count: "1,240".
func (p *Printer) Number(n int) string {
	if n < 0 {
		return minus + figures[p.lang].Sprint(number.Decimal(-n))
	}
	return figures[p.lang].Sprint(number.Decimal(n))
}

// symbols are the signs of the currencies that Huawei's sites charge in; any
// other is shown by its code.
var symbols = map[string]string{"USD": "US$", "CNY": "CN¥", "EUR": "€", "HKD": "HK$", "SGD": "S$", "BRL": "R$", "THB": "THB", "TRY": "TRY",
	"SAR": "SAR"}

// Money words an exact amount in the currency (ISO 4217) it was given in,
// "US$ 1,412.00": two decimals, more only when the amount has them, never
// rounded; a true minus before the currency when it is negative. An empty
// currency shows the bare figure.
func (p *Printer) Money(amount decimal.Decimal, currency string) string {
	sign := ""
	if amount.IsNegative() {
		sign, amount = minus, amount.Neg()
	}
	whole, fraction, _ := strings.Cut(amount.String(), ".")
	if len(fraction) < 2 {
		fraction += strings.Repeat("0", 2-len(fraction))
	}
	s := group(whole) + "." + fraction
	if currency == "" {
		return p.LTR(sign + s)
	}
	return p.LTR(sign + p.Currency(currency) + nbsp + s)
}

// Currency is the sign of a currency (ISO 4217), "US$".
func (p *Printer) Currency(code string) string {
	if symbol, ok := symbols[code]; ok {
		return symbol
	}
	return Visible(code)
}

// MoneyText is Money for an amount that is kept as text. Text that is not an
// amount becomes "not known", never zero.
func (p *Printer) MoneyText(amount, currency string) string {
	d, err := decimal.NewFromString(amount)
	if err != nil {
		return p.Unknown()
	}
	return p.Money(d, currency)
}

// MoneyBack words an amount that returns to the account: "+ US$ 3.07".
func (p *Printer) MoneyBack(amount decimal.Decimal, currency string) string {
	return p.LTR("+" + nbsp + p.Money(amount.Abs(), currency))
}

// Unknown is what is shown instead of a figure that is not known.
func (p *Printer) Unknown() string { return p.T("format.unknown") }

// group puts commas between the thousands of a row of digits.
func group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// LTR keeps figures and their units in order where the language runs from right
// to left: otherwise "2 vCPU, 4 GiB" would be read from its other end.
func (p *Printer) LTR(s string) string {
	if p.Dir() == "rtl" && s != "" {
		return "\u2066" + s + "\u2069" // left-to-right isolate … pop
	}
	return s
}

// Unit words a figure with its unit: "0.5 GiB".
func (p *Printer) Unit(figure, unit string) string { return p.LTR(figure + nbsp + unit) }

// GiB words a size of memory or disk: "80 GiB", "2,048 GiB".
func (p *Printer) GiB(n int) string { return p.Unit(p.Number(n), "GiB") }

// Mbit words a bandwidth: "30 Mbit/s".
func (p *Printer) Mbit(n int) string { return p.Unit(p.Number(n), "Mbit/s") }

// Traffic words outbound data given in GB: "850 GB", and from 1,024 GB on, as
// Huawei counts, with at most one decimal: "3.5 TB".
func (p *Printer) Traffic(gb float64) string {
	if math.Abs(gb) < 1024 {
		return p.Unit(p.Number(int(math.Round(gb))), "GB")
	}
	tb := strconv.FormatFloat(gb/1024, 'f', 1, 64)
	sign := ""
	if rest, negative := strings.CutPrefix(tb, "-"); negative {
		sign, tb = minus, rest
	}
	whole, fraction, _ := strings.Cut(tb, ".")
	if fraction != "0" {
		return p.Unit(sign+group(whole)+"."+fraction, "TB")
	}
	return p.Unit(sign+group(whole), "TB")
}

// List joins names the way the language does: "a, b and c".
func (p *Printer) List(items ...string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	head := strings.Join(items[:len(items)-1], p.T("format.list.comma"))
	return p.T("format.list.and", "Head", head, "Last", items[len(items)-1])
}
