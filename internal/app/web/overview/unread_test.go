package overview_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
)

// TestItemsOfAccountsThatWereNotRead tells apart what failed, in part or at all, what
// is not meant to be read, and what is still to be read: only the first has a tone.
func TestItemsOfAccountsThatWereNotRead(t *testing.T) {
	gap := func(about instance.About, source, trouble string) instance.Gap {
		g := instance.Gap{AccountID: "a1", About: about, Source: source, OKAt: webtest.Now.Add(-time.Hour)}
		if trouble != "" {
			g.Trouble = fault.Say(trouble, "Account", "Marina Labs")
		}
		return g
	}
	never := gap(instance.AboutList, "config", "")
	never.OKAt = time.Time{}
	refusedRight := []account.Check{{Name: "keys", OK: true},
		{Name: "list", OK: false, Message: fault.Say("cloud.throttled"), Kind: fault.Refused.String(), Since: webtest.Now.Add(-time.Hour)}}
	tests := []struct {
		name   string
		gaps   instance.Gaps
		change func(*account.Account)
		item   string // with where its button leads; "" wants none
		text   string
		tone   string
		counts string // beside the heading
	}{
		{"all was read", nil, nil, "", webtest.Word("overview.attention.none"), "", "0"},
		{"nothing could be read", instance.Gaps{gap(instance.AboutList, "config", "cloud.throttled")}, nil,
			"Marina Labs could not be read. → /accounts/a1", webtest.Word("cloud.throttled") + " Last read today at 08:21.", "t-bad", "1"},
		{"a part could not be read", instance.Gaps{gap(instance.AboutTerms, "bss", "cloud.throttled")}, nil,
			"Expiry dates of Marina Labs could not be read. → /accounts/a1", webtest.Word("cloud.throttled"), "t-bad", "1"},
		{"it is disabled", instance.Gaps{gap(instance.AboutList, "config", "fault.account.disabled")},
			func(a *account.Account) { a.State = account.Disabled }, "Marina Labs is disabled and is not read. → /accounts/a1", "", "", ""},
		{"its key is refused", nil, func(a *account.Account) {
			a.State, a.TroubleAt, a.Trouble = account.Broken, webtest.Now.Add(-time.Hour), fault.Say("cloud.throttled")
		},
			"Marina Labs can’t be read, since today at 08:21. → /accounts/a1/key", webtest.Word("cloud.throttled"), "t-bad", "1"},
		{"it was never read", instance.Gaps{never}, nil, "Marina Labs has not been read completely yet. → ", "Not known: which servers there are.", "", ""},
		{"all was read, but a right is refused", nil, func(a *account.Account) { a.Checks, a.CheckedAt = refusedRight, webtest.Now },
			"Marina Labs answers, 1 thing is missing → /accounts/a1", "Since today at 08:21: List of instances", "t-warn", "1"},
		{"a right is refused, and a part could not be read", instance.Gaps{gap(instance.AboutTerms, "bss", "cloud.throttled")},
			func(a *account.Account) { a.Checks, a.CheckedAt = refusedRight, webtest.Now },
			"Expiry dates of Marina Labs could not be read. → /accounts/a1", "", "t-bad", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := open(t)
			c.Instances.GivenGaps = tt.gaps
			if tt.change != nil {
				tt.change(&c.Accounts.All[0])
			}
			doc := c.Get("/").Want(http.StatusOK).Page()
			var want []string
			if tt.item != "" {
				want = []string{tt.item}
			}
			if got := webtest.Items(doc); !slices.Equal(got, want) {
				t.Fatalf("got %q, want %q", got, want)
			}
			webtest.Says(t, doc, "#attention", tt.text)
			if got := doc.Find(".todo-list li").AttrOr("class", ""); got != tt.tone {
				t.Errorf("looks like %q, want %q", got, tt.tone)
			}
			if got := said(doc.Find("#attention h2 span")); got != tt.counts {
				t.Errorf("the heading counts %q, want %q", got, tt.counts)
			}
		})
	}
}

// What could not be read stands between what has to be decided and the rest, what is
// still to be read at the end.
func TestWhereUnreadAccountsStand(t *testing.T) {
	c, _ := open(t)
	c.Accounts.All = append(c.Accounts.All,
		account.Account{ID: "a2", Label: "Orchid Retail", Site: account.International, State: account.Active, CheckedAt: webtest.Now})
	c.Instances.More = []*instance.Row{webtest.Machine("x", "a1", "ap-southeast-3", instance.StateFaulty)}
	c.Instances.GivenGaps = instance.Gaps{
		{AccountID: "a1", About: instance.AboutList, Source: "config"},
		{AccountID: "a2", About: instance.AboutList, Source: "config", Trouble: fault.Say("cloud.throttled")},
	}
	c.Orders.GivenAttention = []order.Order{{ID: "o1", AccountID: "a1", State: order.NeedsHuman, Request: order.Request{Name: "shop"}}}
	want := []string{
		"Which order is shop? → /orders/o1", "Orchid Retail could not be read. → /accounts/a2", "1 server is in error → /servers/s-x",
		"Marina Labs has not been read completely yet. → ",
	}
	if got := webtest.Items(c.Get("/").Want(http.StatusOK).Page()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An empty fleet is called empty only when it was read.
func TestAnEmptyFleetThatWasNotReadIsNotCalledEmpty(t *testing.T) {
	tests := []struct {
		trouble, title, text string
	}{
		{"", "gaps.fleet.open", "gaps.fleet.open.text"},
		{"cloud.throttled", "gaps.fleet.failed", "gaps.fleet.failed.text"},
		{"fault.account.disabled", "gaps.fleet.open", "gaps.fleet.off.text"},
	}
	for _, tt := range tests {
		c, _ := open(t)
		g := instance.Gap{AccountID: "a1", About: instance.AboutList, Source: "config"}
		if tt.trouble != "" {
			g.Trouble = fault.Say(tt.trouble, "Account", "Marina Labs")
		}
		c.Instances.GivenGaps = instance.Gaps{g}
		doc := c.Get("/").Want(http.StatusOK).Page()
		webtest.Says(t, doc, "#fleet .empty h3", webtest.Word(tt.title))
		webtest.Says(t, doc, "#fleet .empty p", webtest.Word(tt.text))
		if doc.Find("#fleet a[href='/buy'], #fleet table, #fleet .figs").Length() > 0 {
			t.Errorf("%q: a fleet that nobody knows has figures, or its first server is offered", tt.trouble)
		}
	}
}
