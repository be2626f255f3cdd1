package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
	"sampan/internal/app/server"
	"sampan/internal/testclock"
)

var (
	start    = testclock.From(time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC))
	operator = person.Actor{PersonID: "p1", Name: "Mei", Role: person.Operator}
	viewer   = person.Actor{PersonID: "p2", Name: "Ploy", Role: person.Viewer}
)

// world is a cloud of one account with its servers, and everything the service
// asks.
type world struct {
	mu      sync.Mutex
	now     time.Time
	rows    map[string]*instance.Row
	touched []string
	facts   []string // that were said to change, of each
	learned []account.Right
	audits  []audit.Entry
	noAudit error
	access  error
	changed chan string

	calls  []string
	err    error // what the cloud answers
	known  bool
	ok     bool
	series []server.Series
	hold   chan struct{} // metrics wait for it
	dials  []string
	open   []int
	kept   []server.Probe
	silent map[string]string // as the picture was told
	noKeep error
}

func newWorld(t *testing.T, rows ...*instance.Row) (*world, *server.Service) {
	t.Helper()
	w := &world{now: start, rows: make(map[string]*instance.Row), changed: make(chan string, 100)}
	for _, r := range rows {
		w.rows[r.ServerID] = r
	}
	s := &server.Service{Cloud: w, Monitor: w, Accounts: w, Inventory: w, Journal: w, Tries: w, Direct: dialer{w, "direct"},
		Simulated: dialer{w, "sandbox"},
		Changed: func(topics ...string) {
			for _, topic := range topics {
				w.changed <- topic
			}
		},
		Now: w.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), BootPause: time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return w, s
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) pass(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

// read waits until something about a server was read.
func (w *world) read(t *testing.T, serverID string) {
	t.Helper()
	for {
		select {
		case topic := <-w.changed:
			if topic == "reading/"+serverID {
				return
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was read")
		}
	}
}

func (w *world) called(s string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, s)
	return w.err
}

func (w *world) SetUnanswered(tried map[string]string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.silent == nil {
		w.silent = make(map[string]string)
	}
	maps.Copy(w.silent, tried)
}

func (w *world) Row(id string) (*instance.Row, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := w.rows[id]
	return r, ok
}

// Probes gives what was kept, the newest first.
func (w *world) Probes(_ context.Context, most int) ([]server.Probe, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Clone(w.kept)
	slices.Reverse(all)
	return all[:min(most, len(all))], w.noKeep
}

func (w *world) SaveProbe(_ context.Context, p server.Probe, _ int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = append(w.kept, p)
	return w.noKeep
}

func (w *world) set(r *instance.Row) { w.mu.Lock(); defer w.mu.Unlock(); w.rows[r.ServerID] = r }

func (w *world) Acted(accountID, id string, facts ...string) {
	slices.Sort(facts)
	w.touched = append(w.touched, accountID+":"+id)
	w.facts = append(w.facts, strings.Join(facts, ","))
}

func (w *world) Note(_ context.Context, e audit.Entry) error {
	w.audits = append(w.audits, e)
	return w.noAudit
}

func (w *world) Access(context.Context, string) (account.Access, error) {
	return account.Access{AccountID: "a1"}, w.access
}

func (w *world) Learn(_ context.Context, _ string, r account.Right, _ error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.learned = append(w.learned, r)
}

func (w *world) Update(_ context.Context, _ account.Access, region, id string, c server.Change) error {
	what := "update " + region + " " + id
	for _, f := range []*string{c.Name, c.Description, c.Hostname} {
		if f != nil {
			what += " " + *f
		}
	}
	return w.called(what)
}

func (w *world) Tags(context.Context, account.Access, string, string) ([]server.Tag, error) {
	return nil, w.called("tags")
}

func (w *world) AddTags(_ context.Context, _ account.Access, _, id string, tags []server.Tag) error {
	return w.called("add " + id + " " + tags[0].Text())
}

func (w *world) RemoveTags(_ context.Context, _ account.Access, _, id string, tags []server.Tag) error {
	return w.called("remove " + id + " " + tags[0].Text())
}

func (w *world) ResetFlag(context.Context, account.Access, string, string) (bool, bool, error) {
	err := w.called("flag")
	return w.known, w.ok, err
}

func (w *world) Console(context.Context, account.Access, string, string) (seal.Secret, error) {
	return seal.Conceal("https://screen.example/?token=once"), w.called("console")
}

func (w *world) Metrics(ctx context.Context, _ account.Access, region, id string, from, to time.Time,
	period time.Duration) ([]server.Series, error) {
	if w.hold != nil {
		select {
		case <-w.hold:
		case <-ctx.Done():
		}
	}
	return w.series, w.called("metrics " + region + " " + id + " " + to.Sub(from).String() + " " + period.String())
}

type dialer struct {
	w   *world
	who string
}

func (d dialer) Dial(_ context.Context, address string, port int) (bool, error) {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	d.w.dials = append(d.w.dials, d.who+" "+address)
	return slices.Contains(d.w.open, port), d.w.err
}

func web1() *instance.Row {
	return &instance.Row{AccountID: "a1", InstanceID: "i1", ServerID: "s1", Name: "web-1", Region: "ap-southeast-3",
		State: instance.StateRunning, Status: "ACTIVE",
		Address: "198.18.0.9", OS: "linux", Image: "wordpress", Created: start.Add(-48 * time.Hour)}
}

func with(change func(*instance.Row)) *instance.Row {
	r := web1()
	change(r)
	return r
}

func text(s string) *string { return &s }

func TestRulesOfNames(t *testing.T) {
	han := strings.Repeat("服", 64)
	tests := []struct {
		name  string
		give  server.Change
		os    catalog.OS
		field string // "" = all is well
	}{
		{"a name", server.Change{Name: text("web-1.example_2")}, catalog.Linux, ""},
		{"a Chinese name of 64", server.Change{Name: &han}, catalog.Linux, ""},
		{"an empty name", server.Change{Name: text("")}, catalog.Linux, "name"},
		{"a name with a space", server.Change{Name: text("web 1")}, catalog.Linux, "name"},
		{"a name of 65", server.Change{Name: text(strings.Repeat("a", 65))}, catalog.Linux, "name"},
		{"a name with an accent", server.Change{Name: text("café")}, catalog.Linux, "name"},
		{"no description", server.Change{Description: text("")}, catalog.Linux, ""},
		{"a description of 85", server.Change{Description: text(strings.Repeat("é", 85))}, catalog.Linux, ""},
		{"a description of 86", server.Change{Description: text(strings.Repeat("é", 86))}, catalog.Linux, "description"},
		{"a description with a bracket", server.Change{Description: text("a<b")}, catalog.Linux, "description"},
		{"a description with a line end", server.Change{Description: text("a\nb")}, catalog.Linux, "description"},
		{"a hostname", server.Change{Hostname: text("web-1.shop.example")}, catalog.Linux, ""},
		{"an empty hostname", server.Change{Hostname: text("")}, catalog.Linux, "hostname"},
		{"a hostname that begins with a hyphen", server.Change{Hostname: text("-web")}, catalog.Linux, "hostname"},
		{"a hostname that ends with a dot", server.Change{Hostname: text("web.")}, catalog.Linux, "hostname"},
		{"a hostname with two dots", server.Change{Hostname: text("a..b")}, catalog.Linux, "hostname"},
		{"a hostname with two hyphens", server.Change{Hostname: text("a--b")}, catalog.Linux, "hostname"},
		{"a hostname with dot and hyphen", server.Change{Hostname: text("a.-b")}, catalog.Linux, "hostname"},
		{"a hostname with an underscore", server.Change{Hostname: text("a_b")}, catalog.Linux, "hostname"},
		{"a hostname of 64", server.Change{Hostname: text(strings.Repeat("a", 64))}, catalog.Linux, ""},
		{"a hostname of 65", server.Change{Hostname: text(strings.Repeat("a", 65))}, catalog.Linux, "hostname"},
		{"a hostname of 16 for Windows", server.Change{Hostname: text(strings.Repeat("a", 16))}, catalog.Windows, "hostname"},
		{"a hostname of 15 for Windows", server.Change{Hostname: text(strings.Repeat("a", 15))}, catalog.Windows, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := slices.Collect(maps.Keys(tt.give.Check(tt.os)))
			var want []string
			if tt.field != "" {
				want = []string{tt.field}
			}
			if !slices.Equal(got, want) {
				t.Errorf("problems at %v, want %v", got, want)
			}
		})
	}
}

