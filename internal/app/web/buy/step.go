package buy

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/buy"
)

// saveWithin bounds the work on a step's form.
const saveWithin = 30 * time.Second

// Open shows a step of a draft: GET /buy/{draft}/{step}. With a choice in the
// address it previews that choice and writes nothing.
func (h Pages) Open(c echo.Context) error {
	step := c.Param("step")
	if err := unknownStep(step); err != nil {
		return err
	}
	w, err := h.load(c, step)
	if err != nil {
		return err
	}
	if w.draft.OrderedAs != "" {
		return page.GoTo(c, "/orders/"+w.draft.OrderedAs) // Back after the order shows the order (I9)
	}
	if w.account.ID == "" || w.catalog == nil {
		return h.showNone(c, w)
	}
	if first := w.tooEarly(step); first != "" {
		return page.GoTo(c, w.path(first))
	}
	if step == stepReview {
		return h.review(c, w)
	}
	if fields := choiceFields(step, c.QueryParam, w.catalog); len(fields) > 0 {
		if err := w.apply(c.Request().Context(), overlay(w.saved, fields)); err != nil {
			return err
		}
	}
	if step == stepImage && visit.Partial(c.Request()) {
		c.Response().Header().Set("HX-Replace-Url", w.viewURL(w.view))
	}
	return h.show(c, w, http.StatusOK, func(m *buy.Model) {
		if c.QueryParam("changed") != "" {
			w.noteChange(c.Request().Context(), m)
		}
		if m.Options != nil && w.reachedOptions() {
			w.optionProblems(m.Options, false)
		}
		if m.Options != nil && c.QueryParam("more") != "" {
			m.Options.Tags = w.tagRows(1)
		}
	})
}

// Reopen leads to the step that a draft waits at: GET /buy/{draft}.
func (h Pages) Reopen(c echo.Context) error {
	w, err := h.load(c, stepImage)
	if err != nil {
		return err
	}
	if w.draft.OrderedAs != "" {
		return page.GoTo(c, "/orders/"+w.draft.OrderedAs)
	}
	return page.GoTo(c, w.path(w.firstOpen()))
}

// tooEarly is the step to do first when one is opened that the wizard has not
// come to; "" when it may be opened.
func (w *wizard) tooEarly(step string) string {
	if w.reached(step) {
		return ""
	}
	for _, s := range buySteps[:stepIndex(step)] {
		if !w.chosen(s) {
			return s
		}
	}
	return ""
}

// reachedOptions reports whether the options were sent before.
func (w *wizard) reachedOptions() bool {
	_, sent := w.saved[order.FieldQuantity]
	return sent
}

// Send takes a step's form: POST /buy/{draft}/{step}. What was typed is kept
// first, valid or not, also when the browser has gone elsewhere meanwhile; then
// Continue goes on, or says what is missing.
func (h Pages) Send(c echo.Context) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(c.Request().Context()), saveWithin)
	defer done()
	c.SetRequest(c.Request().WithContext(ctx))
	step := c.Param("step")
	if err := unknownStep(step); err != nil {
		return err
	}
	w, err := h.find(c, step)
	if err != nil {
		return err
	}
	if w.draft.OrderedAs != "" {
		return page.GoTo(c, "/orders/"+w.draft.OrderedAs)
	}
	if w.catalog == nil && c.FormValue(order.FieldAccount) == "" {
		return h.showNone(c, w)
	}
	do := c.FormValue("do")
	if err := h.saveStep(c, w, do); err != nil {
		return err
	}
	switch {
	case c.FormValue(order.FieldAccount) != "":
		return h.goOn(c, w, step)
	case step == stepReview || c.FormValue("go") == stepReview:
		return h.toReview(c, w)
	case step == stepOptions:
		return h.options(c, w, do)
	}
	if problem := w.problem(step); problem != "" {
		return h.show(c, w, http.StatusUnprocessableEntity, refuse(w, problem))
	}
	return h.next(c, w)
}

