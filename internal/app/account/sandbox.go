package account

import (
	"context"
	"fmt"
	"slices"

	"sampan/internal/app/person"
)

// SandboxControl is what connecting the simulated cloud needs of its controls.
type SandboxControl interface {
	// Key gives the access key pair of the simulated cloud's first account.
	Key(ctx context.Context) (Key, error)
	// Fleet gives that account so many example servers.
	Fleet(ctx context.Context, servers int) error
}

// OpenSandbox connects the simulated cloud's first account under a label, with
// fleet example servers; 0 adds none. It does nothing when an account of the
// simulated cloud is connected already. Its first connection check has the
// inventory read.
func (s *Service) OpenSandbox(ctx context.Context, by person.Actor, control SandboxControl, label string, fleet int) error {
	all, err := s.List(ctx, by)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, Account.Sandbox) {
		return nil
	}
	if !by.May(person.ManageAccounts) { // before servers are made
		return denied()
	}
	key, err := control.Key(ctx)
	if err != nil {
		return fmt.Errorf("account: key of the Sandbox: %w", err)
	}
	if fleet > 0 {
		if err := control.Fleet(ctx, fleet); err != nil {
			return fmt.Errorf("account: %d servers in the Sandbox: %w", fleet, err)
		}
	}
	_, err = s.AddSandbox(ctx, by, Form{Label: label, Credential: ByKey, KeyID: key.ID, KeySecret: key.Secret})
	return err
}
