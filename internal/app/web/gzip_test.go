package web_test

import (
	"net/http"
	"testing"

	"sampan/internal/app/web/webtest"
)

// A page is compressed for a browser that takes gzip, by what Accept-Encoding says
// and not by the word alone.
func TestPagesAreCompressedForWhoTakesIt(t *testing.T) {
	for accept, want := range map[string]string{
		"gzip": "gzip", "br, gzip;q=0.5": "gzip", "*": "gzip",
		"": "", "br": "", "gzip;q=0": "", "gzip;q=0, *": "", "xgzip": "",
	} {
		c := webtest.Open(t)
		c.Header.Set("Accept-Encoding", accept)
		if a := c.Get("/").Want(http.StatusOK); a.Header.Get("Content-Encoding") != want {
			t.Errorf("Accept-Encoding %q: answered in %q, want %q", accept, a.Header.Get("Content-Encoding"), want)
		}
	}
}
