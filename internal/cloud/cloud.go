// Package cloud is the console's side of the wire to Huawei Cloud: it signs,
// paces, bounds and classifies every call, and turns each failure into a
// *fault.Error by the tables of cloud-api §14 and reliability.md §3.
//
// Requests are built and signed by the official SDK's clients; one adapter
// package per service says which. Answers are read here, once, with limits,
// and decoded into the adapter's own tolerant structs: the SDK's models fail
// on a null or on a number sent as text, which the cloud does send (cloud-api,
// 13.8). A client is built for each call around a transport that carries the
// caller's context, which the SDK does not know (it costs microseconds).
package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

// Service names a service of the cloud.
type Service string

// The services.
const (
	HCSS   Service = "hcss"   // purchase of FlexusL
	IAM    Service = "iam"    // identity
	Config Service = "config" // list of resources, also called RMS
	BSS    Service = "bss"    // billing
	ECS    Service = "ecs"    // servers
	IMS    Service = "ims"    // images
	CES    Service = "ces"    // metrics
)

// Class says what may be repeated after no clear answer (reliability.md §5).
type Class uint8

// The classes.
const (
	Read       Class = iota // repeated up to 5 times within 2 minutes
	SafeWrite               // repeated up to 3 times: the second has the effect of the first
	CheckFirst              // never repeated here: the caller reads, then decides
	Once                    // never repeated; only a proof that nothing was ordered is a refusal
)

// spends reports whether the class gets the transport for money: fresh
// connection, no hidden repetition.
func (c Class) spends() bool { return c == CheckFirst || c == Once }

// Call is one call of a service. Send makes exactly one SDK call with the
// client it is given and may be run again for a repetition; what it returns is
// ignored when the cloud answered.
type Call struct {
	Service         Service
	Name            string // word for exchanges and logs: "purchase", "order", "pay"
	Class           Class
	Region          string        // of regional services and of the purchase; "" for the account-wide ones
	Right           account.Right // what a 403 says is missing
	ClientRequestID string        // of the purchase, for the exchange only
	Send            func(*core.HcHttpClient) error

	// Into takes the JSON of a 2xx answer; nil when there is nothing to read.
	// If it has a method Complete() bool, an answer it calls incomplete counts
	// as garbled: "{}" must not pass for an empty list.
	Into any
}

// Answer is what came back with a 2xx.
type Answer struct {
	Status    int
	RequestID string // X-Request-Id

	header http.Header
}

// Options set up an API. Zero fields take defaults.
type Options struct {
	Limits   Limits
	Version  string // of the console, for the User-Agent
	Log      *slog.Logger
	Now      func() time.Time // calendar of exchanges and token ages; signatures and offsets use the machine's clock
	Allow    []string         // host names an owner may enter besides Huawei's (CONSOLE_ENDPOINT_ALLOW)
	Override string           // base URL instead of every host, for all accounts but the Sandbox's (CONSOLE_CLOUD_ENDPOINT)

	// OnLoginRefused is told once when the cloud refuses the password of an
	// account: no further login is tried until the login is replaced. It is
	// called without locks held and must not block for long.
	OnLoginRefused func(accountID string, why *fault.Error)
}

// API is the way to the cloud for all accounts. It is safe for concurrent use.
type API struct {
	opts   Options
	limits Limits
	log    *slog.Logger
	now    func() time.Time
	agent  string
	wires  wires
	clocks clocks
	tokens tokens

	mu    sync.Mutex
	gates map[gateKey]*gate
}

// New makes an API.
func New(o Options) *API {
	a := &API{opts: o, limits: o.Limits.withDefaults(), log: o.Log, now: o.Now, gates: make(map[gateKey]*gate)}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	version := o.Version
	if version == "" {
		version = "dev"
	}
	a.agent = "sampan/" + version // never empty: else the SDK writes to $HOME (cloud-api, 13.3)
	a.wires = newWires(a.limits)
	if _, err := rand.Read(a.tokens.salt[:]); err != nil {
		panic(err) // crypto/rand does not fail on the systems Go supports
	}
	return a
}

// Offset is the cloud's clock minus ours as last measured for the account by
// the Date header of an answer; zero when never measured.
func (a *API) Offset(accountID string) time.Duration { return a.clocks.newest(accountID).offset }

// Forget drops everything that is kept for an entry alone: tokens, the memory of
// a refused login, clock, and its pace while its domain id is not known. What it
// shares with other entries of its account at Huawei stays: rates, circuits and
// budgets are not renewed by a new key. For a deleted account, and for one whose
// owner asks to try a refused login again.
func (a *API) Forget(accountID string) {
	a.tokens.forget(accountID)
	a.clocks.forget(accountID)
	own := account.Access{AccountID: accountID}.Payer()
	a.mu.Lock()
	defer a.mu.Unlock()
	for k := range a.gates {
		if k.payer == own {
			delete(a.gates, k)
		}
	}
}

