package order_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
)

// clock is the calendar of a test; it moves only when told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// cloudOrder is one order of the scripted cloud.
type cloudOrder struct {
	order.CloudOrder
	account   string
	resources []order.Resource
	tag       string
	hidden    bool // billing does not show it
	untimed   bool // billing does not say, legibly, when it was placed
	listed    bool // Config shows its instances
	onServers bool // its tag stands on the servers
	pays      int
}

// cloud is a scripted cloud: it does what it is told, call by call, and counts
// everything that reaches it.
type cloud struct {
	clock *clock

	mu        sync.Mutex
	orders    []*cloudOrder
	purchases []purchaseCall
	script    []func(c *cloud, p purchaseCall) (order.Receipt, error) // next answers of Purchase
	payScript []func(o *cloudOrder) error
	fail      map[string]error // by call: "order", "orders", "resources", "find", "cancel"
	price     string
	calls     map[string]int
	before    func(call string) // told before every call, outside the lock
	deliver   int               // resources that come to be when an order completes; -1 = all
	serial    int               // of the last order
	payIn     time.Duration     // until the cloud ends an unpaid order
	paysBy    []account.Access  // of every payment
	strays    []order.Found     // what Config lists without an order's number
	user      string            // whose our orders are, as billing shows it
	turn      time.Time         // no purchase before, by the machine's clock
}

// purchaseCall is one request that reached the wire.
type purchaseCall struct {
	account         string
	at              time.Time
	clientRequestID string
	body            sentBody
	region          string
	until           time.Time // when it was not to be sent any more, by the machine's clock
}

type sentBody struct {
	Name, Image, Spec, Tag, Unit string
	Quantity, Num                int
	AutoPay                      bool
}

func newCloud(c *clock) *cloud {
	return &cloud{clock: c, price: "12.40", calls: map[string]int{}, fail: map[string]error{}, deliver: -1, user: "console",
		payIn: 7 * 24 * time.Hour}
}

