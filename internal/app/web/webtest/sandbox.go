package webtest

import (
	"context"
	"fmt"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/seal"
	"sampan/internal/app/web/sandbox"
)

// simulated is a Sandbox that remembers what it was told.
type simulated struct {
	GivenStatus sandbox.Status
	Said        []string
	Err         error
}

func (s *simulated) Key(context.Context) (account.Key, error) {
	return account.Key{ID: "SANDBOXKEY", Secret: seal.Conceal("sandbox-secret")}, s.Err
}

func (s *simulated) Status(context.Context) (sandbox.Status, error) { return s.GivenStatus, s.Err }

func (s *simulated) Break(_ context.Context, f ...sandbox.Fault) error {
	for _, x := range f {
		s.Said = append(s.Said, "break "+x.Call+" "+x.Kind)
	}
	return s.Err
}

func (s *simulated) Mend(context.Context) error { s.Said = append(s.Said, "mend"); return s.Err }

func (s *simulated) Advance(_ context.Context, d time.Duration) error {
	s.Said = append(s.Said, "advance "+d.String())
	return s.Err
}

func (s *simulated) Reset(context.Context) error { s.Said = append(s.Said, "reset"); return s.Err }

func (s *simulated) Fleet(_ context.Context, n int) error {
	s.Said = append(s.Said, fmt.Sprintf("fleet %d", n))
	return s.Err
}
