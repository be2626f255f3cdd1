package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sampan/internal/app/fault"
)

func TestFindingAFault(t *testing.T) {
	cause := errors.New("disk on fire")
	f := fault.New(fault.Conflict, "order.changed", "Name", "web-1").Because(cause)
	tests := []struct {
		name string
		err  error
		kind fault.Kind
		id   string
	}{
		{"itself", f, fault.Conflict, "order.changed"},
		{"wrapped", fmt.Errorf("order: %w", f), fault.Conflict, "order.changed"},
		{"joined with another error", errors.Join(cause, f), fault.Conflict, "order.changed"},
		{"any other error is internal", cause, fault.Internal, "fault.internal"},
		{"no error is internal too", nil, fault.Internal, "fault.internal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := fault.Of(tt.err)
			if got.Kind != tt.kind || got.Message.ID != tt.id {
				t.Errorf("got %v, %s", got.Kind, got.Message.ID)
			}
			if is := fault.Is(tt.err, fault.Conflict); is != (tt.kind == fault.Conflict) {
				t.Errorf("Is: %v", is)
			}
			if tt.err != nil && !errors.Is(got, cause) {
				t.Error("the cause is lost")
			}
		})
	}
	if fault.Is(errors.New("x"), fault.Internal) {
		t.Error("an unclassified error passes for a fault")
	}
}

func TestBecauseLeavesTheOriginal(t *testing.T) {
	f := fault.New(fault.Busy, "fault.disk.full")
	_ = f.Because(errors.New("x"))
	if f.Err != nil {
		t.Error("the shared fault was changed")
	}
}

func TestTheTextForTheLog(t *testing.T) {
	f := &fault.Error{Kind: fault.Refused, Message: fault.Say("cloud.soldout"), Code: "HCSS.14000010", Err: errors.New("403")}
	if got, want := f.Error(), "refused: cloud.soldout (HCSS.14000010): 403"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fault.Kind(99).String(); got != "kind(99)" {
		t.Errorf("an unknown kind: %q", got)
	}
}

func TestSay(t *testing.T) {
	m := fault.Say("a", "N", "1", "Name", "x")
	if m.ID != "a" || len(m.Values) != 2 || m.Values["N"] != "1" || m.Values["Name"] != "x" || m.Zero() || !(fault.Message{}).Zero() {
		t.Errorf("got %+v", m)
	}
	defer func() {
		if recover() == nil {
			t.Error("an odd number of values is taken")
		}
	}()
	odd := strings.Fields("N")
	fault.Say("a", odd...)
}
