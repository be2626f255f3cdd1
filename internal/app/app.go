// Package app builds every part of the console and joins them. It is the only package
// that imports all the others; only cmd/console imports it.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/job"
	"sampan/internal/app/live"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
	"sampan/internal/app/setting"
	"sampan/internal/app/view"
	"sampan/internal/app/web"
	"sampan/internal/app/web/page"
	"sampan/internal/cloud"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/ces"
	"sampan/internal/cloud/control"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/hcss"
	"sampan/internal/cloud/iam"
	"sampan/internal/cloud/ims"
	"sampan/internal/cloud/rms"
	"sampan/internal/db"
	"sampan/web/templates/text"
)

// App is a console, built and not yet running.
type App struct {
	cfg     Config
	version string
	log     *slog.Logger
	clock   *Clock
	lock    *db.DirLock // of the data directory, where the database does not hold it
	db      *db.DB
	sim     *simulated // the Sandbox in this process, nil when it is elsewhere or off

	persons   *person.Service
	accounts  *account.Service
	orders    *order.Service
	instances *instance.Service
	servers   *server.Service
	traffic   *meter.Service
	views     *view.Service
	hub       *live.Hub
	web       *web.Site
}

// databaseFile is the name of the database in the data directory.
const databaseFile = "console.db"

// Open builds a console: clock, lock, key, database, Sandbox, services, pages,
// in the order of reliability.md §11. Its errors are sentences for the people who run
// the process. The caller closes the App.
func Open(ctx context.Context, cfg Config, version string, log *slog.Logger) (*App, error) {
	a := &App{cfg: cfg, version: version, log: log}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	if a.cfg.PseudoLanguage {
		text.EnablePseudo()
	}
	var err error
	if a.clock, err = NewClock(ctx, a.cfg.ClockURL); err != nil {
		return err
	}
	keyring, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	cat, err := loadCatalog(a.cfg.CatalogFile)
	if err != nil {
		return err
	}
	control, err := a.openSandbox()
	if err != nil {
		return err
	}
	a.join(ctx, keyring, cat, control)
	a.reenterSandbox(ctx, control)
	return a.openPages(keyring, cat, control)
}

// openStore takes the data directory, proves the key and opens the database.
func (a *App) openStore(ctx context.Context) (*seal.Keyring, error) {
	if a.cfg.KeyLost {
		return a.openWithoutKey(ctx)
	}
	keyring, err := openKeyring(a.cfg)
	if err != nil {
		return nil, err
	}
	a.db, err = db.Open(ctx, a.storeOptions(keyring))
	return keyring, err
}

func (a *App) storeOptions(keyring *seal.Keyring) db.Options {
	return db.Options{Path: filepath.Join(a.cfg.DataDir, databaseFile), Keyring: keyring, Log: a.log, Now: a.clock.Now}
}

// openKeyring reads the key file. It creates one only when there is no database yet,
// because a new key cannot open what an earlier one sealed.
func openKeyring(cfg Config) (*seal.Keyring, error) {
	_, err := os.Stat(filepath.Join(cfg.DataDir, databaseFile))
	return seal.OpenKeyring(cfg.MasterKeyFile, errors.Is(err, os.ErrNotExist))
}

