package cloudsim

import (
	"net/http"
	"slices"
	"strings"
)

// balance answers GET /v2/accounts/customer-accounts/balances.
func (c *Cloud) balance(x *exchange) reply {
	a := x.caller.acct
	row := func(id string, kind int, amount int64) obj {
		return obj{"account_id": id, "account_type": kind, "amount": cents(amount), "currency": a.Currency,
			"designated_amount": 0, "credit_amount": 0, "measure_id": 1}
	}
	return ok(obj{"account_balances": list{row("BA"+strings.ToUpper(a.ID[:8]), 1, c.funds(a, x.now)),
		row("CA"+strings.ToUpper(a.ID[:8]), 2, 0)},
		"debt_amount": 0, "measure_id": 1, "currency": a.Currency})
}

type priceProduct struct {
	ID          string `json:"id"`
	Service     string `json:"cloud_service_type"`
	Type        string `json:"resource_type"`
	Spec        string `json:"resource_spec"`
	Region      string `json:"region"`
	Size        int    `json:"resource_size"`
	SizeMeasure int    `json:"size_measure_id"`
	PeriodType  int    `json:"period_type"`
	PeriodNum   int    `json:"period_num"`
	Count       int    `json:"subscription_num"`
}

// price answers POST /v2/bills/ratings/period-resources/subscribe-rate. It knows the plan specifications under the
// codes of cloud service type and resource type that orders carry, and the extras by their resource types.
func (c *Cloud) price(x *exchange) reply {
	var q struct {
		Project  string         `json:"project_id"`
		Products []priceProduct `json:"product_infos"`
	}
	if !decode(x.body, &q) || q.Project == "" || len(q.Products) == 0 || len(q.Products) > 100 {
		return refuse(badParameter("project_id or product_infos"))
	}
	var sum int64
	seen, rows := map[string]bool{}, list{}
	for _, p := range q.Products {
		if p.ID == "" || seen[p.ID] {
			return refuse(badParameter("product_infos.id"))
		}
		seen[p.ID] = true
		amount, f := p.amount(x.caller.acct)
		if f != nil {
			return refuse(f)
		}
		sum += amount
		rows = append(rows,
			obj{"id": p.ID, "product_id": productID(p.Spec + p.Type), "official_website_amount": cents(amount), "measure_id": 1})
	}
	return ok(obj{"official_website_rating_result": obj{"official_website_amount": cents(sum), "measure_id": 1,
		"product_rating_results": rows},
		"optional_discount_rating_results": nil, "currency": x.caller.acct.Currency})
}

func (p priceProduct) amount(a *account) (int64, *failure) {
	unknown := bssError("CBC.99006006", "The product is not found.")
	if p.Count < 1 || p.PeriodNum < 1 {
		return 0, badParameter("subscription_num or period_num")
	}
	months, yearly := p.PeriodNum, p.PeriodType == 3
	switch {
	case yearly && p.PeriodNum <= maxYears:
		months = 12 * p.PeriodNum
	case p.PeriodType != 2 || p.PeriodNum > maxMonths:
		return 0, bssError("CBC.99006000", "The period is not available.")
	}
	if a.project(p.Region) == "" {
		return 0, unknown
	}
	monthly := int64(0)
	switch s, known := specByCode(p.Spec); {
	case p.Type == flexusThing && p.Service == flexusType && known:
		monthly = s.monthlyCent
	case p.Type == "hws.resource.type.volume" && p.SizeMeasure == measureGigabyte && p.Size > 0:
		monthly = int64(p.Size) * diskCentsPerGiB
	case p.Type == "hws.resource.type.cbr" && p.SizeMeasure == measureGigabyte && p.Size > 0:
		monthly = int64(p.Size) * vaultCentsPerGiB
	case p.Type == "hws.resource.type.hss":
		monthly = securityCents
	default:
		return 0, unknown
	}
	return int64(p.Count) * billed(monthly, p.Region, months, yearly), nil
}

// specCheck answers POST /v2/products/resource-specs-query: which specification codes BSS knows.
func (c *Cloud) specCheck(x *exchange) reply {
	var q struct {
		Service string `json:"cloud_service_type"`
		Type    string `json:"resource_type"`
		Region  string `json:"region_code"`
		Mode    string `json:"charge_mode"`
		Filters []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"filters"`
		Marker string `json:"marker"`
		Limit  *int   `json:"limit"`
	}
	if !decode(x.body, &q) || q.Service == "" || q.Type == "" || q.Region == "" || q.Mode == "" {
		return refuse(badParameter("cloud_service_type, resource_type, region_code or charge_mode"))
	}
	limit := 100
	if q.Limit != nil {
		limit = *q.Limit
	}
	if limit < 1 || limit > 100 {
		return refuse(&failure{status: http.StatusBadRequest, code: "CBC.0100", message: "Parameter error: limit"})
	}
	var hits list
	for _, s := range specifications {
		if q.Service != flexusType || q.Type != flexusThing || q.Mode != "1" || !sold(s, q.Region) {
			continue
		}
		wanted := true
		for _, f := range q.Filters {
			wanted = wanted && f.Key == "RESOURCE_SPEC" && f.Value == s.code
		}
		if wanted && s.code > q.Marker {
			hits = append(hits, obj{"cloud_service_type": flexusType, "cloud_service_type_name": flexusName,
				"resource_type": flexusThing, "resource_type_name": flexusName, "resource_spec": s.code,
				"resource_spec_name": s.description() + simulated, "charge_mode": "1", "region_code": q.Region})
		}
	}
	return ok(specPage(hits, limit))
}

// specPage cuts after limit; the marker is the last code of the page. Codes come sorted here, so a marker is a place.
func specPage(hits list, limit int) obj {
	sortBySpec(hits)
	info := obj{"next_marker": nil}
	if len(hits) > limit {
		hits = hits[:limit]
		info["next_marker"] = hits[limit-1].(obj)["resource_spec"]
	}
	if hits == nil {
		hits = list{}
	}
	return obj{"cloud_service_basics": hits, "page_info": info}
}

func sortBySpec(hits list) {
	slices.SortFunc(hits, func(a, b any) int {
		return strings.Compare(a.(obj)["resource_spec"].(string), b.(obj)["resource_spec"].(string))
	})
}

// sold says whether any image can have the specification in the region.
func sold(s specification, region string) bool {
	return slices.Contains(soldRegions, region) && (s.code != smallestSpec || slices.Contains(smallestIn, region))
}
