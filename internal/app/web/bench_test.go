package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/job"
	"sampan/internal/app/meter"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
	"sampan/internal/app/setting"
	"sampan/internal/app/view"
	"sampan/internal/app/web"
	"sampan/internal/app/web/webtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/hcss"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
	"sampan/internal/testclock"
)

// whole is a Server over the real database and the real use cases; only the
// cloud is out of reach.
type whole struct {
	b       *testing.B
	handler http.Handler
	cookies []*http.Cookie
}

// away is a billing that cannot be reached: prices and balance stay unknown.
type away struct{ order.Billing }

func (away) Price(context.Context, account.Access, order.Request) (order.Quote, error) {
	return order.Quote{}, fault.New(fault.Unreachable, "cloud.unreachable")
}

func (away) Balance(context.Context, account.Access) (order.Balance, error) {
	return order.Balance{}, fault.New(fault.Unreachable, "cloud.unreachable")
}

// pictures shows orders the local picture, which has no private images.
type pictures struct{ *instance.Service }

func (p pictures) Image(context.Context, string, string) (catalog.PrivateImage, bool) {
	return catalog.PrivateImage{}, false
}

func (p pictures) Deliveries(context.Context, string, []string) (map[string]order.Delivery, error) {
	return nil, nil
}

func (p pictures) Tagged(context.Context, string, string, string) ([]string, error) { return nil, nil }

