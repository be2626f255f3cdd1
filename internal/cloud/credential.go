package cloud

import (
	"context"
	"strings"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/global"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/response"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

// byKey reports whether the account signs its calls.
func byKey(acc account.Access) bool { return acc.Login.User == "" }

// credential is what one call identifies itself with.
type credential struct {
	sdk   auth.ICredential
	scope string // of a token: "domain" or a region
	token string // in clear; "" when signed
}

// credential gives the scope a call needs (cloud-api, 2.3): the project of its
// region for purchase, servers, images and metrics, the account for Config and billing,
// nothing for identity.
func (a *API) credential(ctx context.Context, acc account.Access, c Call) (credential, *fault.Error) {
	project, domain := "", ""
	switch c.Service {
	case HCSS, ECS, IMS, CES:
		if project = acc.Projects[c.Region]; project == "" {
			return credential{}, fault.New(fault.Refused, "cloud.region.inactive", "Region", c.Region)
		}
		if acc.Project != "" && c.Service != HCSS {
			project = acc.Project
		}
	case Config, BSS:
		if domain = acc.DomainID; domain == "" {
			return credential{}, fault.New(fault.Refused, "cloud.domain.unknown")
		}
	}
	if !validID(project) || !validID(domain) {
		return credential{}, fault.New(fault.Refused, "cloud.id", "ID", plain(project+domain, 64))
	}
	if !byKey(acc) {
		return a.bearer(ctx, acc, c, project, domain)
	}
	if acc.Key.ID == "" || acc.Key.Secret.Empty() { // the SDK would ask the cloud's metadata address
		return credential{}, fault.New(fault.Refused, "cloud.key.missing")
	}
	var sdk auth.ICredential
	var err error
	if domain != "" {
		sdk, err = global.NewCredentialsBuilder().WithAk(acc.Key.ID).WithSk(acc.Key.Secret.Reveal()).WithDomainId(domain).SafeBuild()
	} else {
		sdk, err = basic.NewCredentialsBuilder().WithAk(acc.Key.ID).WithSk(acc.Key.Secret.Reveal()).WithProjectId(project).SafeBuild()
	}
	if err != nil {
		return credential{}, fault.New(fault.Refused, "cloud.key.missing") // its text may hold the key
	}
	return credential{sdk: sdk}, nil
}

func (a *API) bearer(ctx context.Context, acc account.Access, c Call, project, domain string) (credential, *fault.Error) {
	scope := domainScope
	if project != "" {
		scope = projectScope(acc, c.Service, c.Region)
	}
	t, f := a.token(ctx, acc, scope, rowOf(acc, c.Class))
	if f != nil {
		return credential{}, f
	}
	return credential{sdk: bearer{token: t.text, project: project, domain: domain}, scope: scope, token: t.text}, nil
}

// projectScope is the scope of a token for a region's own project, which the
// region names, or for a further one.
func projectScope(acc account.Access, s Service, region string) string {
	if acc.Project != "" && s != HCSS {
		return region + "/" + acc.Project
	}
	return region
}

// bearer identifies a call by a token; it implements the SDK's ICredential.
type bearer struct{ token, project, domain string }

// ProcessAuthParams has nothing to look up: all ids are given.
func (b bearer) ProcessAuthParams(*impl.DefaultHttpClient, string) (auth.ICredential, error) {
	return b, nil
}

// ProcessAuthRequest fills the ids into the path and adds the token.
func (b bearer) ProcessAuthRequest(_ *impl.DefaultHttpClient, r *request.DefaultHttpRequest) (*request.DefaultHttpRequest, error) {
	rb := r.Builder()
	if b.project != "" {
		rb = rb.AddAutoFilledPathParam("project_id", b.project)
	}
	if b.domain != "" {
		rb = rb.AddAutoFilledPathParam("domain_id", b.domain)
	}
	if b.token != "" { // the login itself has none
		rb = rb.AddHeaderParam("X-Auth-Token", b.token)
	}
	return rb.Build(), nil
}

const credentialTypes = "basic.Credentials,global.Credentials,cloud.bearer"

// client builds the SDK's client of one call.
func (a *API) client(end endpoint, cred credential, t *trip, s Service) (*core.HcHttpClient, error) {
	cfg := config.DefaultHttpConfig().WithTimeout(0).WithHttpRoundTripper(t).WithUserAgent(a.agent)
	h, err := core.NewHcHttpClientBuilder().WithEndpoint(end.url).WithCredentialsType(credentialTypes).
		WithCredential(cred.sdk).WithHttpConfig(cfg).WithErrorHandler(refuse{}).SafeBuild()
	if err != nil {
		return nil, err
	}
	if s == BSS {
		h.WithExtraHeaders(map[string]string{"X-Language": "en_US"}) // else names come in Chinese (cloud-api, 4)
	}
	return h, nil
}

// refuse makes every answer but a 2xx an error of the SDK: it takes a redirect
// for success. What the answer said is kept by the trip.
type refuse struct{}

// HandleError implements the SDK's ErrorHandler.
func (refuse) HandleError(_ *request.DefaultHttpRequest, r *response.DefaultHttpResponse) error {
	if s := r.GetStatusCode(); s < 200 || s > 299 {
		return errStatus
	}
	return nil
}

// secretsOf lists what must not be repeated from an answer.
func secretsOf(acc account.Access, cred credential) []string {
	var out []string
	for _, s := range []string{acc.Key.Secret.Reveal(), acc.Login.Password.Reveal(), cred.token} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// validID reports whether an id may enter a path: the SDK inserts it as it is.
// "" is for calls that have none.
func validID(id string) bool {
	return len(id) <= 64 && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

const tokenLife = 20 * time.Hour // the cloud's is 24 (cloud-api, 3.2)
