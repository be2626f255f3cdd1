package netaddr_test

import (
	"net/netip"
	"testing"

	"sampan/internal/app/netaddr"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"159.138.0.1": true, "2407:c080::1": true, "::ffff:159.138.0.1": true, "198.18.0.1": true,
		"127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "10.0.0.1": false, "172.16.5.5": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.100.100.200": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "fc00::1": false,
		"0.0.0.0": false, "0.1.2.3": false, "::": false, "224.0.0.1": false, "255.255.255.255": false, "192.0.0.192": false,
		"::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b:1::1": false, "2002:a00:1::1": false,
	} {
		if got := netaddr.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
	if netaddr.Public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}
