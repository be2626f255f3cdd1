package account_test

import (
	"testing"

	"sampan/internal/app/account"
)

// TestPayer puts pairs of entries side by side: are they one account at the cloud?
func TestPayer(t *testing.T) {
	own := account.Endpoints{IAM: "https://iam.example.com", BSS: "https://bss.example.com", HCSS: "https://hcss.example.com"}
	spelled := own
	spelled.IAM, spelled.HCSS = "https://IAM.example.com/", "" // cannot buy, but is the same cloud
	elsewhere := own
	elsewhere.IAM = "https://iam.example.org"
	for name, c := range map[string]struct {
		a, b account.Account
		same bool
	}{
		"two entries of one account": {account.Account{ID: "1", Site: account.International, DomainID: "d"},
			account.Account{ID: "2", Site: account.International, DomainID: "d", Credential: account.ByLogin}, true},
		"another account":           {account.Account{Site: account.International, DomainID: "d"}, account.Account{Site: account.International, DomainID: "e"}, false},
		"another site":              {account.Account{Site: account.International, DomainID: "d"}, account.Account{Site: account.Mainland, DomainID: "d"}, false},
		"never read":                {account.Account{ID: "1", Site: account.International}, account.Account{ID: "2", Site: account.International}, false},
		"one of them never read":    {account.Account{ID: "1", Site: account.International, DomainID: "d"}, account.Account{ID: "2", Site: account.International}, false},
		"an entry named like a key": {account.Account{ID: "intl d"}, account.Account{ID: "2", Site: account.International, DomainID: "d"}, false},
		"a site with one host replaced": {account.Account{Site: account.Europe, DomainID: "d"},
			account.Account{Site: account.Europe, DomainID: "d", Endpoints: account.Endpoints{HCSS: "https://hcss.example.com"}}, true},
		"own endpoints, spelled in two ways": {account.Account{Site: account.Custom, DomainID: "d", Endpoints: own},
			account.Account{Site: account.Custom, DomainID: "d", Endpoints: spelled}, true},
		"own endpoints of another cloud": {account.Account{Site: account.Custom, DomainID: "d", Endpoints: own},
			account.Account{Site: account.Custom, DomainID: "d", Endpoints: elsewhere}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.a.Payer() == c.b.Payer(); got != c.same {
				t.Errorf("one account: got %v (%q, %q), want %v", got, c.a.Payer(), c.b.Payer(), c.same)
			}
			for _, a := range []account.Account{c.a, c.b} {
				x := account.Access{AccountID: a.ID, Site: a.Site, Endpoints: a.Endpoints, DomainID: a.DomainID, Lane: account.ForPerson}
				if x.Payer() != a.Payer() {
					t.Errorf("access and account differ: %q, %q", x.Payer(), a.Payer())
				}
			}
		})
	}
}

// The address of the Sandbox stands in the access alone.
func TestPayerOfTheSandbox(t *testing.T) {
	a := account.Account{ID: "1", Site: account.SandboxSite, DomainID: "d"}
	x := account.Access{AccountID: "2", Site: account.SandboxSite, DomainID: "d", Endpoints: account.Endpoints{IAM: "http://127.0.0.1:9"},
		Trusted: true}
	if a.Payer() != x.Payer() {
		t.Errorf("got %q and %q, want one key", a.Payer(), x.Payer())
	}
}