func TestRulesOfTags(t *testing.T) {
	tests := []struct {
		name  string
		give  server.Tag
		field string
	}{
		{"key and value", server.Tag{Key: "env", Value: "prod"}, ""},
		{"a key alone", server.Tag{Key: "env"}, ""},
		{"Chinese", server.Tag{Key: "环境", Value: "生产"}, ""},
		{"no key", server.Tag{Value: "prod"}, "key"},
		{"a key of 37", server.Tag{Key: strings.Repeat("a", 37)}, "key"},
		{"the cloud's own", server.Tag{Key: "_sys_type_hcss_l"}, "key"},
		{"a key with a sign", server.Tag{Key: "a=b"}, "key"},
		{"a value of 44", server.Tag{Key: "a", Value: strings.Repeat("b", 44)}, "value"},
		{"a value with a space", server.Tag{Key: "a", Value: "b c"}, "value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			if tt.field != "" {
				want = []string{tt.field}
			}
			if got := slices.Collect(maps.Keys(tt.give.Check())); !slices.Equal(got, want) {
				t.Errorf("problems at %v, want %v", got, want)
			}
		})
	}
}

func TestEditing(t *testing.T) {
	refused := &fault.Error{Kind: fault.Invalid, Fields: map[string]fault.Message{"hostname": fault.Say("cloud.server.hostname")},
		Code: "Ecs.0915", RequestID: "r1", Status: 400}
	tests := []struct {
		name     string
		row      *instance.Row
		by       person.Actor
		give     server.Change
		cloud    error
		access   error
		noAudit  error
		kind     fault.Kind // Internal with want "" = no failure
		fails    bool
		field    string
		sent     []string
		outcomes []string
	}{
		{name: "what is in order is sent once, and written down before and after", row: web1(), by: operator, give: server.Change{Hostname: text("web-2")},
			sent: []string{"update ap-southeast-3 s1 web-2"}, outcomes: []string{"about to send", "ok"}},
		{name: "nothing to change sends nothing", row: web1(), by: operator, give: server.Change{}},
		{name: "what breaks a rule is not sent", row: web1(), by: operator, give: server.Change{Name: text("a b")}, fails: true, kind: fault.Invalid, field: "name"},
		{name: "the cloud's refusal stands at the field", row: web1(), by: operator, give: server.Change{Hostname: text("web-2")},
			cloud: refused, fails: true, kind: fault.Invalid, field: "hostname",
			sent: []string{"update ap-southeast-3 s1 web-2"}, outcomes: []string{"about to send", "refused"}},
		{name: "no answer is no success and no refusal", row: web1(), by: operator, give: server.Change{Hostname: text("web-2")},
			cloud: fault.New(fault.Unknown, "cloud.unknown"), fails: true, kind: fault.Unknown,
			sent: []string{"update ap-southeast-3 s1 web-2"}, outcomes: []string{"about to send", "unknown"}},
		{name: "a stopped server can be renamed", row: with(func(r *instance.Row) { r.Status, r.State = "SHUTOFF", instance.StateStopped }), by: operator, give: server.Change{Name: text("web-2")},
			sent: []string{"update ap-southeast-3 s1 web-2"}, outcomes: []string{"about to send", "ok"}},
		{name: "a frozen server cannot", row: with(func(r *instance.Row) { r.Frozen = true }), by: operator, give: server.Change{Name: text("web-2")}, fails: true, kind: fault.Conflict},
		{name: "one in error cannot", row: with(func(r *instance.Row) { r.Status = "ERROR" }), by: operator, give: server.Change{Name: text("web-2")}, fails: true, kind: fault.Conflict},
		{name: "a viewer cannot", row: web1(), by: viewer, give: server.Change{Name: text("web-2")}, fails: true, kind: fault.Forbidden},
		{name: "an unknown server is not found", row: with(func(r *instance.Row) { r.ServerID = "s2" }), by: operator, give: server.Change{Name: text("web-2")}, fails: true, kind: fault.NotFound},
		{name: "no audit row, no act", row: web1(), by: operator, give: server.Change{Name: text("web-2")}, noAudit: errors.New("disk full"), fails: true, kind: fault.Internal, outcomes: []string{"about to send"}},
		{name: "a disabled account sends nothing", row: web1(), by: operator, give: server.Change{Name: text("web-2")}, access: fault.New(fault.Refused, "fault.account.disabled"), fails: true, kind: fault.Refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, s := newWorld(t, tt.row)
			w.err, w.access, w.noAudit = tt.cloud, tt.access, tt.noAudit
			err := s.Edit(t.Context(), tt.by, "s1", tt.give)
			if (err != nil) != tt.fails || err != nil && fault.Of(err).Kind != tt.kind {
				t.Errorf("got %v, want a failure %v of kind %s", err, tt.fails, tt.kind)
			}
			if _, at := fault.Of(err).Fields[tt.field]; tt.field != "" && !at {
				t.Errorf("no sentence at %s: %v", tt.field, fault.Of(err).Fields)
			}
			if !slices.Equal(w.calls, tt.sent) {
				t.Errorf("sent %v, want %v", w.calls, tt.sent)
			}
			var outcomes []string
			for _, e := range w.audits {
				outcomes = append(outcomes, e.Outcome)
				if e.Action != "server.edit" || e.AccountID != "a1" || !slices.Equal(e.Targets, []string{"s1", "i1"}) ||
					e.Actor.PersonID != "p1" {
					t.Errorf("audit row %+v", e)
				}
			}
			if !slices.Equal(outcomes, tt.outcomes) {
				t.Errorf("audit: %v, want %v", outcomes, tt.outcomes)
			}
			if sent := len(tt.sent) > 0; sent != (len(w.touched) > 0 && w.touched[0] == "a1:s1") {
				t.Errorf("touched %v after sending: %v", w.touched, tt.sent)
			}
			if len(w.facts) > 0 && (w.facts[0] == "" || strings.Contains(w.facts[0], "state")) {
				t.Errorf("facts that are said to change: got %q", w.facts)
			}
		})
	}
}

