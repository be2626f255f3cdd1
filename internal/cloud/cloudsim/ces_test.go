package cloudsim_test

import (
	"net/http"
	"testing"
	"time"

	"sampan/internal/cloud/cloudsim"
)

func (w *wire) metrics(id, name, period, filter string, from, to time.Time, more ...string) answer {
	w.t.Helper()
	var metrics []any
	for _, n := range append([]string{name}, more...) {
		metrics = append(metrics, map[string]any{"namespace": "SYS.ECS", "metric_name": n,
			"dimensions": []any{map[string]any{"name": "instance_id", "value": id}}})
	}
	return w.call("POST", "/V1.0/"+w.project("ap-southeast-3")+"/batch-query-metric-data", "ap-southeast-3", map[string]any{
		"metrics": metrics, "period": period, "filter": filter, "from": from.UnixMilli(), "to": to.UnixMilli()})
}

func TestMetrics(t *testing.T) {
	w := fleet(t, cloudsim.Options{}, 30)
	id, now := w.server("ACTIVE"), w.s.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	a := w.metrics(id, "cpu_util", "300", "average", ago(time.Hour), now, "network_incoming_bytes_aggregate_rate")
	check(t, "metrics", a.len("metrics"), 2)
	check(t, "unit", a.at("metrics", 0, "unit"), "%")
	check(t, "the server", a.at("metrics", 0, "dimensions", 0, "value"), id)
	first := a.at("metrics", 0, "datapoints", 0, "timestamp")
	check(t, "the same again",
		w.metrics(id, "cpu_util", "300", "average", ago(time.Hour), now).at("metrics", 0, "datapoints", 0, "timestamp"), first)
	check(t, "on a period", int64(number(t, first))%300_000, int64(0))
	if n := a.len("metrics", 0, "datapoints"); n < 1 || n > 13 {
		t.Errorf("points of an hour: got %d", n)
	}
	lowest, mean := w.metrics(id, "cpu_util", "3600", "min", ago(6*time.Hour), now),
		w.metrics(id, "cpu_util", "3600", "average", ago(6*time.Hour), now)
	if number(t, lowest.at("metrics", 0, "datapoints", 0, "min")) > number(t, mean.at("metrics", 0, "datapoints", 0, "average")) {
		t.Error("the lowest value is above the mean")
	}
	check(t, "a finer period has the raw values",
		w.metrics(id, "cpu_util", "1", "average", ago(time.Hour), now).len("metrics", 0, "datapoints") <= 13, true)
	check(t, "what needs an agent", w.metrics(id, "mem_util", "300", "average", ago(time.Hour), now).len("metrics", 0, "datapoints"), 0)
	check(t, "nobody's server",
		w.metrics("00000000-0000", "cpu_util", "300", "average", ago(time.Hour), now).len("metrics", 0, "datapoints"), 0)
	check(t, "the future",
		w.metrics(id, "cpu_util", "300", "average", now.Add(time.Hour), now.Add(2*time.Hour)).len("metrics", 0, "datapoints"), 0)
	// a day is the most at five minutes: the begin moves without a word
	early := number(t, w.metrics(id, "cpu_util", "300", "average", ago(72*time.Hour), now).at("metrics", 0, "datapoints", 0, "timestamp"))
	if at := time.UnixMilli(int64(early)); at.Before(ago(25 * time.Hour)) {
		t.Errorf("three days at once begin at %v", at)
	}
	w.outside(map[string]any{"server": id, "power": "SHUTOFF"})
	move(t, w.s, 2*time.Hour)
	check(t, "while it does not run",
		w.metrics(id, "cpu_util", "300", "average", now.Add(time.Hour), now.Add(2*time.Hour)).len("metrics", 0, "datapoints"), 0)
	for name, bad := range map[string]answer{
		"a period nobody has":      w.metrics(id, "cpu_util", "7", "average", ago(time.Hour), now),
		"a filter nobody has":      w.metrics(id, "cpu_util", "300", "median", ago(time.Hour), now),
		"ending before it begins":  w.metrics(id, "cpu_util", "300", "average", now, ago(time.Hour)),
		"a metric without a name":  w.metrics(id, "", "300", "average", ago(time.Hour), now),
		"seconds, not miliseconds": w.metrics(id, "cpu_util", "300", "average", time.UnixMilli(now.Unix()), now),
	} {
		check(t, name, bad.status, http.StatusBadRequest)
		check(t, name+": code", bad.at("details", "code"), "ces.0014")
	}
}

