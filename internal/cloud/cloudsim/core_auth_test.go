package cloudsim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	rmsmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/config/v1/model"
	iammodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

// signed makes the headers of a GET with the vendor's signer; change may spoil them before they are signed.
func signed(t *testing.T, url, path, access, secret string, header map[string]string) map[string]string {
	t.Helper()
	b := request.NewHttpRequestBuilder().WithEndpoint(url).WithMethod("GET").WithPath(path)
	for k, v := range header {
		b = b.AddHeaderParam(k, v)
	}
	out := must(signer.Sign(b.Build(), access, secret))(t, "sign")
	for k, v := range header {
		out[k] = v
	}
	return out
}

func TestSignatures(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.acct
	const path = "/v3/projects"
	good := func() map[string]string { return signed(t, w.s.URL, path, a.AccessKey, a.SecretKey, nil) }
	at := func(d time.Duration) map[string]string {
		return signed(t, w.s.URL, path, a.AccessKey, a.SecretKey,
			map[string]string{"X-Sdk-Date": time.Now().UTC().Add(d).Format("20060102T150405Z")})
	}
	edit := func(old, new string) map[string]string {
		h := good()
		h["Authorization"] = strings.Replace(h["Authorization"], old, new, 1)
		return h
	}
	with := func(k, v string) map[string]string {
		h := good()
		h[k] = v
		return h
	}
	tests := []struct {
		name   string
		header map[string]string
		fits   bool
	}{
		{"right", good(), true},
		{"fourteen minutes behind", at(-14 * time.Minute), true},
		{"fourteen minutes ahead", at(14 * time.Minute), true},
		{"sixteen minutes behind", at(-16 * time.Minute), false},
		{"sixteen minutes ahead", at(16 * time.Minute), false},
		{"unknown key", signed(t, w.s.URL, path, "NOSUCHKEY", a.SecretKey, nil), false},
		{"wrong secret", signed(t, w.s.URL, path, a.AccessKey, "wrong", nil), false},
		{"another path signed", signed(t, w.s.URL, "/v3/auth/domains", a.AccessKey, a.SecretKey, nil), false},
		{"another date than signed", with("X-Sdk-Date", time.Now().UTC().Add(time.Minute).Format("20060102T150405Z")), false},
		{"date not signed", edit("SignedHeaders=x-sdk-date", "SignedHeaders=host"), false},
		{"another scheme", edit("SDK-HMAC-SHA256", "AWS4-HMAC-SHA256"), false},
		{"no signature", edit("Signature=", "Sig="), false},
		{"a token too", with("X-Auth-Token", w.token("")), false},
		{"nothing", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := w.send("GET", path, nil, tt.header)
			if tt.fits {
				check(t, "status", got.status, http.StatusOK)
				return
			}
			refused(t, "call", got, http.StatusUnauthorized, "APIGW.0301")
			check(t, "request id in the body", got.at("request_id"), got.header.Get("X-Request-Id"))
		})
	}
}

func TestSignatureCoversQueryAndBody(t *testing.T) {
	w := start(t, cloudsim.Options{})
	h := signed(t, w.s.URL, "/v3/projects", w.acct.AccessKey, w.acct.SecretKey, nil)
	refused(t, "query added", w.send("GET", "/v3/projects?name=MOS", nil, h), http.StatusUnauthorized, "APIGW.0301")
	refused(t, "body added", w.send("GET", "/v3/projects", "{}", h), http.StatusUnauthorized, "APIGW.0301")
}

// The real clock counts for signatures, whatever the calendar of the Sandbox says.
func TestSignatureStaysOnTheRealClock(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	move(t, s, 90*24*time.Hour)
	k := newSDK(t, s, s.Accounts()[0])
	must(k.iam().KeystoneListProjects(&iammodel.KeystoneListProjectsRequest{}))(t, "signed call in three months")
}

func TestDisabledKey(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	acct := s.Accounts()[0]
	acct.KeyDisabled = true
	if _, err := s.SetAccount(acct); err != nil {
		t.Fatal(err)
	}
	_, err := newSDK(t, s, acct).iam().KeystoneListProjects(&iammodel.KeystoneListProjectsRequest{})
	var refusal *sdkerr.ServiceResponseError
	if !errors.As(err, &refusal) || refusal.StatusCode != 401 || refusal.ErrorCode != "APIGW.0301" {
		t.Errorf("disabled key: got %v, want 401 APIGW.0301", err)
	}
	check(t, "token of the same user", newWire(t, s, acct).balance(), "500.00")
}

