package order

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/job"
)

// Store keeps drafts, reviews and orders. Every method is one transaction; a
// row that is not there is fault.NotFound.
type Store interface {
	CreateDraft(ctx context.Context, d Draft) error
	Draft(ctx context.Context, id string) (Draft, error)
	// SaveDraft writes step, form, before and ordered-as where the revision is
	// the one read; else fault.Conflict. It returns the new revision's row.
	SaveDraft(ctx context.Context, d Draft) (Draft, error)
	DeleteDraft(ctx context.Context, id string) error
	// Drafts gives a person's open drafts, latest first.
	Drafts(ctx context.Context, personID string) ([]Draft, error)
	// Sweep removes drafts and unconfirmed reviews that were last touched before
	// the given times.
	Sweep(ctx context.Context, drafts, reviews time.Time) error

	CreateReview(ctx context.Context, r Review) error
	Review(ctx context.Context, id string) (Review, error)

	// Confirm turns a review into a confirmed order, once (reliability.md §3.2).
	// A review that was confirmed before gives that order and again, and writes
	// nothing. Its faults are those of Service.Confirm.
	Confirm(ctx context.Context, c Confirmation) (orderID string, again bool, err error)
	// Claim makes a confirmed order, or one that was refused with leave to
	// repeat, ours to send (§3.3). A guard that forbids it is a *Held.
	Claim(ctx context.Context, c Claim) (Order, error)
	// Save writes what became of an order. It is the only other way to change a
	// state: it refuses one that the table does not allow, and changes exactly
	// the row that still has the state, revision and generation that were read,
	// under the lease when one is given; else fault.Conflict.
	Save(ctx context.Context, c Change) (Order, error)
	// Log adds exchanges to an order, whatever its state.
	Log(ctx context.Context, orderID string, x []account.Exchange) error

	Order(ctx context.Context, id string) (Order, error)
	Orders(ctx context.Context, f Filter) (Page, error)
	Events(ctx context.Context, orderID string) ([]Event, error)
	Attempts(ctx context.Context, orderID string) ([]Attempt, error)
	Checks(ctx context.Context, orderID string) ([]Check, error)
	Exchanges(ctx context.Context, orderID string) ([]account.Exchange, error)

	// InState gives the orders in any of the states, oldest first, of one
	// account or, with "", of all.
	InState(ctx context.Context, accountID string, states ...State) ([]Order, error)
	// NameHolder gives the order of the account that has the name and is open, or
	// was delivered since; "" when there is none. except is not looked at.
	NameHolder(ctx context.Context, accountID, name string, since time.Time, except string) (string, error)
	// SameHash gives the latest order with the hash that is open or was created
	// since; "" when there is none.
	SameHash(ctx context.Context, hash string, since time.Time) (string, error)
	// Linked tells which of the cloud's orders belong to an order of ours, of
	// whichever account, by the cloud's id.
	Linked(ctx context.Context, cloudOrderIDs []string) (map[string]string, error)
	// Paid gives the exact amounts once read for requests with the price key,
	// latest first.
	Paid(ctx context.Context, key string, limit int) ([]Paid, error)
	// Spelling gives the spelling of an image that the account's cloud took,
	// "" when none is known.
	Spelling(ctx context.Context, accountID, imageID string) (string, error)

	// Restored reports whether the database was restored or rolled back and
	// nothing may be sent yet (I7).
	Restored() bool
	// Restore expires what is confirmed, makes unknown what was being sent, takes
	// back what was asked for but not sent, lets nothing be paid without asking
	// again, and forgets every review, in one transaction. The resolver looks for what is unknown at next, and until.
	Restore(ctx context.Context, now, next, until time.Time) error
	// RestoreDone allows sending again.
	RestoreDone(ctx context.Context) error
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
	PriceKey   string
	Search     string
	Event      Event
	Audit      audit.Entry
}

// Claim is all that Store.Claim writes.
type Claim struct {
	Lease   job.Lease
	Order   Order   // as it shall be; State Sending, Generation the lease's
	From    State   // Confirmed, or Sending for the repeat
	Attempt Attempt // the next one
	Now     time.Time
	Event   Event
	Audit   audit.Entry
}

// Why a claim had to wait.
const (
	HeldByOther   = "other"   // another purchase of the account is being sent
	HeldByUnknown = "unknown" // another purchase of the account had no clear answer
	HeldByDisk    = "disk"    // less than 32 MiB free
	HeldByRestore = "restore" // the database was restored
	HeldByTime    = "time"    // expired
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
	Order     Order     // as it shall be; Rev and Generation are those read
	From      State     // the state read
	Lease     job.Lease // of a worker; zero for a person's act
	Spending  bool      // about to pay: refused as *Held while the disk is full or the database restored
	Answer    bool      // the answer of a send: the generation alone decides, not the revision
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
