package webtest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
)

// Shop is an order.Service in memory: drafts, reviews and orders, with the real
// rules of a request and the real catalogue, but no cloud behind it.
type Shop struct {
	GivenOrders map[string]order.Order
	GivenEvents map[string][]order.Event
	GivenDrafts map[string]order.Draft
	Reviews     map[string]order.Review
	Passports   map[string]order.Passport
	Page        order.Page
	Asked       []order.Filter
	Taken       []string
	inactive    []string // regions
	GivenQuote  order.Quote
	Fresh       order.Freshness
	Balance     order.Balance
	Paid        []order.Paid
	GivenLocked string
	Repeats     string
	Said        []string // what was asked for, in order
	Refuse      error    // what every change answers, when set
	Images      []catalog.PrivateImage
	Confirmed   map[string]string // review → order
	Found       []order.FoundOrder
	May         []order.Order // what a found order may belong to
	restored    order.Restored
	GivenBeside order.Beside
	scopes      [][]string // that found orders were asked for

	BalanceFresh order.Freshness  // what is known of a balance that is not there; NoPrice when empty
	Broken       map[string]error // by method: what it answers instead of a result
}

func newShop() *Shop {
	return &Shop{GivenOrders: map[string]order.Order{}, GivenEvents: map[string][]order.Event{}, GivenDrafts: map[string]order.Draft{},
		Reviews:   map[string]order.Review{},
		Passports: map[string]order.Passport{}, Confirmed: map[string]string{}, Fresh: order.NoPrice}
}

func (s *Shop) Attention(context.Context, person.Actor, []string) ([]order.Order, error) {
	if err := s.Broken["Attention"]; err != nil {
		return nil, err
	}
	var all []order.Order
	for _, id := range slices.Sorted(maps.Keys(s.GivenOrders)) {
		if o := s.GivenOrders[id]; o.State == order.AwaitingPayment {
			all = append(all, o)
		}
	}
	return all, nil
}

func (s *Shop) Bill(string, string) (order.CloudOrder, order.Freshness) {
	return order.CloudOrder{}, order.NoPrice
}

func (s *Shop) BalanceOf(string) (order.Balance, order.Freshness) {
	if s.Balance.Available.Currency == "" {
		return order.Balance{}, cmp.Or(s.BalanceFresh, order.NoPrice)
	}
	return s.Balance, order.Known
}

func (s *Shop) Quote(string, order.Request) (order.Quote, order.Freshness) {
	return s.GivenQuote, s.Fresh
}

func (s *Shop) PaidFor(context.Context, person.Actor, order.Request) ([]order.Paid, error) {
	if err := s.Broken["PaidFor"]; err != nil {
		return nil, err
	}
	return s.Paid, nil
}

func (s *Shop) Locked(context.Context, string) (string, bool) {
	return s.GivenLocked, s.GivenLocked != ""
}

func (s *Shop) NewDraft(_ context.Context, by person.Actor, form map[string]string) (order.Draft, error) {
	if err := s.Broken["NewDraft"]; err != nil {
		return order.Draft{}, err
	}
	d := order.Draft{ID: fmt.Sprintf("d%d", len(s.GivenDrafts)+1), PersonID: by.PersonID, Step: "image", Form: form, CreatedAt: Now,
		UpdatedAt: Now}
	s.GivenDrafts[d.ID] = d
	return d, nil
}

func (s *Shop) Draft(_ context.Context, _ person.Actor, id string) (order.Draft, error) {
	if err := s.Broken["Draft"]; err != nil {
		return order.Draft{}, err
	}
	d, ok := s.GivenDrafts[id]
	if !ok {
		return order.Draft{}, fault.New(fault.NotFound, "order.draft.gone")
	}
	return d, nil
}

func (s *Shop) Drafts(context.Context, person.Actor) ([]order.Draft, error) {
	if err := s.Broken["Drafts"]; err != nil {
		return nil, err
	}
	var all []order.Draft
	for _, id := range slices.Sorted(maps.Keys(s.GivenDrafts)) {
		all = append(all, s.GivenDrafts[id])
	}
	return all, nil
}

func (s *Shop) DiscardDraft(_ context.Context, _ person.Actor, id string) error {
	if err := s.Broken["DiscardDraft"]; err != nil {
		return err
	}
	if _, ok := s.GivenDrafts[id]; !ok {
		return fault.New(fault.NotFound, "order.draft.gone")
	}
	delete(s.GivenDrafts, id)
	return nil
}

var stepOrder = []string{"image", "size", "region", "options", "review"}

