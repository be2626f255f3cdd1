package cloudsim

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// CES has values of a server every five minutes. They are invented: a pure function of server, metric and time, so that
// two readings never disagree. There are none before the server ran, while it is stopped, and in about one hour
// of every six days.

const rawPeriod = 300 * time.Second

// longestRange is what one query may span; from is moved forward silently to keep it, and the number of points.
var longestRange = map[int]time.Duration{1: 4 * time.Hour, 60: 12 * time.Hour, 300: 24 * time.Hour, 1200: 72 * time.Hour,
	3600: 240 * time.Hour, 14400: 720 * time.Hour, 86400: 180 * 24 * time.Hour}

const (
	maxMetrics = 500
	maxPoints  = 3000
)

var filters = []string{"average", "max", "min", "sum", "variance"}

// metricUnits are the metrics that a server has without an agent in it; the others have no points.
var metricUnits = map[string]string{
	"cpu_util": "%", "disk_read_bytes_rate": "Byte/s", "disk_write_bytes_rate": "Byte/s", "disk_read_requests_rate": "request/s",
	"disk_write_requests_rate": "request/s", "network_incoming_bytes_aggregate_rate": "Byte/s",
	"network_outgoing_bytes_aggregate_rate": "Byte/s", "network_vm_connections": "count",
}

type metricQuery struct {
	Metrics []struct {
		Namespace  string `json:"namespace"`
		Name       string `json:"metric_name"`
		Dimensions []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"dimensions"`
	} `json:"metrics"`
	Period string `json:"period"`
	Filter string `json:"filter"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
}

// metrics answers POST /V1.0/{project_id}/batch-query-metric-data.
func (c *Cloud) metrics(x *exchange) reply {
	var q metricQuery
	bad := refuse(&failure{status: http.StatusBadRequest, code: "ces.0014", message: "Some content in message body is not correct"})
	if !decode(x.body, &q) || len(q.Metrics) == 0 || len(q.Metrics) > maxMetrics || !slices.Contains(filters, q.Filter) ||
		q.From >= q.To || q.From < 1111111111111 || q.To > 9999999999999 {
		return bad
	}
	seconds, err := strconv.Atoi(q.Period)
	longest, known := longestRange[seconds]
	if err != nil || !known {
		return bad
	}
	period := max(rawPeriod, time.Duration(seconds)*time.Second) // nothing is finer than the raw values
	from, to := time.UnixMilli(q.From).UTC(), time.UnixMilli(q.To).UTC()
	allowed := time.Duration(maxPoints/len(q.Metrics)) * time.Duration(seconds) * time.Second
	if span := min(longest, allowed); to.Sub(from) > span {
		from = to.Add(-span)
	}
	out := list{}
	for _, m := range q.Metrics {
		if m.Name == "" || m.Namespace == "" || len(m.Dimensions) == 0 || len(m.Dimensions) > 4 {
			return bad
		}
		points := list{}
		unit, has := metricUnits[m.Name]
		in := c.server(x, m.Dimensions[0].Value)
		if has && in != nil && m.Namespace == "SYS.ECS" && m.Dimensions[0].Name == "instance_id" {
			points = in.points(m.Name, q.Filter, from, to, period, x.now)
		}
		dimensions := list{}
		for _, d := range m.Dimensions {
			dimensions = append(dimensions, obj{"name": d.Name, "value": d.Value})
		}
		out = append(out,
			obj{"namespace": m.Namespace, "metric_name": m.Name, "dimensions": dimensions, "unit": unit, "datapoints": points})
	}
	return ok(obj{"metrics": out})
}

// points are the periods between from and to that have a value, each at its start.
func (in *instance) points(metric, filter string, from, to time.Time, period time.Duration, now time.Time) list {
	out := list{}
	seed := hashOf(in.ID, metric)
	for at := from.Truncate(period); at.Before(to); at = at.Add(period) {
		var raw []float64
		for t := at; t.Before(at.Add(period)); t = t.Add(rawPeriod) {
			if in.measured(t, now) {
				raw = append(raw, value(metric, seed, t))
			}
		}
		if len(raw) > 0 {
			out = append(out, obj{filter: math.Round(aggregate(filter, raw)*100) / 100, "timestamp": at.UnixMilli()})
		}
	}
	return out
}

// measured says whether there is a raw value of that time: the agent of the host had something to measure and did.
func (in *instance) measured(t, now time.Time) bool {
	if t.Before(in.Active) || t.Add(rawPeriod).After(now) || t.After(in.Expires.Add(graceLasts)) {
		return false
	}
	if stopped := in.edits().Changed; in.Power != "ACTIVE" && !t.Before(stopped) {
		return false
	}
	hour := uint64(t.Unix() / 3600)
	return mix(hashOf(in.ID, "gaps")+hour)%150 != 0
}

// mix spreads a number over 64 bits (SplitMix64).
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// value has a level of the server's own, a day's rhythm, noise, and now and then a burst.
func value(metric string, seed uint64, t time.Time) float64 {
	noise := float64(mix(seed+uint64(t.Unix()/300))%1000) / 1000
	level := float64(mix(seed)%100) / 100
	hour := float64(t.Unix()%86400) / 86400
	rhythm := 0.5 + 0.5*math.Sin(2*math.Pi*(hour+level))
	v := level*0.3 + rhythm*0.4 + noise*0.15
	if mix(seed+uint64(t.Unix()/1800))%40 == 0 {
		v += 0.5
	}
	switch metric {
	case "cpu_util":
		return min(100, 1+v*60)
	case "network_vm_connections":
		return math.Round(v * 200)
	case "disk_read_requests_rate", "disk_write_requests_rate":
		return v * 80
	case "disk_read_bytes_rate", "disk_write_bytes_rate":
		return v * 2e6
	}
	return v * 6e5
}

func aggregate(filter string, raw []float64) float64 {
	sum := 0.0
	for _, v := range raw {
		sum += v
	}
	mean := sum / float64(len(raw))
	switch filter {
	case "max":
		return slices.Max(raw)
	case "min":
		return slices.Min(raw)
	case "sum":
		return sum
	case "variance":
		squares := 0.0
		for _, v := range raw {
			squares += (v - mean) * (v - mean)
		}
		return squares / float64(len(raw))
	}
	return mean
}
