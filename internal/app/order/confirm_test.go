package order_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
)

func TestAReviewIsConfirmedOnce(t *testing.T) {
	h := newShop(t)
	v := h.review(formWith())
	first, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
	if err != nil {
		t.Fatal(err)
	}
	h.settle()
	for name, additional := range map[string]bool{"double click": false, "replay with the box ticked": true} {
		again, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, additional)
		if err != nil || again != first {
			t.Errorf("%s: got %q, %v, want %q", name, again, err, first)
		}
	}
	h.settle()
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestASecondTabOnTheSameDraftBuysOnce(t *testing.T) {
	h := newShop(t)
	d, err := h.s.NewDraft(t.Context(), buyer, formWith())
	if err != nil {
		t.Fatal(err)
	}
	one, err := h.s.Review(t.Context(), buyer, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.s.Review(t.Context(), buyer, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if one.ClientRequestID == two.ClientRequestID || one.IntentTag == two.IntentTag || one.Hash != two.Hash {
		t.Errorf("two reviews of one draft: own ids, equal hash; got %+v and %+v", one, two)
	}
	a, err := h.s.Confirm(t.Context(), buyer, one.ID, one.Hash, false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.s.Confirm(t.Context(), buyer, two.ID, two.Hash, false)
	if err != nil || a != b {
		t.Errorf("second tab: got %q, %v, want %q", b, err, a)
	}
	h.settle()
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

// interleaved lets something happen between the questions of a confirmation
// and its transaction.
type interleaved struct {
	order.Store
	between func()
}

func (i interleaved) Confirm(ctx context.Context, c order.Confirmation) (string, bool, error) {
	i.between()
	return i.Store.Confirm(ctx, c)
}

func TestASecondTabInTheSameInstantBuysOnce(t *testing.T) {
	h := newShop(t)
	d, err := h.s.NewDraft(t.Context(), buyer, formWith())
	if err != nil {
		t.Fatal(err)
	}
	one, errOne := h.s.Review(t.Context(), buyer, d.ID)
	two, errTwo := h.s.Review(t.Context(), buyer, d.ID)
	if err := errors.Join(errOne, errTwo); err != nil {
		t.Fatal(err)
	}
	first := ""
	o := h.options("process-1")
	o.Store = interleaved{h.store, func() {
		if first, err = h.s.Confirm(t.Context(), buyer, one.ID, one.Hash, false); err != nil {
			t.Error(err)
		}
	}}
	second, err := order.New(o).Confirm(t.Context(), buyer, two.ID, two.Hash, false)
	if err != nil || second != first {
		t.Errorf("the slower tab: got %q, %v, want %q", second, err, first)
	}
	h.settle()
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestConfirmRefuses(t *testing.T) {
	h := newShop(t)
	v := h.review(formWith())
	for name, c := range map[string]struct {
		by   person.Actor
		id   string
		hash string
		want string
	}{
		"another hash":          {buyer, v.ID, strings.Repeat("0", 64), "order.review.changed"},
		"somebody else":         {owner, v.ID, v.Hash, "order.review.changed"},
		"no such review":        {buyer, "nope", v.Hash, "order.review.changed"},
		"an operator":           {person.Actor{PersonID: buyer.PersonID, Role: person.Operator}, v.ID, v.Hash, "order.forbidden"},
		"nobody with no rights": {person.Actor{}, v.ID, v.Hash, "order.forbidden"},
	} {
		if _, err := h.s.Confirm(t.Context(), c.by, c.id, c.hash, false); fault.Of(err).Message.ID != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	h.clock.add(25 * time.Hour)
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false); fault.Of(err).Message.ID != "order.review.changed" {
		t.Errorf("a day later: got %v", err)
	}
	h.settle()
	if h.purchases() != 0 {
		t.Error("something was sent")
	}
}

func TestAnEqualOrderWithinADayNeedsAWord(t *testing.T) {
	h := newShop(t)
	h.script(refused(400, "HCSS.14000010"), placed)
	first := h.buy()
	h.settle()
	h.in(first, order.Refused, "order.refused.soldout")
	d, err := h.s.Again(t.Context(), buyer, first)
	if err != nil || d.RepeatOf != first {
		t.Fatalf("again: got %+v, %v", d, err)
	}
	v, err := h.s.Review(t.Context(), buyer, d.ID)
	if err != nil || v.Repeats != first {
		t.Fatalf("review: repeats %q, %v, want %q", v.Repeats, err, first)
	}
	_, err = h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
	if f := fault.Of(err); f.Message.ID != "order.repeat" || f.Message.Values["Order"] != first {
		t.Errorf("without a word: got %v", err)
	}
	second, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, true)
	if err != nil {
		t.Fatal(err)
	}
	h.settle()
	if o := h.in(second, order.AwaitingPayment, ""); o.RepeatOf != first {
		t.Errorf("linked to %q, want %q", o.RepeatOf, first)
	}
	h.clock.add(25 * time.Hour)
	v = h.review(formWith(order.FieldName, "shop-3"))
	if v.Repeats != "" {
		t.Errorf("another name: repeats %q", v.Repeats)
	}
}

func TestNamesInUseAreRefusedWithTheNextFreeOne(t *testing.T) {
	h := newShop(t)
	h.inventory.names = map[string]bool{"web": true, "web-2": true}
	r, _ := h.s.Parse(t.Context(), formWith(order.FieldName, "web"))
	m := h.s.Check(t.Context(), buyer, r)[order.FieldName]
	if m.ID != "order.name.taken" || m.Values["Free"] != "web-3" {
		t.Errorf("in the inventory: got %v", m)
	}
	h.buy()
	r.Name = "shop"
	if m = h.s.Check(t.Context(), buyer, r)[order.FieldName]; m.Values["Free"] != "shop-2" {
		t.Errorf("of an open intent: got %v", m)
	}
	r.AccountID = "acc-2"
	if m = h.s.Check(t.Context(), buyer, r)[order.FieldName]; !m.Zero() && m.Values["Name"] != "" && m.ID != "order.name.taken" {
		t.Errorf("another account: got %v", m)
	}
	long := strings.Repeat("a", order.MaxName)
	h.inventory.names[long] = true
	if free, err := h.s.NextName(t.Context(), "acc-1", long); err != nil || len(free) > order.MaxName || !strings.HasSuffix(free, "-2") {
		t.Errorf("next after the longest name: got %q, %v", free, err)
	}
}

func TestTwoOrdersOfOneNameAtTheSameMoment(t *testing.T) {
	h := newShop(t)
	a, b := h.review(formWith()), h.review(formWith(order.FieldDescription, "another"))
	if _, err := h.s.Confirm(t.Context(), buyer, a.ID, a.Hash, false); err != nil {
		t.Fatal(err)
	}
	_, err := h.s.Confirm(t.Context(), buyer, b.ID, b.Hash, false)
	if !slices.Equal(fieldsOf(err), []string{order.FieldName}) {
		t.Errorf("got %v, want the name refused", err)
	}
}

func TestParallelConfirmsAndWorkersBuyOnce(t *testing.T) {
	h := newShop(t)
	v := h.review(formWith())
	other := h.service("process-2")
	var wg sync.WaitGroup
	ids := make([]string, 16)
	for i := range ids {
		wg.Go(func() {
			s := h.s
			if i%2 == 1 {
				s = other
			}
			id, err := s.Confirm(t.Context(), buyer, v.ID, v.Hash, false)
			if err != nil {
				t.Errorf("confirm: %v", err)
			}
			ids[i] = id
			if _, err := s.Engine().RunDue(t.Context()); err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	wg.Wait()
	h.settle()
	if len(slices.Compact(slices.Clone(ids))) != 1 {
		t.Errorf("orders: got %v, want one", ids)
	}
	h.in(ids[0], order.AwaitingPayment, "")
	if h.purchases() != 1 {
		t.Errorf("purchases: got %d, want 1", h.purchases())
	}
}

func TestDraftsRememberTheLastChoice(t *testing.T) {
	h := newShop(t)
	ctx := t.Context()
	d, err := h.s.NewDraft(ctx, buyer, map[string]string{order.FieldImage: "wordpress", order.FieldSize: "2-4"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.Draft(ctx, owner, d.ID); fault.Of(err).Kind != fault.NotFound {
		t.Errorf("somebody else's draft: got %v", err)
	}
	d, err = h.s.SaveDraft(ctx, buyer, d.ID, "region", map[string]string{order.FieldImage: "gitlab", order.FieldName: "x"})
	if err != nil || d.Before[order.FieldImage] != "wordpress" || d.Step != "region" {
		t.Fatalf("changed choice: got %+v, %v", d, err)
	}
	d, err = h.s.SaveDraft(ctx, buyer, d.ID, "image", d.Before)
	if err != nil || d.Form[order.FieldImage] != "wordpress" || d.Form[order.FieldSize] != "2-4" || d.Before[order.FieldImage] != "gitlab" {
		t.Errorf("the choice before, chosen again: got %+v, %v", d, err)
	}
	if d, err = h.s.SaveDraft(ctx, buyer, d.ID, "image", d.Form); err != nil || d.Step != "region" {
		t.Errorf("going back does not forget how far one was: got %q, %v", d.Step, err)
	}
	if all, err := h.s.Drafts(ctx, buyer); err != nil || len(all) != 1 {
		t.Errorf("drafts: got %v, %v", all, err)
	}
	if err := h.s.DiscardDraft(ctx, buyer, d.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.Draft(ctx, buyer, d.ID); fault.Of(err).Kind != fault.NotFound {
		t.Errorf("discarded: got %v", err)
	}
}

func TestFormAndParseAgree(t *testing.T) {
	h := newShop(t)
	form := formWith(order.FieldDescription, " two  words ", order.FieldAutoRenew, "on", order.FieldHostSecurity, "on",
		order.FieldDataDisk, "20",
		order.FieldBackup, "2048", order.FieldPayment, "atmost", order.FieldCap, "30.50", order.FieldCapCurrency, "usd",
		"tag_key_1", "env", "tag_value_1", "prod", "tag_key_7", "team", "tag_value_7", "")
	r, bad := h.s.Parse(t.Context(), form)
	if len(bad) != 0 {
		t.Fatalf("problems: %v", bad)
	}
	if r.Spec != "hf.large.1.60m.linux" && !strings.HasSuffix(r.Spec, ".linux") {
		t.Errorf("spec: got %q, want the code for Linux", r.Spec)
	}
	again, bad := h.s.Parse(t.Context(), order.Form(r))
	if len(bad) != 0 {
		t.Fatalf("read back: %v", bad)
	}
	if got, want := order.Form(again), order.Form(r); !mapsEqual(got, want) {
		t.Errorf("read back:\n got %v\nwant %v", got, want)
	}
}

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

func TestEveryRuleOfTheForm(t *testing.T) {
	h := newShop(t)
	for _, c := range []struct {
		name, field, id string
		change          []string
	}{
		{"no name", order.FieldName, "order.name.missing", []string{order.FieldName, ""}},
		{"name begins with a digit", order.FieldName, "order.name.form", []string{order.FieldName, "1web"}},
		{"name with a dot", order.FieldName, "order.name.form", []string{order.FieldName, "web.eu"}},
		{"name of 129", order.FieldName, "order.name.long", []string{order.FieldName, strings.Repeat("a", 129)}},
		{"description of 1025", order.FieldDescription, "order.description.long", []string{order.FieldDescription, strings.Repeat("ü", 1025)}},
		{"quantity 0", order.FieldQuantity, "order.quantity.range", []string{order.FieldQuantity, "0"}},
		{"quantity emptied", order.FieldQuantity, "order.quantity.range", []string{order.FieldQuantity, ""}},
		{"quantity of blanks", order.FieldQuantity, "order.quantity.range", []string{order.FieldQuantity, " "}},
		{"quantity 201", order.FieldQuantity, "order.quantity.range", []string{order.FieldQuantity, "201"}},
		{"quantity in words", order.FieldQuantity, "order.field.number", []string{order.FieldQuantity, "two"}},
		{"10 months", order.FieldPeriodNum, "order.period.months", []string{order.FieldPeriodNum, "10"}},
		{"4 years", order.FieldPeriodNum, "order.period.years", []string{order.FieldPeriodUnit, "year", order.FieldPeriodNum, "4"}},
		{"weeks", order.FieldPeriodUnit, "order.period.unit", []string{order.FieldPeriodUnit, "week"}},
		{"disk of 9", order.FieldDataDisk, "order.gib.range", []string{order.FieldDataDisk, "9"}},
		{"backup of 2049", order.FieldBackup, "order.gib.range", []string{order.FieldBackup, "2049"}},
		{"tag key with a space", "tag_key_1", "order.tag.key", []string{"tag_key_1", "a b", "tag_value_1", "x"}},
		{"tag key twice", "tag_key_2", "order.tag.twice", []string{"tag_key_1", "a", "tag_value_1", "", "tag_key_2", "a", "tag_value_2", "x"}},
		{"our own tag key", "tag_key_1", "order.tag.ours", []string{"tag_key_1", "sampan-order", "tag_value_1", "x"}},
		{"tag value of 2049", "tag_value_1", "order.tag.value", []string{"tag_key_1", "a", "tag_value_1", strings.Repeat("x", 2049)}},
		{"no cap", order.FieldCap, "order.cap.missing", []string{order.FieldPayment, "atmost"}},
		{"a cap of nothing", order.FieldCap, "order.cap.positive", []string{order.FieldPayment, "atmost", order.FieldCap, "0", order.FieldCapCurrency, "USD"}},
		{"a cap in words", order.FieldCap, "order.cap.number", []string{order.FieldPayment, "atmost", order.FieldCap, "thirty", order.FieldCapCurrency, "USD"}},
		{"a cap in powers of ten", order.FieldCap, "order.cap.number", []string{order.FieldPayment, "atmost", order.FieldCap, "1e9", order.FieldCapCurrency, "USD"}},
		{"a cap in no currency", order.FieldCapCurrency, "order.cap.currency", []string{order.FieldPayment, "atmost", order.FieldCap, "3", order.FieldCapCurrency, "$"}},
		{"another way to pay", order.FieldPayment, "order.payment.mode", []string{order.FieldPayment, "later"}},
		{"no such account", order.FieldAccount, "order.account.gone", []string{order.FieldAccount, "nope"}},
		{"no image", order.FieldImage, "order.image.missing", []string{order.FieldImage, ""}},
		{"no size", order.FieldSize, "order.size.missing", []string{order.FieldSize, ""}},
		{"no region", order.FieldRegion, "order.region.missing", []string{order.FieldRegion, ""}},
		{"a region that is not activated", order.FieldRegion, "order.region.inactive", []string{order.FieldRegion, "tr-west-1"}},
		{"too small for the image", order.FieldSize, "catalog.size.needs", []string{order.FieldImage, "gitlab", order.FieldSize, "2-1"}},
	} {
		d, err := h.s.NewDraft(t.Context(), buyer, formWith(c.change...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.s.Review(t.Context(), buyer, d.ID)
		f := fault.Of(err)
		if f.Kind != fault.Invalid || f.Fields[c.field].ID != c.id {
			t.Errorf("%s: got %v %v, want %s at %s", c.name, err, f.Fields, c.id, c.field)
		}
	}
}

// An image that the catalogue does not have any more is no private one; what was
// bought with it can be bought again from any state, with another image.
func TestBuyingAgainWhatIsRetired(t *testing.T) {
	h := newShop(t)
	r, _ := h.s.Parse(t.Context(), formWith(order.FieldImage, "wordpress-classic", order.FieldVersion, "5.9"))
	if r.Image.Kind != "" || r.Image.ID != "wordpress-classic" || r.Image.Version != "5.9" {
		t.Errorf("image: got %+v", r.Image)
	}
	if bad := h.s.Check(t.Context(), buyer, r); bad[order.FieldImage].ID != "catalog.image.unknown" {
		t.Errorf("said of it: %v", bad)
	}
	r, _ = h.s.Parse(t.Context(), formWith(order.FieldImage, "0e4b4c5c-7f3d-4ad5-9a2b-0d0c3d1c9e11"))
	if r.Image.Kind != catalog.Private || h.s.Check(t.Context(), buyer, r)[order.FieldImage].ID != "catalog.private.unknown" {
		t.Errorf("an own image that is not listed: got %+v", r.Image)
	}

	h.script(func(*cloud, purchaseCall) (order.Receipt, error) { return silent(nil, purchaseCall{}) })
	id := h.buy()
	for _, st := range []order.State{order.Confirmed, order.Unknown} {
		h.in(id, st, h.order(id).Reason.ID)
		d, err := h.s.Again(t.Context(), buyer, id)
		if err != nil || d.RepeatOf != id {
			t.Fatalf("again of a %s order: %+v, %v", st, d, err)
		}
		h.settle()
	}
	v := h.review(formWith(order.FieldName, "another"))
	if _, err := h.s.Confirm(t.Context(), buyer, v.ID, v.Hash, true); fault.Of(err).Message.ID != "order.locked" {
		t.Errorf("while an outcome is unknown: got %v, want that buying is locked", err)
	}
}
