package instance

import (
	"context"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// Waiting is the accounts whose cloud does not answer now, of those that a
// refresh was asked for.
type Waiting struct {
	Accounts []account.Account // in the order asked; none: all of them are being read
	Slowed   bool              // the last of them waits because the cloud limits its calls
}

// RefreshAll asks for the pictures of several accounts to be read again, as
// Refresh does. A broken or disabled account does not keep the others from being
// read: it is an error only if no account is left to read. Any other error ends
// it, and the accounts before it stay asked for.
func (s *Service) RefreshAll(ctx context.Context, by person.Actor, accounts []account.Account) (Waiting, error) {
	var u Waiting
	var refused error
	asked := 0
	for _, a := range accounts {
		err := s.Refresh(ctx, by, a.ID)
		if fault.Is(err, fault.Refused) {
			refused = err
			continue
		}
		if err != nil {
			return Waiting{}, err
		}
		asked++
		if open := s.Asked(a.ID); open.Waits {
			u.Accounts = append(u.Accounts, a)
			u.Slowed = open.Trouble == "cloud.throttled"
		}
	}
	if asked == 0 {
		return Waiting{}, refused
	}
	return u, nil
}
