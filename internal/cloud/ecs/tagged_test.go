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

	"sampan/internal/app/order"
)

func TestTaggedServers(t *testing.T) {
	ours := strings.Replace(whole, "env=prod", "sampan-order=abcdefghij", 1)
	found := order.Found{InstanceID: "66e3e9f8b271f8319ef19e86", Name: "hcss_ecs_ff60", Region: region, CloudOrderID: "CS2409131529QL4NJ",
		Tags: map[string]string{"_sys_type_hcss_l": "", "sampan-order": "abcdefghij"}, Created: time.Date(2024, 9, 13, 7, 30, 10, 0, time.UTC)}
	nameless, orphan := found, found
	nameless.InstanceID, orphan.CloudOrderID = "", ""
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want []order.Found
	}{
		"ours":                              {body(ours), []order.Found{found}},
		"none":                              {body(), nil},
		"the cloud filters by nothing":      {body(whole, strings.Replace(ours, "72a270de", "72a270df", 1)), []order.Found{found}},
		"the key alone":                     {body(strings.Replace(whole, "env=prod", "sampan-order", 1)), nil},
		"another purchase's":                {body(strings.Replace(ours, "abcdefghij", "abcdefghik", 1)), nil},
		"a server that names no instance":   {body(strings.Replace(ours, `"lockSource":"hcss"`, `"lockSource":null`, 1)), []order.Found{nameless}},
		"a server that names no order":      {body(strings.Replace(ours, `"CS2409131529QL4NJ"`, "null", 1)), []order.Found{orphan}},
		"no list of tags":                   {body(strings.Replace(ours, `["_sys_type_hcss_l","sampan-order=abcdefghij"]`, "null", 1)), nil},
		"the same server on two pages once": {body(ours, ours), []order.Found{found}},
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
			if got != nil || (err != nil) != c.fails {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
