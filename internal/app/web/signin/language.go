package signin

import (
	"github.com/labstack/echo/v4"

	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
)

// ChooseLanguage keeps the language of the pages before sign-in: POST /language.
func (Pages) ChooseLanguage(c echo.Context) error {
	visit.KeepLanguage(c)
	return page.GoTo(c, page.ReturnPath(c))
}
