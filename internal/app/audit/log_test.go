package audit_test

import (
	"context"
	"testing"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// reader notes whose rows are asked for.
type reader struct{ whose []string }

func (r *reader) Latest(_ context.Context, personID string, _ int) ([]audit.Row, error) {
	r.whose = append(r.whose, personID)
	return []audit.Row{{Seq: 1}}, nil
}

func TestWhoSeesWhatWasDone(t *testing.T) {
	tests := []struct {
		name  string
		by    person.Actor
		whose string
		kind  fault.Kind
	}{
		{"an owner sees all", person.Actor{PersonID: "p1", Role: person.Owner}, "", 0},
		{"a buyer sees their own", person.Actor{PersonID: "p2", Role: person.Buyer}, "p2", 0},
		{"a viewer sees their own", person.Actor{PersonID: "p3", Role: person.Viewer}, "p3", 0},
		{"nobody sees nothing", person.Actor{}, "", fault.Forbidden},
		{"a role that does not exist sees nothing", person.Actor{PersonID: "p4", Role: "root"}, "", fault.Forbidden},
		{"somebody without an id", person.Actor{Role: person.Viewer}, "", fault.Forbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &reader{}
			rows, err := audit.Log{Store: r}.Recent(t.Context(), tt.by, 5)
			if tt.kind != 0 {
				if !fault.Is(err, tt.kind) || len(r.whose) != 0 {
					t.Errorf("got %v, asked %v", err, r.whose)
				}
				return
			}
			if err != nil || len(rows) != 1 || len(r.whose) != 1 || r.whose[0] != tt.whose {
				t.Errorf("got %v, %v, asked for %v", rows, err, r.whose)
			}
		})
	}
}
