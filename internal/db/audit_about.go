package db

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"sampan/internal/app/audit"
)

// target is the form of our ids and of those of the cloud. It has no character
// that is special in LIKE.
var target = regexp.MustCompile(`^[0-9A-Za-z-]+$`)

// About gives the newest rows with one of the targets, the newest first; of one
// person alone unless personID is "". Targets that do not have the form of an id find nothing.
func (a Audits) About(ctx context.Context, personID string, targets []string, limit int) ([]audit.Row, error) {
	var where []string
	args := []any{limit}
	for _, t := range targets {
		if len(t) <= 64 && target.MatchString(t) {
			args = append(args, `%"`+t+`"%`)
			where = append(where, fmt.Sprintf("targets LIKE $%d", len(args)))
		}
	}
	if len(where) == 0 {
		return nil, nil
	}
	query := "SELECT " + auditColumns + " FROM audit WHERE (" + strings.Join(where, " OR ") + ")"
	if personID != "" {
		args = append(args, personID)
		query += fmt.Sprintf(" AND person_id = $%d", len(args))
	}
	rows, err := all(ctx, a.DB, scanAudit, query+" ORDER BY seq DESC LIMIT $1", args...)
	if err != nil {
		return nil, fmt.Errorf("db: audit rows about %v: %w", targets, err)
	}
	return rows, nil
}
