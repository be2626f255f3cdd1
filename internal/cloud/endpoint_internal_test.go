package cloud

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	bss "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
)

func TestAddressesThatAnOwnerMayType(t *testing.T) {
	a := New(Options{Allow: []string{"gw.example.org", "192.0.2.7"}})
	for in, want := range map[string]string{
		"https://ecs.{region}.myhuaweicloud.com":       "",
		"https://bss.myhuaweicloud.eu/":                "",
		"https://rms.myhuaweicloud.cn:443":             "",
		"https://gw.example.org":                       "",
		"https://eu.gw.example.org":                    "",
		"https://192.0.2.7":                            "",
		"http://ecs.ap-southeast-3.myhuaweicloud.com":  "cloud.endpoint.https",
		"https://evil.example":                         "cloud.endpoint.host",
		"https://evilmyhuaweicloud.com":                "cloud.endpoint.host",
		"https://myhuaweicloud.com.evil.example":       "cloud.endpoint.host",
		"https://169.254.169.254":                      "cloud.endpoint.host",
		"https://[::1]":                                "cloud.endpoint.host",
		"https://user:pw@ecs.myhuaweicloud.com":        "cloud.endpoint.user",
		"https://ecs.myhuaweicloud.com/v1":             "cloud.endpoint.path",
		"https://ecs.myhuaweicloud.com?x=1":            "cloud.endpoint.path",
		"https://ecs.myhuaweicloud.com#x":              "cloud.endpoint.path",
		"ecs.myhuaweicloud.com":                        "cloud.endpoint.url",
		"https://":                                     "cloud.endpoint.url",
		"":                                             "cloud.endpoint.url",
		"https://evil.example\\.myhuaweicloud.com":     "cloud.endpoint.url",
		"https://evil.example%2f.myhuaweicloud.com":    "cloud.endpoint.url",
		"javascript:alert(1)//ecs.myhuaweicloud.com":   "cloud.endpoint.url",
		"https://ecs.myhuaweicloud.com:443@evil.local": "cloud.endpoint.user",
	} {
		if got := a.CheckEndpoint(in); got.ID != want {
			t.Errorf("%s: got %q, want %q", in, got.ID, want)
		}
	}
}

func TestDefaultEndpointsAreAllowed(t *testing.T) {
	a := New(Options{})
	for _, site := range []account.Site{account.International, account.Mainland, account.Europe} {
		for _, s := range []Service{HCSS, IAM, Config, BSS, ECS, IMS} {
			base := pick(DefaultEndpoints(site), s)
			if site == account.Europe && s == HCSS {
				if base != "" {
					t.Errorf("Europe has a purchase host: %s", base)
				}
				continue
			}
			if m := a.CheckEndpoint(base); !m.Zero() {
				t.Errorf("%s %s %s: %s", site, s, base, m.ID)
			}
		}
	}
}

func TestWhereACallGoes(t *testing.T) {
	over := New(Options{Override: "http://127.0.0.1:9/"})
	plain := New(Options{})
	sandbox := account.Access{Site: account.SandboxSite, Trusted: true, Endpoints: EndpointsAt("http://127.0.0.1:7")}
	real := account.Access{Site: account.International}
	for name, c := range map[string]struct {
		api     *API
		acc     account.Access
		service Service
		region  string
		want    string
	}{
		"regional":                        {plain, real, ECS, "me-east-1", "https://ecs.me-east-1.myhuaweicloud.com"},
		"account-wide":                    {plain, real, BSS, "", "https://bss-intl.myhuaweicloud.com"},
		"purchase: one host":              {plain, real, HCSS, "me-east-1", "https://hcss.ap-southeast-3.myhuaweicloud.com"},
		"override takes every host":       {over, real, ECS, "me-east-1", "http://127.0.0.1:9"},
		"override leaves the Sandbox":     {over, sandbox, ECS, "me-east-1", "http://127.0.0.1:7"},
		"an owner's host for one service": {plain, account.Access{Site: account.International, Endpoints: account.Endpoints{ECS: "https://ecs.{region}.myhuaweicloud.eu"}}, ECS, "eu-west-101", "https://ecs.eu-west-101.myhuaweicloud.eu"},
		"the rest comes from the site":    {plain, account.Access{Site: account.International, Endpoints: account.Endpoints{ECS: "https://x.myhuaweicloud.eu"}}, BSS, "", "https://bss-intl.myhuaweicloud.com"},
		"mainland billing":                {plain, account.Access{Site: account.Mainland}, BSS, "", "https://bss.myhuaweicloud.com"},
		"identity of a regional host":     {plain, account.Access{Site: account.Custom, Endpoints: account.Endpoints{IAM: "https://iam.{region}.myhuaweicloud.com"}}, IAM, "tr-west-1", "https://iam.tr-west-1.myhuaweicloud.com"},
		"identity of no region: home":     {plain, account.Access{Site: account.Custom, Endpoints: account.Endpoints{IAM: "https://iam.{region}.myhuaweicloud.com"}}, IAM, "", "https://iam.ap-southeast-3.myhuaweicloud.com"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.api.Endpoint(c.acc, c.service, c.region)
			if err != nil || got != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

// TestATypedNameThatLeadsInside lets a name an owner may enter resolve to this
// machine: nothing may be sent there, for a read and for money alike.
func TestATypedNameThatLeadsInside(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something arrived") }))
	defer s.Close()
	a := New(Options{Allow: []string{"127.0.0.1"}, Limits: Limits{ReadRepeats: 1, Backoff: 1, BackoffMax: 1}})
	acc := account.Access{AccountID: "a", Site: account.Custom, Endpoints: EndpointsAt(s.URL), DomainID: "d1",
		Key: account.Key{ID: "AK", Secret: seal.Conceal("SK")}}
	for name, class := range map[string]Class{"read": Read, "money": CheckFirst} {
		_, err := a.Do(t.Context(), acc, Call{Service: BSS, Name: name, Class: class, Send: func(h *core.HcHttpClient) error {
			_, err := bss.NewBssintlClient(h).ShowCustomerAccountBalances(&model.ShowCustomerAccountBalancesRequest{})
			return err
		}})
		if f := fault.Of(err); f.Kind != fault.Unreachable || f.Message.ID != "cloud.endpoint.address" {
			t.Errorf("%s: got %v, want Unreachable cloud.endpoint.address", name, err)
		}
	}
}
