package bss_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/meter"
	"sampan/internal/cloud"
	"sampan/internal/cloud/bss"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
)

const packageID = "4fb5cd67-73f8-4313-bc1b-f76ed15c9d09"

func gb(s string) decimal.Decimal { return decimal.RequireFromString(s) }

const usages = `{"free_resources":[{"free_resource_id":"4fb5cd67-73f8-4313-bc1b-f76ed15c9d09","free_resource_type_name":"Lightweight BGP data package","usage_type_name":"Uplink traffic",
  "quota_reuse_cycle":4,"quota_reuse_cycle_type":2,"start_time":"2024-09-13T07:30:00Z","end_time":"2024-10-13T16:00:00Z","amount":180,"original_amount":200,"measure_id":10}]}`

func TestReadingTraffic(t *testing.T) {
	whole := meter.Reading{PackageID: packageID, Left: gb("180"), Total: gb("200"), Known: true, Unit: 10,
		Name: "Lightweight BGP data package", Usage: "Uplink traffic", CycleStart: time.Date(2024, 9, 13, 7, 30, 0, 0, time.UTC),
		CycleEnd: time.Date(2024, 10, 13, 16, 0, 0, 0, time.UTC)}
	with := func(change func(*meter.Reading)) meter.Reading { r := whole; change(&r); return r }
	unknown := func(unit int) meter.Reading {
		return with(func(r *meter.Reading) {
			r.Left, r.Total, r.Known, r.Unit = decimal.Decimal{}, decimal.Decimal{}, false, unit
		})
	}
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(usages) }
	for name, tt := range map[string]struct {
		in   string
		want meter.Reading
	}{
		"the example":       {usages, whole},
		"amounts as text":   {replace("180", `"180.25"`, "200", `"200"`), with(func(r *meter.Reading) { r.Left = gb("180.25") })},
		"nothing left":      {replace("180", "0"), with(func(r *meter.Reading) { r.Left = gb("0") })},
		"megabytes":         {replace(`"measure_id":10`, `"measure_id":11`, "180", "512", "200", "1024"), with(func(r *meter.Reading) { r.Left, r.Total, r.Unit = gb("0.5"), gb("1"), 11 })},
		"a unit of nothing": {replace(`"measure_id":10`, `"measure_id":4`), unknown(4)},
		"no unit":           {replace(`"measure_id":10`, `"measure_id":null`), unknown(0)},
		"no amount left":    {replace("180", "null"), unknown(10)},
		"no cycle": {replace(`"2024-09-13T07:30:00Z"`, "null", `"2024-10-13T16:00:00Z"`, `""`),
			with(func(r *meter.Reading) { r.CycleStart, r.CycleEnd = time.Time{}, time.Time{} })},
	} {
		t.Run(name, func(t *testing.T) {
			c, a := billing(t, tt.in)
			got, err := c.Traffic(t.Context(), a, []string{packageID})
			if d := cmp.Diff([]meter.Reading{tt.want}, got, sameMoney); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		})
	}
	c, a := billing(t, `{"free_resources":[]}`)
	if got, err := c.Traffic(t.Context(), a, []string{packageID}); err != nil || len(got) != 0 {
		t.Errorf("a package that billing does not know: got %v, %v", got, err)
	}
	c, a = billing(t, usages)
	if got, err := c.Traffic(t.Context(), a, []string{"another"}); err != nil || len(got) != 0 {
		t.Errorf("a package that nobody asked about: got %v, %v", got, err)
	}
	c, a = billing(t, `{}`)
	if _, err := c.Traffic(t.Context(), a, []string{packageID}); !fault.Is(err, fault.Unreachable) {
		t.Errorf("an answer without a list: got %v", err)
	}
}

