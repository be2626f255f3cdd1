package audit

import (
	"context"
	"fmt"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// TrailReader finds the rows about a target.
type TrailReader interface {
	// About gives the newest rows with one of the targets, the newest first; of
	// one person alone unless personID is "".
	About(ctx context.Context, personID string, targets []string, limit int) ([]Row, error)
}

// Trail is what people may read of what was done to one target.
type Trail struct{ Store TrailReader }

// About gives the newest rows about any of the targets that the person may see,
// the newest first: an owner sees all, others see their own (reliability.md §9).
func (t Trail) About(ctx context.Context, by person.Actor, targets []string, limit int) ([]Row, error) {
	if !by.May(person.See) || by.PersonID == "" {
		return nil, fault.New(fault.Forbidden, "audit.forbidden")
	}
	whose := by.PersonID
	if by.May(person.ReadAudit) {
		whose = ""
	}
	rows, err := t.Store.About(ctx, whose, targets, limit)
	if err != nil {
		return nil, fmt.Errorf("audit: about %v: %w", targets, err)
	}
	return rows, nil
}
