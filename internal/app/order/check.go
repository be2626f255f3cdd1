package order

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Check says, by form field, why the request may not be bought: every rule of
// the API Reference (Tables 4-2 to 4-5), the catalogue (cloud-api, 6.6), the
// account, and names in use, for which it proposes the next free one. An empty
// map means that it may.
func (s *Service) Check(ctx context.Context, by person.Actor, r Request) map[string]fault.Message {
	bad := Problems(r)
	a := s.checkAccount(ctx, by, r, bad)
	s.checkCatalog(ctx, a, r, bad)
	s.checkPayment(ctx, r, bad)
	s.checkName(ctx, r, bad)
	return bad
}

// Problems says what is wrong with a request by itself, by form field.
func Problems(r Request) map[string]fault.Message {
	bad := map[string]fault.Message{}
	say := func(field, id string, pairs ...string) { bad[field] = fault.Say(id, pairs...) }
	for field, v := range map[string]string{FieldAccount: r.AccountID, FieldImage: r.Image.ID, FieldSize: r.Spec, FieldRegion: r.Region} {
		if v == "" {
			say(field, "order."+field+".missing")
		}
	}
	switch n := len(r.Name); {
	case n == 0:
		say(FieldName, "order.name.missing")
	case n > MaxName:
		say(FieldName, "order.name.long", "N", strconv.Itoa(n))
	case !nameForm.MatchString(r.Name):
		say(FieldName, "order.name.form")
	}
	if n := utf8.RuneCountInString(r.Description); n > MaxDescription || !utf8.ValidString(r.Description) {
		say(FieldDescription, "order.description.long", "N", strconv.Itoa(n))
	}
	if r.Quantity < 1 || r.Quantity > MaxQuantity {
		say(FieldQuantity, "order.quantity.range")
	}
	switch {
	case r.PeriodUnit == Month && (r.PeriodNum < 1 || r.PeriodNum > MaxMonths):
		say(FieldPeriodNum, "order.period.months")
	case r.PeriodUnit == Year && (r.PeriodNum < 1 || r.PeriodNum > MaxYears):
		say(FieldPeriodNum, "order.period.years")
	case r.PeriodUnit != Month && r.PeriodUnit != Year:
		say(FieldPeriodUnit, "order.period.unit")
	}
	for field, gib := range map[string]int{FieldDataDisk: r.DataDiskGiB, FieldBackup: r.BackupGiB} {
		if gib != 0 && (gib < MinDiskGiB || gib > MaxDiskGiB) {
			say(field, "order.gib.range")
		}
	}
	tagsProblems(r.Tags, bad)
	return bad
}

func tagsProblems(tags []Tag, bad map[string]fault.Message) {
	for i, t := range tags {
		for _, p := range tagProblems(t, tags[:i]) {
			bad[p.field+strconv.Itoa(i+1)] = p.message
		}
	}
	if len(tags) > MaxTags {
		bad[FieldTagKey+strconv.Itoa(MaxTags+1)] = fault.Say("order.tags.many")
	}
}

func (s *Service) checkAccount(ctx context.Context, by person.Actor, r Request, bad map[string]fault.Message) account.Account {
	if r.AccountID == "" {
		return account.Account{}
	}
	a, err := s.Accounts.Get(ctx, by, r.AccountID)
	switch {
	case err != nil:
		bad[FieldAccount] = fault.Say("order.account.gone")
	case a.State == account.Disabled:
		bad[FieldAccount] = fault.Say("order.account.disabled", "Account", a.Label)
	case a.KeyLost():
		bad[FieldAccount] = fault.Say("order.account.key.lost", "Account", a.Label)
	case a.State == account.Broken:
		bad[FieldAccount] = fault.Say("order.account.broken", "Account", a.Label)
	case a.DomainID == "" && !a.CheckedAt.IsZero():
		bad[FieldAccount] = fault.Say("order.account.unidentified", "Account", a.Label)
	case s.Catalog(a.Site) == nil:
		bad[FieldAccount] = fault.Say("order.account.catalog", "Account", a.Label)
	case r.Region != "" && a.Unread():
		bad[FieldRegion] = fault.Say("order.region.unread", "Account", a.Label)
	case r.Region != "" && !a.Active(r.Region):
		bad[FieldRegion] = fault.Say("order.region.inactive", "Region", regionWord(r.Region), "Account", a.Label)
	}
	return a
}

