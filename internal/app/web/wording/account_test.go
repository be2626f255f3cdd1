package wording_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/app/web/webtest"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// english words for a reader in Hong Kong on 23 November 2026, 09:21.
func english() *text.Printer {
	return text.New(text.English, webtest.HongKong).At(func() time.Time { return webtest.Now })
}

func failed(name string, kind fault.Kind, id string) account.Check {
	return account.Check{Name: name, Kind: kind.String(), Message: fault.Say(id), Since: webtest.Now.Add(-time.Hour)}
}

// broken is an account that cannot sign in for this reason.
func broken(id string, pairs ...string) account.Account {
	return account.Account{Label: "Marina", State: account.Broken, Trouble: fault.Say(id, pairs...), TroubleAt: webtest.Now.Add(-time.Hour),
		CheckedAt: webtest.Now}
}

// checked is an active account whose check found this.
func checked(lines ...account.Check) account.Account {
	return account.Account{Label: "Marina", State: account.Active, Checks: lines, CheckedAt: webtest.Now}
}

func TestWhatACheckFoundInAWordAndASentence(t *testing.T) {
	fine := account.Check{Name: "list", OK: true}
	checking := checked(fine)
	checking.Checking = true
	again := checked(failed("keys", fault.Unreachable, "cloud.unreachable"))
	again.Checking, again.Again = true, true
	for name, tt := range map[string]struct {
		a                    account.Account
		shape, word, heading string
	}{
		"never":             {account.Account{Label: "Marina", State: account.Active}, ui.Wait, "Not checked yet", "Marina is not checked yet"},
		"the first check":   {account.Account{Label: "Marina", State: account.Active, Checking: true}, ui.Busy, "Checking", "Checking Marina…"},
		"answered":          {checked(fine), ui.Run, "Healthy", "Marina answers"},
		"checked once more": {checking, ui.Run, "Healthy", "Checking Marina…"},
		"tried again":       {again, ui.Fault, "Not reached", "Marina could not be reached"},
		"one line missing":  {checked(fine, failed("orders", fault.Refused, "cloud.permission")), ui.Warn, "Limited", "Marina answers, 1 thing is missing"},
		"a region is one": {checked(fine, failed("servers:tr-west-1", fault.Refused, "cloud.permission"),
			failed("images:tr-west-1", fault.Refused, "cloud.permission")),
			ui.Warn, "Limited", "Marina answers, 1 thing is missing"},
		"only the clock": {checked(fine, account.Check{Name: "clock", Message: fault.Say("account.check.clock.off", "Minutes", "6")}),
			ui.Warn, "Limited", "Marina answers, but the clock of this server is wrong"},
		"asked to wait": {checked(failed("keys", fault.Busy, "cloud.throttled")), ui.Warn, "Asked to wait", "Huawei asks us to wait; Marina is not checked"},
		"disabled":      {account.Account{Label: "Marina", State: account.Disabled, Checks: []account.Check{fine}}, ui.Off, "Disabled", "Marina is disabled"},
		"a second entry": {broken(account.TwinFound, "Account", "Dhow", "ID", "a2"), ui.Off, "Not connected",
			"This account is connected already, as Dhow"},
		"key refused":     {broken("cloud.login.wrong"), ui.Fault, "Can’t sign in", "Huawei refused the key of Marina"},
		"login refused":   {broken("cloud.login.refused"), ui.Fault, "Can’t sign in", "Huawei refused the sign-in of Marina"},
		"another's key":   {broken("account.check.foreign"), ui.Fault, "Can’t sign in", "The new key belongs to another account than Marina"},
		"lost":            {broken(account.KeyLost), ui.Fault, "Can’t sign in", "The key of Marina has to be entered again"},
		"not unsealed":    {broken("account.check.unsealed"), ui.Fault, "Can’t sign in", "The key of Marina has to be entered again"},
		"our clock":       {broken("cloud.clock"), ui.Fault, "Can’t sign in", "The clock of this server is wrong, Huawei refuses Marina"},
		"for all we know": {broken("web.forbidden"), ui.Fault, "Can’t sign in", "Huawei answers, but Marina cannot be read"},
	} {
		p := english()
		if shape, word := wording.AccountState(p, tt.a); shape != tt.shape || word != tt.word {
			t.Errorf("%s: %s %q, want %s %q", name, shape, word, tt.shape, tt.word)
		}
		if got := wording.CheckHeading(p, tt.a); got != tt.heading {
			t.Errorf("%s: %q, want %q", name, got, tt.heading)
		}
	}
	if got := wording.AnswerHeading(english(), checking); got != "Marina answers" {
		t.Errorf("what the last check answered: %q", got)
	}
}