func loadCatalog(path string) (*catalog.Catalog, error) {
	if path == "" {
		return catalog.Embedded(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the catalogue %s cannot be read: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	c, err := catalog.Load(f)
	if err != nil {
		return nil, fmt.Errorf("the catalogue %s is not as expected:\n%w", path, err)
	}
	return c, nil
}

// openSandbox starts the Sandbox in this process, or uses the one elsewhere. It gives
// nil without an error when the Sandbox is off.
func (a *App) openSandbox() (*control.Client, error) {
	switch a.cfg.Sandbox {
	case SandboxElsewhere:
		return &control.Client{URL: a.cfg.SandboxURL}, nil
	case SandboxInside:
		var err error
		state := filepath.Join(a.cfg.DataDir, "sandbox.state")
		a.sim, err = startSandbox("127.0.0.1:0", state, a.cfg.TimeScale, a.log.With("part", "sandbox"))
		if err != nil {
			return nil, err
		}
		return &control.Client{URL: a.sim.url}, nil
	}
	return nil, nil
}

// join builds the use cases on their stores and adapters.
func (a *App) join(ctx context.Context, keyring *seal.Keyring, cat *catalog.Catalog, control *control.Client) {
	a.hub = live.New(a.cfg.Limits.HTTP.hub(a.log))
	a.persons = person.New(person.Options{Store: db.Persons{DB: a.db}, Languages: languages(), Log: a.log})
	a.persons.OnEnd(a.hub.End)
	a.db.OnStorage(func(db.Storage) { a.hub.Changed("frame") })

	api := cloud.New(cloud.Options{
		Limits: a.cfg.Limits.cloud(a.cfg.TimeScale), Version: a.version, Log: a.log.With("part", "cloud"), Now: a.clock.Now,
		Allow: a.cfg.EndpointAllow, Override: a.cfg.CloudEndpoint,
		// That a login was refused is stored also when the call that found it out, or the
		// start, has ended: another try could lock the IAM user.
		OnLoginRefused: func(id string, why *fault.Error) { a.accounts.LoginRefused(context.WithoutCancel(ctx), id, why) },
	})
	var (
		billing  = &bss.Client{API: api}
		servers  = &ecs.Client{API: api}
		config   = &rms.Client{API: api}
		images   = &ims.Client{API: api}
		identity = &iam.Client{API: api}
	)
	a.accounts = &account.Service{
		Store: db.Accounts{DB: a.db}, Keyring: keyring, Probe: prober{identity, config, billing, servers, images},
		Regions: regionCodes(cat), CheckEndpoint: api.CheckEndpoint, Offset: api.Offset, Forget: api.Forget,
		Checked: func(id string) { a.instances.RefreshSoon(id) },
		Changed: a.accountChanged, Scale: a.cfg.TimeScale, Now: a.clock.Now, NewID: db.NewID, Log: a.log,
	}
	a.persons.OnSignIn(func() { a.instances.SignedIn() })
	if control != nil {
		a.accounts.Sandbox = control.Endpoints()
	}
	a.traffic = &meter.Service{
		Store: db.Traffic{DB: a.db}, Billing: billing, Accounts: a.accounts, Inventory: trafficInventory{a},
		Changed: a.hub.Changed, Now: a.clock.Now, Log: a.log,
	}
	a.views = &view.Service{Store: db.Views{DB: a.db}, Inventory: viewInventory{a}, Now: a.clock.Now, NewID: db.NewID}
	a.instances = &instance.Service{
		Labels:  a.views,
		Traffic: a.traffic,
		Store:   db.Instances{DB: a.db}, Accounts: a.accounts, Config: config, ECS: servers, BSS: billing, IMS: images,
		Catalog: cat, Version: a.version, Regions: regionCodes(cat), Changed: a.inventoryChanged, Now: a.clock.Now, Log: a.log,
		Timing: instance.Timing{Scale: a.cfg.TimeScale}, Schedule: instance.Usual(a.cfg.TimeScale),
		Open: a.hub.Streams, Limited: limited(api),
		Pace: func(acc account.Access, service, region string) float64 {
			return api.Pace(acc, cloud.Service(service), region)
		},
	}
	a.servers = &server.Service{
		Cloud: servers, Monitor: &ces.Client{API: api}, Accounts: a.accounts, Inventory: serverInventory{a.instances},
		Journal: db.Audits{DB: a.db}, Tries: db.Probes{DB: a.db}, Direct: server.Network{},
		Changed: a.hub.Changed, Now: a.clock.Now, Log: a.log,
	}
	if control != nil {
		a.servers.Simulated = control
	}
	a.orders = order.New(order.Options{
		Store: db.Orders{DB: a.db}, Jobs: db.Jobs{DB: a.db}, Accounts: a.accounts, Inventory: orderInventory{a.instances, a.accounts.Kin},
		Settings: a.settings(), Catalog: buyable(a.catalogOf(cat)),
		Purchases: &hcss.Client{API: api}, Billing: spending{billing, a.instances}, Finder: config, Servers: servers,
		Now: a.clock.Now, Offset: api.Offset, Changed: a.hub.Changed,
		Timing: order.Intervals(a.cfg.TimeScale), Runner: job.Intervals(a.cfg.TimeScale), Log: a.log,
	})
}

// inventoryChanged tells the pages, and package server: it tries servers that started.
func (a *App) inventoryChanged(topics ...string) {
	for _, t := range topics {
		if id, ok := strings.CutPrefix(t, "server/"); ok {
			a.servers.Noticed(id)
		}
	}
	a.hub.Changed(topics...)
}

// accountChanged tells the pages, and the inventory: its picture has the names of
// accounts and drops deleted ones.
func (a *App) accountChanged(topics ...string) {
	a.instances.AccountsChanged()
	a.hub.Changed(topics...)
}

func (a *App) settings() *setting.Service { return &setting.Service{Store: db.Settings{DB: a.db}} }

// openPages builds the web server on the use cases.
func (a *App) openPages(keyring *seal.Keyring, cat *catalog.Catalog, control *control.Client) error {
	o := web.Options{
		Persons: a.persons, Accounts: a.accounts, Orders: a.orders, Instances: a.instances, Views: a.views, Servers: a.servers,
		Trail: audit.Trail{Store: db.Audits{DB: a.db}}, Traffic: a.traffic, Activity: audit.Log{Store: db.Audits{DB: a.db}},
		Catalog: cat, CatalogOf: a.catalogOf(cat), Settings: a.settings(), Hub: a.hub,
		Ready: a.db.Ready, Storage: a.storage, Mark: a.db.OuterMark, Log: a.log, Version: a.version, Now: a.clock.Now,
		CookieKey: keyring.Derive("cookie"), BaseURL: a.cfg.BaseURL, TrustedProxies: a.cfg.TrustedProxies,
		AllowPlainHTTP: a.cfg.AllowPlainHTTP, CloudOverride: a.cfg.CloudEndpoint, Limits: a.cfg.Limits.HTTP.web(),
	}
	if control != nil {
		o.Sandbox = sandboxControls{client: control, movable: a.clock.Movable()}
	}
	var err error
	if a.web, err = web.New(o); err != nil {
		return err
	}
	a.hub.Render(a.web.Fragment)
	return nil
}

// storage is the state of the disk, for the banner of pages.
func (a *App) storage() page.Storage {
	s := a.db.Storage()
	return page.Storage{ReadOnly: s.ReadOnly, LowSpace: s.LowSpace}
}

// catalogOf gives the catalogue of a site, nil when none is known. The built-in one is
// for the international site and the Sandbox; a catalogue file is for every site.
func (a *App) catalogOf(cat *catalog.Catalog) func(account.Site) *catalog.Catalog {
	return func(s account.Site) *catalog.Catalog {
		if a.cfg.CatalogFile == "" && s != account.International && s != account.SandboxSite {
			return nil
		}
		return cat
	}
}

func languages() []string {
	var tags []string
	for _, l := range text.Languages() {
		tags = append(tags, l.Tag)
	}
	return tags
}

func regionCodes(c *catalog.Catalog) []string {
	var codes []string
	for _, r := range c.Regions() {
		codes = append(codes, r.Code)
	}
	return codes
}

// Close ends the Sandbox and closes database and lock. It is safe on an App that Open
// did not complete.
func (a *App) Close() error {
	var errs []error
	if a.sim != nil {
		errs = append(errs, a.sim.stop())
	}
	if a.db != nil {
		errs = append(errs, a.db.Close())
	}
	if a.lock != nil {
		errs = append(errs, a.lock.Close())
	}
	return errors.Join(errs...)
}

// PrintResetLink makes a one-time link with which the owner sets a new password: what
// `console reset-owner` does. While a console uses the data directory, that is an
// error which says to stop it first.
func PrintResetLink(ctx context.Context, cfg Config, out io.Writer) error {
	if _, err := os.Stat(filepath.Join(cfg.DataDir, databaseFile)); err != nil {
		return fmt.Errorf("there is no console in %s: set CONSOLE_DATA_DIR to its data directory", cfg.DataDir)
	}
	keyring, err := seal.OpenKeyring(cfg.MasterKeyFile, false)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(cfg.DataDir, databaseFile), Keyring: keyring})
	if errors.Is(err, db.ErrLocked) {
		return fmt.Errorf("a console is running on %s: stop it, run this again, then start it", cfg.DataDir)
	}
	if err != nil {
		return err
	}
	code, err := person.New(person.Options{Store: db.Persons{DB: d}}).ResetOwner(ctx)
	if err == nil {
		fmt.Fprintf(out, "Start the console, then open this once within the next hour to set a new password:\n  %s/reset#code=%s\n",
			cfg.address(), code.Reveal())
	}
	return errors.Join(err, d.Close())
}
