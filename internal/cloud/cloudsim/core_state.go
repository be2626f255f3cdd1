package cloudsim

import (
	"slices"
	"strings"
	"time"
)

// state is everything that survives a restart. Entities are never changed in place once published to a reader
// outside the lock; answers copy what they need.
type state struct {
	meta      meta
	accounts  []*account
	orders    []*order // in the order in which they came to be known
	images    []*image
	fleets    []fleet
	byOrder   map[string]*order
	instances map[string]*instance
	servers   map[string]*instance   // by server id
	packages  map[string]*instance   // by data package id
	owned     map[string][]*instance // by account, sorted by id
	seq       int                    // instances so far, for addresses
}

type meta struct {
	TokenKey string        `json:"token_key"`
	Odoo     bool          `json:"odoo"`
	Offset   time.Duration `json:"offset"`
	Founded  time.Time     `json:"founded"`
}

// account is a customer with one IAM user that holds one access key.
type account struct {
	Account
	UserID       string `json:"user_id"`
	Cents        int64  `json:"cents"`
	InitialCents int64  `json:"initial_cents"`
	wrong        int    // wrong passwords in a row
	lockedUntil  time.Time
}

// region of a project of this account; "" when it is not one.
func (a *account) region(project string) string {
	for _, r := range a.Regions {
		if project != "" && r.ProjectID == project {
			return r.Region
		}
	}
	for _, p := range a.Projects {
		if project != "" && p.ProjectID == project {
			return p.Region
		}
	}
	return ""
}

// projectName is what IAM calls a project.
func (a *account) projectName(project string) string {
	for _, p := range a.Projects {
		if p.ProjectID == project {
			return p.Region + "_" + p.Name
		}
	}
	return a.region(project)
}

// closed says whether the user may do nothing in the project.
func (a *account) closed(project string) bool {
	return slices.ContainsFunc(a.Projects, func(p Project) bool { return p.ProjectID == project && p.Closed })
}

// project of a region; "" when the region is not activated.
func (a *account) project(region string) string {
	for _, r := range a.Regions {
		if r.Region == region {
			return r.ProjectID
		}
	}
	return ""
}

type extra struct {
	Type string `json:"type"`
	Size int    `json:"size,omitempty"`
}

// order is a purchase. Its status is a function of these facts and the calendar: see status.
type order struct {
	ID              string            `json:"id"`
	Account         string            `json:"account"`
	ClientRequestID string            `json:"client_request_id,omitempty"`
	RequestID       string            `json:"request_id,omitempty"`
	Foreign         bool              `json:"foreign,omitempty"` // placed without the console, by extra_order or Foreign
	Fleet           bool              `json:"fleet,omitempty"`
	User            string            `json:"user"`
	Name            string            `json:"name"`
	Description     string            `json:"description,omitempty"`
	Region          string            `json:"region"`
	Project         string            `json:"project"`
	Spec            string            `json:"spec"`
	ImageName       string            `json:"image_name,omitempty"`
	ImageVersion    string            `json:"image_version,omitempty"`
	ImageID         string            `json:"image_id,omitempty"`
	Months          int               `json:"months"`
	Yearly          bool              `json:"yearly,omitempty"`
	Quantity        int               `json:"quantity"`
	AutoRenew       bool              `json:"auto_renew,omitempty"`
	AutoPay         bool              `json:"auto_pay,omitempty"`
	Extras          []extra           `json:"extras,omitempty"`
	Tags            map[string]string `json:"tags,omitempty"`
	Cents           int64             `json:"cents"`
	Created         time.Time         `json:"created"`
	Paid            time.Time         `json:"paid,omitzero"`
	PayRequestID    string            `json:"pay_request_id,omitempty"`
	Cancelled       time.Time         `json:"cancelled,omitzero"`
	Ready           time.Time         `json:"ready,omitzero"`
	Visible         time.Time         `json:"visible,omitzero"` // billing does not show it before
	Hidden          time.Time         `json:"hidden,omitzero"`  // nor from then on
	Planned         plannedFault      `json:"fate,omitzero"`
	Instances       []string          `json:"instances"`
}

