package visit

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Origin is where a request came from and how, as far as it can be believed:
// from the connection itself, or from a trusted proxy when there is one
// (reliability.md §8, Framework).
type Origin struct {
	Secure  bool   // the browser spoke TLS, to us or to a trusted proxy
	Host    string // the Host header in lower case, port included
	Address string // the client's address without port
	Local   bool   // the browser itself asked for localhost or a loopback address
}

// OriginOf reads the facts of a request. X-Forwarded-For is walked from the
// right while the hops are trusted proxies; X-Forwarded-Proto counts only from
// one, and there only its last value, the one the nearest proxy wrote.
func OriginOf(r *http.Request, trusted []netip.Prefix) Origin {
	o := Origin{
		Secure:  r.TLS != nil,
		Host:    strings.ToLower(r.Host),
		Address: AddressOf(r.RemoteAddr),
	}
	o.Local = loopback(hostname(o.Host))
	if !IsTrusted(o.Address, trusted) {
		return o
	}
	if proto := last(r.Header.Values("X-Forwarded-Proto")); proto != "" {
		o.Secure = strings.EqualFold(proto, "https")
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(AddressOf(strings.TrimSpace(hops[i])))
		if err != nil {
			break // what a client wrote itself is not looked at any further
		}
		o.Address = hop.Unmap().String()
		if !IsTrusted(o.Address, trusted) {
			break
		}
	}
	return o
}

// AddressOf cuts the port and the brackets off an address.
func AddressOf(s string) string {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	s = strings.Trim(s, "[]")
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().WithZone("").String()
	}
	return s
}

// hostname cuts the port off a Host header.
func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.Trim(host, "[]")
}

// loopback reports whether a name means the browser's own machine: localhost,
// names under it, and loopback addresses.
func loopback(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.Unmap().IsLoopback()
}

// IsTrusted reports whether an address is one of the trusted proxies'.
func IsTrusted(address string, trusted []netip.Prefix) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap()
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func last(values []string) string {
	parts := strings.Split(strings.Join(values, ","), ",")
	return strings.TrimSpace(parts[len(parts)-1])
}

// ValidHost reports whether a Host header is a name or address with an
// optional port and nothing else: it ends up in log lines and on pages.
func ValidHost(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	for _, c := range host {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.ContainsRune(".-_:[]", c):
		default:
			return false
		}
	}
	return true
}
