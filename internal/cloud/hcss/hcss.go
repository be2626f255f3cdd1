// Package hcss buys FlexusL instances (API Reference 4.1; cloud-api, 5). The SDK
// has no client for this service: the request is described here and sent by the
// SDK's core client.
package hcss

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

// IntentTag is the key of the tag that marks an order as one of ours
// (reliability.md §3).
const IntentTag = "sampan-order"

const purchasePath = "/v1/light-instances"

// Client places orders.
type Client struct{ API *cloud.API }

var _ order.Purchases = (*Client)(nil)

// body is the purchase as it is sent; the order of fields is that of the
// reference's table (cloud-api, 5.2).
type body struct {
	Name        string     `json:"instance_name"`
	Description string     `json:"description,omitempty"`
	Spec        string     `json:"plan_spec"`
	Image       imageRef   `json:"image_ref"`
	Region      string     `json:"region"`
	Charging    string     `json:"charging_mode"`
	PeriodType  string     `json:"period_type"`
	PeriodNum   int        `json:"period_num"` // a number, as in the example; the table says String
	Quantity    int        `json:"purchase_quantity"`
	AutoRenew   bool       `json:"is_auto_renew"`
	AutoPay     bool       `json:"is_auto_pay"`
	Extras      []extra    `json:"extra_resources,omitempty"`
	Tags        []keyValue `json:"tags,omitempty"`
}

// imageRef names an application or system image, or holds a private image's id.
type imageRef struct {
	Name    string `json:"image_name,omitempty"`
	Version string `json:"image_version,omitempty"`
	ID      string `json:"image_id,omitempty"`
}

type extra struct {
	Type string `json:"type"`
	Size int    `json:"size,omitempty"` // GiB; host security has none
}

type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Body is the exact JSON that Purchase sends for r: tag is the value of the tag
// sampan-order, "" leaves it out; imageName is the spelling of the image to
// send, ignored for a private image.
func (c *Client) Body(r order.Request, tag, imageName string) ([]byte, error) {
	b := body{
		Name: r.Name, Description: r.Description, Spec: r.Spec, Region: r.Region, Charging: "prePaid",
		PeriodType: string(r.PeriodUnit), PeriodNum: r.PeriodNum, Quantity: r.Quantity,
		AutoRenew: r.AutoRenew, AutoPay: r.Payment == order.DeductAtOnce,
		Image: imageRef{Name: imageName, Version: r.Image.Version},
	}
	if r.Image.Kind == catalog.Private {
		b.Image = imageRef{ID: r.Image.ID}
	}
	if r.DataDiskGiB > 0 {
		b.Extras = append(b.Extras, extra{"evs", r.DataDiskGiB})
	}
	if r.BackupGiB > 0 {
		b.Extras = append(b.Extras, extra{"cbr", r.BackupGiB})
	}
	if r.HostSecurity {
		b.Extras = append(b.Extras, extra{Type: "hss"})
	}
	for _, t := range r.Tags {
		b.Tags = append(b.Tags, keyValue(t))
	}
	if tag != "" {
		b.Tags = append(b.Tags, keyValue{IntentTag, tag})
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // a description keeps its < and &
	if err := enc.Encode(b); err != nil {
		return nil, fmt.Errorf("hcss: body of %q: %w", r.Name, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// URL is where Purchase sends to, "" when the account has no purchase host.
func (c *Client) URL(a account.Access) string {
	base, err := c.API.Endpoint(a, cloud.HCSS, "")
	if err != nil {
		return ""
	}
	return base + purchasePath
}

// Turn says when a purchase could begin that was made now, on the machine's own
// clock; zero or past: at once (cloud.API.Turn). It never waits. The region is
// that of a sign-in which the purchase may need.
func (c *Client) Turn(a account.Access, region string) time.Time {
	a.Lane = account.ForPerson // as purchases are made
	return c.API.Turn(a, cloud.HCSS, region)
}

// request is what the SDK's core client is given. A body of kind string goes
// out as it is; anything else would be encoded again, with a newline.
type request struct {
	ClientRequestID string  `json:"Client-Request-Id"`
	Body            *string `json:"body,omitempty"`
}

type response struct {
	HttpStatusCode int `json:"-"` //nolint:revive // the SDK sets it by this name
}

// reply takes both spellings of the ids: the prose of the reference says
// instances_ids, its table and example instance_ids.
type reply struct {
	OrderID      cloud.Text                `json:"order_id"`
	InstanceIDs  cloud.Loose[[]cloud.Text] `json:"instance_ids"`
	InstancesIDs cloud.Loose[[]cloud.Text] `json:"instances_ids"`
}

// Complete reports whether the answer names an order.
func (r *reply) Complete() bool { return cloud.ValidOrderID(string(r.OrderID)) }

func (r *reply) ids() []string {
	var out []string
	for _, id := range append(r.InstanceIDs.V, r.InstancesIDs.V...) {
		if id != "" {
			out = append(out, string(id))
		}
	}
	return out
}

// clientRequestID is 36 to 128 letters, digits and "-", the first no "-"
// (API Reference, Table 4-1).
var clientRequestID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z-]*$`)

// Purchase sends the body once and unchanged (API Reference 4.1) and returns
// the order's number and the instance ids of the answer. Refused, Busy (an
// explicit 429) and Unreachable prove that nothing was ordered; any doubt is
// Unknown (reliability.md §3).
func (c *Client) Purchase(ctx context.Context, a account.Access, requestID string, body []byte, region string) (order.Receipt, error) {
	if n := len(requestID); n < 36 || n > 128 || !clientRequestID.MatchString(requestID) || len(body) == 0 {
		return order.Receipt{}, fault.New(fault.Refused, "cloud.id", "ID", requestID)
	}
	var out reply
	text := string(body)
	ans, err := c.API.Do(ctx, a, cloud.Call{
		Service: cloud.HCSS, Name: "purchase", Class: cloud.Once, Region: region, Right: account.RightBuy,
		ClientRequestID: requestID, Into: &out,
		Send: func(h *core.HcHttpClient) error {
			_, err := h.Sync(&request{ClientRequestID: requestID, Body: &text}, purchase())
			return err
		},
	})
	if err != nil {
		return order.Receipt{}, fmt.Errorf("hcss: purchase: %w", err)
	}
	return order.Receipt{OrderID: string(out.OrderID), InstanceIDs: out.ids(), RequestID: ans.RequestID, Status: ans.Status}, nil
}

// purchase describes the request; the SDK keeps the answer in it, so that each
// call needs its own.
func purchase() *def.HttpRequestDef {
	return def.NewHttpRequestDefBuilder().WithMethod(http.MethodPost).WithPath(purchasePath).
		WithContentType("application/json").WithResponse(new(response)).
		WithRequestField(def.NewFieldDef().WithName("ClientRequestID").WithJsonTag("Client-Request-Id").WithLocationType(def.Header)).
		WithRequestField(def.NewFieldDef().WithName("Body").WithLocationType(def.Body)).Build()
}
