package order

import (
	"context"
	"time"

	"sampan/internal/app/account"
)

// Receipt is the answer to a purchase (API Reference 4.1). It does not prove which
// instances were created: that is read from the order (cloud-api, 5.3).
type Receipt struct {
	OrderID     string
	InstanceIDs []string // may be shorter than the quantity, or empty
	RequestID   string   // X-Request-Id
	Status      int      // HTTP status
}

// CloudOrder is an order as billing shows it (cloud-api, 9.1 to 9.3).
type CloudOrder struct {
	ID          string
	Status      int // 1, 2, 3, 4, 5, 6, 9, 10 to 13
	Type        int // 1 new purchase, 2 renewal, …
	CreatedAt   time.Time
	Amount      *Money // amount_after_discount; nil when the answer has none
	Official    *Money // official_amount
	Quantity    int    // subscription_num of the main line; 0 when not known (a list has no lines)
	PeriodUnit  Unit   // "" when not known
	PeriodNum   int
	SpecText    string // product_spec_desc, as printed
	ServiceType string // "hws.service.type.hcss"
	ServiceName string
	UserName    string
	PayBy       time.Time // pending_payment_end_time
	PaidAt      time.Time
}

// The order statuses we act on (cloud-api, 9.3).
const (
	StatusPendingApproval = 1
	StatusPendingRefund   = 2
	StatusProcessing      = 3
	StatusCancelled       = 4
	StatusCompleted       = 5
	StatusPendingPayment  = 6
	StatusPendingConfirm  = 9
)

// The HTTP statuses of answers that mean something here (cloud-api, 5.5).
const (
	statusBadRequest      = 400
	statusUnauthorized    = 401
	statusForbidden       = 403
	statusNotFound        = 404
	statusTooManyRequests = 429
)

// Resource is one main resource of an order: an instance (cloud-api, 9.8).
type Resource struct {
	InstanceID   string
	Name         string
	Spec         string
	Region       string
	Status       int // 2 in use, 3 closed, 4 frozen, 5 expired
	Expires      time.Time
	ExpirePolicy int // 3 = auto-renew
}

// Found is an instance that Config lists under a name (cloud-api, 7).
type Found struct {
	InstanceID   string
	Name         string
	Region       string
	CloudOrderID string            // metadata.order_id, "" when the answer has none
	Tags         map[string]string // nil when the answer has none
	Created      time.Time
}

// Quote is a price as the account's inquiry gave it, before anything is ordered.
type Quote struct {
	Lines  []QuoteLine
	Total  Money
	Source string // "huawei" or "simulated"
	At     time.Time
}

// QuoteLine is one line of a quote.
type QuoteLine struct {
	What   string // "instance", "evs", "cbr", "hss"
	Amount Money
	Per    int // how many the amount is for
}

// Balance is what the account has to spend (cloud-api, 9.12). Rows of different
// kinds or currencies are never summed.
type Balance struct {
	Available Money // account type 1; zero currency when there is no such row
	Rows      []BalanceRow
	At        time.Time
}

// BalanceRow is one kind of money of an account.
type BalanceRow struct {
	Kind   string // "balance", "credit", "bonus", "deposit", "coupon"
	Amount Money
	Debt   *Money // nil when none was given
}

// Purchases places orders at the cloud. Every failure is a *fault.Error whose
// Kind says what is known (reliability.md §3): Refused, a definite refusal;
// Unreachable, the headers were never handed to the connection; Unknown, anything
// else; Busy, a 429, which proves that nothing was ordered.
type Purchases interface {
	// Body is the exact JSON that Purchase will send for r, with the tag
	// sampan-order when tag is not empty and the given spelling of the image.
	Body(r Request, tag, imageName string) ([]byte, error)
	// Turn is when a purchase of the account that is sent now could begin, by the
	// machine's clock: later than now after a 429, or while the service does not answer.
	Turn(a account.Access, region string) time.Time
	// URL is where Purchase sends to.
	URL(a account.Access) string
	// Purchase sends body once (class D).
	Purchase(ctx context.Context, a account.Access, clientRequestID string, body []byte, region string) (Receipt, error)
}

// Billing reads, pays and cancels orders, and asks for prices.
type Billing interface {
	// Order reads one order. One that billing does not know is fault.NotFound.
	Order(ctx context.Context, a account.Access, cloudOrderID string) (CloudOrder, error)
	// Orders lists all new purchases created in [from, to], every page.
	Orders(ctx context.Context, a account.Access, from, to time.Time) ([]CloudOrder, error)
	// Pay sends one payment and never repeats it. After an error the order has to be
	// read to know whether it was paid.
	Pay(ctx context.Context, a account.Access, cloudOrderID string) error
	// Cancel cancels an unpaid order. After an error the order has to be read.
	Cancel(ctx context.Context, a account.Access, cloudOrderID string) error
	// Resources lists the main resources of an order, those that exist so far.
	Resources(ctx context.Context, a account.Access, cloudOrderID string) ([]Resource, error)
	// Price asks what r would cost.
	Price(ctx context.Context, a account.Access, r Request) (Quote, error)
	// Balance reads what the account has.
	Balance(ctx context.Context, a account.Access) (Balance, error)
}

// Finder looks for instances in the account's Config listing.
type Finder interface {
	// Find gives the instances of the region that bear the name (or a beginning of
	// it that the cloud may have cut to make room for a number), and, with a tag,
	// those that carry sampan-order=tag, whatever their name. An empty list means
	// that every listing answered and had none.
	Find(ctx context.Context, a account.Access, region, name, tag string) ([]Found, error)
}

// ServerFinder looks for the tag of a purchase on the account's servers: where
// the tags of a purchase end up is not known (cloud-api, 8.12).
type ServerFinder interface {
	// Tagged gives the instances of the region's servers that carry
	// sampan-order=tag. Name is that of the server. InstanceID is "" where the
	// server does not name its instance, CloudOrderID where it does not name its
	// order. An empty list means that every page answered and had none, or that the
	// account has no project in the region. That a server lacks the tag proves nothing.
	Tagged(ctx context.Context, a account.Access, region, tag string) ([]Found, error)
}
