package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sampan/internal/app/fault"
	"sampan/internal/app/job"
)

// Jobs keeps the queue.
type Jobs struct{ DB *DB }

var _ job.Store = Jobs{}

// errLease is what a worker gets that has no lease, or lost it.
var errLease = fault.New(fault.Conflict, "job.lease")

// Due gives the ids of jobs that are due and not held.
func (s Jobs) Due(ctx context.Context, now time.Time, unsent bool, limit int) ([]string, error) {
	ids, err := columnOf(ctx, s.DB.r, `SELECT id FROM job
		WHERE done_us = 0 AND due_us > 0 AND due_us <= $1 AND lease_until_us <= $1
			AND EXISTS (SELECT 1 FROM job_target t WHERE t.job_id = job.id AND t.state = 'pending') = $2
		ORDER BY due_us, id LIMIT $3`, micros(now), unsent, limit)
	if err != nil {
		return nil, fmt.Errorf("db: due jobs: %w", err)
	}
	return ids, nil
}

// Claim takes a job that is not held at now; else job.lease.
func (s Jobs) Claim(ctx context.Context, id, owner string, now, until time.Time) (job.Lease, error) {
	l := job.Lease{JobID: id, Owner: owner}
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE job SET lease_owner = $1, lease_gen = lease_gen + 1, lease_until_us = $2
			WHERE id = $3 AND done_us = 0 AND lease_until_us <= $4
			RETURNING kind, lease_gen, nudge, tries`, owner, micros(until), id, micros(now)).
			Scan(&l.Kind, &l.Gen, &l.Nudge, &l.Tries)
		if errors.Is(err, sql.ErrNoRows) {
			return errLease
		}
		return err
	})
	if err != nil {
		return job.Lease{}, fmt.Errorf("db: claim job %s: %w", id, err)
	}
	return l, nil
}

// Renew prolongs a lease that is still held.
func (s Jobs) Renew(ctx context.Context, l job.Lease, until time.Time) error {
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "UPDATE job SET lease_until_us = $1 WHERE id = $2 AND lease_owner = $3 AND lease_gen = $4",
			micros(until), l.JobID, l.Owner, l.Gen))
	})
	if err != nil {
		return fmt.Errorf("db: renew lease of job %s: %w", l.JobID, err)
	}
	return nil
}

// Release ends a lease and sets when the job is due next.
func (s Jobs) Release(ctx context.Context, l job.Lease, now time.Time, next job.Next, failed bool) error {
	done, tries := int64(0), 0
	if next.Done {
		done = micros(now)
	}
	if failed {
		tries = l.Tries + 1
	}
	err := s.DB.Write(ctx, func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE job SET lease_owner = '', lease_until_us = 0, tries = $1, done_us = $2,
			due_us = CASE WHEN nudge > $3 THEN $4 ELSE $5 END
			WHERE id = $6 AND lease_owner = $7 AND lease_gen = $8`,
			tries, done, l.Nudge, micros(now), micros(next.At), l.JobID, l.Owner, l.Gen))
	})
	if err != nil {
		return fmt.Errorf("db: release job %s: %w", l.JobID, err)
	}
	return nil
}

// Free ends the leases of other process starts.
func (s Jobs) Free(ctx context.Context, owner string) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE job SET lease_owner = '', lease_until_us = 0 WHERE lease_owner <> '' AND lease_owner <> $1",
			owner)
		if err != nil {
			return fmt.Errorf("db: free leases: %w", err)
		}
		return nil
	})
}

// Job gives a job with its targets.
func (s Jobs) Job(ctx context.Context, id string) (job.Job, []job.Target, error) {
	var j job.Job
	var due, done, created int64
	err := s.DB.r.QueryRowContext(ctx, `SELECT id, kind, account_id, person_id, due_us, done_us, held, paused, tries, created_us
		FROM job WHERE id = $1`, id).Scan(&j.ID, &j.Kind, &j.AccountID, &j.PersonID, &due, &done, &j.Held, &j.Paused, &j.Tries, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return j, nil, fault.New(fault.NotFound, "job.gone")
	}
	if err != nil {
		return j, nil, fmt.Errorf("db: job %s: %w", id, err)
	}
	j.Due, j.DoneAt, j.CreatedAt = fromMicros(due), fromMicros(done), fromMicros(created)
	targets, err := s.targets(ctx, id)
	return j, targets, err
}

func (s Jobs) targets(ctx context.Context, id string) ([]job.Target, error) {
	targets, err := all(ctx, s.DB, func(row scanner) (job.Target, error) {
		var t job.Target
		var message string
		var updated int64
		if err := row.Scan(&t.N, &t.Thing, &t.State, &t.Code, &message, &t.RequestID, &updated); err != nil {
			return t, err
		}
		t.UpdatedAt = fromMicros(updated)
		err := fromJSON(message, &t.Message)
		return t, err
	}, "SELECT n, thing, state, code, message, request_id, updated_us FROM job_target WHERE job_id = $1 ORDER BY n", id)
	if err != nil {
		return nil, fmt.Errorf("db: targets of job %s: %w", id, err)
	}
	return targets, nil
}

// createJob writes a job that is due at once, and its one target.
func createJob(tx *sql.Tx, j job.Job, t job.Target) error {
	_, err := tx.Exec(`INSERT INTO job (id, kind, account_id, person_id, due_us, done_us, held, paused, tries, nudge, lease_owner, lease_gen, lease_until_us, created_us)
		VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0, '', 0, 0, $6)`, j.ID, j.Kind, j.AccountID, j.PersonID, micros(j.Due), micros(j.CreatedAt))
	if err != nil {
		return fmt.Errorf("create job %s: %w", j.ID, err)
	}
	return putTarget(tx, j.ID, t)
}

// putTarget writes how far a target has come.
func putTarget(tx *sql.Tx, jobID string, t job.Target) error {
	_, err := tx.Exec(`INSERT INTO job_target (job_id, n, thing, state, code, message, request_id, updated_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (job_id, n) DO UPDATE SET state = excluded.state, code = excluded.code, message = excluded.message,
		request_id = excluded.request_id, updated_us = excluded.updated_us`,
		jobID, t.N, t.Thing, string(t.State), t.Code, messageText(t.Message), t.RequestID, micros(t.UpdatedAt))
	if err != nil {
		return fmt.Errorf("target of job %s: %w", jobID, err)
	}
	return nil
}

// nudgeJob makes a job due now, also for a worker that holds it.
func nudgeJob(tx *sql.Tx, id string, now time.Time) error {
	_, err := tx.Exec("UPDATE job SET nudge = nudge + 1, due_us = $1 WHERE id = $2 AND done_us = 0", micros(now), id)
	if err != nil {
		return fmt.Errorf("nudge job %s: %w", id, err)
	}
	return nil
}

// one reports errLease unless exactly one row changed.
func one(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n != 1 {
		return errLease
	}
	return err
}
