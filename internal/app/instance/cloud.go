package instance

import (
	"context"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
)

// Listed is an instance as Config lists it (cloud-api, 7). Every field may be
// empty: the listing is a copy that lags, and its properties are free-form.
type Listed struct {
	ID          string // 24 hex characters
	Name        string
	Description string
	Region      string
	ProjectID   string
	ProjectName string

	EnterpriseProjectID   string
	EnterpriseProjectName string

	State             string // "Normal"; the adapter drops "Deleted"
	ProvisioningState string // "Succeeded"
	Status            string // properties.status, for display only: "RUNNING"
	Product           string // product_name
	Plan              string // plan_name
	Spec              string // resource_spec_code, raw
	OrderID           string // metadata.order_id

	Parts []Part // everything inside the package, in the order given

	// Read out of Parts for convenience; lists, because several are possible.
	ServerIDs  []string
	PackageIDs []string // data packages
	Addresses  []string // public IPv4
	PackageEnd time.Time

	Tags    map[string]string
	Created time.Time
	Updated time.Time
}

// Part is one entry of properties.resources.
type Part struct {
	Logical    string // logical_resource_type, "huaweicloudinternal_ecs_instance"
	Type       string // physical_resource_type
	ID         string
	Name       string
	Attributes map[string]string // "null", "" and "[]" left out
}

// Server is a cloud server as ECS gives it (cloud-api, 8.1).
type Server struct {
	ID          string
	InstanceID  string // metadata.lockSourceId where lockSource is hcss; "" = not known
	OrderID     string // metadata "metering.order_id"
	ProductID   string // metadata "metering.product_id"
	Region      string
	ProjectID   string
	Zone        string
	Name        string
	Hostname    string
	Description string

	Status     string // cloud-api, 8.10
	TaskState  string // "" = nothing running
	VMState    string
	PowerState int
	Frozen     bool // metadata.EcmResStatus is freeze
	Locked     bool
	LockScene  string
	HostStatus string
	Fault      string // fault.message
	Absent     bool   // asked for by id and not there: only ID and Fault are set

	Public   []string // floating addresses, IPv4 first
	Private  []string
	Networks []string // VPC ids

	Flavor    string
	VCPUs     int
	MemoryMiB int
	OS        catalog.OS // "" = not known
	ImageID   string
	ImageName string
	Disks     []Disk

	SecurityGroups      []string // names
	EnterpriseProjectID string
	Tags                []string          // "key=value" or "key"
	SysTags             map[string]string //
	Created             time.Time
	Updated             time.Time
	Launched            time.Time
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
	ID     string
	Device string
	System bool // bootIndex 0
}

// Expiry is a main resource as billing gives it (cloud-api, 9.8).
type Expiry struct {
	InstanceID   string // resource_id
	Name         string
	Region       string
	ProjectID    string
	Spec         string // resource_spec_code
	SpecText     string // product_spec_desc
	ServiceType  string
	ResourceType string
	Main         bool
	ParentID     string
	Status       int // 2 in use, 3 closed, 4 frozen, 5 expired
	Effective    time.Time
	Expires      time.Time
	ExpirePolicy int // only 3 is auto-renew

	EnterpriseProjectID   string
	EnterpriseProjectName string
	Updated               time.Time
}

// AutoRenew reports whether the resource renews by itself.
func (e Expiry) AutoRenew() bool { return e.ExpirePolicy == 3 }

// Lister reads Config.
type Lister interface {
	// Instances gives every FlexusL instance of the account, all pages. An
	// empty list is not a failure, and not proof that there are none.
	Instances(ctx context.Context, a account.Access) ([]Listed, error)
}

// Servers reads ECS.
type Servers interface {
	// Servers gives the FlexusL servers of a region, all pages.
	Servers(ctx context.Context, a account.Access, region string) ([]Server, error)
}

// Billing reads BSS.
type Billing interface {
	// Expiries gives the main resources with these ids, any number of them.
	// Ids that billing does not know are missing from the answer.
	Expiries(ctx context.Context, a account.Access, ids []string) ([]Expiry, error)
	// Delivered gives the main resources of an order.
	Delivered(ctx context.Context, a account.Access, cloudOrderID string) ([]Expiry, error)
}

// Images reads IMS.
type Images interface {
	// Images gives the account's own active images in a region.
	Images(ctx context.Context, a account.Access, region string) ([]catalog.PrivateImage, error)
}
