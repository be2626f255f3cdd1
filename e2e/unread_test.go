//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/e2e/world"
)

// reader reads pages as a browser without script does.
type reader struct {
	t *testing.T
	*world.Browser
}

// get is a page's part in the words that a reader sees; "" for the whole.
func (r reader) get(path, part string) string {
	r.t.Helper()
	a, err := r.Get(r.t.Context(), path)
	if err != nil || a.Status != http.StatusOK {
		r.t.Fatalf("GET %s: status %d, %v", path, a.Status, err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(a.Body))
	if err != nil {
		r.t.Fatal(err)
	}
	found := doc.Find(part)
	if part == "" {
		found = doc.Find("main")
	}
	return strings.Join(strings.Fields(found.Text()), " ")
}

func (r reader) post(path, to string, pairs ...string) string {
	r.t.Helper()
	form := url.Values{}
	for n := 0; n < len(pairs); n += 2 {
		form.Add(pairs[n], pairs[n+1])
	}
	a, err := r.Post(r.t.Context(), path, form.Encode())
	if err != nil || a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, to) {
		r.t.Fatalf("POST %s: status %d to %q, want 303 to %s…: %v", path, a.Status, a.Location, to, err)
	}
	return a.Location
}

// exported are the rows of a file of the list of servers.
func (r reader) exported() (rows []map[string]any) {
	r.t.Helper()
	a, err := r.Get(r.t.Context(), "/servers.json")
	if err != nil || json.Unmarshal(a.Body, &rows) != nil {
		r.t.Fatalf("the file cannot be read: %v: %s", err, a.Body)
	}
	return rows
}

const fleetOfEach = 12 // servers of each account; billing alone knows that one or two are frozen

// A figure that is made of what could not be read.
type figure struct {
	path, part string
	says       []string
	never      []string
}

// What each source is for, and what is said where it could not be read.
var madeOf = map[string]struct {
	calls   []string
	figures []figure
	null    []string // of the file
}{
	"list": {[]string{"instances", "instance_count"}, []figure{
		{"/", "#attention", []string{"List of instances", "which servers there are"}, []string{"Nothing needs attention"}},
		{"/", "#fleet", []string{"at least"}, []string{"No servers yet"}},
		{"/servers", ".tabs", []string{"All at least"}, nil},
		{"/instances", "", []string{"could not be read"}, []string{"No instances yet", "Buy the first"}},
		{"/traffic", "", []string{"could not be read"}, []string{"No data packages yet", "Every instance comes with one"}},
	}, nil},
	"states": {[]string{"servers"}, []figure{
		{"/", "#attention", []string{"Servers in", "the states of 1"}, []string{"Nothing needs attention"}},
		{"/", "#fleet", []string{"Runningnot known", "State not known1"}, []string{"Running0"}},
		{"/servers", ".tabs", []string{"Stopped but paid not known"}, nil},
		{"/servers?q=state:stopped", "", []string{"Whether 1", "more belong here is not known"}, nil},
	}, []string{"cloud_status", "state_read_at"}},
	"terms": {[]string{"resources"}, []figure{
		{"/", "#attention", []string{"Expiry dates", "12 expiry dates"}, []string{"Nothing needs attention"}},
		{"/", "#fleet", []string{"Expire in 14 daysnot known"}, nil},
		{"/servers", ".tabs", []string{"Expire in 14 days not known"}, nil},
		{"/servers?q=autorenew:no", "", []string{"Whether 12 more belong here is not known"}, nil},
		{"/servers?q=expires<14d", "", []string{"Whether 12 more belong here is not known"}, nil},
	}, []string{"expires", "auto_renew", "term_read_at"}},
	"traffic": {[]string{"traffic", "packages", "usage"}, []figure{
		{"/", "#attention", []string{"Data packages", "what is left of 12 data packages"}, []string{"Nothing needs attention"}},
		{"/servers", ".tabs", []string{"Traffic under 10% not known"}, nil},
		{"/traffic", "", []string{"Data packages", "could not be read", "not known"}, []string{"Nothing was read yet. The first"}},
	}, []string{"traffic_left_gb", "traffic_total_gb", "traffic_read_at"}},
	"balance": {[]string{"balance"}, []figure{
		{"/", "#balance", []string{"not known", "could not be read"}, []string{"0.00"}},
	}, nil},
	"everything": {[]string{"instances", "instance_count", "servers", "resources", "traffic", "packages", "usage", "balance", "orders"},
		[]figure{
			{"/", "#attention", []string{"could not be read", "which servers there are"}, []string{"Nothing needs attention"}},
			{"/", "#fleet", []string{"What there is could not be read"}, []string{"No servers yet", "Buy the first"}},
			{"/servers", "", []string{"What there is could not be read"}, []string{"No servers yet", "Buy the first", "0 servers"}},
			{"/instances", "", []string{"What there is could not be read"}, []string{"No instances yet"}},
			{"/traffic", "", []string{"What there is could not be read"}, []string{"No data packages yet"}},
		}, nil},
}