// TestTrafficInHundreds: 250 packages are three questions; when one of them
// fails, the others' readings are not lost.
func TestTrafficInHundreds(t *testing.T) {
	var mu sync.Mutex
	var asked []int
	refuse := ""
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			IDs []string `json:"free_resource_ids"`
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		mu.Lock()
		asked = append(asked, len(q.IDs))
		mu.Unlock()
		if r.Header.Get("X-Language") != "en_US" {
			t.Error("names would come in Chinese")
		}
		if slices.Contains(q.IDs, refuse) {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"error_code":"CBC.0100","error_msg":"no"}`)
			return
		}
		var rows []string
		for _, id := range q.IDs {
			rows = append(rows, fmt.Sprintf(`{"free_resource_id":%q,"amount":1,"original_amount":2,"measure_id":10}`, id))
		}
		_, _ = io.WriteString(w, `{"free_resources":[`+strings.Join(rows, ",")+`]}`)
	}))
	ids := make([]string, 250)
	for i := range ids {
		ids[i] = fmt.Sprintf("package-%03d", i)
	}
	c := &bss.Client{API: cloudtest.API()}
	got, err := c.Traffic(t.Context(), a, ids)
	if err != nil || len(got) != 250 || got[0].PackageID != ids[0] || got[249].PackageID != ids[249] {
		t.Fatalf("got %d, %v, want all in order", len(got), err)
	}
	slices.Sort(asked)
	if d := cmp.Diff([]int{50, 100, 100}, asked); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	refuse = "package-150"
	got, err = c.Traffic(t.Context(), a, ids)
	if !fault.Is(err, fault.Refused) || len(got) != 150 {
		t.Errorf("got %d, %v, want those of two questions and the refusal of the third", len(got), err)
	}
	if _, err := c.Traffic(t.Context(), a, []string{strings.Repeat("x", 65)}); fault.Of(err).Message.ID != "cloud.id" {
		t.Errorf("an id that is too long: got %v", err)
	}
}

func TestReadingDailyUse(t *testing.T) {
	record := func(deducted, begin, used string, unit int) string {
		return fmt.Sprintf(`{"deduct_time":%q,"effective_time":%s,"free_resource_id":%q,"used_amount":%s,"measure_id":%d}`, deducted, begin,
			packageID, used, unit)
	}
	c, a := billing(t, `{"total_count":6,"free_resource_records":[`+strings.Join([]string{
		record("2026-03-03T18:00:00Z", `"2026-03-02T16:00:00Z"`, `"1.50"`, 10), // 3 March in Beijing
		record("2026-03-03T18:05:00Z", `"2026-03-03T10:00:00Z"`, `0.25`, 10),
		record("2026-03-02T18:00:00Z", `"2026-03-01T16:00:00Z"`, `"1024"`, 11),
		record("2026-03-01T15:00:00Z", `null`, `"2"`, 10), // by the time of the charge
		record("2026-03-01T15:00:00Z", `null`, `"2"`, 7),
		`{"used_amount":"5","measure_id":10}`,
	}, ",")+`]}`)
	got, err := c.Usage(t.Context(), a, packageID, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC))
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.FixedZone("UTC+8", 8*3600)) }
	want := []meter.Use{{Day: day(1), GB: gb("2")}, {Day: day(2), GB: gb("1")}, {Day: day(3), GB: gb("1.75")}}
	if d := cmp.Diff(want, got, sameMoney); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

// TestDailyUseIsOf90Days: billing refuses more, so the begin is moved.
func TestDailyUseIsOf90Days(t *testing.T) {
	var query []string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		query = append(query, q.Get("deduct_time_begin")+" "+q.Get("deduct_time_end")+" "+q.Get("free_resource_id"))
		_, _ = io.WriteString(w, `{"total_count":0,"free_resource_records":null}`)
	}))
	to := time.Date(2026, 3, 4, 20, 0, 0, 0, time.UTC) // 5 March in Beijing
	got, err := (&bss.Client{API: cloudtest.API()}).Usage(t.Context(), a, packageID, to.AddDate(-1, 0, 0), to)
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	if d := cmp.Diff([]string{"2025-12-05 2026-03-05 " + packageID}, query); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReadingPackages(t *testing.T) {
	c, a := billing(t, `{"total_count":1,"free_resource_packages":[{"order_instance_id":"01297-1","order_id":"`+orderNo+`","product_name":"Data package","region_code":"ap-southeast-3",
	  "status":1,"effective_time":"2024-09-13T07:30:00Z","expire_time":"2024-10-13T16:00:00Z","free_resources":[
	  {"free_resource_id":"`+packageID+`","usage_type_name":"Uplink traffic","amount":"180.5","original_amount":"200","measure_id":10}]}]}`)
	got, err := c.Packages(t.Context(), a, orderNo)
	want := []meter.Package{{ID: "01297-1", OrderID: orderNo, Region: "ap-southeast-3", Name: "Data package", Status: 1,
		Effective: time.Date(2024, 9, 13, 7, 30, 0, 0, time.UTC), Expires: time.Date(2024, 10, 13, 16, 0, 0, 0, time.UTC),
		Items: []meter.Item{{ID: packageID, Usage: "Uplink traffic", Left: gb("180.5"), Total: gb("200"), Known: true, Unit: 10}}}}
	if d := cmp.Diff(want, got, sameMoney); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	if _, err := c.Packages(t.Context(), a, "no number"); fault.Of(err).Message.ID != "cloud.id" {
		t.Errorf("no order: got %v", err)
	}
}

func TestTrafficOfTheSandbox(t *testing.T) {
	const sample = 20 // packages: among so many some are old enough to have been used
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			if err := s.Fleet("Sandbox", 130); err != nil {
				t.Fatal(err)
			}
			c, a := &bss.Client{API: cloudtest.API()}, cloudtest.Access(t, s, "Sandbox", cred)
			orders, err := c.Orders(t.Context(), a, s.Now().AddDate(-3, 0, 0), s.Now())
			if err != nil || len(orders) != 130 {
				t.Fatalf("orders: got %d, %v", len(orders), err)
			}
			var ids []string
			for _, o := range orders[:sample] {
				packs, err := c.Packages(t.Context(), a, o.ID)
				if err != nil || len(packs) != 1 || len(packs[0].Items) != 1 || packs[0].OrderID != o.ID {
					t.Fatalf("packages of %s: got %+v, %v", o.ID, packs, err)
				}
				ids = append(ids, packs[0].Items[0].ID)
			}
			got, err := c.Traffic(t.Context(), a, append(ids, "unknown"))
			if err != nil || len(got) != sample {
				t.Fatalf("traffic: got %+v, %v", got, err)
			}
			for _, r := range got {
				if !r.Known || r.Total.Sign() <= 0 || r.Left.GreaterThan(r.Total) || !r.CycleStart.Before(r.CycleEnd) ||
					r.Name != "Lightweight BGP data package" {
					t.Errorf("got %+v", r)
				}
			}
			used := 0
			for _, id := range ids {
				use, err := c.Usage(t.Context(), a, id, s.Now().AddDate(0, 0, -90), s.Now())
				if err != nil || !slices.IsSortedFunc(use, func(x, y meter.Use) int { return x.Day.Compare(y.Day) }) {
					t.Errorf("daily use: got %v, %v", use, err)
				}
				used += len(use)
			}
			if used == 0 {
				t.Error("nobody used anything in 90 days")
			}
		})
	}
}

// TestAnyTrafficAnswerIsRead: no answer, however odd, may panic or make up an amount.
func TestAnyTrafficAnswerIsRead(t *testing.T) {
	var body string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	rapid.Check(t, func(t *rapid.T) {
		body = cloudtest.Mutate(t, usages)
		limits := cloudtest.Limits()
		limits.ReadTotal = 1
		got, err := (&bss.Client{API: cloud.New(cloud.Options{Limits: limits})}).Traffic(context.Background(), a, []string{packageID})
		if err != nil && !fault.Is(err, fault.Unreachable) {
			t.Fatalf("%s: %v", body, err)
		}
		for _, r := range got {
			if r.PackageID != packageID || !r.Known && (!r.Left.IsZero() || !r.Total.IsZero()) {
				t.Fatalf("%s: %+v", body, r)
			}
		}
	})
}
