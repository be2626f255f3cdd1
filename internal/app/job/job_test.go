package job_test

import (
	"testing"

	"sampan/internal/app/job"
)

func TestStateIsComputedFromTheTargets(t *testing.T) {
	of := func(states ...job.TargetState) (all []job.Target) {
		for _, s := range states {
			all = append(all, job.Target{State: s})
		}
		return all
	}
	for _, c := range []struct {
		name    string
		job     job.Job
		targets []job.Target
		want    job.State
	}{
		{"nothing claimed", job.Job{}, of(job.Pending, job.Pending), job.Queued},
		{"inside the undo window", job.Job{Held: true}, of(job.Pending), job.Held},
		{"paused on request", job.Job{Paused: true}, of(job.OK, job.Pending), job.Paused},
		{"paused, one still on the wire", job.Job{Paused: true}, of(job.TargetSending, job.Pending), job.Running},
		{"one on the wire", job.Job{}, of(job.OK, job.TargetSending, job.Pending), job.Running},
		{"some done, some not begun", job.Job{}, of(job.OK, job.Pending), job.Running},
		{"all sent, some not final", job.Job{}, of(job.OK, job.Accepted), job.Waiting},
		{"all ok", job.Job{}, of(job.OK, job.OK), job.Succeeded},
		{"ok and already so", job.Job{}, of(job.OK, job.Skipped), job.Succeeded},
		{"some failed", job.Job{}, of(job.OK, job.Failed), job.PartlyFailed},
		{"all failed", job.Job{}, of(job.Failed, job.Failed), job.AllFailed},
		{"one unknown among final ones", job.Job{}, of(job.OK, job.TargetUnknown), job.Unknown},
		{"cancelled before anything was sent", job.Job{}, of(job.TargetCalled, job.TargetCalled), job.Cancelled},
		{"no targets yet", job.Job{}, nil, job.Queued},
	} {
		if got := c.job.State(c.targets); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
