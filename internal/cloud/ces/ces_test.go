package ces_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/server"
	"sampan/internal/cloud"
	"sampan/internal/cloud/ces"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ecs"
)

const (
	region     = "ap-southeast-3"
	someServer = "72a270de-665a-4f46-8d64-24ad6edccdd2"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func at(minutes int) int64 { return noon.Add(time.Duration(minutes) * time.Minute).UnixMilli() }

func ask(t *testing.T, answer string) ([]server.Series, error) {
	t.Helper()
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
	return (&ces.Client{API: cloudtest.API()}).Metrics(t.Context(), a, region, someServer, noon, noon.Add(time.Hour), 5*time.Minute)
}

func TestReadingSeries(t *testing.T) {
	points := fmt.Sprintf(`[{"average":2.5,"timestamp":%d},{"average":"1","timestamp":%d},{"average":9,"timestamp":%d},{"timestamp":%d},{"average":null,"timestamp":%d},
		{"average":"x","timestamp":%d},7,{"average":3,"timestamp":%d},{"average":3,"timestamp":%d}]`, at(10), at(5), at(10), at(15), at(20), at(25), at(-5), at(60))
	got, err := ask(t, `{"metrics":[{"namespace":"SYS.ECS","metric_name":"cpu_util","unit":"%","datapoints":`+points+`},
		{"metric_name":"disk_read_bytes_rate","unit":null,"datapoints":null},{"metric_name":"something_new","datapoints":[]},null]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []server.Series{
		{Metric: server.CPU, Unit: "%", Points: []server.Point{{At: noon.Add(5 * time.Minute), Value: 1}, {At: noon.Add(10 * time.Minute), Value: 2.5}}},
		{Metric: server.NetworkIn}, {Metric: server.NetworkOut}, {Metric: server.DiskRead}, {Metric: server.DiskWrite},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, garbled := range []string{`{}`, `[]`, `<html>`, `{"metrics":null}`, `{"metrics":{}}`} {
		if _, err := ask(t, garbled); !fault.Is(err, fault.Unreachable) {
			t.Errorf("%s: got %v", garbled, err)
		}
	}
}

// TestLongTimesAreAskedInPieces: the cloud would move the begin of a question
// that is too long, and say nothing.
func TestLongTimesAreAskedInPieces(t *testing.T) {
	for name, tt := range map[string]struct {
		period, span time.Duration
		calls        int
	}{
		"an hour":                   {5 * time.Minute, time.Hour, 1},
		"a day":                     {5 * time.Minute, 24 * time.Hour, 1},
		"three days in fives":       {5 * time.Minute, 72 * time.Hour, 3},
		"a week in hours":           {time.Hour, 168 * time.Hour, 1},
		"90 days in days":           {24 * time.Hour, 90 * 24 * time.Hour, 1},
		"40 days in hours":          {time.Hour, 40 * 24 * time.Hour, 4},
		"less than a period":        {time.Hour, time.Minute, 1},
		"a week in twenty minutes":  {20 * time.Minute, 168 * time.Hour, 3},
		"half a year in four hours": {4 * time.Hour, 180 * 24 * time.Hour, 6},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var asked []struct{ From, To int64 }
			a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var q struct {
					From, To int64
					Period   string
					Metrics  []any
				}
				if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Period != fmt.Sprint(int(tt.period.Seconds())) ||
					r.URL.Path != "/V1.0/067cf8aecf3845d1ad7a5d308322f13b/batch-query-metric-data" {
					t.Errorf("asked %s for a period of %q, %v", r.URL.Path, q.Period, err)
				}
				if n := int64(len(q.Metrics)) * (q.To - q.From) / tt.period.Milliseconds(); n > 3000 {
					t.Errorf("%d points at once", n)
				}
				mu.Lock()
				asked = append(asked, struct{ From, To int64 }{q.From, q.To})
				mu.Unlock()
				_, _ = io.WriteString(w, `{"metrics":[]}`)
			}))
			from := noon.Add(-tt.span)
			if _, err := (&ces.Client{API: cloudtest.API()}).Metrics(t.Context(), a, region, someServer, from, noon,
				tt.period); err != nil {
				t.Fatal(err)
			}
			first, last := asked[0].From, asked[len(asked)-1].To
			if n := len(asked); n < tt.calls || n > tt.calls+1 || first > from.UnixMilli() || last != noon.UnixMilli() {
				t.Errorf("got %d calls from %d to %d, want %d from %d to %d", n, first, last, tt.calls, from.UnixMilli(), noon.UnixMilli())
			}
			for i := 1; i < len(asked); i++ {
				if asked[i].From != asked[i-1].To {
					t.Errorf("piece %d begins at %d, the one before ends at %d", i, asked[i].From, asked[i-1].To)
				}
			}
		})
	}
}

func TestQuestionsThatMakeNoSense(t *testing.T) {
	c := &ces.Client{API: cloudtest.API()}
	for name, err := range map[string]error{
		"a period nobody has": second(c.Metrics(t.Context(), account.Access{}, region, someServer, noon, noon.Add(time.Hour), time.Minute)),
		"no time":             second(c.Metrics(t.Context(), account.Access{}, region, someServer, noon, noon, time.Hour)),
		"an id with a slash":  second(c.Metrics(t.Context(), account.Access{}, region, "a/../b", noon, noon.Add(time.Hour), time.Hour)),
	} {
		if err == nil {
			t.Errorf("%s: asked", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestAgainstTheSandbox(t *testing.T) {
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			if err := s.Fleet("Sandbox", 60); err != nil {
				t.Fatal(err)
			}
			api := cloudtest.API()
			a := cloudtest.Access(t, s, "Sandbox", cred)
			id := ""
			all, err := (&ecs.Client{API: api}).Servers(t.Context(), a, region, nil)
			for _, x := range all {
				if x.Status == "ACTIVE" {
					id = x.ID
				}
			}
			if err != nil || id == "" {
				t.Fatalf("no server runs, %v", err)
			}
			c := &ces.Client{API: api}
			for period, span := range map[time.Duration]time.Duration{5 * time.Minute: 2 * time.Hour, time.Hour: 30 * time.Hour} {
				got, err := c.Metrics(t.Context(), a, region, id, s.Now().Add(-span), s.Now(), period)
				if err != nil || len(got) != len(server.Metrics) {
					t.Fatalf("got %d series, %v", len(got), err)
				}
				for i, x := range got {
					if x.Metric != server.Metrics[i] || x.Unit == "" || len(x.Points) == 0 || len(x.Points) > int(span/period)+1 {
						t.Errorf("%s in %q: %d points", x.Metric, x.Unit, len(x.Points))
					}
				}
			}
			for kind, want := range map[string]string{"throttle": "", "html_200": "", "status": "cloud.permission"} {
				if _, err := s.AddFault(cloudsim.Fault{Call: "metrics", Kind: kind,
					Status: map[string]int{"status": 403}[kind]}); err != nil {
					t.Fatal(err)
				}
				_, err := c.Metrics(t.Context(), a, region, id, s.Now().Add(-time.Hour), s.Now(), time.Hour)
				if f := fault.Of(err); want == "" && err != nil || want != "" && (f.Message.ID != want ||
					!strings.Contains(f.Message.Values["Permission"], "CES") || !strings.HasPrefix(f.Code, "APIGW")) {
					t.Errorf("%s: got %v, want %q", kind, err, want)
				}
			}
			if _, err := s.AddFault(cloudsim.Fault{Call: "metrics", Kind: "status", Status: 400}); err != nil {
				t.Fatal(err)
			}
			_, err = c.Metrics(t.Context(), a, region, id, s.Now().Add(-time.Hour), s.Now(), time.Hour)
			if f := fault.Of(err); f.Message.ID != "cloud.invalid" || f.Code != "ces.0014" {
				t.Errorf("a refusal in the shape of CES: got %v", err)
			}
		})
	}
}

// TestAnyAnswerIsRead: no answer, however odd, may panic.
func TestAnyAnswerIsRead(t *testing.T) {
	doc := fmt.Sprintf(
		`{"metrics":[{"namespace":"SYS.ECS","metric_name":"cpu_util","unit":"%%","datapoints":[{"average":2.5,"timestamp":%d}]}]}`, at(5))
	var body string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	rapid.Check(t, func(t *rapid.T) {
		body = cloudtest.Mutate(t, doc)
		limits := cloudtest.Limits()
		limits.ReadTotal = 1
		got, err := (&ces.Client{API: cloud.New(cloud.Options{Limits: limits})}).Metrics(context.Background(), a, region, someServer, noon,
			noon.Add(time.Hour), 5*time.Minute)
		if err != nil && !fault.Is(err, fault.Unreachable) || err == nil && len(got) != len(server.Metrics) {
			t.Fatalf("%s: %v, %v", body, got, err)
		}
	})
}