// Somewhere in a month there is a gap, and most of it is there.
func TestMetricsHaveGaps(t *testing.T) {
	w := start(t, cloudsim.Options{Seed: "gaps"})
	w.must(w.s.SetClock(time.Date(2030, 6, 1, 0, 0, 0, 0, time.UTC))) // so that it is the same gaps
	w.must(w.s.Fleet("Sandbox", 30))
	id, now := w.server("ACTIVE"), w.s.Now()
	n := w.metrics(id, "cpu_util", "3600", "average", now.AddDate(0, 0, -9), now).len("metrics", 0, "datapoints")
	if n < 200 || n >= 216 {
		t.Errorf("%d of 216 hours have values", n)
	}
}

// TestDailyUse has hours of its own: a day is charged two hours after its end in Beijing, at 18:00 UTC.
func TestDailyUse(t *testing.T) {
	w := start(t, cloudsim.Options{Seed: "daily use"})
	set := func(clock string) { w.must(w.s.SetClock(must(time.Parse(time.DateTime, clock))(t, "clock"))) }
	set("2026-06-15 00:00:00")
	w.must(w.s.Fleet("Sandbox", 30))
	pack := w.call("POST", "/v3/payments/free-resources/query", "", map[string]any{"status": 1}).
		at("free_resource_packages", 0, "free_resources", 0, "free_resource_id").(string)
	day := func(ago int) string { return w.s.Now().AddDate(0, 0, -ago).Format(time.DateOnly) }
	usage := func(query string) answer {
		return w.call("GET", "/v2/bills/customer-bills/free-resources-usage-records?"+query, "", nil)
	}
	var a answer
	for _, at := range []struct {
		clock string
		want  int
	}{{"2026-06-15 00:00:00", 20}, {"2026-06-15 15:59:00", 20}, {"2026-06-15 16:00:00", 20}, {"2026-06-15 17:59:00", 20},
		{"2026-06-15 18:00:00", 21}, {"2026-06-15 23:59:00", 21}} {
		set(at.clock)
		a = usage("free_resource_id=" + pack + "&limit=100&deduct_time_begin=" + day(20) + "&deduct_time_end=" + day(0))
		check(t, at.clock+": records of 20 days and of today", a.len("free_resource_records"), at.want)
	}
	check(t, "unit", a.at("free_resource_records", 0, "measure_id"), "10")
	if used := number(t, a.at("free_resource_records", 0, "used_amount")); used <= 0 {
		t.Errorf("used: got %v", used)
	}
	check(t, "a page", usage("free_resource_id="+pack+"&limit=1&offset=1&deduct_time_begin="+day(20)+"&deduct_time_end="+day(0)).
		len("free_resource_records") <= 1, true)
	check(t, "nobody's", usage("free_resource_id=x&deduct_time_begin="+day(20)+"&deduct_time_end="+day(0)).len("free_resource_records"), 0)
	for _, bad := range []string{"", "deduct_time_begin=" + day(1), "deduct_time_begin=" + day(91) + "&deduct_time_end=" + day(0),
		"deduct_time_begin=" + day(0) + "&deduct_time_end=" + day(1), "deduct_time_begin=2026-1-1&deduct_time_end=" + day(0)} {
		refused(t, bad, usage(bad), http.StatusBadRequest, "CBC.0100")
	}
}
