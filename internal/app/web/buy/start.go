package buy

import (
	"context"
	"maps"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
)

// Begin is the first step, prefilled by the address; it writes nothing, so that
// a choice can be sent to a colleague: GET /buy?image=&version=&size=&region=.
func (h Pages) Begin(c echo.Context) error {
	w, err := h.first(c)
	if err != nil {
		return err
	}
	if visit.Partial(c.Request()) {
		c.Response().Header().Set("HX-Replace-Url", w.viewURL(w.view))
	}
	return h.show(c, w, http.StatusOK, nil)
}

// first is the wizard without a draft, with what address or form say.
func (h Pages) first(c echo.Context) (*wizard, error) {
	w, err := h.newWizard(c, stepImage)
	if err != nil {
		return nil, err
	}
	a, ok := w.scope.AccountOf(c.FormValue(wording.FromField))
	if !ok {
		a, _ = w.defaultAccount(c.Request().Context())
	}
	form := map[string]string{order.FieldAccount: a.ID}
	if cat := h.CatalogOf(a.Site); cat != nil {
		for _, step := range []string{stepImage, stepSize, stepRegion} {
			form = overlay(form, choiceFields(step, c.FormValue, cat))
		}
	}
	return w, w.apply(c.Request().Context(), form)
}

// Start makes the draft of the first Continue: POST /buy.
func (h Pages) Start(c echo.Context) error {
	w, err := h.first(c)
	if err != nil {
		return err
	}
	if w.account.ID == "" || w.catalog == nil {
		return h.showNone(c, w)
	}
	if problem := w.problem(stepImage); problem != "" {
		return h.show(c, w, http.StatusUnprocessableEntity, refuse(w, problem))
	}
	if w.draft, err = h.Orders.NewDraft(c.Request().Context(), w.by, w.form); err != nil {
		return err
	}
	w.saved = w.draft.Form
	return h.goOn(c, w, stepSize)
}

// refuse shows why Continue did not go on, beside the cards.
func refuse(w *wizard, problem string) func(*buy.Model) {
	return func(m *buy.Model) {
		m.Problem = problem
		switch w.step {
		case stepImage:
			m.Image.Problem = problem
		case stepSize:
			m.Size.Problem = problem
		case stepRegion:
			m.Region.Problem = problem
		}
	}
}

// goOn shows another step after a change: 303 to its address, or for htmx the
// step itself, with its address for the history.
func (h Pages) goOn(c echo.Context, w *wizard, step string) error {
	to := w.path(step)
	changed := w.draft.Before != nil && choiceDiffers(w.draft.Before, w.draft.Form)
	if !visit.Partial(c.Request()) {
		if changed {
			to += "?changed=1"
		}
		return page.GoTo(c, to)
	}
	w.step, w.view = step, buyView{}
	if !maps.Equal(w.form, w.draft.Form) {
		if err := w.apply(c.Request().Context(), w.draft.Form); err != nil {
			return err
		}
	}
	c.Response().Header().Set("HX-Push-Url", to)
	return h.show(c, w, http.StatusOK, func(m *buy.Model) {
		if changed {
			w.noteChange(c.Request().Context(), m)
		}
	})
}

// noteChange says above the steps what was replaced, and takes it back on request.
func (w *wizard) noteChange(ctx context.Context, m *buy.Model) {
	if n := w.changed(ctx); n != nil {
		m.Notes = append(m.Notes, *n)
	}
}

// choices are the fields that a purchase is chosen by: another value of one is a
// change that can be taken back.
var choices = []string{order.FieldAccount, order.FieldImage, order.FieldVersion, order.FieldSize, order.FieldSpec, order.FieldRegion}

// choiceDiffers reports whether two forms choose differently.
func choiceDiffers(a, b map[string]string) bool {
	for _, f := range choices {
		if a[f] != b[f] {
			return true
		}
	}
	return false
}

// unknownStep is the answer for an address of no step.
func unknownStep(step string) error {
	if stepIndex(step) < 0 {
		return fault.New(fault.NotFound, "buy.step.unknown")
	}
	return nil
}

// withPick leads to the first page with an image chosen, for links.
func withPick(image, version, size string) string {
	q := url.Values{order.FieldImage: {image}}
	if version != "" {
		q.Set(order.FieldVersion, version)
	}
	if size != "" {
		q.Set(order.FieldSize, size)
	}
	return "/buy?" + q.Encode()
}