// Do makes the call and its repetitions, as its class allows. The error is a
// *fault.Error: Unreachable when nothing was done and trying again is safe,
// Unknown when a write may have happened, Refused, NotFound, Conflict or Busy
// when the cloud said so. A call whose turn did not come until acc.Until was not
// made: it is Busy too, with "cloud.turn" and without a status.
func (a *API) Do(ctx context.Context, acc account.Access, c Call) (Answer, error) {
	g := a.gate(acc, c.Service, c.Region)
	deadline := time.Now().Add(a.limits.ReadTotal)
	if !acc.Until.IsZero() && acc.Until.Before(deadline) {
		deadline = acc.Until
	}
	var last *verdict
	var doubt *fault.Error // what an earlier try of a write left open
	for try := 0; ; try++ {
		ans, v := a.attempt(ctx, acc, c, g)
		if v == nil {
			return ans, nil
		}
		if c.Class != Read && v.fault.Kind == fault.Unknown {
			doubt = v.fault
		}
		if v.blocked && last != nil && !last.staleToken {
			return ans, stillOpen(doubt, last.fault) // the reason is better than "waiting after that reason"
		}
		if v.staleToken && last != nil && last.staleToken {
			v.fault.Message = fault.Say("cloud.token.refused") // and this one was fetched just now
		} else if v.staleToken && !c.Class.spends() {
			last = v // the token is dropped already: one login, one repetition
			continue
		}
		last = v
		wait, ok := a.mayRepeat(c, g, try, v, deadline)
		if !ok {
			return ans, stillOpen(doubt, v.fault)
		}
		if err := sleep(ctx, wait); err != nil {
			return ans, stillOpen(doubt, v.fault)
		}
	}
}

// stillOpen is what a call ends with whose last try did nothing: where an earlier
// one may have, that is not known still.
func stillOpen(doubt, f *fault.Error) error {
	if doubt != nil && (f.Kind == fault.Unreachable || f.Kind == fault.Busy) {
		return doubt
	}
	return f
}

// mayRepeat reports whether and after what pause a call may be made again.
func (a *API) mayRepeat(c Call, g *gate, try int, v *verdict, deadline time.Time) (time.Duration, bool) {
	limit := 0
	switch c.Class {
	case Read:
		limit = a.limits.ReadRepeats
	case SafeWrite:
		limit = a.limits.WriteRepeats
	}
	if !v.again || try >= limit {
		return 0, false
	}
	wait := max(a.limits.backoff(try), v.fault.RetryAfter)
	if time.Now().Add(wait).After(deadline) || !g.spendRetry(v.timeout) {
		return 0, false
	}
	return wait, true
}

// attempt makes the call once. A nil verdict is success.
func (a *API) attempt(ctx context.Context, acc account.Access, c Call, g *gate) (Answer, *verdict) {
	end, f := a.endpoint(acc, c.Service, c.Region)
	if f != nil {
		return Answer{}, &verdict{fault: f}
	}
	if f := a.clocks.check(acc, end.host); f != nil && (c.Class != Read || a.clocks.fresh(acc, end.host)) {
		return Answer{}, &verdict{fault: f}
	}
	cred, f := a.credential(ctx, acc, c)
	if f != nil {
		return Answer{}, &verdict{fault: f}
	}
	leave, v := g.enter(ctx, acc.Until, acc.Lane)
	if v != nil {
		return Answer{}, v
	}
	o, v := new(outcome), doubtful(c.Class, noAnswer)
	defer func() { leave(o, v) }() // after a panic too: the turn must come back
	o = a.exchange(ctx, acc, c, end, cred)
	v = a.judge(acc, c, o)
	if v != nil && v.staleToken {
		a.tokens.drop(acc.AccountID, cred)
	}
	return Answer{Status: o.status, RequestID: o.requestID(), header: o.header}, v
}

// exchange puts one request on the wire and reports it to the observer, if there is one.
func (a *API) exchange(ctx context.Context, acc account.Access, c Call, end endpoint, cred credential) *outcome {
	limit := a.limits.Read
	if c.Class.spends() {
		limit = a.limits.Money
	}
	wireCtx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t := &trip{ctx: wireCtx, next: a.wires.pick(end.trusted, c.Class.spends()), money: c.Class.spends(), out: new(outcome)}
	t.out.at, t.out.began = a.now(), time.Now()
	client, err := a.client(end, cred, t, c.Service)
	if err == nil {
		err = c.Send(client)
	}
	o := t.out
	o.took = time.Since(o.began)
	if !o.tried { // the SDK could not even build the request
		if err == nil {
			err = errors.New("cloud: " + c.Name + ": the SDK sent nothing")
		}
		o.defect = err
	}
	o.caller = ctx.Err()
	o.parse(secretsOf(acc, cred))
	if o.status > 0 {
		a.clocks.note(acc.AccountID, end.host, o)
	}
	a.report(ctx, acc, c, end, o)
	return o
}

// report tells the observer and the log; neither sees secrets, bodies or queries.
func (a *API) report(ctx context.Context, acc account.Access, c Call, end endpoint, o *outcome) {
	x := account.Exchange{
		At: o.at.UTC(), Call: c.Name, Method: o.method, Path: o.path, Host: end.host,
		ClientRequestID: c.ClientRequestID, RequestID: o.requestID(), Status: o.status, Code: o.said.code,
		Sent: o.sent.Load(), Took: o.took,
	}
	if acc.Observe != nil {
		acc.Observe(x)
	}
	level := slog.LevelDebug
	if o.status < 200 || o.status > 299 || o.bodyErr != nil {
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{
		slog.String("account", acc.AccountID), slog.String("service", string(c.Service)), slog.String("region", c.Region),
		slog.String("call", c.Name), slog.String("method", x.Method), slog.String("host", x.Host), slog.String("path", x.Path),
		slog.Int("status", x.Status), slog.String("code", x.Code), slog.String("request", x.RequestID),
		slog.Bool("sent", x.Sent), slog.Duration("took", x.Took),
	}
	if c.ClientRequestID != "" {
		attrs = append(attrs, slog.String("client_request", c.ClientRequestID))
	}
	if err := errors.Join(o.err, o.bodyErr, o.defect); err != nil {
		attrs = append(attrs, slog.String("err", err.Error()))
	}
	a.log.LogAttrs(ctx, level, "cloud call", attrs...)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Now is the calendar the API was set up with.
func (a *API) Now() time.Time { return a.now() }
