package cloud

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

// DefaultEndpoints are the base URLs of a site (cloud-api, 2.1). Regional ones
// hold "{region}". Europe has no purchase host as far as known. Custom and the
// Sandbox have none: EndpointsAt makes theirs.
func DefaultEndpoints(s account.Site) account.Endpoints {
	const (
		ecs = "https://ecs.{region}.myhuaweicloud.com"
		ims = "https://ims.{region}.myhuaweicloud.com"
		ces = "https://ces.{region}.myhuaweicloud.com"
	)
	switch s {
	case account.International:
		return account.Endpoints{
			HCSS: "https://hcss.ap-southeast-3.myhuaweicloud.com", IAM: "https://iam.myhuaweicloud.com",
			Config: "https://rms.myhuaweicloud.com", BSS: "https://bss-intl.myhuaweicloud.com", ECS: ecs, IMS: ims, CES: ces,
		}
	case account.Mainland:
		return account.Endpoints{
			HCSS: "https://hcss.cn-north-4.myhuaweicloud.com", IAM: "https://iam.myhuaweicloud.com",
			Config: "https://rms.myhuaweicloud.com", BSS: "https://bss.myhuaweicloud.com", ECS: ecs, IMS: ims, CES: ces,
		}
	case account.Europe:
		return account.Endpoints{
			IAM: "https://iam.eu-west-101.myhuaweicloud.eu", Config: "https://rms.eu-west-101.myhuaweicloud.com",
			BSS: "https://bss.myhuaweicloud.eu", ECS: ecs, IMS: ims, CES: ces,
		}
	default:
		return account.Endpoints{}
	}
}

// EndpointsAt gives every service the same base URL: the Sandbox, a gateway.
func EndpointsAt(base string) account.Endpoints {
	base = strings.TrimRight(base, "/")
	return account.Endpoints{HCSS: base, IAM: base, Config: base, BSS: base, ECS: base, IMS: base, CES: base}
}

// huaweiSuffixes are the domains of Huawei's service hosts (the SDK's tables).
var huaweiSuffixes = []string{"myhuaweicloud.com", "myhuaweicloud.eu", "myhuaweicloud.cn"}

// CheckEndpoint says what is wrong with a base URL that an owner typed: it must
// be https, without user, path, query or fragment, and its host must be one of
// Huawei's or allowed by name. "{region}" may stand in the host. The zero
// Message means that it may be used. The address behind the name is checked
// when a connection is made, not here.
func (a *API) CheckEndpoint(base string) fault.Message {
	u, err := url.Parse(strings.ReplaceAll(base, "{region}", "region"))
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return fault.Say("cloud.endpoint.url")
	case u.Scheme != "https":
		return fault.Say("cloud.endpoint.https")
	case u.User != nil:
		return fault.Say("cloud.endpoint.user")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return fault.Say("cloud.endpoint.path")
	case !a.allowed(u.Hostname()):
		return fault.Say("cloud.endpoint.host", "Host", u.Hostname())
	}
	return fault.Message{}
}

func (a *API) allowed(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return slices.Contains(a.opts.Allow, host)
	}
	within := func(suffix string) bool {
		suffix = strings.ToLower(strings.Trim(suffix, ". "))
		return suffix != "" && (host == suffix || strings.HasSuffix(host, "."+suffix))
	}
	return slices.ContainsFunc(huaweiSuffixes, within) || slices.ContainsFunc(a.opts.Allow, within)
}

// endpoint is where a call goes.
type endpoint struct {
	url     string
	host    string
	trusted bool // set when the process was started: neither scheme nor address is checked
}

// Endpoint is the base URL of a service for an account, for showing.
func (a *API) Endpoint(acc account.Access, s Service, region string) (string, error) {
	e, f := a.endpoint(acc, s, region)
	if f != nil {
		return "", f
	}
	return e.url, nil
}

func (a *API) endpoint(acc account.Access, s Service, region string) (endpoint, *fault.Error) {
	base, trusted := pick(acc.Endpoints, s), acc.Trusted
	if base == "" {
		base = pick(DefaultEndpoints(acc.Site), s)
	}
	if a.opts.Override != "" && acc.Site != account.SandboxSite {
		base, trusted = strings.TrimRight(a.opts.Override, "/"), true
	}
	if base == "" {
		if s == HCSS {
			return endpoint{}, fault.New(fault.Refused, "cloud.endpoint.nobuy")
		}
		return endpoint{}, fault.New(fault.Refused, "cloud.endpoint.none", "Service", string(s))
	}
	if !trusted {
		if m := a.CheckEndpoint(base); !m.Zero() {
			return endpoint{}, &fault.Error{Kind: fault.Refused, Message: m}
		}
	}
	if region == "" {
		region = homeRegion(acc.Site)
	}
	if !validRegion(region) {
		return endpoint{}, fault.New(fault.Refused, "cloud.region.unknown", "Region", region)
	}
	u, err := url.Parse(strings.ReplaceAll(base, "{region}", region))
	if err != nil || u.Host == "" {
		return endpoint{}, fault.New(fault.Refused, "cloud.endpoint.url")
	}
	return endpoint{url: u.Scheme + "://" + u.Host, host: u.Host, trusted: trusted}, nil
}

func pick(e account.Endpoints, s Service) string {
	switch s {
	case HCSS:
		return e.HCSS
	case IAM:
		return e.IAM
	case Config:
		return e.Config
	case BSS:
		return e.BSS
	case ECS:
		return e.ECS
	case CES:
		return e.CES
	default:
		return e.IMS
	}
}

// homeRegion stands for "{region}" in the host of an account-wide call.
func homeRegion(s account.Site) string {
	switch s {
	case account.Mainland:
		return "cn-north-4"
	case account.Europe:
		return "eu-west-101"
	default:
		return "ap-southeast-3"
	}
}

// validRegion keeps anything but a region's code out of host names.
func validRegion(code string) bool {
	if code == "" || len(code) > 64 {
		return false
	}
	for _, r := range code {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return code[0] != '-' && code[len(code)-1] != '-'
}
