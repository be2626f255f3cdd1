package page

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// gapsKey is where a request keeps what is not known of the accounts.
const gapsKey = "gaps"

// Knowledge tells what is known of the accounts of a request, and since when.
type Knowledge struct {
	Instances Known
	Log       *slog.Logger
}

// Known is what was read from the cloud, and what was not
// (instance.Service).
type Known interface {
	Gaps(ctx context.Context, accountIDs []string) (instance.Gaps, error)
	Syncs(ctx context.Context, accountIDs []string) ([]instance.Sync, error)
	Refreshing(accountID string) bool
	Asked(accountID string) instance.Asked // what became of the last Refresh
}

// Gaps is what is not known of the accounts of the scope. Figures are worded with it:
// see wording.AtLeast.
func (k Knowledge) Gaps(c echo.Context, sc visit.Scope) (instance.Gaps, error) {
	all, err := k.AllGaps(c, sc)
	return all.In(sc.IDs()...), err
}

// AllGaps is what is not known of all accounts that the person may see, in the
// scope or not: the frame needs it too. It is read once a request.
func (k Knowledge) AllGaps(c echo.Context, sc visit.Scope) (instance.Gaps, error) {
	if g, ok := c.Get(gapsKey).(instance.Gaps); ok {
		return g, nil
	}
	ids := make([]string, len(sc.All))
	for n, a := range sc.All {
		ids[n] = a.ID
	}
	g, err := k.Instances.Gaps(c.Request().Context(), ids)
	if err != nil {
		return nil, err
	}
	c.Set(gapsKey, g)
	return g, nil
}

// Read says when the servers of the scope were read from the cloud: the time of the
// oldest state, or that they could not be read. While a refresh that a person asked
// for is under way, it says that instead.
func (k Knowledge) Read(c echo.Context, sc visit.Scope) (ui.ReadModel, error) {
	p := visit.Printer(c)
	gaps, err := k.Gaps(c, sc)
	if err != nil {
		return ui.ReadModel{}, err
	}
	ids := sc.IDs()
	disabled := func(id string) bool { return slices.ContainsFunc(gaps.In(id), instance.Gap.Off) }
	if enabled := slices.DeleteFunc(slices.Clone(ids), disabled); len(enabled) > 0 {
		ids = enabled
	}
	syncs, err := k.Instances.Syncs(c.Request().Context(), ids)
	if err != nil {
		return ui.ReadModel{}, err
	}
	oldest := wording.OldestRead(syncs)
	requested := slices.ContainsFunc(sc.IDs(), func(id string) bool { a := k.Instances.Asked(id); return !a.At.IsZero() && !a.Waits })
	var failed time.Time // when what failed was read last
	never := false
	for _, g := range gaps.Of(instance.AboutList, instance.AboutStates) {
		switch {
		case g.Failed() && g.Never():
			never = true
		case g.Failed() && (failed.IsZero() || g.OKAt.Before(failed)):
			failed = g.OKAt
		}
	}
	switch {
	case requested && !never && !oldest.IsZero():
		return ui.ReadModel{Words: p.T("gaps.read.again"), At: ago(p, cmp.Or(failed, oldest))}, nil
	case requested, oldest.IsZero() && !never && failed.IsZero() && slices.ContainsFunc(sc.IDs(), k.Instances.Refreshing):
		return ui.ReadModel{Words: p.T("gaps.read.reading")}, nil
	case never:
		return ui.ReadModel{Tone: ui.Caution, Words: p.T("gaps.read.part")}, nil
	case !failed.IsZero():
		return ui.ReadModel{Tone: ui.Caution, Words: p.T("gaps.read.failed"), At: ago(p, failed)}, nil
	case oldest.IsZero():
		return ui.ReadModel{Words: p.T("gaps.read.never")}, nil
	}
	return ui.ReadModel{Words: p.T("gaps.read"), At: ago(p, oldest)}, nil
}

// ago is a moment as the time since then.
func ago(p *text.Printer, at time.Time) ui.Moment {
	return ui.Moment{ISO: wording.ISO(at), Exact: p.Exact(at), Words: p.Relative(at)}
}

// Troubles say which of the sources that matter at a place cannot be read,
// and since when.
func (k Knowledge) Troubles(c echo.Context, sc visit.Scope, accountID, place string) []ui.NoteModel {
	gaps, err := k.Instances.Gaps(c.Request().Context(), []string{accountID})
	if err != nil {
		k.Log.ErrorContext(c.Request().Context(), "read how the last refresh went", "account", accountID, "err", err)
		return nil
	}
	a, _ := sc.AccountOf(accountID)
	gaps = slices.DeleteFunc(gaps, func(g instance.Gap) bool { return !g.Failed() || g.Place() != "" && g.Place() != place })
	return wording.GapNotes(visit.Printer(c), []account.Account{a}, gaps)
}
