package order

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
)

// Store keeps drafts, reviews and orders. Every method is one transaction; a
// row that is not there is fault.NotFound.
type Store interface {
	CreateDraft(ctx context.Context, d Draft) error
	// Draft gives one draft, of any person.
	Draft(ctx context.Context, id string) (Draft, error)
	// SaveDraft writes step, form and before if the revision is the one read; else it
	// is fault.Conflict. It returns the row as written.
	SaveDraft(ctx context.Context, d Draft) (Draft, error)
	// DeleteDraft removes a draft. It is no error when there is none.
	DeleteDraft(ctx context.Context, id string) error
	// Drafts gives a person's open drafts, latest first.
	Drafts(ctx context.Context, personID string) ([]Draft, error)
	// Sweep removes drafts and unconfirmed reviews that were last touched before
	// the given times.
	Sweep(ctx context.Context, drafts, reviews time.Time) error

	// CreateReview writes a review of this process start.
	CreateReview(ctx context.Context, r Review) error
	// Review gives one review, of any person, whether confirmed or not.
	Review(ctx context.Context, id string) (Review, error)
	// ReplaceReview writes a review that replaces an open one of an earlier process
	// start, once: a second call gives the review of the first call.
	ReplaceReview(ctx context.Context, old string, r Review) (Review, error)
	// OpenReviews gives the reviews made since then and not confirmed, replaced ones
	// included.
	OpenReviews(ctx context.Context, since time.Time) ([]Review, error)
	// Recall makes an order of a review that was confirmed in a newer copy of the
	// database, which is lost: an order at the cloud carries its tag. It is Confirm
	// without its refusals. A review that became an order before gives that order.
	Recall(ctx context.Context, c Confirmation) (orderID string, err error)

	// Confirm turns a review into a confirmed order, once (reliability.md §3.2).
	// A review that was confirmed before gives that order and again, and writes
	// nothing. Its faults are those of Service.Confirm.
	Confirm(ctx context.Context, c Confirmation) (orderID string, again bool, err error)
	// Claim gives the lease's holder the right to send a confirmed order, or to repeat
	// a refused one (§3.3). When a guard forbids it, it is a *Held.
	Claim(ctx context.Context, c Claim) (Order, error)
	// Save writes what became of an order. It is the only other way to change a
	// state: it refuses one that the table does not allow, and changes exactly
	// the row that still has the state, revision and generation that were read,
	// under the lease when one is given; else fault.Conflict.
	Save(ctx context.Context, c Change) (Order, error)
	// Log adds exchanges to an order, whatever its state.
	Log(ctx context.Context, orderID string, x []account.Exchange) error

	// Order gives one order as stored.
	Order(ctx context.Context, id string) (Order, error)
	// Orders gives one page; with a cursor that cannot be read it is the first one.
	Orders(ctx context.Context, f Filter) (Page, error)
	// Events, Attempts, Checks and Exchanges give what was stored of an order, oldest
	// first.
	Events(ctx context.Context, orderID string) ([]Event, error)
	Attempts(ctx context.Context, orderID string) ([]Attempt, error)
	Checks(ctx context.Context, orderID string) ([]Check, error)
	Exchanges(ctx context.Context, orderID string) ([]account.Exchange, error)

	// InState gives the orders in any of the states, oldest first, of one
	// account or, with "", of all.
	InState(ctx context.Context, accountID string, states ...State) ([]Order, error)
	// NameHolder gives the order of the accounts that has the name and is open, or
	// was delivered since; "" when there is none. except is not looked at.
	NameHolder(ctx context.Context, accountIDs []string, name string, since time.Time, except string) (string, error)
	// SameHash gives the latest order with the hash that is open or was created
	// since; "" when there is none.
	SameHash(ctx context.Context, hash string, since time.Time) (string, error)
	// Linked gives our order's id for each of the cloud's orders that one of ours, of
	// any account, is linked to.
	Linked(ctx context.Context, cloudOrderIDs []string) (map[string]string, error)
	// Paid gives the exact amounts once read for requests with the price key,
	// latest first. Paid is the last one of an order that was paid and neither
	// cancelled nor given back.
	Paid(ctx context.Context, key string, limit int) ([]Paid, error)
	// Spelling gives the spelling of an image that the account's cloud took,
	// "" when none is known.
	Spelling(ctx context.Context, accountID, imageID string) (string, error)

	// Start is the number of this process start. Whole reports whether the database is
	// the one that was used here last, and not an older copy.
	Start() int64
	Whole() bool
	// Unseen is since when the cloud may have orders that the database does not know.
	// Seen stores that they were looked at.
	Unseen() time.Time
	Seen(ctx context.Context) error
	// Buyers gives the accounts that have an order or an open review. In a restored
	// database it gives all accounts: their orders may be lost.
	Buyers(ctx context.Context) ([]string, error)

	// RestoredSince gives since when the database counts as restored or rolled
	// back, and why; the zero time when it does not, or an owner has closed it.
	RestoredSince(ctx context.Context) (time.Time, fault.Message, error)
	// Restore makes unknown what is confirmed and what was being sent, takes back
	// what was asked for but not sent, and lets nothing be paid without asking
	// again, in one transaction. The resolver looks for what is unknown at next, and until.
	Restore(ctx context.Context, now, next, until time.Time) error
	// RestoreDone ends the restored state. Until then nothing is sent for an account
	// that has a restored order which is not decided (I7).
	RestoreDone(ctx context.Context, e audit.Entry) error

	// OrderOfTag gives the order here whose intent has the tag, "" for none.
	OrderOfTag(ctx context.Context, tag string) (string, error)
	// PutFound stores orders that no intent is linked to. For one that is stored
	// already it replaces what was read, and keeps what was decided.
	PutFound(ctx context.Context, all []FoundOrder) error
	// Found gives one found order.
	Found(ctx context.Context, cloudOrderID string) (FoundOrder, error)
	// FoundOrders gives those that no order here is linked to, latest first;
	// with open only the undecided ones.
	FoundOrders(ctx context.Context, open bool) ([]FoundOrder, error)
	// SaveFound writes a decision about a found order, if its revision is the one read
	// and no order here is linked to it; else it is fault.Conflict
	// ("order.found.linked").
	SaveFound(ctx context.Context, f FoundOrder, entries ...audit.Entry) (FoundOrder, error)
	// Answered tells for which of the cloud's orders a person has said before that a
	// request with the hash is additional.
	Answered(ctx context.Context, hash string, cloudOrderIDs []string) (map[string]bool, error)
}

