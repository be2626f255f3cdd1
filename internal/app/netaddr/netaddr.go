// Package netaddr tells public addresses of the internet from private ones. A
// request to an address that a person or the cloud named must go to a public one.
package netaddr

import (
	"net/netip"
	"slices"
)

// inner networks count as global unicast and still lead to private addresses:
// carriers' own networks, where clouds keep internal services (RFC 6598, RFC 6890),
// and networks that are translated to the IPv4 address in their bits (RFC 6052,
// 8215, 3056).
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"),
}

// Public reports whether the address is a public unicast one. Loopback, private,
// link-local and cloud metadata addresses are not, however they are written.
// 198.18.0.0/15 is: the Sandbox's servers live there (RFC 2544).
func Public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && a.Zone() == "" &&
		!slices.ContainsFunc(inner, func(n netip.Prefix) bool { return n.Contains(a) })
}
