package ecs_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
	"sampan/internal/cloud/hcss"
)

func TestTaggedServers(t *testing.T) {
	ours := strings.Replace(whole, "env=prod", "sampan-order=abcdefghij", 1)
	found := order.Found{InstanceID: "66e3e9f8b271f8319ef19e86", Name: "hcss_ecs_ff60", Region: region, CloudOrderID: "CS2409131529QL4NJ",
		Tags:    map[string]string{"_sys_type_hcss_l": "", "sampan-order": "abcdefghij"},
		Created: time.Date(2024, 9, 13, 7, 30, 10, 0, time.UTC)}
	nameless, orphan := found, found
	nameless.InstanceID, orphan.CloudOrderID = "", ""
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want []order.Found
	}{
		"ours":                            {body(ours), []order.Found{found}},
		"none":                            {body(), nil},
		"the cloud filters by nothing":    {body(whole, strings.Replace(ours, "72a270de", "72a270df", 1)), []order.Found{found}},
		"the key alone":                   {body(strings.Replace(whole, "env=prod", "sampan-order", 1)), nil},
		"another purchase's":              {body(strings.Replace(ours, "abcdefghij", "abcdefghik", 1)), nil},
		"a server that names no instance": {body(strings.Replace(ours, `"lockSource":"hcss"`, `"lockSource":null`, 1)), []order.Found{nameless}},
		"a server that names no order":    {body(strings.Replace(ours, `"CS2409131529QL4NJ"`, "null", 1)), []order.Found{orphan}},
		"no list of tags":                 {body(strings.Replace(ours, `["_sys_type_hcss_l","sampan-order=abcdefghij"]`, "null", 1)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			cl, a := serve(t, c.h)
			got, err := cl.Tagged(t.Context(), a, region, "abcdefghij")
			if d := cmp.Diff(c.want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		})
	}
}

// TestAServerTwiceInThePlaceOfAnother: the list has as many entries as it counts,
// and lacks one all the same.
func TestAServerTwiceInThePlaceOfAnother(t *testing.T) {
	cl, a := serve(t, body(whole, whole))
	if got, err := cl.Tagged(t.Context(), a, region, "abcdefghij"); !fault.Is(err, fault.Unreachable) {
		t.Errorf("tagged: got %d, %v", len(got), err)
	}
	if got, err := cl.Servers(t.Context(), a, region, nil); !fault.Is(err, fault.Unreachable) {
		t.Errorf("all: got %d, %v", len(got), err)
	}
}

func TestTaggedServersOfEveryPage(t *testing.T) {
	var asked []string
	cl, a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, q.Get("tags"))
		n, _ := strconv.Atoi(q.Get("offset"))
		_, _ = fmt.Fprintf(w, `{"count":2,"servers":[{"id":"0000000%d-0000","name":"n","tags":["sampan-order=abcdefghij"]}]}`, n)
	})
	got, err := cl.Tagged(t.Context(), a, region, "abcdefghij")
	if err != nil || len(got) != 2 || strings.Join(asked, " ") != "sampan-order=abcdefghij sampan-order=abcdefghij" {
		t.Errorf("got %d, %v, asked %q", len(got), err, asked)
	}
}

// TestTaggedServersInTheSandbox buys with a tag and finds it, wherever it is seen.
func TestTaggedServersInTheSandbox(t *testing.T) {
	for at, seen := range map[string]int{"both": 2, "server": 2, "config": 0} {
		t.Run(at, func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			acct := s.Accounts()[0]
			acct.Balance, acct.TagsAt = "", at
			if _, err := s.SetAccount(acct); err != nil {
				t.Fatal(err)
			}
			if err := s.Fleet("Sandbox", 40); err != nil {
				t.Fatal(err)
			}
			a := cloudtest.Access(t, s, "Sandbox", account.ByKey)
			id := buy(t, a, "abcdefghij")
			if err := s.Advance(time.Minute); err != nil {
				t.Fatal(err)
			}
			cl := &ecs.Client{API: cloudtest.API()}
			got, err := cl.Tagged(t.Context(), a, region, "abcdefghij")
			if err != nil || len(got) != seen {
				t.Fatalf("got %d, %v, want %d", len(got), err, seen)
			}
			for _, f := range got {
				if f.CloudOrderID != id || f.InstanceID == "" || f.Tags[order.TagKey] != "abcdefghij" || f.Created.IsZero() ||
					f.Region != region {
					t.Errorf("got %+v, want the order %s", f, id)
				}
			}
			s.Fail(cloudsim.Fault{Call: "servers", Kind: "cut", Times: -1})
			if got, err = cl.Tagged(t.Context(), a, region, "abcdefghij"); seen > 0 && (!fault.Is(err, fault.Unreachable) || got != nil) {
				t.Errorf("a cut list: got %v, %v", got, err)
			}
			if got, err = cl.Tagged(t.Context(), a, "cn-north-4", "abcdefghij"); err != nil || got != nil {
				t.Errorf("a region that the account does not have: got %v, %v", got, err)
			}
		})
	}
}

// buy places an order of two with a tag, paid at once, and gives its number.
func buy(t *testing.T, a account.Access, tag string) string {
	t.Helper()
	shop := &hcss.Client{API: cloudtest.API()}
	r := order.Request{Name: "web", Region: region, Spec: "hf.large.1.30m.linux",
		Image:      order.Image{Kind: catalog.Application, Version: "6.4"},
		PeriodUnit: order.Month, PeriodNum: 1, Quantity: 2, Payment: order.DeductAtOnce}
	body, err := shop.Body(r, tag, "WordPress")
	if err != nil {
		t.Fatal(err)
	}
	got, err := shop.Purchase(t.Context(), a, "6f1c1b52-7a40-4a9e-9f0e-2a1d35a0c001", body, region)
	if err != nil {
		t.Fatal(err)
	}
	return got.OrderID
}

// TestTaggedFaultsAreNotEmpty: what could not be read must not pass for "there
// is none".
func TestTaggedFaultsAreNotEmpty(t *testing.T) {
	answer := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	known, unknown := map[string]string{region: "067cf8aecf3845d1ad7a5d308322f13b"}, map[string]string(nil)
	for name, c := range map[string]struct {
		h        http.HandlerFunc
		projects map[string]string
		region   string
		fails    bool
	}{
		"refused":                        {answer(403, `{"error":{"code":"Ecs.0001","message":"no"}}`), known, region, true},
		"a path that is not there":       {answer(404, `{"error_code":"APIGW.0101","error_msg":"no"}`), known, region, true},
		"throttled":                      {answer(429, `{"error_code":"APIGW.0308","error_msg":"slow"}`), known, region, true},
		"garbled":                        {answer(200, `{"count":1,"servers":[`), known, region, true},
		"no list":                        {answer(200, `{"count":0}`), known, region, true},
		"a count and nothing else":       {answer(200, `{"count":1,"servers":[]}`), known, region, true},
		"the projects are not known":     {answer(200, `{"count":0,"servers":[]}`), unknown, region, true},
		"the account has no such region": {answer(403, ""), known, "me-east-1", false},
	} {
		t.Run(name, func(t *testing.T) {
			cl, a := serve(t, c.h)
			a.Projects = c.projects
			got, err := cl.Tagged(t.Context(), a, c.region, "abcdefghij")
			if got != nil || (err != nil) != c.fails || fault.Is(err, fault.NotFound) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