func (s *Shop) SaveDraft(_ context.Context, _ person.Actor, id, step string, form map[string]string) (order.Draft, error) {
	if err := s.Broken["SaveDraft"]; err != nil {
		return order.Draft{}, err
	}
	d := s.GivenDrafts[id]
	for _, f := range []string{"account", "image", "version", "size", "spec", "region"} {
		if d.Form[f] != "" && d.Form[f] != form[f] {
			d.Before = d.Form
		}
	}
	d.Form = form
	if slices.Index(stepOrder, step) > slices.Index(stepOrder, d.Step) {
		d.Step = step
	}
	s.GivenDrafts[id] = d
	return d, nil
}

func (s *Shop) Parse(_ context.Context, form map[string]string) (order.Request, map[string]fault.Message) {
	bad := map[string]fault.Message{}
	number := func(field string, empty int) int {
		if form[field] == "" {
			return empty
		}
		n, err := strconv.Atoi(form[field])
		if err != nil {
			bad[field] = fault.Say("order.field.number")
		}
		return n
	}
	if _, seen := form["quantity"]; !seen {
		form = maps.Clone(form)
		form["quantity"] = "1"
	}
	r := order.Request{AccountID: form["account"], Region: form["region"], Name: form["name"], Description: form["description"],
		Quantity: number("quantity", 0), PeriodUnit: order.Unit(form["period_unit"]), PeriodNum: number("period_num", 1),
		AutoRenew: form["auto_renew"] != "", Payment: order.Mode(form["payment"]), DataDiskGiB: number("data_disk", 0),
		BackupGiB: number("backup", 0), HostSecurity: form["host_security"] != ""}
	if r.PeriodUnit == "" {
		r.PeriodUnit = order.Month
	}
	if r.Payment == "" {
		r.Payment = order.ExactPriceFirst
	}
	if r.Payment == order.AtMost {
		if d, err := decimal.NewFromString(form["cap"]); err == nil {
			r.Cap = &order.Money{Amount: d, Currency: form["cap_currency"]}
		} else {
			bad["cap"] = fault.Say("order.cap.number")
		}
	}
	for n := 1; form["tag_key_"+strconv.Itoa(n)] != ""; n++ {
		r.Tags = append(r.Tags, order.Tag{Key: form["tag_key_"+strconv.Itoa(n)], Value: form["tag_value_"+strconv.Itoa(n)]})
	}
	ch := s.choice(form)
	r.Spec = ch.Spec
	r.Image = order.Image{Kind: ch.Kind, ID: ch.ImageID, Name: ch.ImageID, Version: ch.Version}
	if i, ok := catalog.Embedded().Image(ch.ImageID); ok {
		r.Image.Name, r.Image.OS = i.DisplayName, i.OS
	} else if ch.Private != nil {
		r.Image.Name, r.Image.OS = ch.Private.Name, ch.Private.OS
	}
	return r, bad
}

func (s *Shop) choice(form map[string]string) catalog.Choice {
	ch := catalog.Choice{ImageID: form["image"], Version: form["version"], Spec: form["spec"], Region: form["region"]}
	if ch.Spec == "" {
		ch.Spec = form["size"]
	}
	if i, ok := catalog.Embedded().Image(ch.ImageID); ok {
		ch.Kind = i.Kind
	} else if ch.ImageID != "" {
		ch.Kind, ch.Version = catalog.Private, ""
		for _, i := range s.Images {
			if i.ID == ch.ImageID {
				ch.Private = &i
			}
		}
	}
	return catalog.Embedded().Resolve(ch)
}

func (s *Shop) Check(_ context.Context, _ person.Actor, r order.Request) map[string]fault.Message {
	bad := order.Problems(r)
	parts := map[catalog.Part]string{catalog.PartImage: "image", catalog.PartSize: "size", catalog.PartRegion: "region"}
	ch := catalog.Choice{Kind: r.Image.Kind, ImageID: r.Image.ID, Version: r.Image.Version, Spec: r.Spec, Region: r.Region}
	if r.Image.Kind == catalog.Private {
		for _, i := range s.Images {
			if i.ID == r.Image.ID {
				ch.Private = &i
			}
		}
	}
	for _, reason := range catalog.Embedded().Check(ch) {
		bad[parts[reason.Part]] = reason.Message
	}
	if slices.Contains(s.inactive, r.Region) {
		bad["region"] = fault.Say("order.region.inactive", "Region", "@region."+r.Region, "Account", "Orchid Retail")
	}
	if slices.Contains(s.Taken, r.Name) {
		bad["name"] = fault.Say("order.name.taken", "Name", r.Name, "Free", r.Name+"-2")
	}
	if r.Payment == order.AtMost && r.Cap == nil {
		bad["cap"] = fault.Say("order.cap.missing")
	}
	return bad
}

