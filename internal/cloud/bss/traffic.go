package bss

import (
	"context"
	"fmt"
	"slices"
	"time"

	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/bssintl/v2/model"
	"github.com/shopspring/decimal"

	"sampan/internal/app/account"
	"sampan/internal/app/meter"
	"sampan/internal/cloud"
)

var _ meter.Billing = (*Client)(nil)

const (
	packagesAtOnce = 100 // the most ids of one query (cloud-api, 9.11)
	packagePage    = 100
	usagePage      = 100
	usageDays      = 90 // the most days of one query
	packageIDBytes = 64
)

// units are measure ids as gigabytes (cloud-api, 9.3). Others mean different
// things in different calls: an amount in one of them is not guessed at.
var units = map[int]decimal.Decimal{
	10: decimal.NewFromInt(1),
	11: decimal.New(1, 0).Div(decimal.NewFromInt(1024)),
}

// gigabytes converts an amount; ok is false for an unknown unit or no amount.
func gigabytes(a cloud.Amount, unit int) (decimal.Decimal, bool) {
	factor, known := units[unit]
	if !known || !a.Valid {
		return decimal.Decimal{}, false
	}
	return a.Mul(factor), true
}

type freeResource struct {
	ID       cloud.Text   `json:"free_resource_id"`
	Name     cloud.Text   `json:"free_resource_type_name"`
	Usage    cloud.Text   `json:"usage_type_name"`
	Start    cloud.Time   `json:"start_time"`
	End      cloud.Time   `json:"end_time"`
	Amount   cloud.Amount `json:"amount"`
	Original cloud.Amount `json:"original_amount"`
	Measure  cloud.Int    `json:"measure_id"`
}

func (r freeResource) reading() meter.Reading {
	out := meter.Reading{PackageID: string(r.ID), Unit: int(r.Measure), CycleStart: r.Start.Time, CycleEnd: r.End.Time,
		Name: string(r.Name), Usage: string(r.Usage)}
	left, okLeft := gigabytes(r.Amount, out.Unit)
	total, okTotal := gigabytes(r.Original, out.Unit)
	if okLeft && okTotal {
		out.Left, out.Total, out.Known = left, total, true
	}
	return out
}

type freeResourceList struct {
	Resources []freeResource `json:"free_resources"`
}

// Complete reports whether the answer has a list.
func (l *freeResourceList) Complete() bool { return l.Resources != nil }

// Traffic reads data packages, any number of them, in hundreds (cloud-api,
// 9.11). Packages that billing does not know are missing from the answer. When
// some hundreds fail, the readings of the others come with the error.
func (c *Client) Traffic(ctx context.Context, a account.Access, packageIDs []string) ([]meter.Reading, error) {
	for _, id := range packageIDs {
		if id == "" || len(id) > packageIDBytes {
			return nil, fmt.Errorf("bss: traffic: %w", cloud.BadID(id))
		}
	}
	out, err := inChunks(ctx, packageIDs, packagesAtOnce, true, func(ctx context.Context, chunk []string) ([]meter.Reading, error) {
		var l freeResourceList
		err := c.do(ctx, a, cloud.Call{Name: "traffic", Right: account.RightOrders, Into: &l}, func(s *sdk.BssintlClient) error {
			_, err := s.ListFreeResourceUsages(
				&model.ListFreeResourceUsagesRequest{Body: &model.ListFreeResourceUsagesReq{FreeResourceIds: chunk}})
			return err
		})
		var out []meter.Reading
		for _, r := range l.Resources {
			if slices.Contains(chunk, string(r.ID)) {
				out = append(out, r.reading())
			}
		}
		return out, err
	})
	if err != nil {
		return out, fmt.Errorf("bss: traffic of %d packages: %w", len(packageIDs), err)
	}
	return out, nil
}

// beijing is the zone of billing's days.
var beijing = time.FixedZone("UTC+8", 8*3600)

type usageRecord struct {
	Deducted cloud.Time   `json:"deduct_time"`
	Begin    cloud.Time   `json:"effective_time"` // of the use
	Used     cloud.Amount `json:"used_amount"`
	Measure  cloud.Int    `json:"measure_id"`
	Resource cloud.Text   `json:"free_resource_id"`
}

// day is the one on which the traffic flowed: the record's own begin, or the
// day before the charge, which comes in the early morning after it.
func (r usageRecord) day() (time.Time, bool) {
	at := r.Begin.Time
	if at.IsZero() {
		if at = r.Deducted.Time; at.IsZero() {
			return time.Time{}, false
		}
	}
	y, m, d := at.In(beijing).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, beijing), true
}

type usageList struct {
	Total   *cloud.Int    `json:"total_count"`
	Records []usageRecord `json:"free_resource_records"`
}

// Complete reports whether the answer has a list, or a count of 0.
func (l *usageList) Complete() bool { return l.Records != nil || l.Total != nil && *l.Total == 0 }

