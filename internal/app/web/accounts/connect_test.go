package accounts_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/web/webtest"
)

func TestConnectingAnAccount(t *testing.T) {
	form := []string{"label", "Marina", "site", "eu", "credential", "login", "user", "console-bot", "domain", "hw-marina", "password",
		"iam-password", "endpoint_iam", "https://iam.example"}

	c := webtest.Open(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"),
		Fields: map[string]fault.Message{"label": fault.Say("web.topic.unknown"), "domain": fault.Say("web.topics.many"),
			"endpoint_iam": fault.Say("web.body.unreadable")}}
	doc := c.Post("/accounts", form...).Want(http.StatusUnprocessableEntity).Page()
	for id, want := range map[string]string{"label": "Marina", "user": "console-bot", "domain": "hw-marina",
		"endpoint_iam": "https://iam.example", "password": "", "key_secret": ""} {
		if got := webtest.Value(doc, id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	for _, id := range []string{"label", "domain", "endpoint_iam"} {
		if doc.Find("#"+id+"[aria-invalid=true]").Length() != 1 || doc.Find("#"+id+"-error").Length() != 1 {
			t.Errorf("%s: no sentence next to the field", id)
		}
	}
	const links = ".note[role=alert] a[href='#label'], .note[role=alert] a[href='#domain'], .note[role=alert] a[href='#endpoint_iam']"
	if got := doc.Find(links).Length(); got != 3 {
		t.Errorf("the summary leads to %d of 3 fields", got)
	}
	if v, _ := doc.Find("input[name=credential][checked]").Attr("value"); v != "login" {
		t.Errorf("credential: got %q", v)
	}
	if v, _ := doc.Find("#site option[selected]").Attr("value"); v != "eu" {
		t.Errorf("site: got %q", v)
	}
	if _, opened := doc.Find("details:has(#endpoint_iam)").Attr("open"); !opened {
		t.Error("the fold hides a field that is wrong")
	}

	c.Accounts.Err = nil
	c.Post("/accounts", form...).Want(http.StatusSeeOther, "/accounts/a2")
	if f := c.Accounts.Added[0]; f.Password.Reveal() != "iam-password" || f.Credential != account.ByLogin ||
		f.Endpoints.IAM != "https://iam.example" {
		t.Errorf("what was added: %+v", f)
	}
}

// Addresses of one's own are to be seen when they are chosen, and when one is wrong.
func TestTheFoldOfOwnAddressesOpens(t *testing.T) {
	fields := func(names ...string) map[string]fault.Message {
		m := make(map[string]fault.Message)
		for _, n := range names {
			m[n] = fault.Say("web.topic.unknown")
		}
		return m
	}
	for _, tt := range []struct {
		name, site, iam string
		wrong           map[string]fault.Message
		open            bool
	}{
		{"a mistake elsewhere", "intl", "", fields("label"), false},
		{"own addresses chosen, a mistake elsewhere", "custom", "", fields("label"), true},
		{"an address is missing", "custom", "", fields("endpoint_ims", "endpoint_iam", "endpoint_bss"), true},
		{"an address of a known site is wrong", "intl", "http://iam.example", fields("endpoint_iam"), true},
		{"an address was typed", "intl", "https://iam.example", fields("label"), true},
	} {
		c := webtest.Open(t)
		c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"), Fields: tt.wrong}
		doc := c.Post("/accounts", "label", "x", "site", tt.site, "endpoint_iam", tt.iam).Want(http.StatusUnprocessableEntity).Page()
		fold := doc.Find("details:has(#endpoint_iam)")
		if _, is := fold.Attr("open"); is != tt.open {
			t.Errorf("%s: open is %t", tt.name, is)
		}
		want := doc.Find("#site").AttrOr("name", "") + "=" + doc.Find("#site option").Last().AttrOr("value", "")
		if got := fold.AttrOr("data-with", ""); got != want {
			t.Errorf("the script opens it with %q, want %q", got, want)
		}
	}
	c := webtest.Open(t)
	c.Accounts.Err = &fault.Error{Kind: fault.Invalid, Message: fault.Say("web.forbidden"),
		Fields: fields("endpoint_ims", "endpoint_iam", "endpoint_bss")}
	var order []string
	c.Post("/accounts", "site", "custom").Page().Find(".note[role=alert] a").
		Each(func(_ int, a *goquery.Selection) { order = append(order, a.AttrOr("href", "")) })
	if got := strings.Join(order, " "); got != "#endpoint_iam #endpoint_bss #endpoint_ims" {
		t.Errorf("the summary names %s, not in the order of the form", got)
	}
}

func TestConnectingWithAStaleSignIn(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.Fresh = false
	form := []string{"label", "Marina", "site", "intl", "credential", "key", "key_id", "AKEXAMPLE0000000001", "key_secret",
		"the-secret-key"}
	doc := c.Post("/accounts", form...).Want(http.StatusUnprocessableEntity).Page()
	if webtest.Value(doc, "label") != "Marina" || webtest.Value(doc, "key_id") != "AKEXAMPLE0000000001" ||
		webtest.Value(doc, "key_secret") != "" {
		t.Error("the form lost what was typed, or gave the secret back")
	}
	if doc.Find("#your_password[aria-invalid=true]").Length() != 1 {
		t.Error("the form does not ask for the password")
	}
	c.Post("/accounts", append(form, "your_password", "wrong")...).Want(http.StatusUnprocessableEntity)
	if len(c.Accounts.Added) != 0 {
		t.Fatal("an account was added without a fresh sign-in")
	}
	c.Post("/accounts", append(form, "your_password", webtest.Password)...).Want(http.StatusSeeOther, "/accounts/a2")
}
