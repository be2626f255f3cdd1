package control_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/fault"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/control"
	"sampan/internal/testclock"
)

func start(t *testing.T) (*cloudsim.Server, *control.Client) {
	s := simtest.Start(t, cloudsim.Options{Seed: "sandbox"}) // the same fleets every time
	return s, &control.Client{URL: s.URL}
}

// sameJSON compares our struct with the Sandbox's own: a field that one side
// lacks shows.
func sameJSON(t *testing.T, theirs, ours any) {
	t.Helper()
	generic := func(v any) any {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var out any
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if d := cmp.Diff(generic(theirs), generic(ours)); d != "" {
		t.Errorf("(-Sandbox +client):\n%s", d)
	}
}

func TestAccounts(t *testing.T) {
	s, c := start(t)
	got, err := c.Accounts(t.Context())
	if err != nil || len(got) != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	sameJSON(t, s.Accounts(), got)
	if k := got[0].Key(); k.ID == "" || k.Secret.Empty() {
		t.Errorf("key: %v", k)
	}
}

func TestFaults(t *testing.T) {
	s, c := start(t)
	for _, f := range []control.Fault{
		{Call: "purchase", Kind: "delay", Delay: 3 * time.Second, Times: 2, Region: "ap-southeast-3", AfterN: 1},
		{Call: "orders", Kind: "throttle", RetryAfter: 4, Times: -1},
		{Call: "purchase", Kind: "status", Status: 400, Code: "HCSS.14000004", Message: "m", Effect: true},
	} {
		got, err := c.AddFault(t.Context(), f)
		if err != nil || got.ID == "" {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	got, err := c.Faults(t.Context())
	if err != nil || len(got) != 3 || got[0].Delay != 3*time.Second || got[0].AfterN != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := c.ClearFaults(t.Context()); err != nil || len(s.Faults()) != 0 {
		t.Errorf("all cleared: %v, %d left", err, len(s.Faults()))
	}
	_, err = c.AddFault(t.Context(), control.Fault{Call: "purchase", Kind: "nonsense"})
	if f := fault.Of(err); f.Kind != fault.Refused || f.Detail == "" || f.Status != 400 {
		t.Errorf("a fault that does not exist: got %v (%q)", err, f.Detail)
	}
}

func TestClock(t *testing.T) {
	_, c := start(t)
	before, err := c.Clock(t.Context())
	if err != nil || testclock.Now().Sub(before).Abs() > time.Minute {
		t.Fatalf("got %v, %v", before, err)
	}
	after, err := c.Advance(t.Context(), 72*time.Hour)
	if err != nil || after.Sub(before) < 72*time.Hour {
		t.Errorf("advanced: from %v to %v, %v", before, after, err)
	}
}

// TestBothSidesNameTheSameFields: the two sides share no structs, so a field
// that one of them renames must be noticed here.
func TestBothSidesNameTheSameFields(t *testing.T) {
	for _, pair := range [][2]any{
		{cloudsim.Account{}, control.Account{}}, {cloudsim.Region{}, control.Region{}}, {cloudsim.Fault{}, control.Fault{}},
		{cloudsim.Purchase{}, control.Purchase{}}, {cloudsim.WireCall{}, control.Request{}}, {cloudsim.Ledger{}, control.Ledger{}},
	} {
		if d := cmp.Diff(names(pair[0]), names(pair[1])); d != "" {
			t.Errorf("%T (-Sandbox +client):\n%s", pair[1], d)
		}
	}
}

func names(v any) []string {
	var out []string
	for i := range reflect.TypeOf(v).NumField() {
		name, _, _ := strings.Cut(reflect.TypeOf(v).Field(i).Tag.Get("json"), ",")
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestFleetLedgerAndReset(t *testing.T) {
	s, c := start(t)
	if n, err := c.Fleet(t.Context(), "Sandbox", 40); err != nil || n != 40 {
		t.Errorf("fleet: got %d, %v", n, err)
	}
	if _, err := c.Fleet(t.Context(), "Nobody", 1); !fault.Is(err, fault.Refused) {
		t.Errorf("fleet of nobody: got %v", err)
	}
	res, err := http.Get(s.URL + "/v3/projects") // unsigned: refused, but on the wire
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	l, err := c.Ledger(t.Context())
	if err != nil || len(l.Requests) != 1 || l.Requests[0].Call != "projects" || l.Requests[0].Status != 401 ||
		l.Requests[0].RequestID == "" {
		t.Errorf("ledger: got %+v, %v", l, err)
	}
	if err := c.Reset(t.Context()); err != nil {
		t.Error(err)
	}
	if n, err := c.Fleet(t.Context(), "Sandbox", 1); err != nil || n != 1 {
		t.Errorf("after the reset: got %d, %v", n, err)
	}
}

func TestNoSandbox(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"something else answers": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"nobody answers":         nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(h)
			if h == nil {
				s.Close()
			}
			defer s.Close()
			if _, err := (&control.Client{URL: s.URL}).Accounts(t.Context()); !fault.Is(err, fault.Unreachable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDial(t *testing.T) {
	s, c := start(t)
	if _, err := c.Fleet(t.Context(), "Sandbox", 20); err != nil {
		t.Fatal(err)
	}
	changed, err := s.ChangeOutside(cloudsim.Outside{Server: "198.18.0.2", Power: "ACTIVE", Ports: []int{22}})
	if err != nil {
		t.Fatal(err)
	}
	for port, want := range map[int]bool{22: true, 443: false} {
		if got, err := c.Dial(t.Context(), changed.Address, port); err != nil || got != want {
			t.Errorf("port %d: got %v, %v, want %v", port, got, err, want)
		}
	}
	if _, err := c.Dial(t.Context(), "192.0.2.1", 22); fault.Of(err).Kind != fault.Refused {
		t.Errorf("an address elsewhere: got %v", err)
	}
}
