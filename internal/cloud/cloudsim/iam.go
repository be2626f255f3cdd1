package cloudsim

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// A user is locked for a quarter of an hour after five wrong passwords in a row.
const (
	maxWrongPasswords = 5
	lockFor           = 15 * time.Minute
)

type tokenRequest struct {
	Auth struct {
		Identity struct {
			Methods  []string `json:"methods"`
			Password struct {
				User struct {
					Name     string   `json:"name"`
					Password string   `json:"password"`
					Domain   namedRef `json:"domain"`
				} `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope *struct {
			Project *namedRef `json:"project"`
			Domain  *namedRef `json:"domain"`
		} `json:"scope"`
	} `json:"auth"`
}

type namedRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// token answers POST /v3/auth/tokens: the one call without authentication.
func (c *Cloud) token(x *exchange) reply {
	var in tokenRequest
	if err := json.Unmarshal(x.body, &in); err != nil {
		return refuse(keystone(http.StatusBadRequest, "The request body is invalid"))
	}
	id := in.Auth.Identity
	if len(id.Methods) != 1 || id.Methods[0] != "password" {
		return refuse(keystone(http.StatusBadRequest, "Only the method password is supported here"))
	}
	u := id.Password.User
	if u.Name == "" || u.Password == "" || u.Domain.Name == "" {
		return refuse(keystone(http.StatusBadRequest, "User name, password and domain name are required"))
	}
	acct, why := c.login(u.Domain.Name, u.Name, u.Password)
	if acct == nil {
		return refuse(keystone(http.StatusUnauthorized, why))
	}
	t := ticket{Account: acct.ID, Secret: passwordMark(acct), Issued: x.now, Nonce: randomHex(8)}
	switch s := in.Auth.Scope; {
	case s != nil && s.Project != nil: // project wins when both are given
		t.Project = projectOf(acct, *s.Project)
		if t.Project == "" {
			return refuse(keystone(http.StatusNotFound, "Could not find project: "+s.Project.ID+s.Project.Name))
		}
	case s != nil && s.Domain != nil && s.Domain.ID != acct.ID && s.Domain.Name != acct.DomainName:
		return refuse(keystone(http.StatusNotFound, "Could not find domain: "+s.Domain.ID+s.Domain.Name))
	default:
		t.Domain = acct.ID
	}
	out := reply{status: http.StatusCreated, body: obj{"token": tokenBody(acct, t, x.query("nocatalog") == "true")}}
	out.header = http.Header{"X-Subject-Token": {c.issue(t)}}
	return out
}

// login checks the password, counts wrong ones, and locks the user after too many.
func (c *Cloud) login(domain, user, password string) (*account, string) {
	const wrong = "The username or password is wrong."
	for _, a := range c.state.accounts {
		if a.DomainName != domain || a.IAMUser != user {
			continue
		}
		if c.now().Before(a.lockedUntil) {
			return nil, "The user is locked after too many wrong passwords. Try again later."
		}
		if subtle.ConstantTimeCompare([]byte(a.IAMPassword), []byte(password)) == 1 {
			a.wrong = 0
			return a, ""
		}
		a.wrong++
		if a.wrong >= maxWrongPasswords {
			a.wrong, a.lockedUntil = 0, c.now().Add(lockFor)
		}
		return nil, wrong
	}
	return nil, wrong
}

func projectOf(a *account, ref namedRef) string {
	for _, r := range a.Regions {
		if ref.ID == r.ProjectID || ref.ID == "" && ref.Name == r.Region {
			return r.ProjectID
		}
	}
	for _, p := range a.Projects {
		if ref.ID == p.ProjectID || ref.ID == "" && ref.Name == p.Region+"_"+p.Name {
			return p.ProjectID
		}
	}
	return ""
}

func tokenBody(a *account, t ticket, noCatalog bool) obj {
	const micros = "2006-01-02T15:04:05.000000Z"
	domain := obj{"id": a.ID, "name": a.DomainName}
	body := obj{
		"expires_at": t.Issued.Add(tokenLife).Format(micros),
		"issued_at":  t.Issued.Format(micros),
		"methods":    list{"password"},
		"roles":      list{obj{"id": "0", "name": "te_admin"}},
		"catalog":    list{},
		"user": obj{"id": a.UserID, "name": a.IAMUser, "domain": domain,
			"password_expires_at": ""},
	}
	if !noCatalog {
		body["catalog"] = list{obj{"type": "iam", "name": "iam", "id": "100a6a3477f1495286579b819d399e36",
			"endpoints": list{obj{"id": "33e1cbdd86d34e89a63cf8ad16a5f49f", "interface": "public", "region": "*", "region_id": "*",
				"url": "https://iam.myhuaweicloud.com/v3"}}}}
	}
	if t.Project != "" {
		body["project"] = obj{"id": t.Project, "name": a.projectName(t.Project), "domain": domain}
	} else {
		body["domain"] = domain
	}
	return body
}

const iamURL = "https://iam.myhuaweicloud.com/v3"

// projects answers GET /v3/projects.
func (c *Cloud) projects(x *exchange) reply {
	page, size := 1, 5000
	var bad bool
	page, bad = x.number("page", page, 1, 1<<30, bad)
	size, bad = x.number("per_page", size, 1, 5000, bad)
	if bad {
		return refuse(&failure{status: http.StatusBadRequest, code: "IAM.0011", message: "page or per_page is out of range"})
	}
	all := c.projectList(x, obj{"next": nil, "previous": nil})
	from := min(len(all), (page-1)*size)
	return ok(obj{"projects": all[from:min(len(all), from+size)],
		"links": obj{"self": iamURL + "/projects", "next": nil, "previous": nil}})
}

// authProjects answers GET /v3/auth/projects: what this user may access.
func (c *Cloud) authProjects(x *exchange) reply {
	return ok(obj{"projects": c.projectList(x, obj{}), "links": obj{"self": iamURL + "/auth/projects"}})
}

func (c *Cloud) projectList(x *exchange, links obj) list {
	a, out := x.caller.acct, list{}
	add := func(id, name, parent string, enabled bool) {
		if n := x.query("name"); n != "" && n != name {
			return
		}
		if e := x.query("enabled"); e != "" && e != strconv.FormatBool(enabled) {
			return
		}
		if v := x.query("domain_id"); v != "" && v != a.ID {
			return
		}
		if v := x.query("parent_id"); v != "" && v != parent {
			return
		}
		self := obj{"self": iamURL + "/projects/" + id}
		for k, v := range links {
			self[k] = v
		}
		out = append(out, obj{"id": id, "name": name, "domain_id": a.ID, "parent_id": parent,
			"is_domain": false, "enabled": enabled, "description": "", "links": self})
	}
	for _, r := range a.Regions {
		add(r.ProjectID, r.Region, a.ID, true)
	}
	for _, p := range a.Projects {
		if !p.Unlisted {
			add(p.ProjectID, p.Region+"_"+p.Name, a.project(p.Region), !p.Off)
		}
	}
	add(hash32(a.ID, "MOS"), "MOS", a.ID, true) // an internal project that every account has
	return out
}

// domains answers GET /v3/auth/domains.
func (c *Cloud) domains(x *exchange) reply {
	a := x.caller.acct
	return ok(obj{"domains": list{obj{"id": a.ID, "name": a.DomainName, "enabled": true, "description": "",
		"links": obj{"self": iamURL + "/domains/" + a.ID}}}, "links": obj{"self": iamURL + "/auth/domains"}})
}

// keystone is IAM's own error shape: a numeric code, which is the status.
func keystone(status int, message string) *failure {
	return &failure{status: status, code: strconv.Itoa(status), message: message}
}