// Confirmation is all that Confirm writes.
type Confirmation struct {
	ReviewID   string
	PersonID   string
	Hash       string
	Additional bool      // the person says that an equal order is wanted
	Since      time.Time // equal orders younger than this are repetitions
	Fresh      time.Time // reviews older than this are stale
	Settled    time.Time // names delivered since are taken
	Order      Order     // State Confirmed; its request and ids are the review's
	Kin        []string  // every entry of the Huawei account that is bought with
	Beside     []string  // orders of the cloud beside which the person says that it is additional
	PriceKey   string
	Search     string
	Event      Event
	Audit      audit.Entry
}

// Claim is all that Store.Claim writes.
type Claim struct {
	Lease   job.Lease
	Order   Order    // as it shall be; State Sending, Generation the lease's
	From    State    // Confirmed, or Sending for the repeat
	Attempt Attempt  // the next one
	Kin     []string // every entry of the Huawei account that is bought with
	Now     time.Time
	Event   Event
	Audit   audit.Entry
}

// Why a claim had to wait.
const (
	HeldByOther   = "other"   // another purchase of the account is being sent
	HeldByUnknown = "unknown" // another purchase of the account had no clear answer
	HeldByDisk    = "disk"    // less than 32 MiB free
	HeldByRestore = "restore" // the database was restored, and an order of the account is not decided
	HeldByTime    = "time"    // expired
	HeldByStart   = "start"   // an earlier process start confirmed it, or made its review
	HeldByTurn    = "turn"    // the purchase service takes no call of the account now
	HeldByAge     = "age"     // what was read of the order is too old to be acted on
	HeldByChange  = "change"  // the row changed, or the lease is lost
)

// Held is why Store.Claim, or a Save that is about to pay, did not happen.
// Nothing was written.
type Held struct {
	Why     string
	OrderID string // with HeldByOther and HeldByUnknown
}

// Error names the reason for the log.
func (h *Held) Error() string { return "order: held by " + h.Why + " " + h.OrderID }

// Change is all that Store.Save writes.
type Change struct {
	Order     Order        // as it shall be; Rev and Generation are those read
	From      State        // the state read
	Lease     job.Lease    // of a worker; zero for a person's act
	Spending  bool         // about to pay: refused as *Held while the disk is full or the account restored
	ReadAt    time.Time    // when what is acted on was read: more than a minute ago is refused as *Held; zero: nothing is acted on
	Kin       []string     // with Spending: every entry of the Huawei account
	Unlinked  string       // an order of the cloud that no other intent may be linked to; else fault.Conflict ("order.found.linked")
	Found     []FoundOrder // seen beside, and linked to nothing
	Answer    bool         // the answer of a send: the generation alone decides, not the revision
	Events    []Event
	Attempt   *Attempt // update of the attempt with its number
	Check     *Check
	Exchanges []account.Exchange
	Amount    *Paid  // an exact amount read; kept when it is new
	Spelling  string // of the image, that the cloud took; "" to leave it
	Audit     []audit.Entry
	Nudge     bool // the job is due now
}

// Filter narrows a list of orders; zero fields do not filter.
type Filter struct {
	AccountIDs []string // scope; nil means all accounts
	Removed    bool     // with what was ordered through removed entries of the same accounts at the cloud
	State      string   // a group: "", GroupToPay, …
	PersonID   string
	Query      string // part of name, order number, image, size, region or person; case does not matter
	After      string // cursor of the page to continue from
	Limit      int    // 1 to 500; 0 = 50
}

// Page is one page of orders, latest first.
type Page struct {
	Rows   []Order
	Total  int            // all that match
	Counts map[string]int // by group, with every filter but the group; "" counts all
	Next   string         // cursor of the next page, "" on the last
	Prev   string         // cursor of the page before, "" on the first
}
