// Package order buys: a confirmed intent becomes at most one order at the
// cloud, and every step of it is on disk before it happens (reliability.md,
// 2 to 5).
package order

import (
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
)

// State of a purchase (reliability.md §4). Only Store.Save and Store.Claim change it.
type State string

// The states.
const (
	Confirmed       State = "confirmed"
	Sending         State = "sending"
	Refused         State = "refused"   // final
	Expired         State = "expired"   // final
	Cancelled       State = "cancelled" // final
	Unknown         State = "unknown"
	NeedsHuman      State = "needs human"
	NotFound        State = "not found" // final after 24 h
	Ordered         State = "ordered"
	AwaitingPayment State = "awaiting payment"
	Paying          State = "paying"
	Delivering      State = "delivering"
	Delivered       State = "delivered"        // final
	PartlyDelivered State = "partly delivered" // final after 24 h
	Closed          State = "closed"           // final: the cloud cancelled or refunded
)

// Mode is how an order is to be paid (reliability.md §2).
type Mode string

// The modes.
const (
	ExactPriceFirst Mode = "exact" // order unpaid; a person presses Pay with the amount on it
	AtMost          Mode = "atmost"
	DeductAtOnce    Mode = "deduct" // is_auto_pay; no cap holds
)

// Unit of a period.
type Unit string

// The units, as the API spells them (API Reference, Table 4-2, period_type).
const (
	Month Unit = "month"
	Year  Unit = "year"
)

// Link is how the cloud's order came to be an intent's (reliability.md, I2).
type Link string

// The links. By itself the console pays only what it is sure of: the first three.
const (
	ByAnswer   Link = "answer"   // its number stood in the answer to our own request
	ByTag      Link = "tag"      // it carries our tag
	ByName     Link = "name"     // its instances have our name
	ByLikeness Link = "likeness" // it is the only one that is alike
	ByPerson   Link = "person"   // an owner said so
)

// Sure reports whether the link proves that the order is ours.
func (l Link) Sure() bool { return l == ByAnswer || l == ByTag || l == ByName }

// Money is an amount in one currency; never converted, never summed over currencies.
type Money struct {
	Amount   decimal.Decimal
	Currency string // "USD"
}

// Tag is a label sent with the purchase (API Reference, Table 4-5).
type Tag struct {
	Key   string `json:"key"`   // 1 to 32 letters, digits, _ or -, starting with a letter
	Value string `json:"value"` // up to 2,048 characters
}

// Image as ordered.
type Image struct {
	Kind    catalog.Kind `json:"kind"`
	ID      string       `json:"id"`      // catalogue id, or the private image's id
	Name    string       `json:"name"`    // display name
	Version string       `json:"version"` // "" for private images
	OS      catalog.OS   `json:"os"`
	Send    []string     `json:"send,omitempty"` // image_name spellings, in the order to try
}

// Request is what a person wants to buy: the canonical payload of an intent.
// All fields are validated by Check.
type Request struct {
	AccountID    string `json:"account_id"`
	Image        Image  `json:"image"`
	Spec         string `json:"spec"`
	Region       string `json:"region"`
	Name         string `json:"name"`        // 1 to 128 letters, digits, _ or -, starting with a letter
	Description  string `json:"description"` // up to 1,024 characters
	Quantity     int    `json:"quantity"`    // 1 to 200
	PeriodUnit   Unit   `json:"period_unit"`
	PeriodNum    int    `json:"period_num"` // months 1 to 9, years 1 to 3
	AutoRenew    bool   `json:"auto_renew"`
	Payment      Mode   `json:"payment"`
	Cap          *Money `json:"cap,omitempty"` // with AtMost
	DataDiskGiB  int    `json:"data_disk_gib"` // 0 = none, else 10 to 2,048
	BackupGiB    int    `json:"backup_gib"`    // 0 = none, else 10 to 2,048
	HostSecurity bool   `json:"host_security"`
	Tags         []Tag  `json:"tags"`
}

// Draft is the wizard's memory: choices as typed, valid or not. It lives 30
// days and survives sign-out.
type Draft struct {
	ID        string
	PersonID  string
	Step      string            // furthest step reached: "image", "size", "region", "options", "review"
	Form      map[string]string // every field as typed, by form name; tags as tag_key_1, tag_value_1, …
	Before    map[string]string // the choice that the last change replaced, to take it back; nil: none
	OrderedAs string            // the order it became, "" while open
	RepeatOf  string            // "buy again" of this order
	CreatedAt time.Time
	UpdatedAt time.Time
	Rev       int64
}

