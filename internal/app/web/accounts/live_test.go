package accounts_test

import (
	"bytes"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/web/accounts"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// The stream sends the check of an account as the page shows it, and of no account
// that the person may not see.
func TestTheLivePartOfACheck(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All[0].Checks = []account.Check{{Name: "list", OK: true, Message: fault.Say("account.check.orders"), Took: 2 * time.Second}}
	h := accounts.Pages{Accounts: c.Accounts}
	part, err := h.Part(t.Context(), "a1", text.New(text.English, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var sent bytes.Buffer
	if err := part.Render(text.With(t.Context(), text.New(text.English, time.UTC)), &sent); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{`id="check-a1"`, `sse-swap="account/a1"`, "List of instances", "2 s"} {
		if !bytes.Contains(sent.Bytes(), []byte(words)) {
			t.Errorf("sent without %s: %s", words, sent.String())
		}
	}
	if _, err := h.Part(t.Context(), "a9", text.New(text.English, time.UTC)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a foreign account is sent: %v", err)
	}
	for id, seen := range map[string]bool{"a1": true, "a9": false} {
		err := h.Visible(t.Context(), person.Actor{PersonID: "p1"}, id)
		if (err == nil) != seen || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
}
