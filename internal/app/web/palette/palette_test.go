package palette_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sampan/internal/app/web/webtest"
)

func TestThePaletteFindsAnything(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 30)
	doc := c.Get("/search?q=shop-01").Want(http.StatusOK).Page()
	if n := doc.Find("#found a[href^='/instances/'], #found a[href^='/servers/']").Length(); n != 8 {
		t.Errorf("servers: got %d, want the first 8", n)
	}
	webtest.Says(t, doc, "#found", "10 servers")
	if doc.Find("#found a[href='/servers?q=shop-01']").Length() != 1 {
		t.Error("the others are out of reach")
	}
	webtest.Says(t, c.Get("/search?q=acc").Page(), "#found a[href='/accounts']", "Accounts")
	webtest.Says(t, c.Get("/search?q=203.0.113.7").Page(), "#found", "shop-006")
	webtest.Says(t, c.Get("/search?q=PACK-007").Page(), "#found a[href='/instances/i007']", "pack-007")
	webtest.Says(t, c.Get("/search?q="+url.QueryEscape("ssh root@203.0.113.7")).Page(), "#found", "shop-006")
	webtest.Says(t, c.Get("/search?q=zzzz").Page(), "#found", "Nothing is called that here.")
	c.Header.Set("HX-Request", "true")
	if a := c.Get("/search?q=shop"); strings.Contains(a.Body, "<html") {
		t.Error("the script gets the whole page")
	}
}
