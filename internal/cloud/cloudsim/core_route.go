package cloudsim

import (
	"net/http"
	"slices"
	"strings"
)

// scope is the credential a call wants (API Reference 3.2; for Config and BSS the account).
type scope int

const (
	anyScope      scope = iota
	projectInPath       // first path parameter is the project
	projectHeader       // the project is only in the credential
	domainInPath        // first path parameter is the account
	domainHeader        // the account is only in the credential
)

// route is one call of the cloud. Its name is what faults and the wire log call it.
type route struct {
	call, service, method string
	path                  []string // "*" is a parameter
	scope                 scope
	writes                bool
	serve                 func(*Cloud, *exchange) reply
}

var routes = []route{
	at("token", "iam", "POST", "/v3/auth/tokens", anyScope, true, (*Cloud).token),
	at("projects", "iam", "GET", "/v3/projects", anyScope, false, (*Cloud).projects),
	at("auth_projects", "iam", "GET", "/v3/auth/projects", anyScope, false, (*Cloud).authProjects),
	at("domains", "iam", "GET", "/v3/auth/domains", anyScope, false, (*Cloud).domains),
	at("purchase", "hcss", "POST", "/v1/light-instances", projectHeader, true, (*Cloud).purchase),
	at("instances", "rms", "GET", "/v1/resource-manager/domains/*/all-resources", domainInPath, false, (*Cloud).listInstances),
	at("instance_count", "rms", "GET", "/v1/resource-manager/domains/*/all-resources/count", domainInPath, false, (*Cloud).countInstances),
	at("instance", "rms", "GET", "/v1/resource-manager/domains/*/provider/hcss/type/l-instance/resources/*", domainInPath, false, (*Cloud).showInstance),
	at("servers", "ecs", "GET", "/v1/*/cloudservers/detail", projectInPath, false, (*Cloud).listServers),
	at("server_tag_list", "ecs", "GET", "/v1/*/cloudservers/tags", projectInPath, false, (*Cloud).listServerTags),
	at("server_limits", "ecs", "GET", "/v1/*/cloudservers/limits", projectInPath, false, (*Cloud).serverLimits),
	at("server", "ecs", "GET", "/v1/*/cloudservers/*", projectInPath, false, (*Cloud).showServer),
	at("update_server", "ecs", "PUT", "/v1/*/cloudservers/*", projectInPath, true, (*Cloud).updateServer),
	at("server_tags", "ecs", "GET", "/v1/*/cloudservers/*/tags", projectInPath, false, (*Cloud).showServerTags),
	at("change_tags", "ecs", "POST", "/v1/*/cloudservers/*/tags/action", projectInPath, true, (*Cloud).changeServerTags),
	at("reset_flag", "ecs", "GET", "/v1/*/cloudservers/*/os-resetpwd-flag", projectInPath, false, (*Cloud).resetFlag),
	at("console", "ecs", "POST", "/v1/*/cloudservers/*/remote_console", projectInPath, false, (*Cloud).remoteConsole),
	at("metrics", "ces", "POST", "/V1.0/*/batch-query-metric-data", projectInPath, false, (*Cloud).metrics),
	at("orders", "bss", "GET", "/v2/orders/customer-orders", domainHeader, false, (*Cloud).listOrders),
	at("order", "bss", "GET", "/v2/orders/customer-orders/details/*", domainHeader, false, (*Cloud).showOrder),
	at("pay", "bss", "POST", "/v3/orders/customer-orders/pay", domainHeader, true, (*Cloud).pay),
	at("cancel", "bss", "PUT", "/v2/orders/customer-orders/cancel", domainHeader, true, (*Cloud).cancelOrder),
	at("resources", "bss", "POST", "/v2/orders/suscriptions/resources/query", domainHeader, false, (*Cloud).queryResources),
	at("autorenew_on", "bss", "POST", "/v2/orders/subscriptions/resources/autorenew/*", domainHeader, true, (*Cloud).autoRenewOn),
	at("autorenew_off", "bss", "DELETE", "/v2/orders/subscriptions/resources/autorenew/*", domainHeader, true, (*Cloud).autoRenewOff),
	at("price", "bss", "POST", "/v2/bills/ratings/period-resources/subscribe-rate", domainHeader, false, (*Cloud).price),
	at("spec_check", "bss", "POST", "/v2/products/resource-specs-query", domainHeader, false, (*Cloud).specCheck),
	at("balance", "bss", "GET", "/v2/accounts/customer-accounts/balances", domainHeader, false, (*Cloud).balance),
	at("traffic", "bss", "POST", "/v2/payments/free-resources/usages/details/query", domainHeader, false, (*Cloud).traffic),
	at("packages", "bss", "POST", "/v3/payments/free-resources/query", domainHeader, false, (*Cloud).dataPackages),
	at("usage", "bss", "GET", "/v2/bills/customer-bills/free-resources-usage-records", domainHeader, false, (*Cloud).usage),
	at("images", "ims", "GET", "/v2/cloudimages", projectHeader, false, (*Cloud).listImages),
}

func at(call, service, method, path string, s scope, writes bool, serve func(*Cloud, *exchange) reply) route {
	return route{call: call, service: service, method: method, path: strings.Split(path, "/"), scope: s, writes: writes, serve: serve}
}

// findRoute matches segment by segment; nothing is cleaned, as no gateway does it.
func findRoute(method, escapedPath string) (route, []string, bool) {
	parts := strings.Split(escapedPath, "/")
	for _, rt := range routes {
		if rt.method != method || len(rt.path) != len(parts) {
			continue
		}
		if params, hit := match(rt.path, parts); hit {
			return rt, params, true
		}
	}
	return route{}, nil, false
}

func match(pattern, parts []string) ([]string, bool) {
	var params []string
	for i, p := range pattern {
		switch {
		case p == "*" && parts[i] != "":
			params = append(params, parts[i])
		case p != parts[i]:
			return nil, false
		}
	}
	return params, true
}

func knownCall(name string) bool {
	return name == "*" || slices.ContainsFunc(routes, func(r route) bool { return r.call == name })
}

// checkScope holds the credential against what the call wants: project for HCSS, ECS and IMS, account for Config and
// BSS. The purchase compares project and region itself, when it has read its body.
func (x *exchange) checkScope() *failure {
	who := x.caller
	switch x.route.scope {
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
	switch x.route.scope {
	case projectInPath:
		return x.caller.acct.region(x.params[0])
	case projectHeader:
		return x.caller.acct.region(x.caller.project)
	}
	return ""
}
