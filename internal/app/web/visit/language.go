package visit

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

// chosenLanguage is the language chosen before signing in; empty where none was, or
// one that is not offered.
func chosenLanguage(c echo.Context) string {
	cookie, err := c.Cookie(languageName)
	if err != nil || !Offered(cookie.Value) {
		return ""
	}
	return cookie.Value
}

// Offered reports whether the console has this language, "zh-Hans".
func Offered(tag string) bool {
	return slices.ContainsFunc(text.Languages(), func(l text.Language) bool { return l.Tag == tag })
}

// KeepLanguage keeps the language of a form for the pages before sign-in.
func KeepLanguage(c echo.Context) {
	if tag := c.Request().PostFormValue("language"); Offered(tag) {
		o := SessionOptions(Of(c).Origin.Secure)
		o.MaxAge = int((365 * 24 * time.Hour).Seconds())
		http.SetCookie(c.Response(), sessions.NewCookie(languageName, tag, o))
	}
}

// LanguageOptions are what a person may choose from; chosen is marked.
func LanguageOptions(chosen string) []ui.Option {
	var out []ui.Option
	for _, l := range text.Languages() {
		out = append(out, ui.Option{Value: l.Tag, Label: l.Name, Chosen: l.Tag == chosen})
	}
	return out
}