func (c *cloud) enter(call string) error {
	if c.before != nil {
		c.before(call)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[call]++
	return c.fail[call]
}

func (c *cloud) Body(r order.Request, tag, imageName string) ([]byte, error) {
	return json.Marshal(sentBody{Name: r.Name, Image: imageName, Spec: r.Spec, Tag: tag, Quantity: r.Quantity,
		Unit: string(r.PeriodUnit), Num: r.PeriodNum, AutoPay: r.Payment == order.DeductAtOnce})
}

func (c *cloud) Turn(account.Access, string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turn
}

// Tagged is what the servers show: their tags, where those of a purchase end up.
func (c *cloud) Tagged(_ context.Context, a account.Access, region, tag string) ([]order.Found, error) {
	if err := c.enter("tagged"); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []order.Found
	for _, o := range c.orders {
		for _, r := range o.resources {
			if o.account == a.AccountID && o.onServers && r.Region == region && o.tag == tag {
				out = append(out, order.Found{InstanceID: r.InstanceID, Name: "renamed", Region: r.Region, CloudOrderID: o.ID,
					Created: o.CreatedAt,
					Tags:    map[string]string{order.TagKey: o.tag}})
			}
		}
	}
	return out, nil
}

func (c *cloud) URL(account.Access) string { return "https://hcss.example/v1/light-instances" }

func (c *cloud) Purchase(_ context.Context, a account.Access, id string, body []byte, region string) (order.Receipt, error) {
	if err := c.enter("purchase"); err != nil {
		return order.Receipt{}, err
	}
	p := purchaseCall{account: a.AccountID, at: c.clock.Now(), clientRequestID: id, region: region, until: a.Until}
	if err := json.Unmarshal(body, &p.body); err != nil {
		panic(err)
	}
	c.mu.Lock()
	c.purchases = append(c.purchases, p)
	act := placed
	if len(c.script) > 0 {
		act, c.script = c.script[0], c.script[1:]
	}
	c.mu.Unlock()
	receipt, err := act(c, p)
	status := receipt.Status
	if err != nil {
		status = fault.Of(err).Status
	}
	a.Observe(account.Exchange{At: p.at, Call: "purchase", Method: "POST", Path: "/v1/light-instances", Host: "hcss.example",
		ClientRequestID: id, RequestID: receipt.RequestID, Status: status, Sent: !fault.Is(err, fault.Unreachable)})
	return receipt, err
}

// create makes the order of a purchase: unpaid, or paid at once.
func (c *cloud) create(p purchaseCall) *cloudOrder {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serial++
	o := &cloudOrder{account: p.account, tag: p.body.Tag, CloudOrder: order.CloudOrder{
		ID: fmt.Sprintf("CS%012d", c.serial), Status: order.StatusPendingPayment, Type: 1, CreatedAt: c.clock.Now(),
		Amount: usd(c.price), Official: usd(c.price), Quantity: p.body.Quantity, PeriodUnit: order.Unit(p.body.Unit), PeriodNum: p.body.Num,
		SpecText: p.body.Spec, ServiceType: "hws.service.type.hcss", UserName: c.user, PayBy: c.clock.Now().Add(c.payIn),
	}}
	for i := range p.body.Quantity {
		name := p.body.Name
		if p.body.Quantity > 1 {
			name = fmt.Sprintf("%s-%04d", name, i+1)
		}
		o.resources = append(o.resources, order.Resource{InstanceID: fmt.Sprintf("%s%010d%02d", "i0", c.serial, i+1), Name: name,
			Spec: p.body.Spec, Region: p.region, Status: 2, Expires: catalog.EndOfTerm(c.clock.Now(), p.body.Num)})
	}
	c.orders = append(c.orders, o)
	if p.body.AutoPay {
		c.paid(o)
	}
	return o
}

// paid walks an order to its end: processing is over at once.
func (c *cloud) paid(o *cloudOrder) {
	o.Status, o.PaidAt = order.StatusCompleted, c.clock.Now()
	if c.deliver >= 0 && c.deliver < len(o.resources) {
		o.resources = o.resources[:c.deliver]
	}
}

// What a purchase may come to.
func placed(c *cloud, p purchaseCall) (order.Receipt, error) {
	o := c.create(p)
	var ids []string
	for _, r := range o.resources {
		ids = append(ids, r.InstanceID)
	}
	return order.Receipt{OrderID: o.ID, InstanceIDs: ids, RequestID: "req-" + o.ID, Status: 202}, nil
}

// lost places the order and loses the answer.
func lost(c *cloud, p purchaseCall) (order.Receipt, error) {
	c.create(p)
	return order.Receipt{}, &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent"), Err: errors.New("connection reset")}
}

// silent loses the request: nothing was placed, but nobody can know.
func silent(*cloud, purchaseCall) (order.Receipt, error) {
	return order.Receipt{}, &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.silent"), Err: errors.New("time-out")}
}

func refused(status int, code string) func(*cloud, purchaseCall) (order.Receipt, error) {
	return func(*cloud, purchaseCall) (order.Receipt, error) {
		k := fault.Refused
		if status == 429 {
			k = fault.Busy
		}
		return order.Receipt{}, &fault.Error{Kind: k, Message: fault.Say("cloud.refused"), Status: status, Code: code,
			RequestID: "req-no", Detail: "the cloud's words"}
	}
}

func unknown(status int, code string) func(*cloud, purchaseCall) (order.Receipt, error) {
	return func(*cloud, purchaseCall) (order.Receipt, error) {
		return order.Receipt{}, &fault.Error{Kind: fault.Unknown, Message: fault.Say("cloud.doubt.server"), Status: status, Code: code,
			RequestID: "req-odd"}
	}
}

func unsent(*cloud, purchaseCall) (order.Receipt, error) {
	return order.Receipt{}, fault.New(fault.Unreachable, "cloud.unreachable")
}

// find gives an order of the account; unpaid ones end at their deadline.
func (c *cloud) find(account, id string) *cloudOrder {
	for _, o := range c.orders {
		if o.Status == order.StatusPendingPayment && !c.clock.Now().Before(o.PayBy) {
			o.Status = order.StatusCancelled
		}
		if o.ID == id && o.account == account {
			return o
		}
	}
	return nil
}

func (c *cloud) Order(_ context.Context, a account.Access, id string) (order.CloudOrder, error) {
	if err := c.enter("order"); err != nil {
		return order.CloudOrder{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(a.AccountID, id)
	if o == nil || o.hidden {
		return order.CloudOrder{}, fault.New(fault.NotFound, "cloud.gone")
	}
	if a.Observe != nil {
		a.Observe(account.Exchange{At: c.clock.Now(), Call: "order", Method: "GET", Status: 200, Sent: true})
	}
	return o.shown(), nil
}

func (o *cloudOrder) shown() order.CloudOrder {
	v := o.CloudOrder
	if o.untimed {
		v.CreatedAt = time.Time{}
	}
	return v
}

func (c *cloud) Orders(_ context.Context, a account.Access, from, to time.Time) ([]order.CloudOrder, error) {
	if err := c.enter("orders"); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []order.CloudOrder
	for _, o := range c.orders {
		if o.account == a.AccountID && !o.hidden && !o.CreatedAt.Before(from) && !o.CreatedAt.After(to) {
			head := o.shown()
			head.Quantity, head.PeriodUnit, head.PeriodNum, head.SpecText = 0, "", 0, "" // a list has no lines
			out = append(out, head)
		}
	}
	return out, nil
}

func (c *cloud) Resources(_ context.Context, a account.Access, id string) ([]order.Resource, error) {
	if err := c.enter("resources"); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(a.AccountID, id)
	if o == nil || o.hidden || o.Status != order.StatusCompleted {
		return nil, nil
	}
	return slices.Clone(o.resources), nil
}

func (c *cloud) Pay(_ context.Context, a account.Access, id string) error {
	if err := c.enter("pay"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(a.AccountID, id)
	c.paysBy = append(c.paysBy, a)
	if len(c.payScript) > 0 {
		act := c.payScript[0]
		c.payScript = c.payScript[1:]
		return act(o)
	}
	return c.takeMoney(o)
}

func (c *cloud) takeMoney(o *cloudOrder) error {
	if o.Status != order.StatusPendingPayment {
		return &fault.Error{Kind: fault.Conflict, Message: fault.Say("cloud.moved"), Code: "CBC.99003106", Status: 400}
	}
	o.pays++
	c.paid(o)
	return nil
}

func (c *cloud) Cancel(_ context.Context, a account.Access, id string) error {
	if err := c.enter("cancel"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(a.AccountID, id)
	if o.Status != order.StatusPendingPayment {
		return &fault.Error{Kind: fault.Conflict, Message: fault.Say("cloud.moved"), Code: "CBC.99005010", Status: 400}
	}
	o.Status = order.StatusCancelled
	return nil
}

func (c *cloud) Price(context.Context, account.Access, order.Request) (order.Quote, error) {
	if err := c.enter("price"); err != nil {
		return order.Quote{}, err
	}
	return order.Quote{Total: *usd(c.price), Source: "simulated", At: c.clock.Now()}, nil
}

func (c *cloud) Balance(context.Context, account.Access) (order.Balance, error) {
	if err := c.enter("balance"); err != nil {
		return order.Balance{}, err
	}
	return order.Balance{Available: *usd("100"), At: c.clock.Now()}, nil
}

func (c *cloud) Find(_ context.Context, a account.Access, region, name, tag string) ([]order.Found, error) {
	if err := c.enter("find"); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []order.Found
	out = append(out, c.strays...)
	for _, o := range c.orders {
		for _, r := range o.resources {
			bears := strings.HasPrefix(r.Name, name) || order.CutName(name, r.Name) || tag != "" && o.tag == tag
			if o.account == a.AccountID && o.listed && r.Region == region && bears {
				f := order.Found{InstanceID: r.InstanceID, Name: r.Name, Region: r.Region, CloudOrderID: o.ID, Created: o.CreatedAt}
				if o.tag != "" {
					f.Tags = map[string]string{order.TagKey: o.tag}
				}
				out = append(out, f)
			}
		}
	}
	return out, nil
}

func usd(amount string) *order.Money {
	return &order.Money{Amount: decimal.RequireFromString(amount), Currency: "USD"}
}

// accounts is one account that can buy.
type accounts struct {
	mu      sync.Mutex
	broken  error
	unread  chan struct{} // not nil: its first connection check is on its way; told of every look
	learned []string
	user    string              // of the sign-in; "" for a key
	kin     map[string][]string // entries of one account of Huawei's
	removed bool                // from the console
}

func (a *accounts) Get(_ context.Context, _ person.Actor, id string) (account.Account, error) {
	if !strings.HasPrefix(id, "acc") {
		return account.Account{}, fault.New(fault.NotFound, "account.gone")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.removed {
		return account.Account{}, fault.New(fault.NotFound, "account.gone")
	}
	if a.unread != nil {
		a.unread <- struct{}{}
		return account.Account{ID: id, Label: "Orchid", Site: account.International, State: account.Active}, nil
	}
	return account.Account{ID: id, Label: "Orchid", Site: account.International, State: account.Active, Currency: "USD", DomainID: "d-1",
		Projects: map[string]string{"ap-southeast-3": "p3", "ap-southeast-1": "p1", "ap-southeast-2": "p2"}}, nil
}

func (a *accounts) Kin(_ context.Context, id string) ([]string, error) {
	if others := a.kin[id]; len(others) > 0 {
		return others, nil
	}
	return []string{id}, nil
}

func (a *accounts) Access(_ context.Context, id string) (account.Access, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return account.Access{AccountID: id, Site: account.International, DomainID: "d-1", Login: account.Login{User: a.user}}, a.broken
}

func (a *accounts) Learn(_ context.Context, id string, right account.Right, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.learned = append(a.learned, fmt.Sprintf("%s %s %v", id, right, err == nil))
}

// inventory is what the account has.
type inventory struct {
	mu    sync.Mutex
	names map[string]bool
	known map[string]order.Delivery
	after []string
	ready bool                // every instance is up and has an address
	tags  map[string][]string // instance ids by the value of our tag
}

func (i *inventory) NameTaken(_ context.Context, _, name string) (bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.names[name], nil
}

func (i *inventory) Image(context.Context, string, string) (catalog.PrivateImage, bool) {
	return catalog.PrivateImage{}, false
}

func (i *inventory) AfterOrder(_, cloudOrderID string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.after = append(i.after, cloudOrderID)
}

func (i *inventory) Deliveries(_ context.Context, _ string, ids []string) (map[string]order.Delivery, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ready {
		up := map[string]order.Delivery{}
		for _, id := range ids {
			up[id] = order.Delivery{ServerID: "srv-" + id, Address: "203.0.113.84", State: "ACTIVE"}
		}
		return up, nil
	}
	return i.known, nil
}

func (i *inventory) Tagged(_ context.Context, _, _, value string) ([]string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.tags[value], nil
}

// settings are an owner's choices.
type settings struct{ deduct, noTag bool }

func (s *settings) AllowDeduct(context.Context) (bool, error) { return s.deduct, nil }
func (s *settings) IntentTag(context.Context) (bool, error)   { return !s.noTag, nil }
