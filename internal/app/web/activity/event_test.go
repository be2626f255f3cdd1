package activity_test

import (
	"net/http"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/ui"
)

// TestHowAnActEnded words the outcome of a row; one that ended well needs none.
func TestHowAnActEnded(t *testing.T) {
	for outcome, want := range map[string]struct{ word, shape string }{
		"": {"", ""}, "ok": {"", ""}, "unknown": {"Not clear", ui.Warn}, "refused": {"Failed", ui.Fault}, "denied": {"Failed", ui.Fault},
		"not sent": {"Failed", ui.Fault}, "something new": {"Failed", ui.Fault}, "partly delivered": {"Partly delivered", ui.Warn},
	} {
		c := webtest.Open(t)
		c.Activity.Rows = []audit.Row{webtest.Did(1, "Mei", "setting.change", audit.Entry{Outcome: outcome})}
		state := c.Get("/").Want(http.StatusOK).Page().Find("#feed li .st")
		if got := state.Text(); got != want.word || state.AttrOr("data-s", "") != want.shape {
			t.Errorf("%q: says %q with the shape %q, want %v", outcome, got, state.AttrOr("data-s", ""), want)
		}
	}
}

// TestWhatIsNotTold leaves out the row before an act, steps of the machinery, and
// accounts that the person may not see or that are not in the scope.
func TestWhatIsNotTold(t *testing.T) {
	tests := []struct {
		name string
		row  audit.Row
		told bool
	}{
		{"an act that ended", webtest.Did(1, "Mei", "account.rename", audit.Entry{AccountID: "a1", Outcome: "ok"}), true},
		{"an act that begins", webtest.Did(1, "Mei", "account.rename", audit.Entry{AccountID: "a1", Outcome: "about to send"}), false},
		{"a step of the machinery", webtest.Did(1, "system", "order.send", audit.Entry{AccountID: "a1", Outcome: "ok"}), false},
		{"of an account that is not known", webtest.Did(1, "Mei", "account.rename", audit.Entry{AccountID: "a9", Outcome: "ok"}), false},
		{"of an account outside of the scope", webtest.Did(1, "Mei", "account.rename", audit.Entry{AccountID: "s1", Outcome: "ok"}), false},
		{"of the console itself", webtest.Did(1, "Mei", "setting.change", audit.Entry{Outcome: "ok"}), true},
	}
	for _, tt := range tests {
		c := webtest.Open(t)
		c.Accounts.All = append(c.Accounts.All,
			account.Account{ID: "s1", Label: "Sandbox", Site: account.SandboxSite, State: account.Active})
		c.Activity.Rows = []audit.Row{tt.row}
		if got := c.Get("/").Want(http.StatusOK).Page().Find("#feed li").Length() == 1; got != tt.told {
			t.Errorf("%s: told %v, want %v", tt.name, got, tt.told)
		}
	}
}

// TestWhatARowIsAbout leads to what a row is about while that is there.
func TestWhatARowIsAbout(t *testing.T) {
	tests := []struct {
		name, want string
		row        audit.Row
	}{
		{"an order", "Mei ordered 2 × shop → /orders/o1",
			webtest.Did(1, "Mei", "order.confirm",
				audit.Entry{AccountID: "a1", Intent: "o1", Params: map[string]string{"name": "shop", "quantity": "2"}})},
		{"an order with a strange number", "Mei agreed to pay an order → /orders/o%2F1",
			webtest.Did(1, "Mei", "order.pay", audit.Entry{AccountID: "a1", Intent: "o/1"})},
		{"an order found at Huawei", "Mei had an unpaid order cancelled that was found at Huawei → /orders?state=found",
			webtest.Did(1, "Mei", "order.found.cancel", audit.Entry{AccountID: "a1", Outcome: "ok"})},
		{"an account", "Mei renamed an account to New → /accounts/a1",
			webtest.Did(1, "Mei", "account.rename",
				audit.Entry{AccountID: "a1", Params: map[string]string{"label": "New"}, Outcome: "ok"})},
		{"a server without its name", "Mei opened the screen of shop-1 → /servers/s-shop-1",
			webtest.Did(1, "Mei", "server.screen", audit.Entry{AccountID: "a1", Targets: []string{"gone", "s-shop-1"}, Outcome: "ok"})},
		{"labels without a number", "Mei changed the labels of one server or instance: added x →",
			webtest.Did(1, "Mei", "label.set", audit.Entry{Params: map[string]string{"add": "x", "count": "many"}, Outcome: "ok"})},
		{"a view without a name", "Mei deleted the view →", webtest.Did(1, "Mei", "view.delete", audit.Entry{Outcome: "ok"})},
		{"somebody unknown", "Somebody changed a setting of the console →", webtest.Did(1, "", "setting.change", audit.Entry{Outcome: "ok"})},
		{"the console", "The console could not sign in to an account any more → /accounts/a1",
			webtest.Did(1, person.System.PersonID, "account.broken", audit.Entry{AccountID: "a1", Outcome: "ok"})},
		{"an action without a sentence", "planet.move U+202E →", webtest.Did(1, "Mei", "planet.move \u202e", audit.Entry{Outcome: "ok"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := webtest.Open(t)
			c.Instances.Servers = []instance.ServerRecord{{AccountID: "a1",
				Server: instance.Server{ID: "s-shop-1", Name: "shop-1", Status: "ACTIVE"}}}
			c.Activity.Rows = []audit.Row{tt.row}
			got := told(c.Get("/").Want(http.StatusOK).Page())
			if len(got) != 1 || got[0] != tt.want && got[0] != tt.want+" " {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The time of a row is the clock's today, the date before; its exact moment is behind it.
func TestWhenAnActWas(t *testing.T) {
	c := webtest.Open(t)
	row := webtest.Did(61, "Mei", "setting.change", audit.Entry{Outcome: "ok"})
	for at, want := range map[time.Time][2]string{
		row.At:                        {"08:20", "2026-11-23T00:20:00Z"},
		row.At.Add(-24 * time.Hour):   {"22 Nov", "2026-11-22T00:20:00Z"},
		row.At.Add(-20 * time.Minute): {"08:00", "2026-11-23T00:00:00Z"},
		webtest.Now.Add(-9*time.Hour - 22*time.Minute): {"22 Nov", "2026-11-22T15:59:00Z"},
	} {
		row.At = at
		c.Activity.Rows = []audit.Row{row}
		moment := c.Get("/").Want(http.StatusOK).Page().Find("#feed li time")
		if got := [2]string{moment.Text(), moment.AttrOr("datetime", "")}; got != want {
			t.Errorf("%v: got %q, want %q", at, got, want)
		}
	}
}

// An amount is shown as money, and not at all when it is none.
func TestAmountsOfAnAct(t *testing.T) {
	for amount, want := range map[string]string{"24.48 USD": "US$\u00a024.48", "24.48": "", "a lot": "", "": ""} {
		c := webtest.Open(t)
		c.Activity.Rows = []audit.Row{webtest.Did(1, "Mei", "order.pay",
			audit.Entry{AccountID: "a1", Intent: "o1", Params: map[string]string{"amount": amount}, Outcome: "ok"})}
		if got := c.Get("/").Want(http.StatusOK).Page().Find("#feed li .money").Text(); got != want {
			t.Errorf("%q: got %q, want %q", amount, got, want)
		}
	}
}
