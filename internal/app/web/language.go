package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// languageName is the cookie of a language chosen before signing in; a profile
// has its own.
const languageName = "sampan-language"

// chosenLanguage is what the browser's person chose before signing in, empty if
// nothing or nothing that is offered.
func chosenLanguage(c echo.Context) string {
	cookie, err := c.Cookie(languageName)
	if err != nil || !offered(cookie.Value) {
		return ""
	}
	return cookie.Value
}

func offered(tag string) bool {
	return slices.ContainsFunc(text.Languages(), func(l text.Language) bool { return l.Tag == tag })
}

// keepLanguage keeps the language of a form for the pages before sign-in.
func keepLanguage(c echo.Context) {
	if tag := c.Request().PostFormValue("language"); offered(tag) {
		o := sessionOptions(visit(c).origin.secure)
		o.MaxAge = int((365 * 24 * time.Hour).Seconds())
		http.SetCookie(c.Response(), sessions.NewCookie(languageName, tag, o))
	}
}

// languageOptions are what a person may choose from; chosen is marked.
func languageOptions(chosen string) []ui.Option {
	var out []ui.Option
	for _, l := range text.Languages() {
		out = append(out, ui.Option{Value: l.Tag, Label: l.Name, Chosen: l.Tag == chosen})
	}
	return out
}
