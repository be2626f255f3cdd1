package orders

import (
	"context"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/buy"
)

// Pay pays what stood on the button: POST /orders/{id}/pay with amount,
// currency and revision. Repeating it shows the same page (I9).
func (h Pages) Pay(c echo.Context) error {
	amount, err := decimal.NewFromString(c.FormValue("amount"))
	if err != nil {
		return h.back(c, fault.New(fault.Conflict, "orders.stale"), fault.Message{})
	}
	m := order.Money{Amount: amount, Currency: c.FormValue("currency")}
	return h.back(c, h.Orders.Pay(c.Request().Context(), visit.Actor(c), c.Param("id"), m, revision(c)),
		fault.Say("orders.done.pay", "Money", m.Amount.String()+" "+m.Currency))
}

// Cancel takes back a queued order, or cancels an unpaid one at the cloud:
// POST /orders/{id}/cancel.
func (h Pages) Cancel(c echo.Context) error {
	return h.back(c, h.Orders.Cancel(c.Request().Context(), visit.Actor(c), c.Param("id"), revision(c)), fault.Say("orders.done.cancel"))
}

// Check looks for the order now: POST /orders/{id}/check.
func (h Pages) Check(c echo.Context) error {
	return h.back(c, h.Orders.CheckNow(c.Request().Context(), visit.Actor(c), c.Param("id")), fault.Say("orders.done.check"))
}

// None says that none of the candidates is ours: POST /orders/{id}/none.
func (h Pages) None(c echo.Context) error {
	return h.back(c, h.Orders.DeclareNone(c.Request().Context(), visit.Actor(c), c.Param("id")), fault.Say("orders.done.none"))
}

// Close ends an order that billing does not show: POST /orders/{id}/close.
func (h Pages) Close(c echo.Context) error {
	return h.back(c, h.Orders.CloseUnseen(c.Request().Context(), visit.Actor(c), c.Param("id")), fault.Say("orders.done.close"))
}

// Lift allows buying although the outcome is unknown: POST /orders/{id}/lift.
func (h Pages) Lift(c echo.Context) error {
	return h.back(c, h.Orders.LiftLock(c.Request().Context(), visit.Actor(c), c.Param("id")), fault.Say("orders.done.lift"))
}

// Adopt says that an order found at the cloud is this one:
// POST /orders/{id}/adopt with its number.
func (h Pages) Adopt(c echo.Context) error {
	return h.decide(c, h.Orders.Adopt, "orders.done.adopt")
}

// Ignore says that an order found at the cloud is not this one:
// POST /orders/{id}/ignore with its number.
func (h Pages) Ignore(c echo.Context) error {
	return h.decide(c, h.Orders.Ignore, "orders.done.ignore")
}

// CancelFound has an unpaid order found at the cloud cancelled:
// POST /orders/{id}/cancel-found with its number.
func (h Pages) CancelFound(c echo.Context) error {
	return h.decide(c, h.Orders.CancelFound, "orders.done.cancel.found")
}

func (h Pages) decide(c echo.Context, do func(ctx context.Context, by person.Actor, id, cloudOrderID string) error, done string) error {
	number := c.FormValue("order")
	if number == "" {
		return h.back(c, fault.New(fault.Conflict, "orders.stale"), fault.Message{})
	}
	return h.back(c, do(c.Request().Context(), visit.Actor(c), c.Param("id"), number), fault.Say(done, "Number", number))
}

// Again starts a new purchase with this one's choices: POST /orders/{id}/again,
// at the step that the button names.
func (h Pages) Again(c echo.Context) error {
	d, err := h.Orders.Again(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	step := c.FormValue("go")
	if step != buy.StepSize && step != buy.StepRegion {
		step = buy.StepOptions
	}
	return page.GoTo(c, "/buy/"+d.ID+"/"+step)
}

// back shows the order's page after a decision. What came too late, was done
// before or is not possible any more is said there: the page itself shows what
// is true.
func (h Pages) back(c echo.Context, err error, done fault.Message) error {
	if err == nil {
		h.Notes.Leave(c, done)
		return page.GoTo(c, "/orders/"+c.Param("id"))
	}
	switch f := fault.Of(err); f.Kind {
	case fault.Conflict, fault.Invalid, fault.Refused, fault.Unreachable, fault.Busy:
		h.Notes.Leave(c, f.Message)
		return page.GoTo(c, "/orders/"+c.Param("id"))
	}
	return err
}

// revision is the order's revision that the form was made from; 0 matches none.
func revision(c echo.Context) int64 {
	n, err := strconv.ParseInt(c.FormValue("rev"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