// Review is the stored review draft of reliability.md §3.1: exactly what will
// be sent, with its ids. Confirm takes its id and hash only.
type Review struct {
	ID              string
	DraftID         string
	PersonID        string
	Request         Request
	Hash            string // over Request, without ids
	ClientRequestID string // lower-case UUID, new per attempt
	IntentTag       string // 10 random characters, sent as tag sampan-order; "" when switched off
	CreatedAt       time.Time
	ImageName       string // spelling of the image inside Body, "" for private images
	Body            []byte // the exact JSON of the request, for the fold
	URL             string // where it will be sent
	Repeats         string // id of an order with the same hash, open or younger than 24 h; "" = none
	OrderID         string // the order it became, "" until confirmed
	Start           int64  // process start that made it: a later one does not send it as it stands
	ReplacedBy      string // the review that was shown instead, with new ids; "" for none
}

// Order is an intent and all that became of it.
type Order struct {
	ID         string // ours (UUIDv7); exists before the cloud's number
	AccountID  string
	Sandbox    bool
	PersonID   string
	PersonName string
	ReviewID   string // the review it was confirmed from
	Request    Request
	Hash       string
	State      State
	StateAt    time.Time     // since when
	Reason     fault.Message // the sentence of this state, zero when the state says it all
	Code       string        // the cloud's code behind Reason
	RequestID  string        // X-Request-Id behind Reason
	Detail     string        // the cloud's own message, cut at 500 bytes

	ClientRequestID string // of the last attempt
	IntentTag       string
	CloudOrderID    string   // unique; "" until known
	Link            Link     // how CloudOrderID came to be ours; "" without one
	AnsweredOrder   string   // the number that the purchase's answer carried; "" when it had none
	AnsweredIDs     []string // instance ids of the purchase's answer
	CloudStatus     int      // last order status read, Table of cloud-api 9.3; 0 = none
	CloudReadAt     time.Time

	Amount   *Money    // what the cloud wants for it (amount_after_discount); nil = not read yet
	Official *Money    // list price
	Cap      *Money    // most the person agreed to; nil until set
	PayBy    time.Time // pending_payment_end_time
	PaidAt   time.Time

	PayAskedAt time.Time // somebody pressed Pay; it is about to be sent. Zero: nobody, or it was taken back
	PayAskedBy string    // their name
	PaySends   int       // payments sent, repeats included
	PaySentAt  time.Time // the last one

	CancelAskedAt time.Time // somebody pressed Cancel on the unpaid order
	CancelAskedBy string
	CancelSends   int

	Delivered []Delivery
	Followed  bool     // delivered, and servers that were not seen yet are still looked for; not stored
	Missing   []string // answered ids that the order did not deliver

	CreatedAt   time.Time
	ExpiresAt   time.Time // confirmed and not sent by then: expired
	SentAt      time.Time // t0, corrected by the cloud's Date
	EndedAt     time.Time // final state reached
	Checks      int       // looks for the order while unknown
	LastCheckAt time.Time
	NextCheckAt time.Time // zero: none planned
	CheckUntil  time.Time // last look before "not found", or end of the 24 h watch
	Candidates  []Candidate
	Weighed     []string // orders of the cloud that were read in detail and are certainly not ours
	Unread      int      // orders that the last look saw and did not read: there were too many
	Restored    bool     // it was queued or being sent in a database that was put back
	LockLifted  bool     // an owner allowed buying although this one is unknown
	RepeatOf    string   // "order again" of this order
	Start       int64    // process start that confirmed it: a later one does not send it
	Rev         int64
	Generation  int64 // lease generation of the last claim
}

// NeverSent reports whether no attempt was claimed here: an earlier process start had
// the order queued. If the database is an older copy, it may have been sent since;
// only the cloud knows that.
func (o Order) NeverSent() bool { return o.SentAt.IsZero() }

// PossiblyPaid reports whether an unknown outcome may have cost money.
func (o Order) PossiblyPaid() bool { return o.Request.Payment == DeductAtOnce && o.State == Unknown }

