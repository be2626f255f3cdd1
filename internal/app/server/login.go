package server

import (
	"fmt"
	"net/netip"
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
)

// Login is what is known of the first sign-in to an application image. Zero
// fields are not known: Huawei's page says more. Nothing is guessed; the images
// are Huawei's own and may differ from the software's defaults.
type Login struct {
	Scheme string // "http" or "https"; "" = not known
	Port   int    // where its pages are; 0 = not known
	User   string // "" = not known
}

// web are applications that are websites: Huawei's image serves them on the
// ports of the web.
var web = Login{Scheme: "http", Port: 80}

// logins are the applications of the catalogue, by its ids (cloud-api, 6.2). The
// API Reference says nothing about ports, users or first passwords; that a site
// answers on port 80 is what a browser tries by itself.
var logins = map[string]Login{
	"bt": {}, "crm": {}, "ghost": web, "gitlab": web, "joomla": web, "kodbox": web, "matomo": web, "moodle": web,
	"nextcloud": web, "nodejs": {}, "odoo": {}, "portainer": {}, "prestashop": web, "redmine": web, "srs": {}, "superset": {},
	"wordpress": web,
}

// FirstLogin gives what is known of an application by its catalogue id; ok is
// false when it is none of the applications.
func FirstLogin(image string) (Login, bool) {
	l, ok := logins[image]
	return l, ok
}

// User is who signs in to a server's system at first (cloud-api, 11); "" when
// the system is not known.
func User(r *instance.Row) string {
	switch catalog.OS(r.OS) {
	case catalog.Linux:
		return "root"
	case catalog.Windows:
		return "Administrator"
	}
	return ""
}

// Address gives the server's public address if it is one: what the cloud
// garbled is not made into a command, a file or a link.
func Address(r *instance.Row) (netip.Addr, bool) {
	a, err := netip.ParseAddr(r.Address)
	return a.Unmap(), err == nil && a.Zone() == ""
}

// SSH is the command that signs in to a Linux server; "" when there is none.
func SSH(r *instance.Row) string {
	a, ok := Address(r)
	if !ok || catalog.OS(r.OS) != catalog.Linux {
		return ""
	}
	return "ssh root@" + a.String()
}

// Link is the address that a phone's app opens: ssh: for Linux, rdp: for
// Windows; "" when there is none.
func Link(r *instance.Row) string {
	a, ok := Address(r)
	switch {
	case !ok:
		return ""
	case catalog.OS(r.OS) == catalog.Linux:
		return "ssh://root@" + hostOf(a)
	case catalog.OS(r.OS) == catalog.Windows:
		return "rdp://full%20address=s:" + a.String() + ":3389&username=s:Administrator"
	}
	return ""
}

func hostOf(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// RDP is the file that opens a Windows server's screen; "" when there is none.
// It holds no password.
func RDP(r *instance.Row) string {
	a, ok := Address(r)
	if !ok || catalog.OS(r.OS) != catalog.Windows {
		return ""
	}
	return strings.Join([]string{
		fmt.Sprintf("full address:s:%s", netip.AddrPortFrom(a, 3389)),
		"username:s:Administrator",
		"prompt for credentials:i:1",
		"administrative session:i:0",
		"",
	}, "\r\n")
}
