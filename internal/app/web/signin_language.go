package web

import "github.com/labstack/echo/v4"

// chooseLanguage keeps the language of the pages before sign-in: POST /language.
func chooseLanguage(c echo.Context) error {
	keepLanguage(c)
	return goTo(c, returnPath(c))
}
