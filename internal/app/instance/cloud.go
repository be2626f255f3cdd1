package instance

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
)

// Listed is an instance as Config lists it (cloud-api, 7). Any field may be
// empty: the list is a copy that lags, and its properties have no fixed form.
type Listed struct {
	ID          string `json:",omitempty"` // 24 hex characters
	Name        string `json:",omitempty"`
	Description string `json:",omitempty"`
	Region      string `json:",omitempty"`
	ProjectID   string `json:",omitempty"`
	ProjectName string `json:",omitempty"`

	EnterpriseProjectID   string `json:",omitempty"`
	EnterpriseProjectName string `json:",omitempty"`

	State             string `json:",omitempty"` // "Normal"; the adapter drops "Deleted"
	ProvisioningState string `json:",omitempty"` // "Succeeded"
	Status            string `json:",omitempty"` // properties.status, for display only: "RUNNING"
	Product           string `json:",omitempty"` // product_name
	Plan              string `json:",omitempty"` // plan_name
	Spec              string `json:",omitempty"` // resource_spec_code, raw
	OrderID           string `json:",omitempty"` // metadata.order_id

	Parts []Part `json:"-"` // everything inside the package, in the order of the answer

	// Taken from Parts; lists, because there may be several.
	ServerIDs  []string  `json:",omitempty"`
	PackageIDs []string  `json:",omitempty"` // data packages
	Addresses  []string  `json:",omitempty"` // public IPv4
	PackageEnd time.Time `json:",omitzero"`

	Tags    map[string]string `json:",omitempty"`
	Created time.Time         `json:",omitzero"`
	Updated time.Time         `json:",omitzero"`
	Raw     []byte            `json:"-"` // the resource's JSON as answered; of a page that was made small: deflated
	Sum     uint64            `json:"-"` // of Raw, 0 = not computed yet
	Same    bool              `json:"-"` // says what was said before: only ID, ServerIDs and Sum are set
	parts   []byte            // Parts of a listing that was made small: deflated JSON
}

// Part is one entry of properties.resources.
type Part struct {
	Logical    string            `json:",omitempty"` // logical_resource_type, "huaweicloudinternal_ecs_instance"
	Type       string            `json:",omitempty"` // physical_resource_type
	ID         string            `json:",omitempty"`
	Name       string            `json:",omitempty"`
	Attributes map[string]string `json:",omitempty"` // "null", "" and "[]" left out
}

// Server is a cloud server as ECS gives it (cloud-api, 8.1).
type Server struct {
	ID          string `json:",omitempty"`
	InstanceID  string `json:",omitempty"` // metadata.lockSourceId where lockSource is hcss; "" = not known
	OrderID     string `json:",omitempty"` // metadata "metering.order_id"
	ProductID   string `json:",omitempty"` // metadata "metering.product_id"
	Region      string `json:",omitempty"`
	ProjectID   string `json:",omitempty"`
	Zone        string `json:",omitempty"`
	Name        string `json:",omitempty"`
	Hostname    string `json:",omitempty"`
	Description string `json:",omitempty"`

	Status     string `json:",omitempty"` // cloud-api, 8.10
	TaskState  string `json:",omitempty"` // "" = nothing running
	VMState    string `json:",omitempty"`
	PowerState int    `json:",omitempty"`
	Frozen     bool   `json:",omitempty"` // metadata.EcmResStatus is freeze
	Locked     bool   `json:",omitempty"`
	LockScene  string `json:",omitempty"`
	HostStatus string `json:",omitempty"`
	Fault      string `json:",omitempty"` // fault.message
	Absent     bool   `json:",omitempty"` // asked for by id and not there: only ID and Fault are set

	Public   []string `json:",omitempty"` // floating addresses, IPv4 first
	Private  []string `json:",omitempty"`
	Networks []string `json:",omitempty"` // VPC ids

	Flavor    string     `json:",omitempty"`
	VCPUs     int        `json:",omitempty"`
	MemoryMiB int        `json:",omitempty"`
	OS        catalog.OS `json:",omitempty"` // "" = not known
	ImageID   string     `json:",omitempty"`
	ImageName string     `json:",omitempty"`
	Disks     []Disk     `json:",omitempty"`

	SecurityGroups      []string          `json:",omitempty"` // names
	EnterpriseProjectID string            `json:",omitempty"`
	Tags                []string          `json:",omitempty"` // "key=value" or "key"
	SysTags             map[string]string `json:",omitempty"` //
	Created             time.Time         `json:",omitzero"`
	Updated             time.Time         `json:",omitzero"`
	Launched            time.Time         `json:",omitzero"`
	Raw                 []byte            `json:"-"` // the server's JSON as answered; of a page that was made small: deflated
	Sum                 uint64            `json:"-"` // of Raw, 0 = not computed yet
	Same                bool              `json:"-"` // says what was said before: only ids, region and Sum are set
}