// What a source answers instead.
var failsWith = map[string]struct {
	fault map[string]any
	why   string // in the notes
}{
	"refused":   {map[string]any{"kind": "status", "status": 403, "code": "CBC.0151", "message": "no"}, "may not do this"},
	"throttled": {map[string]any{"kind": "throttle"}, ""},
	"garbled":   {map[string]any{"kind": "garble"}, ""},
	"silent":    {map[string]any{"kind": "drop_before"}, ""},
}

// TestWhatCouldNotBeReadIsCountedNowhere gives the console an account for every
// source and every way in which it fails.
func TestWhatCouldNotBeReadIsCountedNowhere(t *testing.T) {
	t.Parallel()
	w := world.Start(t, world.Scale(20), towards())
	type account struct{ source, answer, id string }
	var all []account
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := reader{t, w.NewBrowser(jar)}
	r.post("/setup/owner", "/setup/cloud", "name", "owner", "display_name", "Olga", "password", world.OwnerPassword, "language", "en",
		"zone", "UTC", "code", world.SetupCode)
	for _, answer := range []string{"refused", "garbled", "silent", "throttled"} { // what takes longest is looked at last
		a := failsWith[answer]
		for source, made := range madeOf {
			name := source + "-" + answer
			key := w.NewAccount(name, fleetOfEach)
			for _, call := range made.calls {
				f := map[string]any{"times": -1, "account": name}
				for k, v := range a.fault {
					f[k] = v
				}
				w.Fail(call, f["kind"].(string), f)
			}
			at := r.post("/accounts", "/accounts/", "label", name, "site", "intl", "credential", "key", "key_id", key.KeyID, "key_secret",
				key.KeySecret)
			all = append(all, account{source, answer, strings.TrimPrefix(at, "/accounts/")})
			r.post("/scope", "/", "account", all[len(all)-1].id)
			r.get("/", "") // from now on the balance is asked for
		}
	}
	for _, a := range all {
		r.post("/scope", "/", "account", a.id)
		for _, f := range madeOf[a.source].figures {
			r.waitFor(a.source+" "+a.answer, f)
		}
		if why := failsWith[a.answer].why; why != "" && a.source != "balance" && !strings.Contains(r.get("/", "#attention"), why) {
			t.Errorf("%s %s: the reason is missing: %s", a.source, a.answer, r.get("/", "#attention"))
		}
		for _, row := range r.exported() {
			for _, key := range madeOf[a.source].null {
				if v, there := row[key]; !there || v != nil {
					t.Errorf("%s %s: the file has %s = %v, want null", a.source, a.answer, key, v)
				}
			}
		}
		for _, path := range []string{"/", "/servers", "/instances", "/traffic", "/accounts/" + a.id} {
			if words := r.get(path, ""); strings.ContainsAny(words, "⟦⟧") {
				t.Errorf("%s %s: %s has a sentence with a hole: %s", a.source, a.answer, path, words)
			}
		}
	}
}

// waitFor reads a figure until it says all it should.
func (r reader) waitFor(who string, f figure) {
	r.t.Helper()
	deadline := time.After(time.Minute)
	for {
		words := r.get(f.path, f.part)
		lacks := ""
		for _, s := range f.says {
			if !strings.Contains(words, s) {
				lacks = s
			}
		}
		for _, s := range f.never {
			if strings.Contains(words, s) {
				r.t.Errorf("%s: %s %s says %q: %s", who, f.path, f.part, s, words)
				return
			}
		}
		if lacks == "" {
			return
		}
		select {
		case <-deadline:
			r.t.Errorf("%s: %s %s does not say %q: %s", who, f.path, f.part, lacks, words)
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}
