package cloud_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	ecs "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ecs/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudtest"
)

const password = "correct horse battery"

// identity is a cloud that gives tokens for one password and takes only them.
type identity struct {
	mu     sync.Mutex
	logins []string // the scope of each, refused ones included
	valid  map[string]string
	used   []string          // scope of the token of each call
	fail   http.HandlerFunc  // answers sign-ins instead
	refuse map[string]int    // by scope: the status its sign-ins are answered with
	seen   map[string]string // path of a call → token header

	hang map[string]chan struct{} // by scope: its sign-ins are answered when this closes
}

func (c *identity) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.URL.Path == "/v3/auth/tokens" {
		c.login(w, r)
		return
	}
	token := r.Header.Get("X-Auth-Token")
	if c.seen == nil {
		c.seen = make(map[string]string)
	}
	c.seen[r.URL.Path] = r.Header.Get("Authorization")
	scope, ok := c.valid[token]
	if !ok {
		w.WriteHeader(401)
		_, _ = io.WriteString(w, coded("APIGW.0301"))
		return
	}
	c.used = append(c.used, scope)
	_, _ = io.WriteString(w, good)
}

func (c *identity) login(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Auth struct {
			Identity struct {
				Methods  []string
				Password struct {
					User struct {
						Name, Password string
						Domain         struct{ Name string }
					}
				}
			}
			Scope struct {
				Project *struct{ ID, Name string }
				Domain  *struct{ ID, Name string }
			}
		}
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	scope := "?"
	if p := in.Auth.Scope.Project; p != nil {
		scope = "project " + p.ID + p.Name
	} else if d := in.Auth.Scope.Domain; d != nil {
		scope = "domain " + d.Name
	}
	c.logins = append(c.logins, scope)
	if hang := c.hang[scope]; hang != nil {
		c.mu.Unlock()
		<-hang
		c.mu.Lock()
	}
	if c.fail != nil {
		c.fail(w, r)
		return
	}
	if status := c.refuse[scope]; status != 0 {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":{"code":%d,"message":"no","title":"no"}}`, status)
		return
	}
	u := in.Auth.Identity.Password.User
	if u.Name != "shopkeeper" || u.Password != password || u.Domain.Name != "ACME" || len(in.Auth.Identity.Methods) != 1 ||
		r.URL.Query().Get("nocatalog") == "" {
		w.WriteHeader(401)
		_, _ = io.WriteString(w, `{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}`)
		return
	}
	if c.valid == nil {
		c.valid = make(map[string]string)
	}
	token := fmt.Sprintf("token-%d-%s", len(c.logins), strings.Repeat("x", 30<<10)) // they may be this long
	c.valid[token] = scope
	w.Header().Set("X-Subject-Token", token)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w,
		`{"token":{"expires_at":"2024-01-04T09:05:22.701000Z","user":{"id":"u","name":"shopkeeper","domain":{"id":"d0c1","name":"ACME"}}}}`)
}

func (c *identity) revoke() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.valid = nil
}

func (c *identity) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.logins...)
}

func signedIn(t *testing.T, h http.Handler) account.Access {
	a := cloudtest.Serve(t, h)
	a.Key = account.Key{}
	a.Login = account.Login{User: "shopkeeper", Domain: "ACME", Password: seal.Conceal(password)}
	a.Projects = map[string]string{"ap-southeast-3": "p-singapore", "me-east-1": "p-riyadh"}
	return a
}

func servers(region string) cloud.Call {
	return cloud.Call{Service: cloud.ECS, Name: "servers", Region: region, Into: new(list), Send: func(h *core.HcHttpClient) error {
		_, err := ecs.NewEcsClient(h).ListServersDetails(&model.ListServersDetailsRequest{})
		return err
	}}
}

func TestOneTokenForEachScope(t *testing.T) {
	c := new(identity)
	a, api := signedIn(t, c), cloudtest.API()
	for range 3 {
		for _, call := range []cloud.Call{servers("ap-southeast-3"), servers("me-east-1"), call(cloud.Read, new(list))} {
			if _, err := api.Do(t.Context(), a, call); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{"project p-singapore", "project p-riyadh", "domain ACME"}
	if got := c.list(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("sign-ins: got %v, want %v", got, want)
	}
	if got, want := fmt.Sprint(c.used[:3]), fmt.Sprint(want); got != want {
		t.Errorf("tokens used: got %v, want %v", got, want)
	}
	if auth, ok := c.seen["/v1/p-riyadh/cloudservers/detail"]; !ok || auth != "" {
		t.Errorf("the project stands in the path and nothing is signed: got %v", c.seen)
	}
	if id, name, err := api.Domain(t.Context(), a); id != "d0c1" || name != "ACME" || err != nil {
		t.Errorf("domain: got %s %s %v", id, name, err)
	}
}

func TestManyWaitForOneSignIn(t *testing.T) {
	c := new(identity)
	a, api := signedIn(t, c), cloudtest.API()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := c.list(); len(got) != 1 {
		t.Errorf("sign-ins: got %v, want one", got)
	}
}

func TestTokenIsRenewedAtTwentyHours(t *testing.T) {
	c := new(identity)
	a := signedIn(t, c)
	now := time.Date(2024, 1, 3, 9, 0, 0, 0, time.UTC)
	api := cloud.New(cloud.Options{Limits: cloudtest.Limits(), Now: func() time.Time { return now }})
	for i, want := range []int{1, 1, 2} {
		if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
			t.Fatal(err)
		}
		if got := len(c.list()); got != want {
			t.Errorf("after %d calls: got %d sign-ins, want %d", i+1, got, want)
		}
		now = now.Add(19 * time.Hour)
	}
}

func TestATokenThatDiedIsRenewedOnce(t *testing.T) {
	c := new(identity)
	a, api := signedIn(t, c), cloudtest.API()
	if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
		t.Fatal(err)
	}
	c.revoke()
	if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
		t.Errorf("a read renews and repeats: got %v", err)
	}
	if got := c.list(); len(got) != 2 {
		t.Errorf("sign-ins: got %v, want two", got)
	}
	for _, class := range []cloud.Class{cloud.Once, cloud.CheckFirst} {
		if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
			t.Fatal(err)
		}
		c.revoke()
		spending := servers("ap-southeast-3")
		spending.Class = class
		_, err := api.Do(t.Context(), a, spending)
		if f := fault.Of(err); f.Kind != fault.Refused || f.Message.ID != "cloud.token.ended" {
			t.Errorf("class %d: got %v, want refused, not repeated silently", class, err)
		}
	}
	if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
		t.Errorf("the next call signs in again: got %v", err)
	}
}