// Flexus reports whether the server belongs to a FlexusL instance: by its lock
// or by the tag such servers carry.
func (s Server) Flexus() bool {
	if s.InstanceID != "" {
		return true
	}
	for _, t := range s.Tags {
		if t == "_sys_type_hcss_l" || t == "_sys_type_hcss_l=" {
			return true
		}
	}
	return false
}

// Disk is a volume attached to a server.
type Disk struct {
	ID     string `json:",omitempty"`
	Device string `json:",omitempty"`
	System bool   `json:",omitempty"` // bootIndex 0
}

// Expiry is a main resource as billing gives it (cloud-api, 9.8).
type Expiry struct {
	InstanceID   string    `json:",omitempty"` // resource_id
	Name         string    `json:",omitempty"`
	Region       string    `json:",omitempty"`
	ProjectID    string    `json:",omitempty"`
	Spec         string    `json:",omitempty"` // resource_spec_code
	SpecText     string    `json:",omitempty"` // product_spec_desc
	ServiceType  string    `json:",omitempty"`
	ResourceType string    `json:",omitempty"`
	Main         bool      `json:",omitempty"`
	ParentID     string    `json:",omitempty"`
	Status       int       `json:",omitempty"` // 2 in use, 3 closed, 4 frozen, 5 expired
	Effective    time.Time `json:",omitzero"`
	Expires      time.Time `json:",omitzero"`
	ExpirePolicy int       `json:",omitempty"` // only 3 is auto-renew

	EnterpriseProjectID   string    `json:",omitempty"`
	EnterpriseProjectName string    `json:",omitempty"`
	Updated               time.Time `json:",omitzero"`
}

// AutoRenew reports whether the resource renews by itself.
func (e Expiry) AutoRenew() bool { return e.ExpirePolicy == 3 }

// Lister reads Config. Its methods are safe for concurrent use.
type Lister interface {
	// Instances gives every FlexusL instance of the account, all pages. An empty
	// list is not a failure, and no proof that there are none.
	Instances(ctx context.Context, a account.Access) ([]Listed, error)
	// InstancesIn gives those of one region. When page is not nil, it is called
	// with each page as soon as that is read, before the list is known to be
	// complete; it may shrink the page.
	InstancesIn(ctx context.Context, a account.Access, region string, page func([]Listed)) ([]Listed, error)
	// Count gives how many instances there are, in one small call.
	Count(ctx context.Context, a account.Access) (int, error)
}

// Servers reads ECS. Its methods are safe for concurrent use.
type Servers interface {
	// Servers gives the FlexusL servers of a region, all pages. When the list
	// ends before the number that it gives itself, what was listed comes with an
	// error. When page is not nil, it is called with each page as soon as that is
	// read, before the list is known to be complete, and for several pages at the
	// same time; it may shrink the page.
	Servers(ctx context.Context, a account.Access, region string, page func([]Server)) ([]Server, error)
	// ServersByID gives these servers of a region, any number of them, in no
	// order. One that the cloud does not have is given as Absent, or is missing.
	ServersByID(ctx context.Context, a account.Access, region string, ids []string) ([]Server, error)
}

// Billing reads BSS. Its methods are safe for concurrent use.
type Billing interface {
	// Expiries gives the main resources with these ids, any number of them, in no
	// order. Ids that billing does not know are missing.
	Expiries(ctx context.Context, a account.Access, ids []string) ([]Expiry, error)
	// Delivered gives the main resources that an order brought.
	Delivered(ctx context.Context, a account.Access, cloudOrderID string) ([]Expiry, error)
}

// Images reads IMS.
type Images interface {
	// Images gives the account's own active images in a region.
	Images(ctx context.Context, a account.Access, region string) ([]catalog.PrivateImage, error)
}

// PackageTraffic is what is left of a data package.
type PackageTraffic struct {
	PackageID string
	Traffic   Traffic
}

// TrafficReader reads and stores what is left of data packages; traffic.Service
// does.
type TrafficReader interface {
	// ReadTraffic asks billing about these packages, any number of them, in calls
	// of up to a hundred, stores the answers as samples, and gives them. Packages
	// that billing does not know are missing. When some calls fail, the answers
	// of the others come with the error.
	ReadTraffic(ctx context.Context, a account.Access, packageIDs []string) ([]PackageTraffic, error)
	// LastTraffic gives the newest stored sample of every package, in no order.
	LastTraffic(ctx context.Context) ([]PackageTraffic, error)
}

// Labels reads the labels that the console puts on servers; view.Service does.
type Labels interface {
	// Labels gives the labels of all servers, by Row.ID.
	Labels(ctx context.Context) (map[string][]string, error)
}
