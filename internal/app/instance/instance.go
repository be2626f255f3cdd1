// Package instance keeps the local picture of the FlexusL instances of every
// account: what the pages show without asking the cloud.
package instance

import (
	"maps"
	"time"

	"sampan/internal/app/fault"
)

// Instance is the package that is billed and expires, as last known.
type Instance struct {
	ID         string // the cloud's id, 24 hex characters
	AccountID  string
	Name       string
	Region     string
	Spec       string // plan spec code, raw when unknown to the catalogue
	Image      string // product name, or image name
	Address    string // public IPv4, "" until known
	State      string // server status as ECS gives it: "ACTIVE"; "" = not known
	TaskState  string
	Frozen     bool
	ServerID   string
	ServerName string
	PackageID  string // data package, for traffic
	CloudOrder string // order that bought it
	AutoRenew  bool
	Expires    time.Time // zero: not known
	Created    time.Time
	SeenConfig time.Time // when each source last listed it; zero: never
	SeenECS    time.Time
	SeenBSS    time.Time
	UpdatedAt  time.Time // last change of the row
	GoneAt     time.Time // since when no source knows it; zero: it exists

	// What only Config has. Service.Get and Detail fill them; lists do not.
	Description         string
	ProjectID           string
	ProjectName         string
	EnterpriseProjectID string
	EnterpriseProject   string // its name
	ProvisioningState   string // "Succeeded"
	ConfigState         string // "Normal"
	ConfigStatus        string // properties.status, display text only: "RUNNING"
	Product             string
	Plan                string
	Updated             time.Time
	Tags                map[string]string
}

// Filter narrows a list; fields that are zero do not.
type Filter struct {
	AccountIDs []string // the scope; none = no rows
	Query      string   // part of a name, address, id or order, in any case
	Region     string
	State      string
	Sort       string // "name", "expires" (default), "region", "state"; "-" before it reverses
	After      string // keyset: opaque cursor of the previous page
	Limit      int    // 1 to 500, default 100
}

// Page is one page of a list.
type Page struct {
	Rows  []Instance
	Total int    // exact count of all that match
	Next  string // cursor of the next page, "" on the last
	Prev  string // cursor of the previous page, "" on the first
}

// Counts are totals over the instances of accounts.
type Counts struct {
	Total    int
	ByRegion map[string]int // region code → instances
	ByState  map[string]int // server state → instances, "" = not known
	Expiring int            // that end within ExpiringWithin, or ended, and do not renew themselves

	at time.Time // when they were counted
}

// Sync is how the last refresh of one source of an account went.
type Sync struct {
	AccountID string
	Source    string // "config", "bss", "traffic", "ecs:ap-southeast-3", "ims:ap-southeast-3"; "expiry": billing about all instances
	OKAt      time.Time
	TriedAt   time.Time
	Trouble   string // fault message id, "" when the last try succeeded
	Code      string
	Values    map[string]string // of the message, such as the missing permission; nil: it has none
}

// Failed gives y for a try that failed with f.
func (y Sync) Failed(f *fault.Error) Sync {
	y.OKAt, y.Trouble, y.Code, y.Values = time.Time{}, f.Message.ID, f.Code, maps.Clone(f.Message.Values)
	return y
}

// Said is the message of the failure, zero when the last try succeeded.
func (y Sync) Said() fault.Message {
	if y.Trouble == "" {
		return fault.Message{}
	}
	return fault.Message{ID: y.Trouble, Values: y.Values}
}
