package cloudsim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Account is a customer of the Sandbox as the control API shows it, secrets included.
type Account struct {
	ID          string   `json:"id"` // domain id, 32 hex characters
	Name        string   `json:"name"`
	DomainName  string   `json:"domain_name"`
	AccessKey   string   `json:"access_key"`
	SecretKey   string   `json:"secret_key"`
	IAMUser     string   `json:"iam_user"`
	IAMPassword string   `json:"iam_password"`
	Currency    string   `json:"currency"`
	Balance     string   `json:"balance"` // decimal, two places
	Quota       int      `json:"quota"`   // instances that may exist; 0: no limit
	Regions     []Region `json:"regions"` // the activated ones
	// Projects are further projects of the regions. Servers come to be in a region's own; Outside moves them.
	Projects []Project `json:"projects,omitempty"`
	// TokenOnlyPurchase makes the purchase refuse signatures, as its parameter table may mean.
	TokenOnlyPurchase bool `json:"token_only_purchase"`
	// KeyDisabled makes the access key useless.
	KeyDisabled bool `json:"key_disabled"`
	// KeyUser is the user whose access key it is, in the orders placed with it; "": IAMUser's.
	KeyUser string `json:"key_user,omitempty"`
	// NoUser makes billing leave user_name out of the details of orders.
	NoUser bool `json:"no_user,omitempty"`
	// TagsAt says where the tags of purchases are seen: "config" (the instance), "server", or "both", as "" means.
	TagsAt string `json:"tags_at,omitempty"`
}

// Region is an activated region and its default project.
type Region struct {
	Region    string `json:"region"`
	ProjectID string `json:"project_id"`
}

// Project is a further project of an activated region.
type Project struct {
	Region    string `json:"region"`
	Name      string `json:"name"` // after the region and "_": "dev" is ap-southeast-3_dev
	ProjectID string `json:"project_id"`
	Off       bool   `json:"off,omitempty"`      // IAM lists it as not enabled
	Unlisted  bool   `json:"unlisted,omitempty"` // IAM does not list it
	Closed    bool   `json:"closed,omitempty"`   // the user may do nothing in it
}

// defaultAccounts are those of a new state.
func defaultAccounts(seed string) []*account {
	first := newAccount(Account{Name: "Sandbox", Balance: "500.00"}, seed)
	low := newAccount(Account{Name: "Sandbox low", Balance: "5.00", Quota: 10,
		Regions: regionsOf(hongKong, singapore, bangkok, istanbul, saoPaulo)}, seed)
	token := newAccount(Account{Name: "Sandbox sign-in", Balance: "500.00", TokenOnlyPurchase: true}, seed)
	return []*account{first, low, token}
}

func regionsOf(names ...string) []Region {
	var out []Region
	for _, n := range names {
		out = append(out, Region{Region: n})
	}
	return out
}

// newAccount fills what a leaves out. With a seed the made-up values depend on seed and name only.
func newAccount(a Account, seed string) *account {
	make := func(what string, n int) string {
		if seed == "" {
			return randomHex(n / 2)
		}
		sum := sha256.Sum256([]byte(seed + "\x00" + a.Name + "\x00" + what))
		return hex.EncodeToString(sum[:])[:n]
	}
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&a.ID, make("id", 32))
	fill(&a.Name, "Account "+a.ID[:4])
	fill(&a.DomainName, strings.ToLower(strings.ReplaceAll(a.Name, " ", "-")))
	fill(&a.AccessKey, "SBX"+strings.ToUpper(make("ak", 17+1))[:17])
	fill(&a.SecretKey, make("sk", 40))
	fill(&a.IAMUser, "console")
	fill(&a.IAMPassword, "Sbx-"+make("password", 16))
	fill(&a.Currency, "USD")
	fill(&a.Balance, "0.00")
	if a.Regions == nil {
		a.Regions = regionsOf(soldRegions...)
	}
	a.Regions = append([]Region(nil), a.Regions...)
	for i := range a.Regions {
		fill(&a.Regions[i].ProjectID, make("project "+a.Regions[i].Region, 32))
	}
	a.Projects = append([]Project(nil), a.Projects...)
	for i := range a.Projects {
		fill(&a.Projects[i].ProjectID, make("project "+a.Projects[i].Region+"_"+a.Projects[i].Name, 32))
	}
	cents, _ := parseCents(a.Balance) // checked by the callers that take it from outside
	return &account{Account: a, UserID: make("user", 32), Cents: cents, InitialCents: cents}
}

// parseCents reads a decimal with at most two places.
func parseCents(s string) (int64, error) {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if len(fraction) > 2 || whole == "" {
		return 0, fmt.Errorf("amount %q is not a decimal with at most two places", s)
	}
	n, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("amount %q is not a decimal with at most two places", s)
	}
	if strings.HasPrefix(s, "-") {
		n = -n
	}
	return n, nil
}

