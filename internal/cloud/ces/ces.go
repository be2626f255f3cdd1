// Package ces reads the metrics of servers from Cloud Eye (cloud-api, 10.2).
package ces

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ces/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ces/v1/model"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/server"
	"sampan/internal/cloud"
)

// Client reads metrics.
type Client struct{ API *cloud.API }

var _ server.Monitor = (*Client)(nil)

const (
	namespace = "SYS.ECS"     // what the host measures; no agent is needed
	dimension = "instance_id" // the server, not the FlexusL instance
	maxPoints = 3000          // of one answer
)

// longest is what one question may span by its period; beyond it the cloud
// moves the begin forward without saying so.
var longest = map[time.Duration]time.Duration{
	5 * time.Minute: 24 * time.Hour, 20 * time.Minute: 72 * time.Hour, time.Hour: 240 * time.Hour,
	4 * time.Hour: 720 * time.Hour, 24 * time.Hour: 180 * 24 * time.Hour,
}

type metricList struct {
	Metrics []cloud.Loose[metric] `json:"metrics"`
}

// Complete reports whether the answer has a list.
func (l *metricList) Complete() bool { return l.Metrics != nil }

type metric struct {
	Name   cloud.Text                 `json:"metric_name"`
	Unit   cloud.Text                 `json:"unit"`
	Points cloud.Loose[[]pointOrJunk] `json:"datapoints"`
}

type pointOrJunk = cloud.Loose[struct {
	Average   *cloud.Text `json:"average"`
	Timestamp cloud.Int   `json:"timestamp"`
}]

// Metrics reads server.Metrics of a server from one time to another, as
// averages over a period of 5 or 20 minutes, 1, 4 or 24 hours. Series come in
// that order, each from its oldest point; where the cloud has no value there is
// no point.
func (c *Client) Metrics(ctx context.Context, a account.Access, region, serverID string, from, to time.Time,
	period time.Duration) ([]server.Series, error) {
	span, known := longest[period]
	switch {
	case !cloud.ValidServerID(serverID):
		return nil, fmt.Errorf("ces: metrics: %w", cloud.BadID(serverID))
	case !known:
		return nil, fmt.Errorf("ces: metrics of %s: the cloud has no periods of %v", serverID, period)
	case !from.Before(to):
		return nil, fmt.Errorf("ces: metrics of %s: the time ends before it begins", serverID)
	}
	span = min(span, time.Duration(maxPoints/len(server.Metrics))*period)
	all := make(map[string]*server.Series)
	for begin := from.Truncate(period); begin.Before(to); begin = begin.Add(span) {
		end := begin.Add(span)
		if end.After(to) {
			end = to
		}
		list, err := c.ask(ctx, a, region, serverID, begin, end, period)
		if err != nil {
			return nil, fmt.Errorf("ces: metrics of %s: %w", serverID, err)
		}
		for _, m := range list.Metrics {
			collect(all, m.V, begin, end)
		}
	}
	out := make([]server.Series, 0, len(server.Metrics))
	for _, name := range server.Metrics {
		s := all[name]
		if s == nil {
			s = &server.Series{Metric: name}
		}
		out = append(out, tidy(*s))
	}
	return out, nil
}

// ask makes one question of a span that the cloud answers whole.
func (c *Client) ask(ctx context.Context, a account.Access, region, serverID string, from, to time.Time,
	period time.Duration) (metricList, error) {
	var of model.BatchPeriod
	var average model.Filter
	if err := of.UnmarshalJSON([]byte(strconv.Quote(strconv.Itoa(int(period.Seconds()))))); err != nil {
		return metricList{}, fault.New(fault.Internal, "fault.internal").Because(err)
	}
	average = model.GetFilterEnum().AVERAGE
	body := &model.BatchListMetricDataRequestBody{Period: &of, Filter: &average, From: from.UnixMilli(), To: to.UnixMilli()}
	for _, name := range server.Metrics {
		body.Metrics = append(body.Metrics, model.MetricInfo{Namespace: namespace, MetricName: name,
			Dimensions: []model.MetricsDimension{{Name: dimension, Value: serverID}}})
	}
	var list metricList
	_, err := c.API.Do(ctx, a, cloud.Call{Service: cloud.CES, Name: "metrics", Region: region, Right: account.RightMetrics, Into: &list,
		Send: func(h *core.HcHttpClient) error {
			_, err := sdk.NewCesClient(h).BatchListMetricData(&model.BatchListMetricDataRequest{Body: body})
			return err
		}})
	return list, err
}

// collect adds the points of an answer that lie in the time asked about.
func collect(all map[string]*server.Series, m metric, from, to time.Time) {
	name := string(m.Name)
	s := all[name]
	if s == nil {
		s = &server.Series{Metric: name}
		all[name] = s
	}
	if m.Unit != "" {
		s.Unit = string(m.Unit)
	}
	for _, p := range m.Points.V {
		at := time.UnixMilli(int64(p.V.Timestamp)).UTC()
		if p.V.Average == nil || at.Before(from) || !at.Before(to) {
			continue
		}
		if v, err := strconv.ParseFloat(string(*p.V.Average), 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
			s.Points = append(s.Points, server.Point{At: at, Value: v})
		}
	}
}

// tidy sorts the points and keeps one for each time.
func tidy(s server.Series) server.Series {
	slices.SortStableFunc(s.Points, func(a, b server.Point) int { return a.At.Compare(b.At) })
	s.Points = slices.CompactFunc(s.Points, func(a, b server.Point) bool { return a.At.Equal(b.At) })
	return s
}
