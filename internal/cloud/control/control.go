// Package control speaks the control API of the simulated cloud: its accounts,
// its faults, its clock, what really happened in it. The cloud's own calls to
// the Sandbox go through the adapters, as to any cloud.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
	"sampan/internal/cloud"
)

// Client is the Sandbox at a URL without a slash at its end. The zero HTTP
// client is replaced by one with a time limit. Failures are *fault.Error:
// Unreachable when the Sandbox does not answer, Refused with its sentence as
// Detail when it says no.
type Client struct {
	URL  string
	HTTP *http.Client
}

// Account is a customer of the Sandbox, its keys included: they open nothing else.
type Account struct {
	ID                string    `json:"id"` // the cloud's account id
	Name              string    `json:"name"`
	DomainName        string    `json:"domain_name"`
	AccessKey         string    `json:"access_key"`
	SecretKey         string    `json:"secret_key"`
	IAMUser           string    `json:"iam_user"`
	IAMPassword       string    `json:"iam_password"`
	Currency          string    `json:"currency"`
	Balance           string    `json:"balance"`            // decimal
	Quota             int       `json:"quota"`              // instances that may exist; 0: no limit
	Regions           []Region  `json:"regions"`            // the activated ones
	Projects          []Project `json:"projects,omitempty"` // further ones
	TokenOnlyPurchase bool      `json:"token_only_purchase"`
	KeyDisabled       bool      `json:"key_disabled"`
	KeyUser           string    `json:"key_user,omitempty"` // whose key it is, in orders; "": IAMUser's
	NoUser            bool      `json:"no_user,omitempty"`  // billing does not name the user of an order
	TagsAt            string    `json:"tags_at,omitempty"`  // of purchases: "config", "server" or "both", as "" means
}

// Region is an activated region and its default project.
type Region struct {
	Region    string `json:"region"`
	ProjectID string `json:"project_id"`
}

// Project is a further project of an activated region.
type Project struct {
	Region    string `json:"region"`
	Name      string `json:"name"` // after the region and "_"
	ProjectID string `json:"project_id"`
	Off       bool   `json:"off,omitempty"`      // not enabled
	Unlisted  bool   `json:"unlisted,omitempty"` // the identity service does not list it
	Closed    bool   `json:"closed,omitempty"`   // the user may do nothing in it
}

// Key is the account's access key pair.
func (a Account) Key() account.Key {
	return account.Key{ID: a.AccessKey, Secret: seal.Conceal(a.SecretKey)}
}

// Fault is a misbehaviour to come; see package cloudsim for calls and kinds.
type Fault struct {
	ID         string        `json:"id,omitempty"` // given by the Sandbox
	Call       string        `json:"call"`         // "purchase", "pay", …, "*" for every call
	Kind       string        `json:"kind"`         // "drop_after", "sold_out", …
	Times      int           `json:"times,omitempty"`
	AfterN     int           `json:"after_n,omitempty"`
	Account    string        `json:"account,omitempty"`
	Region     string        `json:"region,omitempty"`
	Spec       string        `json:"spec,omitempty"`
	Order      string        `json:"order,omitempty"`
	Resource   string        `json:"resource,omitempty"`
	Status     int           `json:"status,omitempty"`
	Code       string        `json:"code,omitempty"`
	Message    string        `json:"message,omitempty"`
	Delay      time.Duration `json:"-"`
	RetryAfter int           `json:"retry_after,omitempty"` // seconds
	Count      int           `json:"count,omitempty"`
	Effect     bool          `json:"effect,omitempty"`
}

type faultFields Fault

type wireFault struct {
	faultFields
	Delay string `json:"delay,omitempty"`
}

// MarshalJSON writes Delay as the Sandbox reads it.
func (f Fault) MarshalJSON() ([]byte, error) {
	w := wireFault{faultFields: faultFields(f)}
	if f.Delay > 0 {
		w.Delay = f.Delay.String()
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what the Sandbox writes.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var w wireFault
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*f = Fault(w.faultFields)
	if w.Delay != "" {
		d, err := time.ParseDuration(w.Delay)
		f.Delay = d
		return err
	}
	return nil
}

// Ledger is what really happened.
type Ledger struct {
	Purchases []Purchase `json:"purchases"` // those that took effect, oldest first
	Requests  []Request  `json:"requests"`  // the last requests on the wire, oldest first
}

// Purchase is an order that a purchase call placed.
type Purchase struct {
	Time            time.Time `json:"time"`
	Account         string    `json:"account"`
	OrderID         string    `json:"order_id"`
	ClientRequestID string    `json:"client_request_id"`
	RequestID       string    `json:"request_id"`
	Summary         string    `json:"summary"`
	Name            string    `json:"name"`
	Tags            []string  `json:"tags"`
	Quantity        int       `json:"quantity"`
	AutoPay         bool      `json:"auto_pay"`
	Amount          string    `json:"amount"`
	Currency        string    `json:"currency"`
	Paid            time.Time `json:"paid"`
	PayRequestID    string    `json:"pay_request_id"`
	Status          int       `json:"status"`
	InstanceIDs     []string  `json:"instance_ids"`
	Delivered       []string  `json:"delivered"`
}

// Request is one request as it was answered.
type Request struct {
	Time            time.Time `json:"time"`
	Call            string    `json:"call"`
	Account         string    `json:"account"`
	Method          string    `json:"method"`
	Path            string    `json:"path"`
	Status          int       `json:"status"`
	RequestID       string    `json:"request_id"`
	ClientRequestID string    `json:"client_request_id"`
	Faults          []string  `json:"faults"`
}

// Endpoints point every service at the Sandbox.
func (c *Client) Endpoints() account.Endpoints { return cloud.EndpointsAt(c.URL) }

// Accounts lists the Sandbox's accounts with their keys.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	var out struct {
		Accounts []Account `json:"accounts"`
	}
	err := c.call(ctx, "GET", "accounts", nil, &out)
	return out.Accounts, err
}

