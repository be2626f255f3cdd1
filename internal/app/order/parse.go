package order

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
)

// The limits of a purchase (API Reference, Tables 4-2, 4-4 and 4-5).
const (
	MaxName        = 128
	MaxDescription = 1024
	MaxQuantity    = 200
	MaxMonths      = 9
	MaxYears       = 3
	MinDiskGiB     = 10
	MaxDiskGiB     = 2048
	MaxTagKey      = 32
	MaxTagValue    = 2048
	MaxTags        = 20 // the reference names no limit; ECS allows 20
)

var (
	nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
)

// Parse makes a Request of a draft's fields, with a sentence for each field
// that cannot be read. It uses only the catalogue and what is known about private
// images; Check says whether the request may be bought. Fields that are not filled
// in yet are left zero without a sentence.
func (s *Service) Parse(ctx context.Context, form map[string]string) (Request, map[string]fault.Message) {
	p := parser{form: form, bad: map[string]fault.Message{}}
	r := Request{
		AccountID: p.text(FieldAccount), Region: p.text(FieldRegion), Name: p.text(FieldName), Description: form[FieldDescription],
		Quantity: p.quantity(), PeriodUnit: Unit(p.text(FieldPeriodUnit)), PeriodNum: p.number(FieldPeriodNum, 1),
		AutoRenew: p.ticked(FieldAutoRenew), Payment: Mode(p.text(FieldPayment)),
		DataDiskGiB: p.number(FieldDataDisk, 0), BackupGiB: p.number(FieldBackup, 0), HostSecurity: p.ticked(FieldHostSecurity),
		Tags: p.tags(),
	}
	if r.PeriodUnit == "" {
		r.PeriodUnit = Month
	}
	if r.Payment == "" {
		r.Payment = ExactPriceFirst
	}
	if r.Payment == AtMost {
		r.Cap = p.cap()
	}
	s.choose(ctx, &r, p)
	return r, p.bad
}

// choose fills in image and size, as far as the catalogue knows them. An image that
// it does not have any more keeps its id, and its kind is empty.
func (s *Service) choose(ctx context.Context, r *Request, p parser) {
	ch := catalog.Choice{ImageID: p.text(FieldImage), Version: p.text(FieldVersion), Spec: p.text(FieldSpec), Region: r.Region}
	if ch.Spec == "" {
		ch.Spec = p.text(FieldSize)
	}
	cat, _ := s.catalogOf(ctx, r.AccountID)
	if cat == nil {
		r.Image.ID, r.Image.Version, r.Spec = ch.ImageID, ch.Version, ch.Spec
		return
	}
	if i, ok := cat.Image(ch.ImageID); ok {
		ch.Kind = i.Kind
		r.Image = Image{Kind: i.Kind, ID: i.ID, Name: i.DisplayName, OS: i.OS, Send: slices.Clone(i.SendNames)}
	} else if ch.ImageID != "" {
		img, listed := s.Inventory.Image(ctx, r.AccountID, ch.ImageID)
		r.Image = Image{Kind: cat.KindOf(ch.ImageID, listed), ID: ch.ImageID, Name: ch.ImageID}
		if ch.Kind = r.Image.Kind; ch.Kind == catalog.Private {
			ch.Version = ""
		}
		if listed {
			ch.Private = &img
			r.Image.Name, r.Image.OS = img.Name, img.OS
		}
	}
	ch = cat.Resolve(ch)
	r.Image.Version, r.Spec = ch.Version, ch.Spec
}

// catalogOf gives the catalogue of the account's site; nil when none is known.
func (s *Service) catalogOf(ctx context.Context, accountID string) (Catalog, account.Account) {
	if accountID == "" {
		return s.Catalog(account.International), account.Account{}
	}
	a, err := s.Accounts.Get(ctx, person.System, accountID)
	if err != nil {
		return nil, account.Account{}
	}
	return s.Catalog(a.Site), a
}

// parser reads fields and collects what it cannot read.
type parser struct {
	form map[string]string
	bad  map[string]fault.Message
}

func (p parser) text(field string) string { return spelling.Clean(p.form[field]) }

func (p parser) ticked(field string) bool {
	switch strings.ToLower(p.text(field)) {
	case "", "off", "false", "0", "no":
		return false
	}
	return true
}

// quantity reads how many. Without the field it is 1. An empty field is a mistake
// and not 1.
func (p parser) quantity() int {
	if _, seen := p.form[FieldQuantity]; !seen {
		return 1
	}
	return p.number(FieldQuantity, 0) // 0 is refused by Check
}

// number reads a whole number; for an empty field it gives empty.
func (p parser) number(field string, empty int) int {
	text := p.text(field)
	if text == "" {
		return empty
	}
	n, err := strconv.Atoi(text)
	if err != nil || len(text) > 9 {
		p.bad[field] = fault.Say("order.field.number")
		return 0
	}
	return n
}

// cap reads the most the person agrees to.
func (p parser) cap() *Money {
	text, code := p.text(FieldCap), strings.ToUpper(p.text(FieldCapCurrency))
	if text == "" {
		p.bad[FieldCap] = fault.Say("order.cap.missing")
		return nil
	}
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > 16 || d.Exponent() > 0 || d.Exponent() < -4 {
		p.bad[FieldCap] = fault.Say("order.cap.number")
		return nil
	}
	if !d.IsPositive() {
		p.bad[FieldCap] = fault.Say("order.cap.positive")
		return nil
	}
	if !currency.MatchString(code) {
		p.bad[FieldCapCurrency] = fault.Say("order.cap.currency")
		return nil
	}
	return &Money{Amount: d, Currency: code}
}

// tags reads the numbered pairs in the order of their numbers.
func (p parser) tags() []Tag {
	var numbers []int
	for field := range p.form {
		for _, prefix := range []string{FieldTagKey, FieldTagValue} {
			n, err := strconv.Atoi(strings.TrimPrefix(field, prefix))
			if strings.HasPrefix(field, prefix) && err == nil && n >= 0 && !slices.Contains(numbers, n) {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	var all []Tag
	for _, n := range numbers {
		i := strconv.Itoa(n)
		t := Tag{Key: p.text(FieldTagKey + i), Value: p.form[FieldTagValue+i]}
		if t.Key == "" && strings.TrimSpace(t.Value) == "" {
			continue
		}
		for _, m := range tagProblems(t, all) {
			p.bad[m.field+i] = m.message
		}
		all = append(all, t)
	}
	return all
}

type fieldProblem struct {
	field   string
	message fault.Message
}

// tagProblems says what is wrong with a tag that follows others.
func tagProblems(t Tag, before []Tag) []fieldProblem {
	var all []fieldProblem
	switch {
	case len(t.Key) > MaxTagKey || !nameForm.MatchString(t.Key):
		all = append(all, fieldProblem{FieldTagKey, fault.Say("order.tag.key")})
	case t.Key == TagKey:
		all = append(all, fieldProblem{FieldTagKey, fault.Say("order.tag.ours", "Key", TagKey)})
	case slices.ContainsFunc(before, func(o Tag) bool { return o.Key == t.Key }):
		all = append(all, fieldProblem{FieldTagKey, fault.Say("order.tag.twice", "Key", t.Key)})
	}
	if n := utf8.RuneCountInString(t.Value); n > MaxTagValue || !utf8.ValidString(t.Value) {
		all = append(all, fieldProblem{FieldTagValue, fault.Say("order.tag.value", "N", strconv.Itoa(n))})
	}
	return all
}
