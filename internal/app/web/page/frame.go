package page

import (
	"context"
	"log/slog"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/layout"
)

// Frames make what surrounds pages: navigation, scope, banners and the note.
type Frames struct {
	Scopes        visit.Scopes
	Notes         *Notes
	Known         Knowledge
	Orders        Orders
	Instances     Instances
	Storage       func() Storage // what the disk can do
	Sandbox       bool           // there is a simulated cloud
	CloudOverride string         // the one endpoint that is called instead of Huawei's hosts; empty: none
	Version       string
	Log           *slog.Logger
}

// Orders are the orders that need somebody (order.Service).
type Orders interface {
	Attention(ctx context.Context, by person.Actor, accountIDs []string) ([]order.Order, error)
	// FoundOrders gives those nobody has decided about; nil accounts means all.
	FoundOrders(ctx context.Context, by person.Actor, accountIDs []string) ([]order.FoundOrder, error)
	Restored(ctx context.Context) (order.Restored, error)
}

// Instances are the figures beside the navigation (instance.Service).
type Instances interface {
	Picture() *instance.Picture
	List(ctx context.Context, by person.Actor, f instance.Filter) (instance.Page, error)
	Syncs(ctx context.Context, accountIDs []string) ([]instance.Sync, error)
}

// Frame makes what surrounds a page for a person who is signed in: title is already
// worded, nav is the key of the current entry of the navigation, topics are what the
// page watches in addition to the frame. It takes the note that was left.
func (f Frames) Frame(c echo.Context, title, nav string, topics ...string) (layout.Frame, error) {
	v, p := visit.Of(c), visit.Printer(c)
	sc, err := f.Scopes.Of(c)
	if err != nil {
		return layout.Frame{}, err
	}
	counts, err := f.Counts(c, sc)
	if err != nil {
		return layout.Frame{}, err
	}
	m := layout.Frame{
		Title: title, Nav: nav, Person: v.Person.DisplayName, Scope: scopeModel(p, sc), Counts: counts,
		Banners: f.Banners(c, sc), Theme: v.Person.Theme, NoKeys: !v.Person.Shortcuts,
		Toast: f.Notes.Take(c), IdleSec: int(person.Idle.Seconds()), Version: f.Version, Host: v.Origin.Host,
	}
	if sc.Sandbox && nav == layout.Buy {
		m.Late = "/sandbox/armed"
	}
	if !f.Sandbox || !sc.HasSandbox() {
		m.Hide = append(m.Hide, layout.Sandbox)
	}
	if len(topics) > 0 {
		m.Topics = append([]string{"frame"}, topics...)
	}
	return m, nil
}

// Bare makes what surrounds a page without a side bar.
func (f Frames) Bare(c echo.Context, title string) layout.Frame {
	m := layout.Frame{Title: title, Version: f.Version, Host: visit.Of(c).Origin.Host, Toast: f.Notes.Take(c)}
	if o := visit.Of(c).Origin; !o.Secure && !o.Local {
		m.Banners = append(m.Banners, plainBanner(visit.Printer(c)))
	}
	return m
}

// Counts are the figures beside the navigation, of the scope; beside Accounts, how
// many of all accounts could not be read.
func (f Frames) Counts(c echo.Context, sc visit.Scope) (map[string]layout.Count, error) {
	ctx, by, p := c.Request().Context(), visit.Actor(c), visit.Printer(c)
	counts := make(map[string]layout.Count)
	if len(sc.Accounts) == 0 {
		return counts, nil
	}
	all, err := f.Known.AllGaps(c, sc)
	if err != nil {
		return nil, err
	}
	gaps := all.In(sc.IDs()...).Of(instance.AboutList)
	page, err := f.Instances.List(ctx, by, instance.Filter{AccountIDs: sc.IDs(), Limit: 1})
	if err != nil {
		return nil, err
	}
	if page.Total > 0 {
		counts[layout.Instances] = layout.Count{Text: wording.AtLeastShort(p, page.Total, gaps.Short())}
		counts[layout.Servers] = layout.Count{Text: wording.AtLeastShort(p, f.Instances.Picture().Len(sc.IDs()), gaps.Short())}
	}
	waiting, err := f.Orders.Attention(ctx, by, sc.IDs())
	if err != nil {
		return nil, err
	}
	strays, _, err := f.Strays(ctx, by, sc)
	if err != nil {
		return nil, err
	}
	if n := len(waiting) + len(strays); n > 0 {
		counts[layout.Orders] = layout.Count{Text: p.Number(n), Warn: true}
	}
	if n := wording.FailingAccounts(all); n > 0 {
		counts[layout.Accounts] = layout.Count{Text: p.Number(n), Warn: true}
	}
	return counts, nil
}

// Storage is what the disk can do.
type Storage struct {
	ReadOnly bool // full: reads go on, changes are refused
	LowSpace bool
}

// Strays are the orders at Huawei that this console did not place and nobody has
// decided about: those of the scope, and how many there are of the person's other
// accounts. Orders of an account that was removed are shown in real scopes to those
// who may decide about them.
func (f Frames) Strays(ctx context.Context, by person.Actor, sc visit.Scope) (in []order.FoundOrder, elsewhere int, err error) {
	all, err := f.Orders.FoundOrders(ctx, by, nil)
	if err != nil {
		return nil, 0, err
	}
	for _, o := range all {
		switch {
		case sc.Has(o.AccountID), !sc.Knows(o.AccountID) && !sc.Sandbox && by.May(person.Decide):
			in = append(in, o)
		case sc.Knows(o.AccountID):
			elsewhere++
		}
	}
	return in, elsewhere, nil
}

// InWorldOf makes a page about one account look real or simulated as the account is,
// whatever the scope: real money and the Sandbox never look alike.
func InWorldOf(f *layout.Frame, a account.Account) {
	if a.ID != "" && f.Scope.Sandbox != a.Sandbox() {
		f.Scope.Sandbox, f.Scope.Label = a.Sandbox(), a.Label
	}
}