// Faults lists what can still go wrong.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	var out struct {
		Faults []Fault `json:"faults"`
	}
	err := c.call(ctx, "GET", "faults", nil, &out)
	return out.Faults, err
}

// AddFault arranges for something to go wrong and returns it with its id.
func (c *Client) AddFault(ctx context.Context, f Fault) (Fault, error) {
	var out Fault
	err := c.call(ctx, "POST", "faults", f, &out)
	return out, err
}

// ClearFaults takes all arrangements back.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.call(ctx, "DELETE", "faults", nil, nil)
}

type clock struct {
	Now time.Time `json:"now"`
}

// Clock is the Sandbox's calendar.
func (c *Client) Clock(ctx context.Context) (time.Time, error) {
	var out clock
	err := c.call(ctx, "GET", "clock", nil, &out)
	return out.Now, err
}

// Advance moves the Sandbox's calendar on and returns the new time.
func (c *Client) Advance(ctx context.Context, d time.Duration) (time.Time, error) {
	var out clock
	err := c.call(ctx, "POST", "clock", map[string]string{"advance": d.String()}, &out)
	return out.Now, err
}

// Reset forgets orders, instances, faults, clock and charges; accounts and
// their keys stay.
func (c *Client) Reset(ctx context.Context) error { return c.call(ctx, "POST", "reset", nil, nil) }

// Fleet gives an account, by id or name, a number of running instances and
// returns how many it has then.
func (c *Client) Fleet(ctx context.Context, accountName string, count int) (int, error) {
	var out struct {
		Instances int `json:"instances"`
	}
	err := c.call(ctx, "POST", "fleet", map[string]any{"account": accountName, "count": count}, &out)
	return out.Instances, err
}

var _ server.Dialer = (*Client)(nil)

// Dial reports whether a port of one of the Sandbox's servers answers. Nothing
// leaves the machine: the Sandbox says what would happen.
func (c *Client) Dial(ctx context.Context, address string, port int) (bool, error) {
	var out struct {
		Answers bool `json:"answers"`
	}
	err := c.call(ctx, "POST", "dial", map[string]any{"address": address, "port": port}, &out)
	return out.Answers, err
}

// Ledger is what really happened.
func (c *Client) Ledger(ctx context.Context) (Ledger, error) {
	var out Ledger
	err := c.call(ctx, "GET", "ledger", nil, &out)
	return out, err
}

const answerLimit = 32 << 20 // a ledger has the last 2,000 requests

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("sandbox: %s: %w", path, err)
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.URL+"/_sandbox/"+path, body)
	if err != nil {
		return fmt.Errorf("sandbox: %s: %w", path, err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http().Do(r)
	if err != nil {
		return fault.New(fault.Unreachable, "cloud.sandbox.gone").Because(fmt.Errorf("sandbox: %s: %w", path, err))
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, answerLimit))
	if err != nil {
		return fault.New(fault.Unreachable, "cloud.sandbox.gone").Because(fmt.Errorf("sandbox: %s: %w", path, err))
	}
	if res.StatusCode > 299 {
		return refused(res.StatusCode, b)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fault.New(fault.Unreachable, "cloud.sandbox.gone").Because(fmt.Errorf("sandbox: %s: %w", path, err))
	}
	return nil
}

// refused carries the Sandbox's sentence, which is English and made for people.
func refused(status int, body []byte) error {
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(body, &said) // another shape has no sentence
	f := fault.New(fault.Refused, "cloud.sandbox.refused", "Detail", said.Error)
	f.Status, f.Detail, f.Err = status, said.Error, errors.New("sandbox: "+strings.TrimSpace(said.Error))
	return f
}

var usual = &http.Client{Timeout: 15 * time.Second}

func (c *Client) http() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return usual
}