// regionWord is a region as a value of a message: its name in the reader's
// language, by reference.
func regionWord(code string) string {
	if m := catalog.RegionName(code); len(m.Values) == 0 {
		return "@" + m.ID
	}
	return code
}

func (s *Service) checkCatalog(ctx context.Context, a account.Account, r Request, bad map[string]fault.Message) {
	cat := s.Catalog(a.Site)
	if a.ID == "" || cat == nil {
		return
	}
	fields := map[catalog.Part]string{catalog.PartImage: FieldImage, catalog.PartSize: FieldSize, catalog.PartRegion: FieldRegion}
	for _, reason := range cat.Check(s.choice(ctx, r)) {
		if f := fields[reason.Part]; bad[f].Zero() {
			bad[f] = reason.Message
		}
	}
	if r.Image.Kind != catalog.Private && r.Image.ID != "" && r.Image.Version == "" && bad[FieldImage].Zero() {
		bad[FieldVersion] = fault.Say("order.version.missing")
	}
}

// choice is the request as the catalogue sees it.
func (s *Service) choice(ctx context.Context, r Request) catalog.Choice {
	ch := catalog.Choice{Kind: r.Image.Kind, ImageID: r.Image.ID, Version: r.Image.Version, Spec: r.Spec, Region: r.Region}
	if r.Image.Kind == catalog.Private {
		if img, ok := s.Inventory.Image(ctx, r.AccountID, r.Image.ID); ok {
			ch.Private = &img
		}
	}
	return ch
}

func (s *Service) checkPayment(ctx context.Context, r Request, bad map[string]fault.Message) {
	switch r.Payment {
	case ExactPriceFirst:
	case AtMost:
		if r.Cap == nil || !r.Cap.Amount.IsPositive() || !currency.MatchString(r.Cap.Currency) {
			bad[FieldCap] = fault.Say("order.cap.missing")
		}
	case DeductAtOnce:
		if allowed, err := s.Settings.AllowDeduct(ctx); err != nil || !allowed {
			bad[FieldPayment] = fault.Say("order.payment.deduct")
		}
	default:
		bad[FieldPayment] = fault.Say("order.payment.mode")
	}
}

func (s *Service) checkName(ctx context.Context, r Request, bad map[string]fault.Message) {
	if !bad[FieldName].Zero() || r.AccountID == "" {
		return
	}
	taken, err := s.nameTaken(ctx, r.AccountID, r.Name)
	if err != nil {
		s.Log.ErrorContext(ctx, "names not read", "account", r.AccountID, "err", err)
		bad[FieldName] = fault.Say("order.name.unchecked")
		return
	}
	if !taken {
		return
	}
	if free, err := s.NextName(ctx, r.AccountID, r.Name); err == nil {
		bad[FieldName] = fault.Say("order.name.taken", "Name", r.Name, "Free", free)
		return
	}
	bad[FieldName] = fault.Say("order.name.taken.only", "Name", r.Name)
}

// nameTaken reports whether the account's inventory, an open intent or a
// delivery that the inventory may not show yet has the name.
func (s *Service) nameTaken(ctx context.Context, accountID, name string) (bool, error) {
	taken, err := s.Inventory.NameTaken(ctx, accountID, name)
	if err != nil || taken {
		return taken, err
	}
	kin, err := s.Accounts.Kin(ctx, accountID)
	if err != nil {
		return false, err
	}
	holder, err := s.Store.NameHolder(ctx, kin, name, s.Now().Add(-s.Timing.Settled), "")
	return holder != "", err
}

// NextName proposes the next free name after one that is taken: "web" becomes
// "web-2", "web-2" becomes "web-3".
func (s *Service) NextName(ctx context.Context, accountID, name string) (string, error) {
	stem, n := name, 1
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		if k, err := strconv.Atoi(name[i+1:]); err == nil && k >= 1 && k < 1_000_000 {
			stem, n = name[:i], k
		}
	}
	for range 1000 {
		n++
		end := "-" + strconv.Itoa(n)
		try := stem[:min(len(stem), MaxName-len(end))] + end
		taken, err := s.nameTaken(ctx, accountID, try)
		if err != nil {
			return "", err
		}
		if !taken {
			return try, nil
		}
	}
	return "", errors.New("order: no free name found")
}