// saveStep writes what a step's form says into the draft.
func (h Pages) saveStep(c echo.Context, w *wizard, do string) error {
	fields := map[string]string{}
	if w.catalog != nil {
		fields = choiceFields(w.step, c.FormValue, w.catalog)
	}
	if w.step == stepOptions {
		fields = optionFields(c)
		if number, ok := strings.CutPrefix(do, "remove-tag:"); ok {
			withoutTag(fields, number)
		}
		if name, ok := strings.CutPrefix(do, "name:"); ok {
			fields[order.FieldName] = name
		}
	}
	if a, ok := w.scope.AccountOf(c.FormValue(order.FieldAccount)); ok {
		fields[order.FieldAccount] = a.ID
	}
	form := mergeStep(w.saved, fields)
	if err := w.apply(c.Request().Context(), form); err != nil {
		return err
	}
	if form[fieldOffer] != "" { // what is offered for this choice is what will be reviewed
		form[order.FieldCap], form[order.FieldCapCurrency] = w.form[order.FieldCap], w.form[order.FieldCapCurrency]
	}
	if len(fields) == 0 && maps.Equal(form, w.saved) {
		return nil
	}
	d, err := h.Orders.SaveDraft(c.Request().Context(), w.by, w.draft.ID, w.stepReached(c), form)
	if err != nil {
		return err
	}
	w.draft, w.saved = d, d.Form
	return w.apply(c.Request().Context(), d.Form)
}

// stepReached is how far the wizard came: a step counts as reached when its
// Continue was pressed, not when its fields are checked on the way.
func (w *wizard) stepReached(c echo.Context) string {
	if w.step == stepOptions && (c.QueryParam("check") != "" || c.FormValue("do") != "") {
		return stepRegion
	}
	return w.step
}

// next goes to the step that the button names, or to the first after this one
// that still needs something; when none does, to the review.
func (h Pages) next(c echo.Context, w *wizard) error {
	if to := c.FormValue("go"); stepIndex(to) >= 0 && to != stepReview {
		return h.goOn(c, w, to)
	}
	if after := w.after(); after != stepReview {
		return h.goOn(c, w, after)
	}
	return h.toReview(c, w)
}

// moreTags asks the page for an empty row, without script.
var moreTags = []string{"", "?more=1"}

// options answers the fourth step: checked while it is filled in, changed by its
// small buttons, or sent.
func (h Pages) options(c echo.Context, w *wizard, do string) error {
	more := 0
	if do == "add-tag" {
		more = 1
	}
	if c.QueryParam("check") != "" || do != "" {
		if !visit.Partial(c.Request()) {
			return page.GoTo(c, w.path(stepOptions)+moreTags[more])
		}
		return h.show(c, w, http.StatusOK, func(m *buy.Model) {
			w.optionProblems(m.Options, !w.reached(stepOptions))
			m.Options.Tags = w.tagRows(more)
		})
	}
	if w.problem(stepOptions) != "" {
		return h.show(c, w, http.StatusUnprocessableEntity, func(m *buy.Model) { w.refuseOptions(m) })
	}
	if first := w.firstOpen(); first != stepReview {
		return h.goOn(c, w, first)
	}
	return h.toReview(c, w)
}

// refuseOptions shows every mistake beside its field, and all of them in a list
// when there is more than one.
func (w *wizard) refuseOptions(m *buy.Model) {
	w.optionProblems(m.Options, false)
	m.Problem = w.p.T("buy.options.problem")
	for _, mistake := range page.Mistakes(m.Options.Problems, optionOrder...) {
		if id, ok := controls[mistake.FieldID]; ok {
			mistake.FieldID = id
		}
		m.Mistakes = append(m.Mistakes, mistake)
	}
	if len(m.Mistakes) == 1 {
		m.Problem = m.Mistakes[0].Text
		for field := range m.Options.Problems {
			m.Options.Focus = field
		}
	}
}

// Undo takes a replaced choice back, and only that: what was typed since stays.
// POST /buy/{draft}/undo.
func (h Pages) Undo(c echo.Context) error {
	step := c.FormValue("step")
	if stepIndex(step) < 0 || step == stepReview {
		step = stepImage
	}
	w, err := h.load(c, step)
	if err != nil {
		return err
	}
	if w.draft.Before == nil {
		return page.GoTo(c, w.path(step))
	}
	fields := map[string]string{}
	for _, f := range choices {
		fields[f] = w.draft.Before[f]
	}
	if _, err := h.Orders.SaveDraft(c.Request().Context(), w.by, w.draft.ID, step, mergeStep(w.saved, fields)); err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("buy.undone.done"))
	return page.GoTo(c, w.path(step))
}

// Discard throws an unfinished purchase away; doing it twice is no mistake.
// POST /buy/{draft}/discard.
func (h Pages) Discard(c echo.Context) error {
	err := h.Orders.DiscardDraft(c.Request().Context(), visit.Actor(c), c.Param("draft"))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	h.Notes.Leave(c, fault.Say("buy.discarded"))
	return page.GoTo(c, "/buy")
}