// Delivery is one instance the order brought.
type Delivery struct {
	InstanceID string
	Name       string
	ServerID   string
	Address    string // public IPv4, "" until known
	State      string // the server's state, "" until known
	Expires    time.Time
	Ready      bool      // it was seen with a state and an address
	Gone       bool      `json:"-"` // the inventory had it, and the cloud does not have it any more; not stored
	Order      string    `json:"-"` // number of the cloud's order, as the inventory knows it; not stored
	Created    time.Time `json:"-"` // as the inventory knows it; not stored
}

// Candidate is an order found at the cloud that may be ours.
type Candidate struct {
	CloudOrderID string
	Status       int
	CreatedAt    time.Time
	Amount       *Money
	Quantity     int
	Names        []string // resources of the order, when it has any
	Tag          string   // sampan-order of its instances, "" when none is known
	Spec         string
	Region       string
	PeriodUnit   Unit // "" when not known
	PeriodNum    int
	UserName     string   // who placed it, as the cloud shows it
	Why          []string // what matched: "tag", "name", "quantity", "period", "spec", "time"
	Ignored      bool
	AdoptAsked   string // the owner who said that it is the intent's; it is about to be read, and linked
	AdoptReads   int
	CancelAsked  bool // somebody wants this unpaid order cancelled; it is about to be
	CancelSends  int
	Cancelled    bool // the cloud shows it as cancelled
}

// Check is one look for an order whose outcome is unknown.
type Check struct {
	At         time.Time
	Conclusive bool // every listing answered
	Orders     int  // orders seen in the window
	Candidates int  // how many of them may be ours
	Message    fault.Message
}

// Event is one line of the timeline.
type Event struct {
	At      time.Time
	State   State
	Message fault.Message
	Person  string // who, "" for the console itself
}

// Attempt is one send of the purchase: stored before its first byte.
type Attempt struct {
	N               int
	ClientRequestID string
	ImageName       string // the spelling sent, "" for private images
	Body            []byte // the exact JSON sent
	URL             string
	SentAt          time.Time
	AnsweredAt      time.Time // zero: never
	Outcome         string    // "ordered", "refused", "unknown"
	Status          int
	Code            string
	RequestID       string
}

// Passport is everything a support ticket needs about one order; no secrets.
type Passport struct {
	Order     Order
	Account   account.Account
	Events    []Event
	Attempts  []Attempt
	Checks    []Check
	Exchanges []account.Exchange
	Body      []byte // the exact JSON sent
	URL       string
}

// Paid is an exact amount that an order was read to cost.
type Paid struct {
	At      time.Time // of the read, or of the payment
	Amount  Money
	OrderID string // ours
	Paid    bool   // the order was paid at it; else it was only read
}

// FoundOrder is an order at the cloud that no intent here is linked to: found at
// a process start among the recent orders (reliability.md §7, belt 3), or by a
// look for an unknown purchase.
type FoundOrder struct {
	CloudOrderID string
	AccountID    string // entry that it was seen through
	Status       int
	CreatedAt    time.Time
	Amount       *Money
	Quantity     int // 0: not known
	PeriodUnit   Unit
	PeriodNum    int
	Spec         string // the code of its resources, else as printed; "" when not known
	Region       string
	Names        []string // of its instances
	UserName     string
	Tag          string // sampan-order of its instances, where an intent or a review here has it
	OrderID      string // ours: the purchase that it resembles, "" for none
	ReviewID     string // the review that it resembles, or whose tag it carries
	Source       FoundBy
	FoundAt      time.Time
	SeenAt       time.Time

	Decision  Decision
	DecidedAt time.Time
	DecidedBy string

	CancelAskedAt time.Time // an owner wants this unpaid order cancelled
	CancelAskedBy string
	CancelSends   int
	Note          fault.Message // what became of the last decision
	Rev           int64
}

// FoundBy is what found an order.
type FoundBy string

// The ways.
const (
	FoundAtStart FoundBy = "start"
	FoundByLook  FoundBy = "look"
)

// Decision is what an owner said of a found order.
type Decision string

// The decisions.
const (
	Undecided      Decision = ""
	Belongs        Decision = "belongs"
	NotOurs        Decision = "not ours"
	FoundCancelled Decision = "cancelled"
)
