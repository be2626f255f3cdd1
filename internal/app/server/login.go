package server

import (
	"fmt"
	"net/netip"
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
)

// User is the first user of a server's system (cloud-api, 11); "" when the system is
// not known.
func User(r *instance.Row) string {
	switch catalog.OS(r.OS) {
	case catalog.Linux:
		return "root"
	case catalog.Windows:
		return "Administrator"
	}
	return ""
}

// Address gives the server's public address. It is false for text that is no address:
// such text must not get into a command, a file or a link.
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

// Link is the address that a phone's app opens, ssh: for Linux and rdp: for Windows;
// "" when there is none.
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
