// Package bss reads, pays and cancels orders, and reads prices, balance and
// expiry dates from billing (cloud-api, 9). The mainland's billing answers the
// same paths under another host; the international client of the SDK serves
// both.
package bss

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

// Client speaks to billing.
type Client struct{ API *cloud.API }

var (
	_ order.Billing    = (*Client)(nil)
	_ instance.Billing = (*Client)(nil)
)

var (
	errPaging = errors.New("the listing does not add up to its total")
	errTwice  = errors.New("the listing has records twice in the place of others")
)

// do makes one call of the SDK's client.
func (c *Client) do(ctx context.Context, a account.Access, call cloud.Call, send func(*sdk.BssintlClient) error) error {
	call.Service = cloud.BSS
	call.Send = func(h *core.HcHttpClient) error { return send(sdk.NewBssintlClient(h)) }
	_, err := c.API.Do(ctx, a, call)
	return err
}

// records reads a listing by record offsets. read gives how many records the
// page at an offset held, how many were new, and the total, -1 when not said.
// The listing must add up: a cut one is a fault, for the resolver relies on it.
func records(read func(offset int32) (got, fresh, total int, err error)) error {
	offset := 0
	for range cloud.MaxPages {
		got, fresh, total, err := read(int32(offset))
		if err != nil {
			return err
		}
		offset += got
		switch {
		case total >= 0 && offset >= total, total < 0 && got == 0:
			return nil
		case got == 0 || fresh == 0:
			return cloud.Incomplete(errPaging)
		}
	}
	return cloud.Incomplete(errPaging)
}

// missing makes a fault of a 404 that is not billing's own word for a thing it
// does not know: a path that is not there says nothing about an order.
func missing(err error) error {
	if strings.HasPrefix(fault.Of(err).Code, "CBC.") {
		return err
	}
	return cloud.Unanswered(err)
}

func totalOf(n *cloud.Int) int {
	if n == nil {
		return -1
	}
	return int(*n)
}

func money(a cloud.Amount, currency string) *order.Money {
	if !a.Valid {
		return nil
	}
	return &order.Money{Amount: a.Decimal, Currency: currency}
}

func checkOrderID(id string) error {
	if !cloud.ValidOrderID(id) {
		return fmt.Errorf("bss: order: %w", cloud.BadID(id))
	}
	return nil
}