func TestTokenScopes(t *testing.T) {
	w := start(t, cloudsim.Options{})
	sg, hk := "ap-southeast-3", "ap-southeast-1"
	ecsPath := "/v1/" + w.project(sg) + "/cloudservers/detail"
	rmsPath := "/v1/resource-manager/domains/" + w.acct.ID + "/all-resources"
	other := w.s.Accounts()[1]
	tests := []struct {
		name, method, path, token string
		status                    int
		code                      string
	}{
		{"ECS by the region's token", "GET", ecsPath, sg, 200, ""},
		{"ECS by another region's token", "GET", ecsPath, hk, 403, "Ecs.0023"},
		{"ECS by the account's token", "GET", ecsPath, "", 403, "Ecs.0023"},
		{"ECS of another account", "GET", "/v1/" + other.Regions[0].ProjectID + "/cloudservers/detail", sg, 403, "Ecs.0023"},
		{"IMS by the region's token", "GET", "/v2/cloudimages", sg, 200, ""},
		{"IMS by the account's token", "GET", "/v2/cloudimages", "", 403, "APIGW.0302"},
		{"Config by the account's token", "GET", rmsPath, "", 200, ""},
		{"Config by a region's token", "GET", rmsPath, sg, 403, "RMS.00010003"},
		{"Config of another account", "GET", strings.Replace(rmsPath, w.acct.ID, other.ID, 1), "", 403, "RMS.00010003"},
		{"BSS by the account's token", "GET", "/v2/accounts/customer-accounts/balances", "", 200, ""},
		{"BSS by a region's token", "GET", "/v2/accounts/customer-accounts/balances", sg, 403, "CBC.0151"},
		{"projects by either", "GET", "/v3/projects", sg, 200, ""},
		{"a path that is not there", "GET", "/v1/servers", "", 404, "APIGW.0101"},
		{"another method", "DELETE", "/v1/light-instances", sg, 404, "APIGW.0101"},
		{"a path to be cleaned", "GET", "/v3//projects", "", 404, "APIGW.0101"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.call(tt.method, tt.path, tt.token, nil)
			if a.status != tt.status || a.code() != tt.code {
				t.Errorf("got %d %q, want %d %q", a.status, a.code(), tt.status, tt.code)
			}
		})
	}
}

func TestSignedCallsNameTheirScope(t *testing.T) {
	w := start(t, cloudsim.Options{})
	rms := "/v1/resource-manager/domains/" + w.acct.ID + "/all-resources"
	h := signed(t, w.s.URL, rms, w.acct.AccessKey, w.acct.SecretKey, nil)
	refused(t, "Config without X-Domain-Id", w.send("GET", rms, nil, h), http.StatusForbidden, "RMS.00010003")
	h = signed(t, w.s.URL, "/v2/cloudimages", w.acct.AccessKey, w.acct.SecretKey, nil)
	refused(t, "IMS without X-Project-Id", w.send("GET", "/v2/cloudimages", nil, h), http.StatusForbidden, "APIGW.0302")
	h = signed(t, w.s.URL, "/v2/cloudimages", w.acct.AccessKey, w.acct.SecretKey, map[string]string{"X-Project-Id": w.project("tr-west-1")})
	check(t, "IMS with it", w.send("GET", "/v2/cloudimages", nil, h).status, http.StatusOK)
}

func TestLogin(t *testing.T) {
	w := start(t, cloudsim.Options{})
	project := func(k, v string) map[string]any { return map[string]any{"project": map[string]any{k: v}} }
	domain := func(k, v string) map[string]any { return map[string]any{"domain": map[string]any{k: v}} }
	both := map[string]any{"project": map[string]any{"name": "tr-west-1"}, "domain": map[string]any{"id": w.acct.ID}}
	tests := []struct {
		name            string
		scope           map[string]any
		status          int
		project, domain any
	}{
		{"project by name", project("name", "ap-southeast-2"), 201, w.project("ap-southeast-2"), nil},
		{"project by id", project("id", w.project("ap-southeast-2")), 201, w.project("ap-southeast-2"), nil},
		{"account by id", domain("id", w.acct.ID), 201, nil, w.acct.ID},
		{"account by name", domain("name", w.acct.DomainName), 201, nil, w.acct.ID},
		{"no scope is the account", nil, 201, nil, w.acct.ID},
		{"both is the project", both, 201, w.project("tr-west-1"), nil},
		{"region that is not activated", project("name", "cn-north-4"), 404, nil, nil},
		{"another account", domain("id", w.s.Accounts()[1].ID), 404, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.login(tt.scope, w.acct.IAMPassword)
			check(t, "status", a.status, tt.status)
			check(t, "project", a.at("token", "project", "id"), tt.project)
			check(t, "domain", a.at("token", "domain", "id"), tt.domain)
			check(t, "token", a.header.Get("X-Subject-Token") != "", tt.status == 201)
		})
	}
}

func TestLoginRefusals(t *testing.T) {
	w := start(t, cloudsim.Options{})
	a := w.login(nil, "wrong")
	check(t, "status", a.status, http.StatusUnauthorized)
	check(t, "code is a number", a.at("error", "code"), "401")
	if !strings.Contains(string(a.raw), `"code":401`) {
		t.Errorf("body: got %s, want a numeric code", a.raw)
	}
	check(t, "no body", w.send("POST", "/v3/auth/tokens", "{", nil).status, http.StatusBadRequest)
	totp := map[string]any{"auth": map[string]any{"identity": map[string]any{"methods": []string{"totp"}}}}
	check(t, "another method", w.send("POST", "/v3/auth/tokens", totp, nil).status, http.StatusBadRequest)
}

