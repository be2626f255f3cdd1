// Package cloudtest puts the adapters and the simulated cloud together for
// tests.
package cloudtest

import (
	"encoding/json"
	"maps"
	"strings"

	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sampan/internal/app/account"
	"sampan/internal/app/seal"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/testclock"
)

// Limits are those of a test that must not wait: practically no pacing,
// pauses of a millisecond. Times of single calls are as in production.
func Limits() cloud.Limits {
	wide := cloud.Rate{PerSecond: 1e6, InFlight: 64}
	return cloud.Limits{HCSS: wide, BSS: wide, ECS: wide, Config: wide, IAM: wide, IMS: wide, CES: wide,
		Backoff: time.Millisecond, BackoffMax: time.Millisecond}
}

// API is one with these limits.
func API() *cloud.API {
	return cloud.New(cloud.Options{Limits: Limits(), Version: "test", Now: testclock.Now})
}

// Access is what an adapter needs for the Sandbox's account of that name, with
// either kind of credential.
func Access(t testing.TB, s *cloudsim.Server, name string, c account.Credential) account.Access {
	t.Helper()
	all := s.Accounts()
	i := slices.IndexFunc(all, func(a cloudsim.Account) bool { return a.Name == name })
	if i < 0 {
		t.Fatalf("the Sandbox has no account %q", name)
	}
	a := all[i]
	out := account.Access{AccountID: "acc-" + name + "-" + string(c), Site: account.SandboxSite, Endpoints: cloud.EndpointsAt(s.URL),
		Trusted: true, DomainID: a.ID, Projects: make(map[string]string)}
	for _, r := range a.Regions {
		out.Projects[r.Region] = r.ProjectID
	}
	if c == account.ByKey {
		out.Key = account.Key{ID: a.AccessKey, Secret: seal.Conceal(a.SecretKey)}
	} else {
		out.Login = account.Login{User: a.IAMUser, Domain: a.DomainName, Password: seal.Conceal(a.IAMPassword)}
	}
	return out
}

// Serve runs a handler as the whole cloud of an account that signs its calls.
func Serve(t testing.TB, h http.Handler) account.Access {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return account.Access{AccountID: "acc", Site: account.SandboxSite, Endpoints: cloud.EndpointsAt(s.URL), Trusted: true,
		DomainID: "0123456789abcdef0123456789abcdef", Projects: map[string]string{"ap-southeast-3": "067cf8aecf3845d1ad7a5d308322f13b"},
		Key: account.Key{ID: "AKEXAMPLE0000000001", Secret: seal.Conceal("SKEXAMPLE00000000000000000000000000000001")}}
}

// Mutate changes one value somewhere in a JSON document into another that the
// cloud might send, or cuts the document.
func Mutate(t *rapid.T, doc string) string {
	var tree any
	if err := json.Unmarshal([]byte(doc), &tree); err != nil {
		t.Fatalf("the document is not JSON: %v", err)
	}
	if rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
		return doc[:rapid.IntRange(0, len(doc)).Draw(t, "length")]
	}
	odd := rapid.SampledFrom([]any{nil, "", "null", "x", "<b>\u202e", -1, 0, 1e300, true, []any{}, map[string]any{}, []any{nil},
		map[string]any{"a": []any{1}},
		strings.Repeat("9", 40), "2024-13-99T99:99:99Z"}).Draw(t, "odd")
	b, err := json.Marshal(replace(t, tree, odd))
	if err != nil {
		t.Fatalf("write the document: %v", err)
	}
	return string(b)
}

// replace walks down by chance and puts v where it stops.
func replace(t *rapid.T, tree, v any) any {
	switch node := tree.(type) {
	case map[string]any:
		if len(node) > 0 && rapid.IntRange(0, 9).Draw(t, "deeper") > 0 {
			k := rapid.SampledFrom(slices.Sorted(maps.Keys(node))).Draw(t, "key")
			node[k] = replace(t, node[k], v)
			return node
		}
	case []any:
		if len(node) > 0 && rapid.IntRange(0, 9).Draw(t, "deeper") > 0 {
			i := rapid.IntRange(0, len(node)-1).Draw(t, "index")
			node[i] = replace(t, node[i], v)
			return node
		}
	}
	return v
}
