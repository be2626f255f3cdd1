package servers_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
)

// real answers from the picture what the fake looks for in a list.
type real struct{ *webtest.Instances }

func (r real) List(ctx context.Context, by person.Actor, f instance.Filter) (instance.Page, error) {
	r.Picture()
	return r.Service.List(ctx, by, f)
}

// BenchmarkLists asks for pages of the lists; the rate at 100,000 servers has to
// be 0.8 of that at 100 or more.
func BenchmarkLists(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		c := webtest.Open(&testing.T{}, func(o *web.Options) { o.Instances = real{o.Instances.(*webtest.Instances)} })
		webtest.Fleet(c, n)
		c.Get("/servers") // the picture is read at the start
		for _, path := range []string{"/servers", "/servers?q=state:stopped", "/instances", "/search?q=shop-01", "/servers.csv",
			"/servers.xlsx"} {
			b.Run(fmt.Sprintf("%d%s", n, path), func(b *testing.B) {
				c.Get(path) // what a new picture makes once is no part of the rate
				for b.Loop() {
					if a := c.Get(path); a.StatusCode != http.StatusOK {
						b.Fatal(a.StatusCode)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("%d/search, other letters each time", n), func(b *testing.B) {
			for k := 0; b.Loop(); k++ {
				if a := c.Get(fmt.Sprintf("/search?q=%d", k%997)); a.StatusCode != http.StatusOK {
					b.Fatal(a.StatusCode)
				}
			}
		})
	}
}