func TestFiveWrongPasswordsLockTheUser(t *testing.T) {
	w := start(t, cloudsim.Options{})
	for range 5 {
		check(t, "wrong password", w.login(nil, "wrong").status, http.StatusUnauthorized)
	}
	check(t, "right password, locked", w.login(nil, w.acct.IAMPassword).status, http.StatusUnauthorized)
	move(t, w.s, 16*time.Minute)
	check(t, "right password, later", w.login(nil, w.acct.IAMPassword).status, http.StatusCreated)
	for range 4 {
		w.login(nil, "wrong")
	}
	check(t, "right password after four wrong ones", w.login(nil, w.acct.IAMPassword).status, http.StatusCreated)
}

func TestTokensEnd(t *testing.T) {
	w := start(t, cloudsim.Options{})
	w.token("")
	move(t, w.s, 23*time.Hour+59*time.Minute)
	check(t, "before a day is over", w.call("GET", "/v3/projects", "", nil).status, http.StatusOK)
	move(t, w.s, 2*time.Minute)
	a := w.call("GET", "/v3/projects", "", nil)
	refused(t, "after a day", a, http.StatusUnauthorized, "APIGW.0301")
	if !strings.Contains(string(a.raw), "the token must be updated") {
		t.Errorf("message: got %s, want it to say that the token is too old", a.raw)
	}
	w.tokens = map[string]string{}
	w.token("")
	changed := w.acct
	changed.IAMPassword = "Another-1"
	w.must(second(w.s.SetAccount(changed)))
	refused(t, "after the password changed", w.call("GET", "/v3/projects", "", nil), http.StatusUnauthorized, "APIGW.0301")
	w.tokens[""] += "x"
	refused(t, "forged", w.call("GET", "/v3/projects", "", nil), http.StatusUnauthorized, "APIGW.0301")
}

func second[T any](_ T, err error) error { return err }

func TestErrorShapesOfTheServices(t *testing.T) {
	w := start(t, cloudsim.Options{})
	tests := []struct {
		call, method, path, region string
		top                        []string
	}{
		{"purchase", "POST", "/v1/light-instances", "ap-southeast-3", []string{"error_code", "error_msg"}},
		{"instances", "GET", "/v1/resource-manager/domains/" + w.acct.ID + "/all-resources", "", []string{"error_code", "error_msg"}},
		{"servers", "GET", "/v1/" + w.project("ap-southeast-3") + "/cloudservers/detail", "ap-southeast-3", []string{"error"}},
		{"orders", "GET", "/v2/orders/customer-orders", "", []string{"error_code", "error_msg"}},
		{"images", "GET", "/v2/cloudimages", "ap-southeast-3", []string{"error"}},
		{"projects", "GET", "/v3/projects", "", []string{"error_code", "error_msg", "request_id"}},
	}
	for _, tt := range tests {
		t.Run(tt.call, func(t *testing.T) {
			w.s.Fail(cloudsim.Fault{Call: tt.call, Kind: "status", Code: map[bool]string{true: "APIGW.0201"}[tt.call == "projects"]})
			a := w.call(tt.method, tt.path, tt.region, nil)
			check(t, "status", a.status, http.StatusInternalServerError)
			check(t, "fields", len(a.body), len(tt.top))
			for _, k := range tt.top {
				check(t, "has "+k, a.body[k] != nil, true)
			}
		})
	}
}

func TestEveryAnswerHasARequestIDAndTheRealDate(t *testing.T) {
	w := start(t, cloudsim.Options{})
	move(t, w.s, 1000*time.Hour)
	seen := map[string]bool{}
	for _, path := range []string{"/v3/projects", "/nowhere", "/v1/light-instances"} {
		a := w.send("GET", path, nil, nil)
		id := a.header.Get("X-Request-Id")
		check(t, "request id is new", id != "" && !seen[id], true)
		seen[id] = true
		date, err := http.ParseTime(a.header.Get("Date"))
		if err != nil || time.Since(date).Abs() > time.Minute {
			t.Errorf("Date of %s: got %s, want now", path, a.header.Get("Date"))
		}
	}
}

func TestConfigClientOfAnotherAccountSeesNothing(t *testing.T) {
	s := simtest.Start(t, cloudsim.Options{})
	w := newWire(t, s, s.Accounts()[0])
	w.must(s.Fleet(w.acct.Name, 5))
	r := must(newSDK(t, s, s.Accounts()[1]).config().ListAllResources(&rmsmodel.ListAllResourcesRequest{}))(t, "Config")
	check(t, "instances of the other account", len(*r.Resources), 0)
	check(t, "instances of the owner", w.instances("").len("resources"), 5)
}
