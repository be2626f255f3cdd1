package account

import "strings"

// Payer is the key of the account at the cloud that the calls are made for. It is
// equal for all entries of one Huawei account, which share rates, locks and rivals
// (reliability.md §3.3). An entry whose domain id was never read has its own key.
func (a Access) Payer() string { return payer(a.AccountID, a.Site, a.Endpoints, a.DomainID) }

// Payer is the key of the entry's account at the cloud, as Access.Payer gives it.
func (a Account) Payer() string { return payer(a.ID, a.Site, a.Endpoints, a.DomainID) }

// payer joins the site and the domain id. A site is one cloud, also when entries
// reach it by different hosts. So is the Sandbox: Access has its address, Account has
// not. With Custom, the identity service's endpoint stands for the site, because it
// issues the domain ids: two entries that differ in another endpoint, or have none
// for purchases, must still not buy at the same time.
func payer(entryID string, site Site, e Endpoints, domainID string) string {
	if domainID == "" {
		return "entry:" + entryID
	}
	if site == Custom {
		return strings.ToLower(strings.TrimRight(e.IAM, "/")) + " " + domainID
	}
	return string(site) + " " + domainID
}
