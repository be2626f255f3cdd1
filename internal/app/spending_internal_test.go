package app

import (
	"context"
	"errors"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/order"
)

// unclear is billing that does not answer payments.
type unclear struct{ order.Billing }

func (unclear) Pay(context.Context, account.Access, string) error    { return errors.New("no answer") }
func (unclear) Cancel(context.Context, account.Access, string) error { return nil }

// terms keeps which accounts' terms are read again.
type terms []string

func (t *terms) TouchMoney(accountID string, _ ...string) { *t = append(*t, accountID) }

// TestMoneyHasTheTermsReadAgain: after each payment and cancellation, whatever
// came of it.
func TestMoneyHasTheTermsReadAgain(t *testing.T) {
	var read terms
	b, a := spending{unclear{}, &read}, account.Access{AccountID: "a1"}
	if err := b.Pay(t.Context(), a, "CS1"); err == nil || len(read) != 1 || read[0] != "a1" {
		t.Errorf("a payment without an answer: %v, read again: %v", err, read)
	}
	if err := b.Cancel(t.Context(), a, "CS1"); err != nil || len(read) != 2 {
		t.Errorf("a cancellation: %v, read again: %v", err, read)
	}
}
