package order

import (
	"context"
	"errors"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Freshness says how current a figure from memory is.
type Freshness string

// The kinds of figures.
const (
	Reading Freshness = "reading" // nothing known yet; being read
	Known   Freshness = "known"
	NoPrice Freshness = "unknown" // the cloud has none to give
	Failed  Freshness = "failed"  // the last read failed; tried again later
)

// maxFigures bounds the memory of prices (I14).
const maxFigures = 512

// prices keeps prices and balances in memory and reads them in the background,
// one reading per figure however many pages ask. Pages never wait for it.
type prices struct {
	s     *Service
	queue chan string

	mu  sync.Mutex
	all map[string]*figure
}

// figure is one price, one balance, or what billing says of one order.
type figure struct {
	accountID string
	request   *Request // of a price
	orderID   string   // the cloud's, of an order
	quote     Quote
	balance   Balance
	bill      CloudOrder
	state     Freshness
	at        time.Time // last try
	asked     time.Time // last time a page asked
	waiting   bool      // in the queue, or being read
}

func newPrices(s *Service) *prices {
	return &prices{s: s, queue: make(chan string, 64), all: make(map[string]*figure)}
}

// Quote gives the price of a request as last read, and has it read in the
// background when it is missing or old.
func (s *Service) Quote(accountID string, r Request) (Quote, Freshness) {
	r.AccountID = accountID
	f := s.prices.get("price "+priceKey(r), figure{accountID: accountID, request: &r})
	return f.quote, f.state
}

// BalanceOf gives the account's balance as last read, and has it read in the
// background when it is missing or old.
func (s *Service) BalanceOf(accountID string) (Balance, Freshness) {
	f := s.prices.get("balance "+accountID, figure{accountID: accountID})
	return f.balance, f.state
}

// Bill gives what billing said last of an order of the account by the cloud's
// number, whoever placed it, and has it read in the background when it is missing
// or old. An order that billing does not know is NoPrice.
func (s *Service) Bill(accountID, cloudOrderID string) (CloudOrder, Freshness) {
	f := s.prices.get("order "+accountID+" "+cloudOrderID, figure{accountID: accountID, orderID: cloudOrderID})
	return f.bill, f.state
}

// spent has the account's balance read again, if pages show it, after an order was
// paid or given back.
func (p *prices) spent(accountID string) {
	key := "balance " + accountID
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.all[key]
	if f == nil || f.waiting {
		return
	}
	f.at = time.Time{}
	select {
	case p.queue <- key:
		f.waiting = true
	default: // busy: the next page asks
	}
}

// get gives a copy of the figure and puts it into the queue when it is due.
func (p *prices) get(key string, blank figure) figure {
	now := p.s.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.all[key]
	if f == nil {
		p.makeRoom()
		f = &blank
		f.state = Reading
		p.all[key] = f
	}
	f.asked = now
	if !f.waiting && (f.at.IsZero() || now.Sub(f.at) >= p.age(f)) {
		select {
		case p.queue <- key:
			f.waiting = true
		default: // busy: the next page asks again
		}
	}
	return *f
}

// age is how old a figure may become before it is read again.
func (p *prices) age(f *figure) time.Duration {
	if f.state == Failed {
		return p.s.Timing.Quote / 20
	}
	return p.s.Timing.Quote
}

// makeRoom forgets the figure whose last request is the oldest.
func (p *prices) makeRoom() {
	if len(p.all) < maxFigures {
		return
	}
	oldest := ""
	for k, f := range p.all {
		if !f.waiting && (oldest == "" || f.asked.Before(p.all[oldest].asked)) {
			oldest = k
		}
	}
	delete(p.all, oldest)
}

// run reads what pages asked for until ctx ends.
func (p *prices) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case key := <-p.queue:
					p.read(ctx, key)
				}
			}
		})
	}
	<-ctx.Done()
}

func (p *prices) read(ctx context.Context, key string) {
	p.mu.Lock()
	f := p.all[key]
	if f == nil {
		p.mu.Unlock()
		return
	}
	blank := *f
	p.mu.Unlock()
	got, err := p.ask(ctx, blank)
	now := p.s.Now()
	p.mu.Lock()
	f.waiting, f.at = false, now
	unread := errors.Is(err, errUnread)
	switch {
	case unread:
		f.at, err = time.Time{}, nil // still reading: read when a page asks next
	case err == nil:
		f.state, f.quote, f.balance, f.bill = Known, got.quote, got.balance, got.bill
	case noPrice(err):
		f.state, f.quote, f.bill = NoPrice, Quote{}, CloudOrder{}
	case f.state != Known: // an old figure with its age is kept
		f.state = Failed
	}
	p.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		p.s.Log.InfoContext(ctx, "price or balance not read", "account", blank.accountID, "err", err)
	}
	if blank.request == nil && !unread { // prices are asked for by the page that shows them
		p.s.Changed("balances")
	}
}

// noPrice reports whether the cloud answered that it has no price: the inquiry
// may not know FlexusL at all (cloud-api, 9.9).
func noPrice(err error) bool {
	f := fault.Of(err)
	return f.Kind == fault.NotFound || f.Code == "CBC.99006006" || f.Code == "CBC.99000049"
}

// errUnread says that the account's first connection check has not ended yet.
var errUnread = errors.New("order: the account was not checked yet")

// ask reads a figure from the cloud. Of got only the fields of the answer are set.
func (p *prices) ask(ctx context.Context, f figure) (got figure, err error) {
	if a, err := p.s.Accounts.Get(ctx, person.System, f.accountID); err == nil && a.Unread() {
		return got, errUnread
	}
	a, err := p.s.Accounts.Access(ctx, f.accountID)
	if err != nil {
		return got, err
	}
	a.Lane = account.ForPerson // a person looks at the page
	switch {
	case f.request != nil:
		got.quote, err = p.s.Billing.Price(ctx, a, *f.request)
	case f.orderID != "":
		got.bill, err = p.s.Billing.Order(ctx, a, f.orderID)
		p.s.learn(ctx, f.accountID, account.RightOrders, err)
	default:
		got.balance, err = p.s.Billing.Balance(ctx, a)
		p.s.learn(ctx, f.accountID, account.RightBilling, err)
	}
	return got, err
}