func TestAUserWhoLostEverythingSignsInOnlyTwice(t *testing.T) {
	c := new(identity)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v3/auth/tokens" {
			c.revoke()
		}
		c.ServeHTTP(w, r)
	})
	a, api := signedIn(t, h), cloudtest.API()
	_, err := api.Do(t.Context(), a, servers("ap-southeast-3"))
	if f := fault.Of(err); f.Kind != fault.Refused || f.Message.ID != "cloud.token.refused" {
		t.Errorf("got %v", err)
	}
	if got := c.list(); len(got) != 2 {
		t.Errorf("sign-ins: got %v, want one and its renewal", got)
	}
}

// TestARefusedSignInIsTheLast: repeating a wrong password would lock the user.
func TestARefusedSignInIsTheLast(t *testing.T) {
	c := new(identity)
	a := signedIn(t, c)
	a.Login.Password = seal.Conceal("wrong")
	var told []string
	api := cloud.New(cloud.Options{Limits: cloudtest.Limits(), OnLoginRefused: func(id string, why *fault.Error) {
		told = append(told, id+" "+why.Message.ID)
	}})
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			region := []string{"ap-southeast-3", "me-east-1"}[i%2]
			_, err := api.Do(t.Context(), a, servers(region))
			if f := fault.Of(err); f.Kind != fault.Refused || f.Message.ID != "cloud.login.refused" || f.Status != 401 || f.Detail == "" {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if got := c.list(); len(got) != 1 {
		t.Errorf("sign-ins with a wrong password: got %d, want one", len(got))
	}
	if len(told) != 1 || told[0] != "acc cloud.login.refused" {
		t.Errorf("told: got %v, want once", told)
	}
	a.Login.Password = seal.Conceal(password)
	if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
		t.Errorf("with the password replaced: got %v", err)
	}
	if got := c.list(); len(got) != 2 {
		t.Errorf("sign-ins: got %d, want two", len(got))
	}
}

func TestASignInThatGotNoAnswerIsNoRefusal(t *testing.T) {
	for name, fail := range map[string]http.HandlerFunc{
		"500":             func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"429":             func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
		"silence":         func(w http.ResponseWriter, _ *http.Request) { dropped(w) },
		"a portal's page": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"no token":        func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"token":{}}`) },
		"redirect":        func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Location", "/x"); w.WriteHeader(302) },
	} {
		t.Run(name, func(t *testing.T) {
			c := &identity{fail: fail}
			a := signedIn(t, c)
			api := cloud.New(cloud.Options{Limits: cloudtest.Limits(),
				OnLoginRefused: func(string, *fault.Error) { t.Error("called refused") }})
			limits := len(c.list())
			_, err := api.Do(t.Context(), a, servers("ap-southeast-3"))
			if f := fault.Of(err); f.Kind != fault.Unreachable && f.Kind != fault.Busy || f.Status != 0 {
				t.Errorf("got %v, status %d, want that the call was not made", err, f.Status)
			}
			if got := len(c.list()) - limits; got != 1 {
				t.Errorf("sign-ins: got %d, want one: a password is never repeated by itself", got)
			}
			c.mu.Lock()
			c.fail = nil
			c.mu.Unlock()
			if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
				t.Errorf("asked again later: got %v", err)
			}
		})
	}
}

func TestForgetLetsARefusedSignInBeTriedAgain(t *testing.T) {
	c := &identity{fail: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }}
	a, api := signedIn(t, c), cloudtest.API()
	for range 2 {
		_, _ = api.Do(t.Context(), a, servers("ap-southeast-3"))
	}
	c.mu.Lock()
	c.fail = nil
	c.mu.Unlock()
	api.Forget(a.AccountID)
	if _, err := api.Do(t.Context(), a, servers("ap-southeast-3")); err != nil {
		t.Errorf("got %v", err)
	}
	if got := c.list(); len(got) != 2 {
		t.Errorf("sign-ins: got %d, want two", len(got))
	}
}
