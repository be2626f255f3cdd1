package app

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/job"
	"sampan/internal/app/live"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/server"
	"sampan/internal/app/view"
	"sampan/internal/app/web"
	"sampan/internal/cloud"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/iam"
	"sampan/internal/cloud/ims"
	"sampan/internal/cloud/rms"
)

// prober makes the calls of the connection check with the adapters.
type prober struct {
	iam *iam.Client
	rms *rms.Client
	bss *bss.Client
	ecs *ecs.Client
	ims *ims.Client
}

var _ account.Prober = prober{}

func (p prober) Identity(ctx context.Context, a account.Access) (account.Identity, error) {
	return p.iam.Identity(ctx, a)
}

func (p prober) Count(ctx context.Context, a account.Access) (int, error) { return p.rms.Count(ctx, a) }

func (p prober) Currency(ctx context.Context, a account.Access) (string, error) {
	return p.bss.Currency(ctx, a)
}

func (p prober) Orders(ctx context.Context, a account.Access) error { return p.bss.Probe(ctx, a) }

func (p prober) Servers(ctx context.Context, a account.Access, region string) error {
	return p.ecs.Probe(ctx, a, region)
}

func (p prober) Images(ctx context.Context, a account.Access, region string) error {
	return p.ims.Probe(ctx, a, region)
}

// limited reports whether the cloud limits the calls for a source of an account,
// for instance.Service.
func limited(api *cloud.API) func(account.Account, string) bool {
	return func(a account.Account, source string) bool {
		service, region, _ := strings.Cut(source, ":")
		region, _, _ = strings.Cut(region, "/") // a region's projects share its pace
		switch service {
		case "config":
			return api.Limited(a.Payer(), cloud.Config, "")
		case "bss", "traffic":
			return api.Limited(a.Payer(), cloud.BSS, "")
		case "ecs":
			return api.Limited(a.Payer(), cloud.ECS, region)
		case "ims":
			return api.Limited(a.Payer(), cloud.IMS, region)
		}
		return false
	}
}

// orderInventory is the local picture as package order uses it.
type orderInventory struct {
	instances *instance.Service
	kin       func(ctx context.Context, accountID string) ([]string, error) // as order.Accounts.Kin
}

var _ order.Inventory = orderInventory{}

func (i orderInventory) NameTaken(ctx context.Context, accountID, name string) (bool, error) {
	return i.instances.NameTaken(ctx, accountID, name)
}

func (i orderInventory) AfterOrder(accountID, cloudOrderID string) {
	i.instances.AfterOrder(accountID, cloudOrderID)
}

func (i orderInventory) Image(ctx context.Context, accountID, imageID string) (catalog.PrivateImage, bool) {
	all, _, err := i.instances.Images(ctx, accountID)
	if err != nil {
		return catalog.PrivateImage{}, false
	}
	for _, m := range all {
		if m.ID == imageID {
			return m, true
		}
	}
	return catalog.PrivateImage{}, false
}

// spending is billing that has the inventory read again what money changes, after
// each payment and cancellation, also one without a clear answer.
type spending struct {
	order.Billing
	inventory interface {
		TouchMoney(accountID string, instanceIDs ...string)
	}
}

func (s spending) Pay(ctx context.Context, a account.Access, cloudOrderID string) error {
	defer s.inventory.TouchMoney(a.AccountID)
	return s.Billing.Pay(ctx, a, cloudOrderID)
}

func (s spending) Cancel(ctx context.Context, a account.Access, cloudOrderID string) error {
	defer s.inventory.TouchMoney(a.AccountID)
	return s.Billing.Cancel(ctx, a, cloudOrderID)
}

// serverInventory is the picture as package server uses it. It reads by Peek: work in
// the background does not count as somebody looking at the picture, which would have
// it refreshed more often.
type serverInventory struct{ *instance.Service }

var _ server.Inventory = serverInventory{}

func (m serverInventory) Row(id string) (*instance.Row, bool) { return m.Peek(id) }

// trafficInventory is, for package meter, which data packages there are.
type trafficInventory struct{ a *App }

var _ meter.Inventory = trafficInventory{}

func (p trafficInventory) Rows() ([]*instance.Row, int64) { return p.a.instances.Rows() }

func (p trafficInventory) SetTraffic(all []instance.PackageTraffic) { p.a.instances.SetTraffic(all) }

