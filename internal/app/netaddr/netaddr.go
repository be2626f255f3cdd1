// Package netaddr tells addresses of the internet from those of this machine's
// neighbours, where no request that somebody asked for may lead.
package netaddr

import (
	"net/netip"
	"slices"
)

// inner networks look public and lead inside: to carriers' own networks, where
// clouds keep their inner services (RFC 6598, RFC 6890), or by way of a translator
// to whatever IPv4 address stands in their last bits (RFC 6052, 8215, 3056).
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

// Public reports whether the address is a public unicast one. Loopback, private,
// link-local and cloud metadata addresses are not, however they are written.
// 198.18.0.0/15 is: the Sandbox's servers live there (RFC 2544).
func Public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && a.Zone() == "" &&
		!slices.ContainsFunc(inner, func(n netip.Prefix) bool { return n.Contains(a) })
}