func TestTheTroubleOfAnAccount(t *testing.T) {
	p := english()
	if got := wording.TroubleOf(p, checked(account.Check{Name: "list", OK: true})); got.Heading != "" || got.Text != "" {
		t.Errorf("nothing is wrong: %+v", got)
	}
	got := wording.TroubleOf(p, broken("cloud.login.wrong"))
	if want := "Since today at 08:21: " + webtest.Word("cloud.login.wrong"); got.Tone != ui.Bad || got.Text != want {
		t.Errorf("%s %q, want %q", got.Tone, got.Text, want)
	}
	limited := checked(account.Check{Name: "list", OK: true}, failed("orders", fault.Refused, "cloud.permission"),
		failed("servers:tr-west-1", fault.Refused, "cloud.permission"), failed("images:tr-west-1", fault.Refused, "cloud.permission"))
	limited.Rights = map[account.Right]account.Answer{account.RightPay: {At: webtest.Now, Code: "CBC.0151"}}
	if got := wording.TroubleOf(p, limited); got.Tone != ui.Caution || got.Text != "Orders · Istanbul · May pay" {
		t.Errorf("%s %q", got.Tone, got.Text)
	}
}

func TestLinesAndRightsHaveTitles(t *testing.T) {
	p := english()
	for name, want := range map[string]string{
		"keys": "Sign-in", "regions": "Regions", "regions:inactive": "Other regions", "list": "List of instances", "billing": "Balance",
		"orders": "Orders", "clock": "Clock", "twin": "Connected twice", "new\u202ething": "newU+202Ething",
	} {
		kind, region, _ := wording.RegionLine(name)
		if got := wording.CheckTitle(p, kind, region); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for right, want := range map[account.Right]string{
		account.RightMetrics: "May read metrics", account.RightChange: "May change servers", account.RightBuy: "May buy",
		account.RightPay: "May pay", account.RightCancel: "May cancel orders", account.RightServers: "May read servers",
		account.RightImages: "May read images", "else": "else",
	} {
		if got := wording.RightTitle(p, right); got != want {
			t.Errorf("%s: %q, want %q", right, got, want)
		}
	}
	for name, want := range map[string]bool{"servers:tr-west-1": true, "images:tr-west-1": true, "regions:inactive": false, "list": false} {
		if _, _, is := wording.RegionLine(name); is != want {
			t.Errorf("%s is a region's line: %t", name, is)
		}
	}
}

func TestNamesOfAccountsAndRegions(t *testing.T) {
	p := english()
	all := []account.Account{{ID: "a1", Label: "Marina"}, {ID: "a2", Label: "Dhow\u202e"}, {ID: "a3", Label: "Junk"}}
	if got := wording.AccountNames(p, all); got != "Marina, DhowU+202E and Junk" {
		t.Errorf("names: %q", got)
	}
	for id, want := range map[string]string{"a1": "Marina", "a2": "DhowU+202E", "a9": "an account that was removed",
		"": "an account that was removed"} {
		if got := wording.AccountLabel(p, all, id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	for code, want := range map[string]string{"tr-west-1": "Istanbul", "xx-1": "xx-1", "": ""} {
		if got := wording.RegionName(p, code); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// A balance that was not read is never shown as a figure.
func TestABalanceInWords(t *testing.T) {
	read := order.Balance{At: webtest.Now, Available: order.Money{Amount: decimal.RequireFromString("-3.5"), Currency: "USD"}}
	for name, tt := range map[string]struct {
		b    order.Balance
		f    order.Freshness
		want string
	}{
		"being read":           {order.Balance{}, order.Reading, "being read…"},
		"not known":            {order.Balance{}, "failed", "not known"},
		"known":                {read, "fresh", english().Money(decimal.RequireFromString("-3.5"), "USD")},
		"known and read again": {read, order.Reading, english().Money(decimal.RequireFromString("-3.5"), "USD")},
	} {
		if got := wording.BalanceText(english(), tt.b, tt.f); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
