package cloudsim

import (
	"net/http"
	"slices"
	"strings"
)

// credential is what kind of credential a call wants (API Reference 3.2; for Config and BSS the account).
type credential int

const (
	anyCredential credential = iota
	projectInPath            // first path parameter is the project
	projectHeader            // the project is only in the credential
	domainInPath             // first path parameter is the account
	domainHeader             // the account is only in the credential
)

// route is one call of the cloud. Faults and the wire log name it by call.
type route struct {
	call, service, method string
	path                  []string // "*" is a parameter
	credential            credential
	writes                bool
	serve                 func(*Cloud, *exchange) reply
}

var routes = []route{
	newRoute("token", "iam", "POST", "/v3/auth/tokens", anyCredential, true, (*Cloud).token),
	newRoute("projects", "iam", "GET", "/v3/projects", anyCredential, false, (*Cloud).projects),
	newRoute("auth_projects", "iam", "GET", "/v3/auth/projects", anyCredential, false, (*Cloud).authProjects),
	newRoute("domains", "iam", "GET", "/v3/auth/domains", anyCredential, false, (*Cloud).domains),
	newRoute("purchase", "hcss", "POST", "/v1/light-instances", projectHeader, true, (*Cloud).purchase),
	newRoute("instances", "rms", "GET", "/v1/resource-manager/domains/*/all-resources", domainInPath, false, (*Cloud).listInstances),
	newRoute("instance_count", "rms", "GET", "/v1/resource-manager/domains/*/all-resources/count", domainInPath, false, (*Cloud).countInstances),
	newRoute("instance", "rms", "GET", "/v1/resource-manager/domains/*/provider/hcss/type/l-instance/resources/*", domainInPath, false, (*Cloud).showInstance),
	newRoute("servers", "ecs", "GET", "/v1/*/cloudservers/detail", projectInPath, false, (*Cloud).listServers),
	newRoute("server_tag_list", "ecs", "GET", "/v1/*/cloudservers/tags", projectInPath, false, (*Cloud).listServerTags),
	newRoute("server_limits", "ecs", "GET", "/v1/*/cloudservers/limits", projectInPath, false, (*Cloud).serverLimits),
	newRoute("server", "ecs", "GET", "/v1/*/cloudservers/*", projectInPath, false, (*Cloud).showServer),
	newRoute("update_server", "ecs", "PUT", "/v1/*/cloudservers/*", projectInPath, true, (*Cloud).updateServer),
	newRoute("server_tags", "ecs", "GET", "/v1/*/cloudservers/*/tags", projectInPath, false, (*Cloud).showServerTags),
	newRoute("change_tags", "ecs", "POST", "/v1/*/cloudservers/*/tags/action", projectInPath, true, (*Cloud).changeServerTags),
	newRoute("reset_flag", "ecs", "GET", "/v1/*/cloudservers/*/os-resetpwd-flag", projectInPath, false, (*Cloud).resetFlag),
	newRoute("console", "ecs", "POST", "/v1/*/cloudservers/*/remote_console", projectInPath, false, (*Cloud).remoteConsole),
	newRoute("metrics", "ces", "POST", "/V1.0/*/batch-query-metric-data", projectInPath, false, (*Cloud).metrics),
	newRoute("orders", "bss", "GET", "/v2/orders/customer-orders", domainHeader, false, (*Cloud).listOrders),
	newRoute("order", "bss", "GET", "/v2/orders/customer-orders/details/*", domainHeader, false, (*Cloud).showOrder),
	newRoute("pay", "bss", "POST", "/v3/orders/customer-orders/pay", domainHeader, true, (*Cloud).pay),
	newRoute("cancel", "bss", "PUT", "/v2/orders/customer-orders/cancel", domainHeader, true, (*Cloud).cancelOrder),
	newRoute("resources", "bss", "POST", "/v2/orders/suscriptions/resources/query", domainHeader, false, (*Cloud).queryResources),
	newRoute("autorenew_on", "bss", "POST", "/v2/orders/subscriptions/resources/autorenew/*", domainHeader, true, (*Cloud).autoRenewOn),
	newRoute("autorenew_off", "bss", "DELETE", "/v2/orders/subscriptions/resources/autorenew/*", domainHeader, true, (*Cloud).autoRenewOff),
	newRoute("price", "bss", "POST", "/v2/bills/ratings/period-resources/subscribe-rate", domainHeader, false, (*Cloud).price),
	newRoute("spec_check", "bss", "POST", "/v2/products/resource-specs-query", domainHeader, false, (*Cloud).specCheck),
	newRoute("balance", "bss", "GET", "/v2/accounts/customer-accounts/balances", domainHeader, false, (*Cloud).balance),
	newRoute("traffic", "bss", "POST", "/v2/payments/free-resources/usages/details/query", domainHeader, false, (*Cloud).traffic),
	newRoute("packages", "bss", "POST", "/v3/payments/free-resources/query", domainHeader, false, (*Cloud).dataPackages),
	newRoute("usage", "bss", "GET", "/v2/bills/customer-bills/free-resources-usage-records", domainHeader, false, (*Cloud).usage),
	newRoute("images", "ims", "GET", "/v2/cloudimages", projectHeader, false, (*Cloud).listImages),
}

