package account

import "strings"

// Payer is the key of the account at the cloud that the calls are made for: it
// is equal for all entries of one account of Huawei's, which share rates, locks
// and rivals (reliability.md §3.3). An entry whose domain id was never read has
// a key of its own.
func (a Access) Payer() string { return payer(a.AccountID, a.Site, a.Endpoints, a.DomainID) }

// Payer is the key of the entry's account at the cloud, as Access.Payer gives it.
func (a Account) Payer() string { return payer(a.ID, a.Site, a.Endpoints, a.DomainID) }

// payer takes the site and the domain id: a site is one cloud, whatever hosts an
// entry reaches it by, and so is the Sandbox, whose address Access has and
// Account has not. Where the owner gave every endpoint, the identity service
// stands in the place of the site: it gives out the domain ids, and two entries
// that differ in another endpoint, or leave out the one for purchases, must
// still not buy at the same time.
func payer(entryID string, site Site, e Endpoints, domainID string) string {
	if domainID == "" {
		return "entry:" + entryID
	}
	if site == Custom {
		return strings.ToLower(strings.TrimRight(e.IAM, "/")) + " " + domainID
	}
	return string(site) + " " + domainID
}
