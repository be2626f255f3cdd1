package iam_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/iam"
)

const denied = `{"error":{"code":403,"message":"You have no right to do this action.","title":"Forbidden"}}`

// identity answers by path; a missing path is 403.
func identity(answers map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(403)
			body = denied
		}
		_, _ = io.WriteString(w, body)
	})
}

const projects = `{"projects":[
  {"id":"p1","name":"ap-southeast-3","domain_id":"d1","parent_id":"d1","enabled":true,"is_domain":false,"description":"","links":{}},
  {"id":"p2","name":"tr-west-1","domain_id":"d1","parent_id":"d1","enabled":"true"},
  {"id":"p3","name":"ap-southeast-3_shop","domain_id":"d1","parent_id":"p1","enabled":true},
  {"id":"p4","name":"ap-southeast-3","domain_id":"d1","parent_id":"p1","enabled":true},
  {"id":"p5","name":"me-east-1","domain_id":"d1","parent_id":"d1","enabled":false},
  {"id":"p6","name":"MOS","domain_id":"d1","parent_id":"d1","enabled":true},
  {"id":"","name":"sa-brazil-1","domain_id":"d1","parent_id":"d1","enabled":true},
  {"id":"p8","name":"ap-southeast-3_old","domain_id":"d1","parent_id":"p1","enabled":false},
  {"id":"p9","name":"sa-brazil-1_x","domain_id":"d1","parent_id":"p0","enabled":true},
  {"id":"p7","name":"eu-west-101","domain_id":"d1","parent_id":null,"enabled":null}],"links":{}}`

func TestIdentity(t *testing.T) {
	all := map[string]string{"ap-southeast-3": "p1", "ap-southeast-3_shop": "p3", "tr-west-1": "p2", "eu-west-101": "p7"}
	for name, c := range map[string]struct {
		answers map[string]string
		want    *account.Identity
		kind    fault.Kind
	}{
		"all projects": {map[string]string{"/v3/projects": projects}, &account.Identity{DomainID: "d1", Projects: all}, 0},
		"only those the user may access": {map[string]string{"/v3/auth/projects": `{"projects":[{"id":"p1","name":"ap-southeast-3","domain_id":"d1"}]}`},
			&account.Identity{DomainID: "d1", Projects: map[string]string{"ap-southeast-3": "p1"}}, 0},
		"the account from the list of domains": {map[string]string{"/v3/projects": `{"projects":[]}`, "/v3/auth/domains": `{"domains":[{"id":"d1","name":"ACME","enabled":true}]}`},
			&account.Identity{DomainID: "d1", DomainName: "ACME", Projects: map[string]string{}}, 0},
		"nobody names the account": {map[string]string{"/v3/projects": `{"projects":[]}`, "/v3/auth/domains": `{"domains":[]}`}, nil, fault.Refused},
		"nothing is permitted":     {nil, nil, fault.Refused},
		"a body without a list":    {map[string]string{"/v3/projects": `{}`}, nil, fault.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := (&iam.Client{API: cloudtest.API()}).Identity(t.Context(), cloudtest.Serve(t, identity(c.answers)))
			if c.want == nil {
				if !fault.Is(err, c.kind) {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.ClockOffset.Abs() > 2*time.Second {
				t.Errorf("clock: got %v", got.ClockOffset)
			}
			got.ClockOffset = 0
			if d := cmp.Diff(*c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestAgainstTheSandbox(t *testing.T) {
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			a := cloudtest.Access(t, s, "Sandbox low", cred)
			want := account.Identity{DomainID: a.DomainID, Projects: a.Projects}
			if cred == account.ByLogin {
				want.DomainName = a.Login.Domain
			}
			a.DomainID, a.Projects = "", nil // as before the first check
			got, err := (&iam.Client{API: cloudtest.API()}).Identity(t.Context(), a)
			if err != nil {
				t.Fatalf("%v: %s", err, fault.Of(err).Detail)
			}
			got.ClockOffset = 0
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(got.Projects) != 5 {
				t.Errorf("ME-Riyadh is not activated in this account: got %v", got.Projects)
			}
		})
	}
}

func TestWrongSecretsInTheSandbox(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	key := cloudtest.Access(t, s, "Sandbox", account.ByKey)
	key.Key.Secret = seal.Conceal("wrong")
	login := cloudtest.Access(t, s, "Sandbox", account.ByLogin)
	login.Login.Password = seal.Conceal("wrong")
	cl := &iam.Client{API: cloudtest.API()}
	for id, a := range map[string]account.Access{"cloud.login.wrong": key, "cloud.login.refused": login} {
		_, err := cl.Identity(t.Context(), a)
		if f := fault.Of(err); f.Kind != fault.Refused || f.Message.ID != id || f.Status != 401 || f.RequestID == "" {
			t.Errorf("got %v, want %s", err, id)
		}
	}
}

func TestAClockThatIsWrongInTheSandbox(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	if _, err := s.AddFault(cloudsim.Fault{Call: "*", Kind: "clock_skew", Delay: -20 * time.Minute, Times: -1}); err != nil {
		t.Fatal(err)
	}
	cl := &iam.Client{API: cloudtest.API()}
	a := cloudtest.Access(t, s, "Sandbox", account.ByKey)
	got, err := cl.Identity(t.Context(), a)
	if err != nil || (got.ClockOffset+20*time.Minute).Abs() > 2*time.Second {
		t.Errorf("first call: got %v, %v", got.ClockOffset, err)
	}
	if _, err = cl.Identity(t.Context(), a); fault.Of(err).Message.ID != "cloud.clock.refused" {
		t.Errorf("second call: got %v, want that nothing is signed", err)
	}
}