// openWhole sets a console up with one account that has n instances.
func openWhole(b *testing.B, n int) *whole {
	b.Helper()
	d, quiet, keyring := dbtest.Open(b), slog.New(slog.DiscardHandler), seal.NewKeyring()
	cat := catalog.Embedded()
	var regions []string
	for _, r := range cat.Regions() {
		regions = append(regions, r.Code)
	}
	persons := person.New(person.Options{Store: db.Persons{DB: d}})
	accounts := &account.Service{Store: db.Accounts{DB: d}, Keyring: keyring, Regions: regions,
		Sandbox: account.Endpoints{IAM: "http://127.0.0.1:1"},
		Now:     testclock.Now, NewID: db.NewID, Log: quiet}
	instances := &instance.Service{Store: db.Instances{DB: d}, Accounts: accounts, Regions: regions, Now: testclock.Now, Log: quiet}
	settings := &setting.Service{Store: db.Settings{DB: d}}
	api := cloudtest.API()
	orders := order.New(order.Options{Store: db.Orders{DB: d}, Jobs: db.Jobs{DB: d}, Accounts: accounts, Inventory: pictures{instances},
		Settings: settings, Catalog: func(account.Site) order.Catalog { return cat }, Purchases: &hcss.Client{API: api}, Billing: away{},
		Now: testclock.Now, Timing: order.Intervals(1), Runner: job.Intervals(1), Log: quiet})
	s, err := web.New(web.Options{Persons: persons, Accounts: accounts, Orders: orders, Instances: instances, Settings: settings,
		Catalog: cat, Hub: &webtest.Hub{},
		Views:   &view.Service{Store: db.Views{DB: d}, Inventory: instances, Now: testclock.Now, NewID: db.NewID},
		Traffic: &meter.Service{Store: db.Traffic{DB: d}, Accounts: accounts, Inventory: instances, Now: testclock.Now, Log: quiet},
		Servers: &server.Service{Accounts: accounts, Now: testclock.Now, Log: quiet},
		Trail:   audit.Trail{Store: db.Audits{DB: d}}, Activity: audit.Log{Store: db.Audits{DB: d}},
		Log: quiet, Version: "bench", CookieKey: []byte(strings.Repeat("k", 32))})
	if err != nil {
		b.Fatal(err)
	}
	w := &whole{b: b, handler: s.Handler()}
	w.signIn(persons)
	who := person.Actor{PersonID: db.NewID(), Name: "ada", Role: person.Owner}
	a, err := accounts.AddSandbox(b.Context(), who, account.Form{Label: "Sandbox", Credential: account.ByKey, KeyID: "SANDBOXKEY0000000001",
		KeySecret: seal.Conceal("sandbox-secret-0000000000")})
	if err != nil {
		b.Fatalf("account: %v %v", err, fault.Of(err).Fields)
	}
	if err := (db.Instances{DB: d}).Keep(b.Context(), a.ID, instance.Kept{Instances: manyInstances(a.ID, regions, n)}); err != nil {
		b.Fatal(err)
	}
	_, err = db.Accounts{DB: d}.Update(b.Context(), a.ID, func(a *account.Account) error {
		a.DomainID, a.Projects = "0123456789abcdef0123456789abcdef", map[string]string{"ap-southeast-3": "067cf8aecf3845d1ad7a5d308322f13b"}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for k := range manyOrders {
		buyOne(b, orders, who, a.ID, fmt.Sprintf("order-%d", k))
	}
	return w
}

// manyOrders is how many orders wait to be sent: no engine runs here.
const manyOrders = 120

func buyOne(b *testing.B, orders *order.Service, who person.Actor, accountID, name string) {
	b.Helper()
	d, err := orders.NewDraft(b.Context(), who,
		map[string]string{order.FieldAccount: accountID, order.FieldImage: "wordpress", order.FieldSize: "2-4",
			order.FieldRegion: "ap-southeast-3", order.FieldName: name, order.FieldQuantity: "1", order.FieldPeriodUnit: "month",
			order.FieldPeriodNum: "1", order.FieldPayment: "exact"})
	if err != nil {
		b.Fatal(err)
	}
	v, err := orders.Review(b.Context(), who, d.ID)
	if err != nil {
		b.Fatalf("review: %v %v", err, fault.Of(err).Fields)
	}
	if _, err := orders.Confirm(b.Context(), who, v.ID, v.Hash, false); err != nil {
		b.Fatal(err)
	}
}

func (w *whole) signIn(persons *person.Service) {
	w.b.Helper()
	code, err := persons.NewSetupToken(w.b.Context(), seal.Secret{})
	if err != nil {
		w.b.Fatal(err)
	}
	to, _ := w.send(http.MethodPost, "/setup/owner",
		url.Values{"name": {"ada"}, "display_name": {"Ada"}, "password": {"correct horse battery sampan"},
			"language": {"en"}, "zone": {"UTC"}, "code": {code.Reveal()}})
	if to != "/setup/cloud" {
		w.b.Fatalf("the set-up went to %q", to)
	}
}

// manyInstances are spread over regions, states and a year.
func manyInstances(accountID string, regions []string, n int) []instance.Record {
	states := []string{"ACTIVE", "ACTIVE", "ACTIVE", "SHUTOFF", "BUILD"}
	all := make([]instance.Record, n)
	for k := range all {
		all[k].Instance = instance.Instance{ID: fmt.Sprintf("%024x", k*2654435761), AccountID: accountID, Name: fmt.Sprintf("web-%05d", k),
			Region: regions[k%len(regions)], Spec: "hf.small.1.linux", Image: "WordPress",
			Address: fmt.Sprintf("198.18.%d.%d", k/250%250, k%250+1), State: states[k%len(states)],
			ServerID: fmt.Sprintf("00000000-0000-4000-8000-%012x", k), CloudOrder: fmt.Sprintf("CS26112309%06d", k), AutoRenew: k%3 == 0,
			Expires: testclock.Now().Add(time.Duration(k*37%8760) * time.Hour), Created: testclock.Now().Add(-time.Hour),
			UpdatedAt: testclock.Now()}
	}
	return all
}

// send asks once and gives where the answer leads, "" when nowhere, and its size.
func (w *whole) send(method, path string, form url.Values, pairs ...string) (string, int) {
	w.b.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://localhost:8080"+path, body)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept-Encoding", "gzip")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	for _, c := range w.cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	res := rec.Result()
	if got := res.Cookies(); len(got) > 0 {
		w.cookies = got
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusSeeOther {
		w.b.Fatalf("%s %s: status %d", method, path, res.StatusCode)
	}
	return res.Header.Get("Location"), rec.Body.Len()
}

// What pages and parts cost with many instances stored: session, queries, words,
// rendering, compression, and no network.
func BenchmarkPages(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		w := openWhole(b, n)
		at, _ := w.send(http.MethodPost, "/buy", url.Values{"image": {"wordpress"}})
		draft, ok := strings.CutSuffix(at, "/size")
		if !ok {
			b.Fatalf("the wizard went to %q", at)
		}
		for _, p := range []struct {
			name, path string
			part       bool
		}{
			{"overview", "/", false}, {"instances", "/instances", false}, {"instances_part", "/instances?sort=expires", true},
			{"instances_found", "/instances?q=web-00", true}, {"orders", "/orders", false}, {"wizard_step", draft + "/size", true},
		} {
			var header []string
			if p.part {
				header = []string{"HX-Request", "true"}
			}
			b.Run(fmt.Sprintf("%s_of_%d", p.name, n), func(b *testing.B) {
				w.b = b
				b.ReportAllocs()
				size := 0
				for b.Loop() {
					_, size = w.send(http.MethodGet, p.path, nil, header...)
				}
				b.ReportMetric(float64(size), "bytes")
			})
		}
	}
}
