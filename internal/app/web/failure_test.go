package web_test

import (
	"errors"
	"net/http"
	"testing"

	"sampan/internal/app/fault"
	"sampan/internal/app/web/webtest"
)

// The frame around a page reads orders too. When those cannot be read, neither can
// the frame: the failure still has its own page, with its status and its sentence.
func TestAFailureOfTheFrameHasItsPage(t *testing.T) {
	busy := fault.New(fault.Busy, "web.topics.many")
	for _, tt := range []struct {
		method string
		err    error
		status int
		says   string
	}{
		{"Attention", busy, http.StatusServiceUnavailable, webtest.Word("web.topics.many")},
		{"FoundOrders", busy, http.StatusServiceUnavailable, webtest.Word("web.topics.many")},
		{"Attention", errors.New("a secret of the database"), http.StatusInternalServerError, webtest.Word("failure.500.text")},
	} {
		c, shop, _ := webtest.OpenShop(t)
		shop.Broken = map[string]error{tt.method: tt.err}
		for _, path := range []string{"/", "/orders", "/settings/you"} {
			doc := c.Get(path).Want(tt.status).Page()
			webtest.Says(t, doc, ".empty", tt.says)
			if doc.Find("nav").Length() != 0 {
				t.Errorf("%s, %s fails: the page has a frame of figures that were not read", path, tt.method)
			}
		}
	}
}
