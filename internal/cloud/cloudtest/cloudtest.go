// Package cloudtest puts the adapters and the simulated cloud together for
// tests.
package cloudtest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/seal"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudsim"
)

// Limits are those of a test that does not want to wait: no pacing to speak of,
// pauses of a millisecond. Times of single calls are as in production.
func Limits() cloud.Limits {
	wide := cloud.Rate{PerSecond: 1e6, InFlight: 64}
	return cloud.Limits{HCSS: wide, BSS: wide, ECS: wide, Config: wide, IAM: wide, IMS: wide,
		Backoff: time.Millisecond, BackoffMax: time.Millisecond}
}

// API is one with these limits.
func API() *cloud.API { return cloud.New(cloud.Options{Limits: Limits(), Version: "test"}) }

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
