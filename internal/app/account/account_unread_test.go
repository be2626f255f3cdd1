package account_test

import (
	"testing"
	"time"

	"sampan/internal/app/account"
)

func TestRegionsAreUnreadUntilTheFirstCheck(t *testing.T) {
	checked := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		a    account.Account
		want bool
	}{
		"just connected":               {account.Account{}, true},
		"read, none activated":         {account.Account{CheckedAt: checked}, false},
		"read":                         {account.Account{CheckedAt: checked, Projects: map[string]string{"ap-southeast-3": "p"}}, false},
		"read by a call, not by check": {account.Account{Projects: map[string]string{"ap-southeast-3": "p"}}, false},
	} {
		if got := c.a.Unread(); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
