package bss

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/order"
	"sampan/internal/cloud"
)

// product is a line of a price inquiry. The codes of FlexusL are not documented:
// the instance's are those its resources carry, those of the extras are the
// ones of the services behind them (cloud-api, 9.9). Where billing does not know
// them the price is not known either.
type product struct {
	what    string
	service string
	kind    string
	spec    string
	sizeGiB int
}

const gigabyte = int32(17) // size_measure_id

func products(r order.Request) []product {
	out := []product{{"instance", "hws.service.type.hcss", "hws.resource.type.hecsfusion", r.Spec, 0}}
	if r.DataDiskGiB > 0 {
		out = append(out, product{"evs", "hws.service.type.ebs", "hws.resource.type.volume", "SSD", r.DataDiskGiB})
	}
	if r.BackupGiB > 0 {
		out = append(out, product{"cbr", "hws.service.type.cbr", "hws.resource.type.cbr", "vault.backup.server.normal", r.BackupGiB})
	}
	if r.HostSecurity {
		out = append(out, product{"hss", "hws.service.type.hss", "hws.resource.type.hss", "hss.version.enterprise", 0})
	}
	return out
}

type rating struct {
	Currency cloud.Text    `json:"currency"`
	Official ratingResult  `json:"official_website_rating_result"`
	Offers   []ratingOffer `json:"optional_discount_rating_results"`
}

type ratingResult struct {
	Amount cloud.Amount   `json:"official_website_amount"`
	Lines  []ratedProduct `json:"product_rating_results"`
}

type ratingOffer struct {
	Amount cloud.Amount   `json:"amount"`
	Best   cloud.Int      `json:"best_offer"`
	Lines  []ratedProduct `json:"product_rating_results"`
}

type ratedProduct struct {
	ID       cloud.Text   `json:"id"`
	Product  cloud.Text   `json:"product_id"`
	Amount   cloud.Amount `json:"amount"`
	Official cloud.Amount `json:"official_website_amount"`
}

// Complete reports whether the answer has an amount in a currency.
func (r *rating) Complete() bool { return r.Official.Amount.Valid && r.Currency != "" }

// Price asks what r would cost, before discounts that only an order has. A plan
// that billing has no price for is fault.NotFound, "cloud.price.none".
func (c *Client) Price(ctx context.Context, a account.Access, r order.Request) (order.Quote, error) {
	ps := products(r)
	var out rating
	err := c.do(ctx, a, cloud.Call{Name: "price", Right: account.RightBilling, Into: &out}, func(s *sdk.BssintlClient) error {
		_, err := s.ListRateOnPeriodDetail(&model.ListRateOnPeriodDetailRequest{Body: inquiry(a, r, ps)})
		return err
	})
	if err != nil {
		return order.Quote{}, fmt.Errorf("bss: price of %s in %s: %w", r.Spec, r.Region, err)
	}
	return quote(c, a, r, ps, out), nil
}

func inquiry(a account.Access, r order.Request, ps []product) *model.RateOnPeriodReq {
	period := int32(2)
	if r.PeriodUnit == order.Year {
		period = 3
	}
	q := &model.RateOnPeriodReq{ProjectId: a.Projects[r.Region]}
	for i, p := range ps {
		info := model.PeriodProductInfo{
			Id: strconv.Itoa(i + 1), CloudServiceType: p.service, ResourceType: p.kind, ResourceSpec: p.spec, Region: r.Region,
			PeriodType: period, PeriodNum: int32(r.PeriodNum), SubscriptionNum: int32(r.Quantity),
		}
		if p.sizeGiB > 0 {
			size, unit := int32(p.sizeGiB), gigabyte
			info.ResourceSize, info.SizeMeasureId = &size, &unit
		}
		q.ProductInfos = append(q.ProductInfos, info)
	}
	return q
}

