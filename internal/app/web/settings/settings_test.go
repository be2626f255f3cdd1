package settings_test

import (
	"net/http"
	"testing"

	"sampan/internal/app/person"
	"sampan/internal/app/web/webtest"
)

func TestSettings(t *testing.T) {
	c := webtest.Open(t)
	c.Get("/settings").Want(http.StatusSeeOther, "/settings/you")
	doc := c.Get("/settings/you").Want(200).Page()
	if v, _ := doc.Find("#zone option[selected]").Attr("value"); v != "Asia/Hong_Kong" {
		t.Errorf("zone: %q", v)
	}
	doc = c.Post("/settings/you", "display_name", "", "theme", "dark", "language", "zh-Hans", "zone", "UTC").
		Want(http.StatusUnprocessableEntity).Page()
	if doc.Find("#theme-dark[checked]").Length() != 1 || doc.Find("#shortcuts[checked]").Length() != 0 ||
		doc.Find("#language option[selected]").AttrOr("value", "") != "zh-Hans" {
		t.Error("a refused form lost what was chosen")
	}
	c.Post("/settings/you", "display_name", "Mei", "theme", "dark", "language", "zh-Hans", "zone", "Asia/Shanghai", "shortcuts", "on").
		Want(http.StatusSeeOther, "/settings/you")
	if want := (person.Profile{DisplayName: "Mei", Language: "zh-Hans", Zone: "Asia/Shanghai", Theme: "dark",
		Shortcuts: true}); c.Persons.Profile != want {
		t.Errorf("profile: got %+v, want %+v", c.Persons.Profile, want)
	}
}

func TestSessionsOfAPerson(t *testing.T) {
	c := webtest.Open(t)
	c.Persons.GivenSessions["token-2"] = person.Session{Ref: "ref-2", PersonID: "p1",
		Browser: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Address: "192.0.2.9", Created: webtest.Now,
		Seen: webtest.Now}
	doc := c.Get("/settings/security").Want(200).Page()
	webtest.Says(t, doc, "#sessions", "Firefox on Linux")
	if got := doc.Find("#sessions form[action='/settings/security/sessions/ref-2/end']").Length(); got != 1 {
		t.Errorf("forms that end the other session: %d", got)
	}
	c.Post("/settings/security/sessions/ref-2/end").Want(http.StatusSeeOther, "/settings/security")
	c.Post("/settings/security/sessions/ref-2/end").Want(http.StatusNotFound)
	doc = c.Post("/settings/security/password", "old", "wrong", "new", webtest.Password).Want(http.StatusUnprocessableEntity).Page()
	if doc.Find("#old[aria-invalid=true]").Length() != 1 || webtest.Value(doc, "old") != "" || webtest.Value(doc, "new") != "" {
		t.Error("a wrong password is not said at its field, or came back")
	}
	c.Post("/settings/security/password", "old", webtest.Password, "new", webtest.Password).Want(http.StatusSeeOther, "/settings/security")
}

func TestConsoleSettings(t *testing.T) {
	c := webtest.Open(t)
	doc := c.Get("/settings/console").Want(200).Page()
	if doc.Find("#intent_tag[checked]").Length() != 1 || doc.Find("#allow_deduct[checked]").Length() != 0 {
		t.Error("the switches show the wrong state")
	}
	c.Post("/settings/console", "allow_deduct", "on").Want(http.StatusSeeOther, "/settings/console")
	if !c.Settings.Deduct || c.Settings.Tag {
		t.Errorf("settings: %+v", c.Settings)
	}
}
