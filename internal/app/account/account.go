// Package account keeps the Huawei Cloud accounts of the console: sealed keys
// go in, short-lived Access comes out.
package account

import (
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
)

// Site is the Huawei Cloud site an account belongs to. It decides the default
// endpoints (cloud-api, 2.1).
type Site string

// The sites.
const (
	International Site = "intl"
	Mainland      Site = "cn"
	Europe        Site = "eu"
	Custom        Site = "custom" // every endpoint given by the owner
	SandboxSite   Site = "sandbox"
)

// Credential says how the account signs in to the cloud.
type Credential string

// The kinds of credential.
const (
	ByKey   Credential = "key"   // access key pair, every call signed
	ByLogin Credential = "login" // IAM user and password, tokens per scope
)

// State of an account.
type State string

// The states. A broken account makes no call until somebody acts: repeated
// password logins lock the IAM user.
const (
	Active   State = "active"
	Disabled State = "disabled"
	Broken   State = "broken"
)

// Endpoints are base URLs. Regional ones hold "{region}".
type Endpoints struct {
	HCSS, IAM, Config, BSS, ECS, IMS, CES string
}

// Account is one cloud account as pages and lists see it: no secret in it.
type Account struct {
	ID         string
	Label      string // 1 to 64 characters, unique
	Site       Site
	Credential Credential
	KeyHint    string // last 4 characters of the access key id, or the IAM user's name
	Endpoints  Endpoints
	State      State
	Trouble    fault.Message // why it is broken, zero otherwise
	TroubleAt  time.Time

	DomainID   string            // the cloud's account id; "" until first read
	DomainName string            // needed for ByLogin
	Projects   map[string]string // region code → default project id, absent: not activated; name of a further project → its id (RegionOf)
	Currency   string            // "USD"; "" until a balance was read

	Checking  bool             // a connection check is under way; not stored
	Again     bool             // the console repeats an earlier check that got no answer; not stored
	Step      string           // the line the check asks for now, as Check.Name; "" while it is queued; not stored
	Checks    []Check          // results of the last connection check, so far
	CheckedAt time.Time        // zero: never
	Rights    map[Right]Answer // what calls showed about write rights

	BuyLockLifted string // order id whose unknown outcome an owner decided not to wait for
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Rev           int64
}

// KeyLost is the Trouble of an account whose credential cannot be opened because the
// key file was lost: it has to be entered again.
const KeyLost = "account.key.lost"

// KeyLost reports whether the account's credential was lost with the key file.
func (a Account) KeyLost() bool { return a.Trouble.ID == KeyLost }

// Sandbox reports whether the account's cloud is the simulated one.
func (a Account) Sandbox() bool { return a.Site == SandboxSite }

// Unread reports whether the account's regions were never read: its first connection
// check has not ended, and Active is false for every region.
func (a Account) Unread() bool { return len(a.Projects) == 0 && a.CheckedAt.IsZero() }

// Active reports whether the region has a default project in this account.
func (a Account) Active(region string) bool {
	_, own := RegionOf(region)
	return own && a.Projects[region] != ""
}

// Right is a permission the account needs at the cloud (cloud-api, 17).
type Right string

// The rights this step uses.
const (
	RightProjects Right = "projects" // iam:projects:listProjects
	RightList     Right = "list"     // rms:resources:list
	RightBilling  Right = "billing"  // bss:balance:view
	RightOrders   Right = "orders"   // bss:order:view
	RightServers  Right = "servers"  // ECS read
	RightImages   Right = "images"   // IMS read
	RightMetrics  Right = "metrics"  // CES read
	RightChange   Right = "change"   // ECS: name, description, hostname, tags, console
	RightBuy      Right = "buy"      // a FlexusL policy in scope Global services
	RightPay      Right = "pay"      // bss:order:pay
	RightCancel   Right = "cancel"   // bss:order:update
)

// Answer is what is known about a right.
type Answer struct {
	Allowed bool
	At      time.Time
	Code    string // the cloud's code of the refusal
}

// Check is one line of the connection check.
type Check struct {
	Name    string // "keys", "regions", "list", "billing", "orders", "servers:ap-southeast-3", "images:…", "clock"
	OK      bool
	Message fault.Message // what was found, or the remedy
	Code    string
	Request string // request id
	Took    time.Duration

	Kind  string    `json:",omitempty"` // of the failure, as fault.Kind words it; "" when OK and with findings that no call failed for
	Since time.Time `json:",omitzero"`  // when the line first failed like this; zero when OK, and in lines of older versions
	Old   bool      `json:",omitempty"` // of the check before: the present one, or one that was cut short, has not asked this
}

// Key is an access key pair, in clear, in memory only.
type Key struct {
	ID     string
	Secret seal.Secret
}

// Login is an IAM user's sign-in, in clear, in memory only.
type Login struct {
	User, Domain string
	Password     seal.Secret
}

// Lane is the priority of a call to the cloud, by what it is for. Of the calls that
// wait for their turn at a service, those of a higher lane go first (reliability.md
// §6).
type Lane uint8

// The lanes.
const (
	ForRefresh Lane = iota // the picture of a whole account
	ForPoll                // what is under way: orders, servers that were just changed
	ForResolve             // what became of a purchase
	ForPerson              // somebody waits
	ForMoney               // the sign-in that a purchase or payment needs first
	Lanes                  // how many there are
)

// Access is what an adapter needs to speak for an account: who it is, where
// the cloud is, and the secret in clear. It is passed by value, lives as long
// as the call, and is never stored or logged.
type Access struct {
	AccountID string
	Site      Site
	Endpoints Endpoints
	Trusted   bool // the endpoints are settings of the process: http and loopback are allowed (reliability.md §6)
	DomainID  string
	Projects  map[string]string
	Project   string // id of the project to work in, instead of the region's own; see In
	Key       Key    // set with ByKey
	Login     Login  // set with ByLogin
	Lane      Lane   // the priority of the calls

	// Until, when set, is the moment, on the machine's own clock, after which a
	// call that still waits for its turn is not made (fault.Busy, "cloud.turn").
	Until time.Time

	// Observe, when set, is told of every exchange on the wire, in order.
	// It must not block.
	Observe func(Exchange)
}

// Exchange is one request and its answer, without secrets or bodies.
type Exchange struct {
	At              time.Time // when it was sent, on the calendar
	Call            string    // "purchase", "order", "pay", …
	Method          string
	Path            string // without query
	Host            string
	ClientRequestID string
	RequestID       string // X-Request-Id of the answer
	Status          int    // 0: no answer
	Code            string // the cloud's error code
	Sent            bool   // false: headers were never handed to the connection
	Took            time.Duration
}