func newRoute(call, service, method, path string, cred credential, writes bool, serve func(*Cloud, *exchange) reply) route {
	return route{call: call, service: service, method: method, path: strings.Split(path, "/"), credential: cred, writes: writes,
		serve: serve}
}

// findRoute matches segment by segment. The path is not cleaned first: the gateway does not do that either.
func findRoute(method, escapedPath string) (route, []string, bool) {
	segments := strings.Split(escapedPath, "/")
	for _, rt := range routes {
		if rt.method != method || len(rt.path) != len(segments) {
			continue
		}
		if params, hit := match(rt.path, segments); hit {
			return rt, params, true
		}
	}
	return route{}, nil, false
}

func match(pattern, segments []string) ([]string, bool) {
	var params []string
	for i, p := range pattern {
		switch {
		case p == "*" && segments[i] != "":
			params = append(params, segments[i])
		case p != segments[i]:
			return nil, false
		}
	}
	return params, true
}

func knownCall(name string) bool {
	return name == "*" || slices.ContainsFunc(routes, func(r route) bool { return r.call == name })
}

// checkCredential compares the credential with the one that the call wants: project for HCSS, ECS and IMS, account for Config and
// BSS. The purchase compares project and region itself, when it has read its body.
func (x *exchange) checkCredential() *failure {
	who := x.caller
	switch x.route.credential {
	case projectInPath:
		if who.project != x.params[0] || who.acct.region(x.params[0]) == "" || who.acct.closed(x.params[0]) {
			code := "Ecs.0023"
			if x.route.service == "ces" {
				code = "ces.0015"
			}
			return &failure{status: http.StatusForbidden, code: code, message: "The project does not match the credential"}
		}
	case projectHeader:
		if who.acct.region(who.project) == "" {
			return &failure{status: http.StatusForbidden, code: "APIGW.0302", message: "The credential has no project of this account"}
		}
	case domainInPath:
		if who.domain != who.acct.ID || x.params[0] != who.acct.ID {
			return &failure{status: http.StatusForbidden, code: "RMS.00010003", message: "The account does not match the credential"}
		}
	case domainHeader:
		if who.domain != who.acct.ID {
			return &failure{status: http.StatusForbidden, code: "CBC.0151", message: "The credential is not one of the account"}
		}
	}
	return nil
}

// regionOf is where a call belongs; "" for the services of the whole account.
func (c *Cloud) regionOf(x *exchange) string {
	switch x.route.credential {
	case projectInPath:
		return x.caller.acct.region(x.params[0])
	case projectHeader:
		return x.caller.acct.region(x.caller.project)
	}
	return ""
}