// Usage reads what a package was charged per day, oldest first. Billing keeps
// 90 days; days without a charge are missing.
func (c *Client) Usage(ctx context.Context, a account.Access, packageID string, from, to time.Time) ([]meter.Use, error) {
	if packageID == "" || len(packageID) > packageIDBytes {
		return nil, fmt.Errorf("bss: usage: %w", cloud.BadID(packageID))
	}
	if earliest := to.AddDate(0, 0, -usageDays); from.Before(earliest) {
		from = earliest
	}
	begin, end := from.In(beijing).Format(time.DateOnly), to.In(beijing).Format(time.DateOnly)
	limit := int32(usagePage)
	days := make(map[int64]decimal.Decimal)
	err := records(func(offset int32) (got, fresh, total int, err error) {
		q := &model.ListFreeResourcesUsageRecordsRequest{FreeResourceId: &packageID, DeductTimeBegin: begin, DeductTimeEnd: end,
			Offset: &offset, Limit: &limit}
		var l usageList
		err = c.do(ctx, a, cloud.Call{Name: "usage", Right: account.RightOrders, Into: &l}, func(s *sdk.BssintlClient) error {
			_, err := s.ListFreeResourcesUsageRecords(q)
			return err
		})
		for _, r := range l.Records {
			day, dated := r.day()
			gb, known := gigabytes(r.Used, int(r.Measure))
			if dated && known && (r.Resource == "" || string(r.Resource) == packageID) {
				days[day.Unix()] = days[day.Unix()].Add(gb)
			}
		}
		return len(l.Records), len(l.Records), totalOf(l.Total), err
	})
	if err != nil {
		return nil, fmt.Errorf("bss: usage of %s: %w", packageID, err)
	}
	out := make([]meter.Use, 0, len(days))
	for at, gb := range days {
		out = append(out, meter.Use{Day: time.Unix(at, 0).In(beijing), GB: gb})
	}
	slices.SortFunc(out, func(x, y meter.Use) int { return x.Day.Compare(y.Day) })
	return out, nil
}

type freePackage struct {
	ID        cloud.Text                  `json:"order_instance_id"`
	Order     cloud.Text                  `json:"order_id"`
	Name      cloud.Text                  `json:"product_name"`
	Region    cloud.Text                  `json:"region_code"`
	Status    cloud.Int                   `json:"status"`
	Effective cloud.Time                  `json:"effective_time"`
	Expires   cloud.Time                  `json:"expire_time"`
	Items     cloud.Loose[[]freeResource] `json:"free_resources"`
}

func (p freePackage) pack() meter.Package {
	out := meter.Package{ID: string(p.ID), OrderID: string(p.Order), Region: string(p.Region), Name: string(p.Name),
		Status: int(p.Status), Effective: p.Effective.Time, Expires: p.Expires.Time}
	for _, r := range p.Items.V {
		m := r.reading()
		out.Items = append(out.Items,
			meter.Item{ID: m.PackageID, Usage: m.Usage, Left: m.Left, Total: m.Total, Known: m.Known, Unit: m.Unit})
	}
	return out
}

type freePackageList struct {
	Total    *cloud.Int    `json:"total_count"`
	Packages []freePackage `json:"free_resource_packages"`
}

// Complete reports whether the answer has a list, or a count of 0.
func (l *freePackageList) Complete() bool {
	return l.Packages != nil || l.Total != nil && *l.Total == 0
}

// Packages reads the data packages that an order brought, for when Config's id
// of a package is not the one that Traffic asks for (cloud-api, 9.11).
func (c *Client) Packages(ctx context.Context, a account.Access, cloudOrderID string) ([]meter.Package, error) {
	if err := checkOrderID(cloudOrderID); err != nil {
		return nil, err
	}
	limit := int32(packagePage)
	var out []meter.Package
	known := make(map[string]bool)
	err := records(func(offset int32) (got, fresh, total int, err error) {
		body := &model.ListFreeResourceInfosReq{OrderId: &cloudOrderID, Offset: &offset, Limit: &limit}
		var l freePackageList
		err = c.do(ctx, a, cloud.Call{Name: "packages", Right: account.RightOrders, Into: &l}, func(s *sdk.BssintlClient) error {
			_, err := s.ListFreeResourceInfos(&model.ListFreeResourceInfosRequest{Body: body})
			return err
		})
		for _, p := range l.Packages {
			if p.ID == "" || known[string(p.ID)] {
				continue
			}
			known[string(p.ID)] = true
			fresh++
			out = append(out, p.pack())
		}
		return len(l.Packages), fresh, totalOf(l.Total), err
	})
	if err != nil {
		return nil, fmt.Errorf("bss: packages of %s: %w", cloudOrderID, err)
	}
	return out, nil
}