// plannedFault is what a fault decided about an order. Journals call it "fate".
type plannedFault struct {
	Stuck     bool `json:"stuck,omitempty"`
	EndsAs    int  `json:"ends_as,omitempty"`   // 2 or 4 instead of 5
	Partial   bool `json:"partial,omitempty"`   // only Delivered instances come to be
	Delivered int  `json:"delivered,omitempty"` // with Partial
}

// instance is a FlexusL instance with its one server. Ids of the parts follow from its id: see derivedID.
type instance struct {
	ID        string    `json:"id"`
	OrderID   string    `json:"order"`
	Account   string    `json:"account"`
	Name      string    `json:"name"`
	Seq       int       `json:"seq"`
	Born      time.Time `json:"born"`      // ECS knows the server, building
	Active    time.Time `json:"active"`    // the server runs
	Delivered time.Time `json:"delivered"` // BSS knows the resource
	Listed    time.Time `json:"listed"`    // Config knows the instance
	Expires   time.Time `json:"expires"`
	AutoRenew bool      `json:"auto_renew,omitempty"`
	Power     string    `json:"power"`           // ECS status once it runs: ACTIVE, SHUTOFF, ERROR
	Pace      float64   `json:"pace"`            // share of the data package used per cycle
	Edits     *edits    `json:"edits,omitempty"` // nil: as delivered; replaced, never changed in place
	order     *order
	fleet     bool // made by a fleet record and unchanged since: has no record of its own
}

func (s *state) init() {
	*s = state{byOrder: map[string]*order{}, instances: map[string]*instance{}, servers: map[string]*instance{},
		packages: map[string]*instance{}, owned: map[string][]*instance{}}
}

func (s *state) addAccount(a *account) {
	for i, old := range s.accounts {
		if old.ID == a.ID {
			s.accounts[i] = a
			return
		}
	}
	s.accounts = append(s.accounts, a)
}

// account finds one by id, or by name.
func (s *state) account(idOrName string) *account {
	for _, a := range s.accounts {
		if a.ID == idOrName {
			return a
		}
	}
	for _, a := range s.accounts {
		if a.Name == idOrName && idOrName != "" {
			return a
		}
	}
	return nil
}

func (s *state) accountByKey(accessKey string) *account {
	for _, a := range s.accounts {
		if a.AccessKey == accessKey && accessKey != "" {
			return a
		}
	}
	return nil
}

func (s *state) addOrder(o *order) {
	if old, ok := s.byOrder[o.ID]; ok {
		*old = *o
		return
	}
	s.byOrder[o.ID] = o
	s.orders = append(s.orders, o)
}

func (s *state) addInstance(in *instance) {
	in.order = s.byOrder[in.OrderID]
	if old, ok := s.instances[in.ID]; ok {
		*old = *in
		return
	}
	s.instances[in.ID] = in
	s.servers[in.serverID()] = in
	s.packages[in.packageID()] = in
	list := s.owned[in.Account]
	i, _ := slices.BinarySearchFunc(list, in.ID, func(x *instance, id string) int { return strings.Compare(x.ID, id) })
	s.owned[in.Account] = slices.Insert(list, i, in)
	s.seq = max(s.seq, in.Seq)
}

// addFleet adds many at once; the list is sorted once.
func (s *state) addFleet(acct string, ins []*instance) {
	for _, in := range ins {
		in.order = s.byOrder[in.OrderID]
		s.instances[in.ID] = in
		s.servers[in.serverID()] = in
		s.packages[in.packageID()] = in
		s.seq = max(s.seq, in.Seq)
	}
	s.owned[acct] = append(s.owned[acct], ins...)
	slices.SortFunc(s.owned[acct], func(a, b *instance) int { return strings.Compare(a.ID, b.ID) })
}

func (s *state) addImage(im *image) {
	for i, old := range s.images {
		if old.ID == im.ID {
			s.images[i] = im
			return
		}
	}
	s.images = append(s.images, im)
}