// cents is an amount of money as a JSON number with two places.
type cents int64

func (c cents) String() string {
	sign, n := "", int64(c)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// MarshalJSON writes a number, as BSS does for most amounts.
func (c cents) MarshalJSON() ([]byte, error) { return []byte(c.String()), nil }

// Accounts lists the customers, secrets included, in the order in which they were made.
func (c *Cloud) Accounts() []Account {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]Account, 0, len(c.state.accounts))
	for _, a := range c.state.accounts {
		v := a.Account
		v.Balance = cents(c.funds(a, c.now())).String()
		v.Regions = append([]Region(nil), a.Regions...)
		out = append(out, v)
	}
	return out
}

// AddAccount makes a customer; what a leaves empty is made up, nil Regions means all six. It has a Linux and a Windows
// private image where its regions allow, like the default ones.
func (c *Cloud) AddAccount(a Account) (Account, error) {
	if err := checkAccount(a); err != nil {
		return Account{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	acct := newAccount(a, "")
	for _, old := range c.state.accounts {
		if old.ID == acct.ID || old.AccessKey == acct.AccessKey || old.Name == acct.Name ||
			old.DomainName == acct.DomainName && old.IAMUser == acct.IAMUser {
			return Account{}, fmt.Errorf("there is already an account with the id, name, key or user of %q", acct.Name)
		}
	}
	c.state.addAccount(acct)
	recs := []record{rec("account", acct)}
	for _, im := range seedImages(acct, c.now()) {
		c.state.addImage(im)
		recs = append(recs, rec("image", im))
	}
	return acct.Account, c.commit(recs...)
}

// SetAccount replaces the settings of the account with a.ID: everything but what a leaves empty. A changed password
// ends the tokens of the user.
func (c *Cloud) SetAccount(a Account) (Account, error) {
	if err := checkAccount(a); err != nil {
		return Account{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.state.account(a.ID)
	if old == nil || old.ID != a.ID {
		return Account{}, fmt.Errorf("there is no account with the id %q", a.ID)
	}
	next := *old
	next.Account = merged(old.Account, a)
	if a.Balance != "" {
		next.Cents, _ = parseCents(a.Balance)
	}
	if a.IAMPassword != "" {
		next.wrong, next.lockedUntil = 0, time.Time{}
	}
	c.state.addAccount(&next) // requests on their way keep the old one until they take effect
	return next.Account, c.commit(rec("account", &next))
}

func merged(old, a Account) Account {
	pick := func(field *string, value string) {
		if value != "" {
			*field = value
		}
	}
	pick(&old.Name, a.Name)
	pick(&old.DomainName, a.DomainName)
	pick(&old.AccessKey, a.AccessKey)
	pick(&old.SecretKey, a.SecretKey)
	pick(&old.IAMUser, a.IAMUser)
	pick(&old.IAMPassword, a.IAMPassword)
	pick(&old.Currency, a.Currency)
	pick(&old.Balance, a.Balance)
	pick(&old.KeyUser, a.KeyUser)
	pick(&old.TagsAt, a.TagsAt)
	if a.Regions != nil {
		for i, r := range a.Regions {
			for _, was := range old.Regions {
				if r.ProjectID == "" && was.Region == r.Region {
					a.Regions[i].ProjectID = was.ProjectID
				}
			}
			if a.Regions[i].ProjectID == "" {
				a.Regions[i].ProjectID = randomHex(16)
			}
		}
		old.Regions = a.Regions
	}
	if a.Projects != nil {
		old.Projects = append([]Project(nil), a.Projects...)
		for i := range old.Projects {
			if old.Projects[i].ProjectID == "" {
				old.Projects[i].ProjectID = randomHex(16)
			}
		}
	}
	old.Quota, old.TokenOnlyPurchase, old.KeyDisabled, old.NoUser = a.Quota, a.TokenOnlyPurchase, a.KeyDisabled, a.NoUser
	return old
}

func checkAccount(a Account) error {
	if a.Balance != "" {
		if _, err := parseCents(a.Balance); err != nil {
			return err
		}
	}
	if a.Quota < 0 {
		return errors.New("a quota is not negative")
	}
	if !slices.Contains([]string{"", tagsAtBoth, tagsAtConfig, tagsAtServer}, a.TagsAt) {
		return errors.New("tags are at config, server or both")
	}
	for _, r := range a.Regions {
		if r.Region == "" {
			return errors.New("a region has a name")
		}
	}
	for _, p := range a.Projects {
		if p.Region == "" || p.Name == "" {
			return errors.New("a project has a region and a name")
		}
	}
	return nil
}