func (s *Shop) Review(ctx context.Context, by person.Actor, draftID string) (order.Review, error) {
	if err := s.Broken["Review"]; err != nil {
		return order.Review{}, err
	}
	d := s.GivenDrafts[draftID]
	r, bad := s.Parse(ctx, d.Form)
	maps.Copy(bad, s.Check(ctx, by, r))
	if len(bad) > 0 {
		return order.Review{}, &fault.Error{Kind: fault.Invalid, Message: fault.Say("order.fields"), Fields: bad}
	}
	v := order.Review{ID: fmt.Sprintf("r%d", len(s.Reviews)+1), DraftID: draftID, PersonID: by.PersonID, Request: r, Hash: "hash-" + r.Name,
		ClientRequestID: "85a56f6c-8aee-4c1b-bf76-5d98d1ac023d", IntentTag: "k3v9x2m7qd",
		URL:  "https://hcss.ap-southeast-3.myhuaweicloud.com/v1/light-instances",
		Body: []byte(`{"instance_name":"` + r.Name + `","tags":[{"key":"sampan-order","value":"k3v9x2m7qd"}]}`), Repeats: s.Repeats}
	s.Reviews[v.ID] = v
	d.Step = "review"
	s.GivenDrafts[draftID] = d
	return v, nil
}

func (s *Shop) ReviewByID(_ context.Context, _ person.Actor, id string) (order.Review, error) {
	if err := s.Broken["ReviewByID"]; err != nil {
		return order.Review{}, err
	}
	v, ok := s.Reviews[id]
	if !ok {
		return order.Review{}, fault.New(fault.NotFound, "order.review.gone")
	}
	return v, nil
}

func (s *Shop) ShowAgain(ctx context.Context, by person.Actor, id string) (order.Review, error) {
	if err := s.Broken["ShowAgain"]; err != nil {
		return order.Review{}, err
	}
	v, err := s.ReviewByID(ctx, by, id)
	if v.ReplacedBy != "" {
		return s.ReviewByID(ctx, by, v.ReplacedBy)
	}
	return v, err
}

func (s *Shop) Beside(context.Context, person.Actor, order.Review) (order.Beside, error) {
	if err := s.Broken["Beside"]; err != nil {
		return order.Beside{}, err
	}
	return s.GivenBeside, nil
}

func (s *Shop) Confirm(_ context.Context, _ person.Actor, id, hash string, additional bool) (string, error) {
	v := s.Reviews[id]
	if s.Refuse != nil {
		return "", s.Refuse
	}
	if v.OrderID != "" {
		return v.OrderID, nil
	}
	if v.Hash != hash {
		return "", fault.New(fault.Conflict, "order.review.changed")
	}
	if v.Repeats != "" && !additional {
		return "", fault.New(fault.Conflict, "order.repeat", "Order", v.Repeats)
	}
	v.OrderID = fmt.Sprintf("o%d", len(s.Confirmed)+1)
	s.Reviews[id], s.Confirmed[id] = v, v.OrderID
	d := s.GivenDrafts[v.DraftID]
	d.OrderedAs = v.OrderID
	s.GivenDrafts[v.DraftID] = d
	return v.OrderID, nil
}

func (s *Shop) Order(_ context.Context, _ person.Actor, id string) (order.Order, error) {
	if err := s.Broken["Order"]; err != nil {
		return order.Order{}, err
	}
	o, ok := s.GivenOrders[id]
	if !ok {
		return order.Order{}, fault.New(fault.NotFound, "order.gone")
	}
	return o, nil
}

func (s *Shop) Events(_ context.Context, _ person.Actor, id string) ([]order.Event, error) {
	if err := s.Broken["Events"]; err != nil {
		return nil, err
	}
	return s.GivenEvents[id], nil
}

func (s *Shop) Orders(_ context.Context, _ person.Actor, f order.Filter) (order.Page, error) {
	if err := s.Broken["Orders"]; err != nil {
		return order.Page{}, err
	}
	s.Asked = append(s.Asked, f)
	if f.After == "broken" {
		return order.Page{}, fault.New(fault.Invalid, "order.conflict")
	}
	return s.Page, nil
}

func (s *Shop) Passport(_ context.Context, _ person.Actor, id string) (order.Passport, error) {
	if err := s.Broken["Passport"]; err != nil {
		return order.Passport{}, err
	}
	p, ok := s.Passports[id]
	if o, known := s.GivenOrders[id]; !ok && known {
		return order.Passport{Order: o, Exchanges: []account.Exchange{{Call: "purchase", Sent: true}}}, nil
	}
	if !ok {
		return order.Passport{}, fault.New(fault.NotFound, "order.gone")
	}
	return p, nil
}

func (s *Shop) did(what ...string) error {
	s.Said = append(s.Said, strings.Join(what, " "))
	return s.Refuse
}

