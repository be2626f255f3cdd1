package cloud

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"sampan/internal/app/netaddr"
)

// wires are the transports that all calls share. Money has its own: no
// connection is used twice, so none can turn out to be dead after the request
// was written, and nothing is sent again behind our back.
type wires struct {
	open, openMoney       http.RoundTripper // endpoints set when the process was started
	guarded, guardedMoney http.RoundTripper // endpoints typed into a form
}

func newWires(l Limits) wires {
	return wires{
		open: transport(l, false, false), openMoney: transport(l, false, true),
		guarded: transport(l, true, false), guardedMoney: transport(l, true, true),
	}
}

func (w wires) pick(trusted, money bool) http.RoundTripper {
	switch {
	case trusted && money:
		return w.openMoney
	case trusted:
		return w.open
	case money:
		return w.guardedMoney
	default:
		return w.guarded
	}
}

// proxy is the environment's, for every request.
func proxy(r *http.Request) (*url.URL, error) { return http.ProxyFromEnvironment(r) }

// errAddress is the refusal to connect to an address that a typed name led to.
var errAddress = errors.New("the name leads to an address inside a private network")

func transport(l Limits, guarded, money bool) *http.Transport {
	dialer := &net.Dialer{Timeout: l.Connect, KeepAlive: 30 * time.Second}
	guard := &net.Dialer{Timeout: l.Connect, KeepAlive: 30 * time.Second, Control: refusePrivate}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if guarded && !proxied(ctx) {
			return guard.DialContext(ctx, network, addr)
		}
		return dialer.DialContext(ctx, network, addr)
	}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    l.Connect,
		DisableKeepAlives:      money,
		DisableCompression:     true, // we unpack ourselves, with a bound
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,                                              // a token may have 32 KiB
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 only
	}
}

// proxyKey marks a request that goes through a proxy: then the proxy resolves
// the name, and the address dialled is the proxy's, which the environment set.
type proxyKey struct{}

func proxied(ctx context.Context) bool {
	flag, _ := ctx.Value(proxyKey{}).(*atomic.Bool)
	return flag != nil && flag.Load()
}

// refusePrivate checks the address behind a name that a person typed into a
// form (reliability.md §6).
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !netaddr.Public(to.Addr()) {
		return errAddress
	}
	return nil
}

// outcome is all that is known after one exchange.
type outcome struct {
	at    time.Time // when it began, on the calendar
	began time.Time // the same by the machine's clock, which offsets are measured with
	took  time.Duration

	tried        bool        // a request reached our transport
	sent         atomic.Bool // it was given a connection: some of it may have left
	method, path string
	err          error // no answer
	caller       error // the caller gave up
	defect       error // the SDK could not build the request

	status  int // 0: no answer
	header  http.Header
	body    []byte
	bodyErr error // the body is cut, too long or a bomb
	said    said  // read out of an error's body
}

func (o *outcome) requestID() string {
	for _, name := range []string{"X-Request-Id", "X-IAM-Trace-Id"} {
		if id := o.header.Get(name); id != "" {
			return plain(id, 128)
		}
	}
	return o.said.requestID
}

var (
	errTooLong = errors.New("the answer is longer than allowed")
	errSecond  = errors.New("cloud: a second request for one call was refused")
)

// trip is the transport of one call: it carries the caller's context, watches
// whether the request can have left the machine, and reads the answer within
// bounds. The SDK gets an empty object instead of the body.
type trip struct {
	ctx   context.Context
	next  http.RoundTripper
	money bool
	out   *outcome
}

func (t *trip) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.out.tried {
		return nil, errSecond
	}
	o := t.out
	o.tried, o.method, o.path = true, r.Method, r.URL.Path
	viaProxy := new(atomic.Bool)
	ctx := context.WithValue(t.ctx, proxyKey{}, viaProxy)
	// GotConn is the last moment at which certainly nothing has left. WroteHeaders
	// may fire after RoundTrip has returned, when the caller gives up just then,
	// and a call that spends money must not be taken for unsent.
	r = r.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { o.sent.Store(true) },
	}))
	if t.money {
		r.GetBody = nil // nothing to send a second time with
		r.Close = true
	} else {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	if u, err := proxy(r); err == nil && u != nil {
		viaProxy.Store(true)
	}
	res, err := t.next.RoundTrip(r)
	if err != nil {
		o.err = err
		return nil, err
	}
	defer res.Body.Close()
	o.status, o.header = res.StatusCode, res.Header
	limit := int64(maxAnswer)
	if t.money {
		limit = maxMoneyAnswer
	}
	o.body, o.bodyErr = readBody(res, limit)
	return &http.Response{
		Status: res.Status, StatusCode: res.StatusCode, Proto: res.Proto, ProtoMajor: res.ProtoMajor, ProtoMinor: res.ProtoMinor,
		Header: http.Header{"Content-Type": {"application/json"}}, // no Location: redirects are ours to refuse
		Body:   io.NopCloser(strings.NewReader("{}")), ContentLength: 2, Request: r,
	}, nil
}

func readBody(res *http.Response, limit int64) ([]byte, error) {
	packed, err := readAtMost(res.Body, limit, res.ContentLength)
	if err != nil {
		return nil, err
	}
	switch enc := strings.ToLower(strings.TrimSpace(res.Header.Get("Content-Encoding"))); enc {
	case "", "identity":
		return packed, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, fmt.Errorf("unpack the answer: %w", err)
		}
		return readAtMost(z, limit*(maxUnpacked/maxAnswer), 4*int64(len(packed)))
	default:
		return nil, fmt.Errorf("the answer is packed as %q", enc)
	}
}

// readAtMost reads to the end, within a limit, into a buffer of the size that is
// to be expected.
func readAtMost(r io.Reader, limit, expected int64) ([]byte, error) {
	var b bytes.Buffer
	if expected > 0 {
		b.Grow(int(min(expected, limit)) + bytes.MinRead) // room for the read that finds the end
	}
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(b.Len()) > limit {
		return nil, errTooLong
	}
	return b.Bytes(), err
}