// quote takes the best offer where there is one, else the list price.
func quote(c *Client, a account.Access, r order.Request, ps []product, in rating) order.Quote {
	currency := string(in.Currency)
	total, lines := in.Official.Amount, in.Official.Lines
	for _, offer := range in.Offers {
		if offer.Best == 1 && offer.Amount.Valid {
			total, lines = offer.Amount, offer.Lines
		}
	}
	q := order.Quote{Total: order.Money{Amount: total.Decimal, Currency: currency}, Source: "huawei", At: c.API.Now().UTC()}
	if a.Site == account.SandboxSite {
		q.Source = "simulated"
	}
	for _, l := range in.Official.Lines {
		if strings.HasPrefix(string(l.Product), "OFFISIMULATED") { // what stands behind an address may be a Sandbox
			q.Source = "simulated"
		}
	}
	for _, l := range lines {
		n, err := strconv.Atoi(string(l.ID))
		amount := l.Amount
		if !amount.Valid {
			amount = l.Official
		}
		if err == nil && n >= 1 && n <= len(ps) && amount.Valid {
			q.Lines = append(q.Lines,
				order.QuoteLine{What: ps[n-1].what, Amount: order.Money{Amount: amount.Decimal, Currency: currency}, Per: r.Quantity})
		}
	}
	return q
}

type balances struct {
	Rows []struct {
		Type     cloud.Int    `json:"account_type"`
		Amount   cloud.Amount `json:"amount"`
		Currency cloud.Text   `json:"currency"`
	} `json:"account_balances"`
	Debt     cloud.Amount `json:"debt_amount"`
	Currency cloud.Text   `json:"currency"`
}

// Complete reports whether the answer has rows.
func (b *balances) Complete() bool { return b.Rows != nil }

var kinds = map[cloud.Int]string{1: "balance", 2: "credit", 5: "bonus", 7: "deposit"} // cloud-api, 9.3

// Balance reads what the account has (cloud-api, 9.12). Rows are not summed:
// which of them can pay an order is not known for every kind of customer.
func (c *Client) Balance(ctx context.Context, a account.Access) (order.Balance, error) {
	b, err := c.balances(ctx, a)
	if err != nil {
		return order.Balance{}, fmt.Errorf("bss: balance: %w", err)
	}
	out := order.Balance{At: c.API.Now().UTC()}
	for _, row := range b.Rows {
		if !row.Amount.Valid {
			continue
		}
		currency := row.Currency
		if currency == "" {
			currency = b.Currency
		}
		kind, known := kinds[row.Type]
		if !known {
			kind = "type " + strconv.Itoa(int(row.Type))
		}
		r := order.BalanceRow{Kind: kind, Amount: order.Money{Amount: row.Amount.Decimal, Currency: string(currency)}}
		if row.Type == 1 {
			out.Available = r.Amount
			if b.Debt.Valid && !b.Debt.IsZero() {
				r.Debt = &order.Money{Amount: b.Debt.Decimal, Currency: string(b.Currency)}
			}
		}
		out.Rows = append(out.Rows, r)
	}
	return out, nil
}

// Currency gives the currency of the account, "" when it has no balance of its
// own, as a reseller's customer has none.
func (c *Client) Currency(ctx context.Context, a account.Access) (string, error) {
	b, err := c.balances(ctx, a)
	if fault.Of(err).Code == "CBC.99000049" {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("bss: currency: %w", err)
	}
	if b.Currency != "" {
		return string(b.Currency), nil
	}
	for _, row := range b.Rows {
		if row.Currency != "" {
			return string(row.Currency), nil
		}
	}
	return "", nil
}

func (c *Client) balances(ctx context.Context, a account.Access) (balances, error) {
	var b balances
	err := c.do(ctx, a, cloud.Call{Name: "balance", Right: account.RightBilling, Into: &b}, func(s *sdk.BssintlClient) error {
		_, err := s.ShowCustomerAccountBalances(&model.ShowCustomerAccountBalancesRequest{})
		return err
	})
	return b, err
}