// viewInventory is the picture as package view uses it. It asks the App each time:
// the instances are made after the views, whose labels they read.
type viewInventory struct{ a *App }

var _ view.Inventory = viewInventory{}

func (l viewInventory) Picture() *instance.Picture { return l.a.instances.Picture() }

func (l viewInventory) SetLabels(labels map[string][]string) { l.a.instances.SetLabels(labels) }

func (i orderInventory) Deliveries(ctx context.Context, accountID string, ids []string) (map[string]order.Delivery, error) {
	out := make(map[string]order.Delivery, len(ids))
	kin := sync.OnceValues(func() ([]string, error) { return i.kin(ctx, accountID) }) // asked for when one is not here
	for _, id := range ids {
		in, ok, err := i.known(ctx, accountID, kin, id)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue // not known yet
		}
		out[id] = order.Delivery{InstanceID: id, Name: in.Name, ServerID: in.ServerID, Address: in.Address, State: in.State,
			Expires: in.Expires, Order: in.CloudOrder, Created: in.Created, Gone: !in.GoneAt.IsZero()}
	}
	return out, nil
}

// known finds an instance of an account: in the picture of this entry, else in that of
// another entry of the same account at the cloud, else in the database, which has
// those that are gone.
func (i orderInventory) known(
	ctx context.Context, accountID string, kin func() ([]string, error), id string,
) (in instance.Instance, ok bool, err error) {
	if r, ok := i.instances.Peek(id, accountID); ok && r.InstanceID == id {
		return r.Instance(), true, nil
	}
	entries, err := kin()
	if err != nil {
		return instance.Instance{}, false, err
	}
	if r, ok := i.instances.Peek(id, entries...); ok && r.InstanceID == id {
		return r.Instance(), true, nil
	}
	in, err = i.instances.Get(ctx, person.System, id)
	if fault.Is(err, fault.NotFound) {
		return in, false, nil
	}
	return in, slices.Contains(entries, in.AccountID), err
}

func (i orderInventory) Tagged(_ context.Context, accountID, key, value string) ([]string, error) {
	var ids []string
	for _, r := range i.instances.Picture().Rows() {
		if r.AccountID == accountID && slices.Contains(r.Tags, key+"="+value) && !slices.Contains(ids, r.InstanceID) {
			ids = append(ids, r.InstanceID)
		}
	}
	return ids, nil
}

// buyable gives a site's catalogue as package order uses it: nil, not a nil pointer in
// an interface, when there is none.
func buyable(of func(account.Site) *catalog.Catalog) func(account.Site) order.Catalog {
	return func(s account.Site) order.Catalog {
		if c := of(s); c != nil {
			return c
		}
		return nil
	}
}

// cloud gives the rates as the adapters take them; what the file leaves out keeps its
// default. Pauses between repetitions and while a circuit is open are divided by
// scale. Timeouts of calls are not: they depend on the network.
func (l Limits) cloud(scale float64) cloud.Limits {
	r := func(service string) cloud.Rate { return cloud.Rate(l.Rates[service]) }
	usual := cloud.DefaultLimits()
	return cloud.Limits{
		Backoff: job.Scale(usual.Backoff, scale), BackoffMax: job.Scale(usual.BackoffMax, scale),
		CircuitOpen: job.Scale(usual.CircuitOpen, scale),
		HCSS:        r("hcss"), BSS: r("bss"), ECS: r("ecs"), Config: r("config"), IAM: r("iam"), IMS: r("ims"), CES: r("ces"),
	}
}

// web gives the limits as the pages take them.
func (l HTTPLimits) web() web.Limits {
	return web.Limits{
		FormBytes: int64(l.FormKiB) << 10, FormFields: l.FormFields,
		LargeFormBytes: int64(l.BigFormKiB) << 10, LargeFormFields: l.BigFormFields,
		HeaderBytes: l.HeaderKiB << 10, HeaderRead: time.Duration(l.HeaderRead), BodyRead: time.Duration(l.BodyRead),
		Write: time.Duration(l.Write), Idle: time.Duration(l.Idle), PerAddress: l.ConnectionsPerAddress,
	}
}

// hub gives the limits of the streams.
func (l HTTPLimits) hub(log *slog.Logger) live.Options {
	return live.Options{Log: log, Write: time.Duration(l.EventWrite), Queue: l.EventsPerStream, Streams: l.StreamsPerPerson}
}