func TestAuditSaysWhatWasChanged(t *testing.T) {
	w, s := newWorld(t, web1())
	if err := s.Edit(t.Context(), operator, "s1", server.Change{Name: text("web-2"), Description: text("")}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddTag(t.Context(), operator, "s1", server.Tag{Key: "env", Value: "prod"}); err != nil {
		t.Fatal(err)
	}
	want := []map[string]string{{"server": "web-1", "name": "web-2", "description": ""}, {"server": "web-1", "tag": "env=prod"}}
	if diff := cmp.Diff(want, []map[string]string{w.audits[0].Params, w.audits[2].Params}); diff != "" {
		t.Error(diff)
	}
}

func TestTags(t *testing.T) {
	w, s := newWorld(t, web1())
	w.err = &fault.Error{Kind: fault.Refused, Status: 400, Code: "Ecs.0005", Detail: "too many tags"}
	err := s.AddTag(t.Context(), operator, "s1", server.Tag{Key: "env"})
	if f := fault.Of(err); f.Kind != fault.Invalid || f.Fields["key"].Values["Detail"] != "too many tags" {
		t.Errorf("the cloud's refusal: got %v", err)
	}
	w.err = nil
	if err := s.RemoveTag(t.Context(), operator, "s1", server.Tag{Key: "env", Value: "prod"}); err != nil {
		t.Error(err)
	}
	for _, tag := range []server.Tag{{Key: "_sys_type_hcss_l"}, {Key: "env", Value: strings.Repeat("x", 3000)}} {
		before := len(w.audits)
		if err := s.RemoveTag(t.Context(), operator, "s1", tag); !fault.Is(err, fault.Invalid) || len(w.audits) != before {
			t.Errorf("%.20s is removed: %v", tag.Text(), err)
		}
	}
	if err := s.RemoveTag(t.Context(), viewer, "s1", server.Tag{Key: "env"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a viewer: got %v", err)
	}
	if got := strings.Join(w.calls, "|"); got != "add s1 env|remove s1 env=prod" {
		t.Errorf("calls: %s", got)
	}
	got := server.TagsOf([]string{"env=prod", "_sys_type_hcss_l", "alone", "b="})
	if diff := cmp.Diff([]server.Tag{{Key: "alone"}, {Key: "b"}, {Key: "env", Value: "prod"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestScreenIsForOperatorsAndLeavesNoTokenBehind(t *testing.T) {
	w, s := newWorld(t, web1())
	if _, err := s.Screen(t.Context(), viewer, "s1"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a viewer: got %v", err)
	}
	got, err := s.Screen(t.Context(), operator, "s1")
	if err != nil || got.Reveal() != "https://screen.example/?token=once" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, e := range w.audits {
		for _, v := range e.Params {
			if strings.Contains(v, "token") {
				t.Errorf("the audit holds the token: %v", e)
			}
		}
	}
	w.err = fault.New(fault.Refused, "cloud.console.none")
	if _, err := s.Screen(t.Context(), operator, "s1"); !fault.Is(err, fault.Refused) {
		t.Errorf("a refusal: got %v", err)
	}
}

func TestMetricsNeverWaitAndAreKept(t *testing.T) {
	w, s := newWorld(t, web1())
	w.hold = make(chan struct{})
	w.series = []server.Series{{Metric: server.CPU, Points: []server.Point{{At: start, Value: 7}}}}
	first, err := s.Metrics(viewer, "s1", "nonsense")
	if err != nil || first.Span != server.Day || !first.Reading || !first.At.IsZero() {
		t.Fatalf("first: %+v, %v", first, err)
	}
	again, _ := s.Metrics(viewer, "s1", server.Day)
	if !again.Reading {
		t.Error("what is under way is not said")
	}
	close(w.hold)
	w.read(t, "s1")
	w.hold = nil
	got, _ := s.Metrics(viewer, "s1", server.Day)
	if got.Reading || len(got.Series) != 1 || !got.At.Equal(start) || got.To.Sub(got.From) != 24*time.Hour {
		t.Errorf("read: %+v", got)
	}
	w.pass(4 * time.Minute)
	if m, _ := s.Metrics(viewer, "s1", server.Day); m.Reading {
		t.Error("fresh figures are read again")
	}
	w.pass(2 * time.Minute)
	if m, _ := s.Metrics(viewer, "s1", server.Day); !m.Reading || len(m.Series) != 1 {
		t.Errorf("old figures are shown while newer ones are read: %+v", m)
	}
	w.read(t, "s1")
	for _, span := range []server.Span{server.Hour, server.Week} {
		if _, err := s.Metrics(viewer, "s1", span); err != nil {
			t.Error(err)
		}
		w.read(t, "s1")
	}
	day := "metrics ap-southeast-3 s1 24h0m0s 5m0s"
	if diff := cmp.Diff([]string{day, day, "metrics ap-southeast-3 s1 1h0m0s 5m0s", "metrics ap-southeast-3 s1 168h0m0s 1h0m0s"},
		w.calls); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Metrics(viewer, "elsewhere", server.Day); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown server: %v", err)
	}
	if _, err := s.Metrics(person.Actor{}, "s1", server.Day); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a viewer: %v", err)
	}
}

func TestAFailedReadingKeepsTheOldFiguresAndPauses(t *testing.T) {
	w, s := newWorld(t, web1())
	w.series = []server.Series{{Metric: server.CPU}}
	_, _ = s.Metrics(viewer, "s1", server.Hour)
	w.read(t, "s1")
	w.mu.Lock()
	w.err = fault.New(fault.Unreachable, "cloud.unreachable")
	w.mu.Unlock()
	w.pass(2 * time.Minute)
	_, _ = s.Metrics(viewer, "s1", server.Hour)
	w.read(t, "s1")
	m, _ := s.Metrics(viewer, "s1", server.Hour)
	if m.Trouble.ID != "cloud.unreachable" || len(m.Series) != 1 || !m.At.Equal(start) || m.Reading {
		t.Errorf("got %+v", m)
	}
	w.pass(31 * time.Second)
	if m, _ = s.Metrics(viewer, "s1", server.Hour); !m.Reading {
		t.Error("it is not tried again after the pause")
	}
	if !slices.Contains(w.learned, account.RightMetrics) {
		t.Error("what the answer says of the right is not learned")
	}
}

func TestThin(t *testing.T) {
	at := func(min int) time.Time { return start.Truncate(time.Hour).Add(time.Duration(min) * time.Minute) }
	got := server.Thin([]server.Point{{At: at(0), Value: 2}, {At: at(30), Value: 4}, {At: at(125), Value: 9}}, time.Hour)
	if diff := cmp.Diff([]server.Point{{At: at(0), Value: 3}, {At: at(120), Value: 9}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestResetFlag(t *testing.T) {
	w, s := newWorld(t, web1())
	w.known, w.ok = true, true
	if f, err := s.ResetFlag(viewer, "s1"); err != nil || !f.Reading || f.Known {
		t.Errorf("at first: %+v, %v", f, err)
	}
	w.read(t, "s1")
	if f, _ := s.ResetFlag(viewer, "s1"); !f.Known || !f.OK || f.Reading {
		t.Errorf("read: %+v", f)
	}
	w.pass(11 * time.Minute)
	w.mu.Lock()
	w.err = fault.New(fault.Refused, "cloud.refused")
	w.mu.Unlock()
	_, _ = s.ResetFlag(viewer, "s1")
	w.read(t, "s1")
	if f, _ := s.ResetFlag(viewer, "s1"); !f.Known || f.Trouble.ID != "cloud.refused" {
		t.Errorf("after a refusal: %+v", f)
	}
}

func TestProbe(t *testing.T) {
	tests := []struct {
		name   string
		row    *instance.Row
		open   []int
		dialed string // who, and where to; "" = nobody
		want   []server.Port
		failed bool
	}{
		{"the Sandbox says what answers at its addresses", web1(), []int{22, 80}, "sandbox 198.18.0.9",
			[]server.Port{{22, server.Answers}, {80, server.Answers}, {443, server.Silent}}, false},
		{"real addresses are dialled", with(func(r *instance.Row) { r.Address = "203.0.113.9" }), []int{443}, "direct 203.0.113.9",
			[]server.Port{{22, server.Silent}, {80, server.Silent}, {443, server.Answers}}, false},
		{"Windows is tried at its own port", with(func(r *instance.Row) { r.OS, r.Image = "windows", "" }), nil, "sandbox 198.18.0.9",
			[]server.Port{{3389, server.Silent}, {80, server.Silent}, {443, server.Silent}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, s := newWorld(t, tt.row)
			w.open = tt.open
			if p, err := s.Probe(viewer, "s1"); err != nil || !p.At.IsZero() || p.Failed() {
				t.Errorf("before: %+v, %v", p, err)
			}
			if err := s.Try(operator, "s1"); err != nil {
				t.Fatal(err)
			}
			w.read(t, "s1")
			p, err := s.Probe(viewer, "s1")
			if err != nil || p.Trying || !p.At.Equal(start) {
				t.Errorf("after: %+v, %v", p, err)
			}
			if diff := cmp.Diff(tt.want, p.Ports); diff != "" {
				t.Error(diff)
			}
			if p.Failed() != tt.failed || len(s.Failures([]string{"a1"})) > 0 != tt.failed || len(s.Failures([]string{"a2"})) > 0 {
				t.Errorf("failed: %v, in the list: %v", p.Failed(), s.Failures([]string{"a1"}))
			}
			if at, told := w.silent["s1"]; !told || (at == tt.row.Address) != tt.failed || at != "" && !tt.failed {
				t.Errorf("the picture was told %q, %v", at, told)
			}
			if got := slices.Compact(w.dials); !slices.Equal(got, []string{tt.dialed}) {
				t.Errorf("dialled %v", w.dials)
			}
		})
	}
}

// told waits until pages were told of a topic.
func (w *world) told(t *testing.T, topic string) {
	t.Helper()
	for {
		select {
		case got := <-w.changed:
			if got == topic {
				return
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("nobody was told of %s", topic)
		}
	}
}

func TestATryIsKeptAndTold(t *testing.T) {
	w, s := newWorld(t, web1())
	if err := s.Try(operator, "s1"); err != nil {
		t.Fatal(err)
	}
	w.told(t, "attention")
	w.told(t, "reading/s1")
	_, after := newWorld(t)
	w.silent = nil
	after.Inventory, after.Tries = w, w
	if err := after.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, _ := after.Probe(viewer, "s1")
	if want, _ := s.Probe(viewer, "s1"); !cmp.Equal(want, got) || !got.At.Equal(start) || len(after.Failures([]string{"a1"})) != 1 {
		t.Errorf("after a restart: %+v, it was %+v", got, want)
	}
	if w.silent["s1"] != "198.18.0.9" {
		t.Errorf("the picture was told %v", w.silent)
	}
	after.Tries = &world{noKeep: errors.New("the disk is gone")}
	if err := after.Recover(t.Context()); err == nil {
		t.Error("what cannot be read counts as nothing")
	}
}

func TestATryThatIsNotKeptStillCounts(t *testing.T) {
	w, s := newWorld(t, web1())
	w.noKeep = errors.New("the disk is full")
	_ = s.Try(operator, "s1")
	w.told(t, "reading/s1")
	if p, _ := s.Probe(viewer, "s1"); !p.Failed() {
		t.Errorf("got %+v", p)
	}
}

func TestASilentServerIsTriedAgainUntilItAnswers(t *testing.T) {
	w, s := newWorld(t, web1())
	_ = s.Try(operator, "s1")
	w.told(t, "attention")
	w.told(t, "attention") // again, unasked
	w.mu.Lock()
	w.open = []int{443}
	w.mu.Unlock()
	for len(s.Failures([]string{"a1"})) > 0 {
		w.told(t, "attention")
	}
}

func TestOnlyPublicAddressesAreTried(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1", "10.0.0.1", "192.168.0.4", "169.254.169.254", "100.100.100.100", "::1", "fe80::1",
		"fd00::1", "0.0.0.0", "224.0.0.1", "localhost", "198.18.0.1:22", "::ffff:127.0.0.1", "fe80::1%eth0", "0.1.2.3", "192.0.0.192",
		"::7f00:1", "64:ff9b::a00:1", "2002:a00:1::1"} {
		w, s := newWorld(t, with(func(r *instance.Row) { r.Address = address }))
		if err := s.Try(operator, "s1"); !fault.Is(err, fault.Conflict) {
			t.Errorf("%q: got %v", address, err)
		}
		if ok, err := (server.Network{}).Dial(t.Context(), address, 22); ok || err == nil {
			t.Errorf("%q is dialled", address)
		}
		if len(w.dials) > 0 {
			t.Errorf("%q: dialled %v", address, w.dials)
		}
	}
	_, s := newWorld(t, web1())
	if err := s.Try(viewer, "s1"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("nobody: %v", err)
	}
}

func TestWithoutASandboxItsAddressesAreNotDialled(t *testing.T) {
	w, s := newWorld(t, web1())
	s.Simulated = nil
	if err := s.Try(operator, "s1"); err != nil {
		t.Fatal(err)
	}
	w.read(t, "s1")
	p, _ := s.Probe(viewer, "s1")
	if p.Trouble.ID != "server.probe.nowhere" || p.Ports[0].Answer != server.NotTried || p.Failed() || len(w.dials) > 0 {
		t.Errorf("got %+v, dialled %v", p, w.dials)
	}
}

func TestATryThatFailedIsNoSilence(t *testing.T) {
	w, s := newWorld(t, web1())
	w.err = fault.New(fault.Unreachable, "cloud.sandbox.gone")
	_ = s.Try(operator, "s1")
	w.read(t, "s1")
	p, _ := s.Probe(viewer, "s1")
	if p.Trouble.ID != "cloud.sandbox.gone" || p.Ports[0].Answer != server.NotTried || p.Failed() {
		t.Errorf("got %+v", p)
	}
}

func TestAnotherAddressForgetsTheTry(t *testing.T) {
	w, s := newWorld(t, web1())
	_ = s.Try(operator, "s1")
	w.read(t, "s1")
	w.set(with(func(r *instance.Row) { r.Address = "198.18.0.10" }))
	if p, _ := s.Probe(viewer, "s1"); !p.At.IsZero() || p.Address != "198.18.0.10" || len(s.Failures([]string{"a1"})) > 0 {
		t.Errorf("got %+v", p)
	}
}

func TestServersThatStartAreTried(t *testing.T) {
	stopped := with(func(r *instance.Row) { r.Status, r.State = "SHUTOFF", instance.StateStopped })
	tests := []struct {
		name  string
		seen  []*instance.Row
		tried bool
	}{
		{"one that was stopped and runs", []*instance.Row{stopped, web1()}, true},
		{"one that was just bought", []*instance.Row{with(func(r *instance.Row) { r.Created = start.Add(-time.Minute) })}, true},
		{"one that runs as before", []*instance.Row{web1(), web1()}, false},
		{"one that stopped", []*instance.Row{web1(), stopped}, false},
		{"one that was not known yet and is old", []*instance.Row{with(func(r *instance.Row) { r.State, r.Status = instance.StateUnknown, "" }), web1()}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, s := newWorld(t)
			for _, r := range tt.seen {
				w.set(r)
				s.Noticed("s1")
			}
			if tt.tried {
				w.read(t, "s1")
				return
			}
			w.set(with(func(r *instance.Row) { r.ServerID = "s2" })) // whoever comes later overtakes nobody
			_ = s.Try(operator, "s2")
			w.read(t, "s2")
			if p, _ := s.Probe(viewer, "s1"); !p.At.IsZero() || p.Trying {
				t.Errorf("tried: %+v", p)
			}
		})
	}
}

func TestLoginHelp(t *testing.T) {
	tests := []struct {
		name                string
		address, os         string
		ssh, link, rdp, who string
	}{
		{"Linux", "203.0.113.9", "linux", "ssh root@203.0.113.9", "ssh://root@203.0.113.9", "", "root"},
		{"Linux over IPv6", "2001:db8::1", "linux", "ssh root@2001:db8::1", "ssh://root@[2001:db8::1]", "", "root"},
		{"Windows", "203.0.113.9", "windows", "", "rdp://full%20address=s:203.0.113.9:3389&username=s:Administrator", "full address:s:203.0.113.9:3389\r\nusername:s:Administrator\r\nprompt for credentials:i:1\r\nadministrative session:i:0\r\n", "Administrator"},
		{"a system nobody knows", "203.0.113.9", "", "", "", "", ""},
		{"no address", "", "linux", "", "", "", "root"},
		{"an address that is none", "x; rm -rf /", "linux", "", "", "", "root"},
		{"a garbled one for Windows", "1.2.3.4\r\nalternate shell:s:x", "windows", "", "", "", "Administrator"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &instance.Row{Address: tt.address, OS: tt.os}
			if got := [4]string{server.SSH(r), server.Link(r), server.RDP(r), server.User(r)}; got != [4]string{tt.ssh, tt.link, tt.rdp,
				tt.who} {
				t.Errorf("got %q", got)
			}
		})
	}
}
