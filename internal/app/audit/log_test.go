package audit_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// reader notes whose rows are asked for, and of which targets.
type reader struct {
	whose   []string
	targets []string
	fails   error
}

func (r *reader) Latest(_ context.Context, personID string, _ int) ([]audit.Row, error) {
	r.whose = append(r.whose, personID)
	return []audit.Row{{Seq: 1}}, r.fails
}

func (r *reader) About(_ context.Context, personID string, targets []string, _ int) ([]audit.Row, error) {
	r.whose, r.targets = append(r.whose, personID), targets
	return []audit.Row{{Seq: 1}}, r.fails
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
			about, aboutErr := audit.Trail{Store: r}.About(t.Context(), tt.by, []string{"s1", "i1"}, 5)
			if tt.kind != 0 {
				if !fault.Is(err, tt.kind) || !fault.Is(aboutErr, tt.kind) || len(r.whose) != 0 {
					t.Errorf("got %v, %v, asked %v", err, aboutErr, r.whose)
				}
				return
			}
			if err != nil || len(rows) != 1 || aboutErr != nil || len(about) != 1 {
				t.Errorf("got %v, %v; %v, %v", rows, err, about, aboutErr)
			}
			if !slices.Equal(r.whose, []string{tt.whose, tt.whose}) || !slices.Equal(r.targets, []string{"s1", "i1"}) {
				t.Errorf("asked for %v of %v", r.targets, r.whose)
			}
		})
	}
}

func TestRowsThatCannotBeRead(t *testing.T) {
	r := &reader{fails: errors.New("disk I/O error")}
	by := person.Actor{PersonID: "p1", Role: person.Owner}
	if rows, err := (audit.Log{Store: r}).Recent(t.Context(), by, 5); !errors.Is(err, r.fails) || rows != nil {
		t.Errorf("the newest: got %v, %v", rows, err)
	}
	if rows, err := (audit.Trail{Store: r}).About(t.Context(), by, []string{"s1"}, 5); !errors.Is(err, r.fails) || rows != nil {
		t.Errorf("those about a target: got %v, %v", rows, err)
	}
}