func (s *Shop) Pay(_ context.Context, _ person.Actor, id string, amount order.Money, rev int64) error {
	return s.did("pay", id, amount.Amount.String(), amount.Currency, strconv.FormatInt(rev, 10))
}
func (s *Shop) Cancel(_ context.Context, _ person.Actor, id string, rev int64) error {
	return s.did("cancel", id, strconv.FormatInt(rev, 10))
}
func (s *Shop) CheckNow(_ context.Context, _ person.Actor, id string) error {
	return s.did("check", id)
}
func (s *Shop) Adopt(_ context.Context, _ person.Actor, id, number string) error {
	return s.did("adopt", id, number)
}
func (s *Shop) Ignore(_ context.Context, _ person.Actor, id, number string) error {
	return s.did("ignore", id, number)
}
func (s *Shop) CancelFound(_ context.Context, _ person.Actor, id, number string) error {
	return s.did("cancel-found", id, number)
}
func (s *Shop) DeclareNone(_ context.Context, _ person.Actor, id string) error {
	return s.did("none", id)
}
func (s *Shop) CloseUnseen(_ context.Context, _ person.Actor, id string) error {
	return s.did("close", id)
}
func (s *Shop) FoundOrders(_ context.Context, _ person.Actor, ids []string) ([]order.FoundOrder, error) {
	if err := s.Broken["FoundOrders"]; err != nil {
		return nil, err
	}
	s.scopes = append(s.scopes, ids)
	return s.Found, nil
}
func (s *Shop) MayBelong(context.Context, person.Actor, order.FoundOrder) ([]order.Order, error) {
	if err := s.Broken["MayBelong"]; err != nil {
		return nil, err
	}
	return s.May, nil
}
func (s *Shop) BelongsTo(_ context.Context, _ person.Actor, number, id string) error {
	return s.did("belongs", number, id)
}
func (s *Shop) NotOurs(_ context.Context, _ person.Actor, number string) error {
	return s.did("not-ours", number)
}
func (s *Shop) CancelStray(_ context.Context, _ person.Actor, number string) error {
	return s.did("cancel-stray", number)
}
func (s *Shop) Restored(context.Context) (order.Restored, error) { return s.restored, nil }
func (s *Shop) CloseRestored(context.Context, person.Actor) error {
	return s.did("close-restored")
}
func (s *Shop) LiftLock(_ context.Context, _ person.Actor, id string) error { return s.did("lift", id) }
func (s *Shop) Again(ctx context.Context, by person.Actor, id string) (order.Draft, error) {
	if err := s.Broken["Again"]; err != nil {
		return order.Draft{}, err
	}
	d, err := s.NewDraft(ctx, by, order.Form(s.GivenOrders[id].Request))
	d.Step = "options"
	s.GivenDrafts[d.ID] = d
	return d, err
}

// stock is the local picture with private images and names.
type stock struct {
	*Instances
	GivenImages []catalog.PrivateImage
	Age         instance.ImageAge
	Names       []string
	Broken      map[string]error // by method: what it answers instead of a result
}

func (s *stock) Images(context.Context, string) ([]catalog.PrivateImage, instance.ImageAge, error) {
	return s.GivenImages, s.Age, s.Broken["Images"]
}
func (s *stock) NameTaken(_ context.Context, _, name string) (bool, error) {
	return slices.ContainsFunc(s.Names, func(have string) bool { return strings.EqualFold(have, name) }), s.Broken["NameTaken"]
}

// EveryRegion makes an account active in all regions of the catalogue but those
// named.
func EveryRegion(but ...string) map[string]string {
	projects := map[string]string{}
	for _, r := range catalog.Embedded().Regions() {
		if !slices.Contains(but, r.Code) {
			projects[r.Code] = "project-" + r.Code
		}
	}
	return projects
}

// OpenShop is a console over a shop: real account "a1" that is not active in
// Riyadh, Sandbox account "s1".
func OpenShop(t *testing.T) (*Console, *Shop, *stock) {
	t.Helper()
	return OpenShopAt(t, Now)
}

// OpenShopAt is openShop at another moment.
func OpenShopAt(t *testing.T, at time.Time) (*Console, *Shop, *stock) {
	t.Helper()
	s, st := newShop(), &stock{}
	c := Open(t, func(o *web.Options) {
		st.Instances, _ = o.Instances.(*Instances)
		o.Orders, o.Instances = s, st
		o.Now = func() time.Time { return at }
	})
	s.inactive = []string{"me-east-1"}
	c.Accounts.All = []account.Account{
		{ID: "a1", Label: "Orchid Retail", Site: account.International, State: account.Active, Currency: "USD", Projects: EveryRegion("me-east-1"), CreatedAt: Now.Add(-time.Hour)},
		{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active, Currency: "USD", Projects: EveryRegion(), CreatedAt: Now.Add(-time.Hour)},
	}
	return c, s, st
}

// Dollars is an amount in US dollars.
func Dollars(s string) *order.Money {
	return &order.Money{Amount: decimal.RequireFromString(s), Currency: "USD"}
}
