package audit

import (
	"context"
	"fmt"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Reader gives rows out of the chain.
type Reader interface {
	// Latest gives the newest rows, the newest first; of one person alone unless
	// personID is "".
	Latest(ctx context.Context, personID string, limit int) ([]Row, error)
}

// Log is what people may read of the audit.
type Log struct{ Store Reader }

// Recent gives the newest rows that the person may see, the newest first: an
// owner sees all, others see their own (reliability.md §9).
func (l Log) Recent(ctx context.Context, by person.Actor, limit int) ([]Row, error) {
	if !by.May(person.See) || by.PersonID == "" {
		return nil, fault.New(fault.Forbidden, "audit.forbidden")
	}
	whose := by.PersonID
	if by.May(person.ReadAudit) {
		whose = ""
	}
	rows, err := l.Store.Latest(ctx, whose, limit)
	if err != nil {
		return nil, fmt.Errorf("audit: recent: %w", err)
	}
	return rows, nil
}
