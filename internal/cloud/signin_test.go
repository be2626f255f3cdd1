package cloud_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/cloud"
	"sampan/internal/cloud/cloudtest"
)

const (
	singapore = "ap-southeast-3"
	riyadh    = "me-east-1"
)

// hanging is a cloud in which the sign-ins to some scopes hang until released,
// and an API that makes one sign-in at a time, as in production.
func hanging(t *testing.T, password string, told func(string),
	scopes ...string) (c *identity, a account.Access, api *cloud.API, release func()) {
	c = &identity{hang: make(map[string]chan struct{})}
	hang := make(chan struct{})
	for _, s := range scopes {
		c.hang[s] = hang
	}
	a = signedIn(t, c)
	a.Login.Password = seal.Conceal(password)
	limits := cloudtest.Limits()
	limits.IAM.InFlight, limits.SignIn = 1, 100*time.Millisecond
	api = cloud.New(cloud.Options{Limits: limits, OnLoginRefused: func(id string, _ *fault.Error) { told(id) }})
	release = sync.OnceFunc(func() { close(hang) })
	t.Cleanup(release)
	return c, a, api, release
}

// behind makes a call of the background whose sign-in hangs, and gives what
// becomes of it once that is under way.
func behind(t *testing.T, c *identity, a account.Access, api *cloud.API, region string) <-chan error {
	t.Helper()
	done, before := make(chan error, 1), len(c.list())
	go func() {
		_, err := api.Do(t.Context(), a, servers(region))
		done <- err
	}()
	for end := time.Now().Add(10 * time.Second); len(c.list()) == before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the sign-in of the background did not begin")
		}
	}
	return done
}

func nobody(string) {}

// TestNoPurchaseWaitsForASignInOfTheBackground: one hangs, and what somebody or
// money waits for is done all the same, with a sign-in of its own where it needs
// one.
func TestNoPurchaseWaitsForASignInOfTheBackground(t *testing.T) {
	purchase := servers(singapore)
	purchase.Class = cloud.Once
	same := servers(riyadh)
	same.Class = cloud.Once
	for name, c := range map[string]struct {
		call  cloud.Call
		lane  account.Lane
		login string // scope of the second sign-in; "" where the call must wait
	}{
		"a purchase":                         {purchase, account.ForPerson, "project p-singapore"},
		"a purchase, whatever its lane":      {purchase, account.ForRefresh, "project p-singapore"},
		"a payment":                          {call(cloud.CheckFirst, new(list)), account.ForPoll, "domain ACME"},
		"a page":                             {servers(singapore), account.ForPerson, "project p-singapore"},
		"a purchase of the scope that hangs": {same, account.ForPerson, "project p-riyadh"},
		"a poll":                             {servers(singapore), account.ForPoll, ""},
		"a safe write of the background":     {call(cloud.SafeWrite, new(list)), account.ForRefresh, ""},
	} {
		t.Run(name, func(t *testing.T) {
			id, a, api, release := hanging(t, password, nobody, "project p-riyadh")
			background := behind(t, id, a, api, riyadh)
			if c.login == "project p-riyadh" {
				id.mu.Lock()
				delete(id.hang, "project p-riyadh") // the first sign-in hangs, the second does not
				id.mu.Unlock()
			}
			a.Lane, a.Until = c.lane, time.Now().Add(500*time.Millisecond)
			if c.login != "" {
				a.Until = time.Now().Add(10 * time.Second)
			}
			_, err := api.Do(t.Context(), a, c.call)
			want := []string{"project p-riyadh"}
			if c.login != "" {
				want = append(want, c.login)
			}
			if got := id.list(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("sign-ins: got %v, want %v", got, want)
			}
			if c.login != "" && err != nil {
				t.Errorf("got %v, want success beside the sign-in that hangs", err)
			}
			if f := fault.Of(err); c.login == "" && (f.Kind != fault.Busy || f.Message.ID != "cloud.turn") {
				t.Errorf("got %v, want that its turn did not come", err)
			}
			release()
			if err := <-background; err != nil {
				t.Errorf("the background: got %v", err)
			}
		})
	}
}

// TestOneSignInServesBoth: an urgent call lets a sign-in for its scope end.
func TestOneSignInServesBoth(t *testing.T) {
	id, a, api, release := hanging(t, password, nobody, "project p-riyadh")
	background := behind(t, id, a, api, riyadh)
	a.Lane = account.ForPerson
	time.AfterFunc(20*time.Millisecond, release)
	if _, err := api.Do(t.Context(), a, servers(riyadh)); err != nil {
		t.Error(err)
	}
	if err := <-background; err != nil {
		t.Error(err)
	}
	if got := id.list(); len(got) != 1 {
		t.Errorf("sign-ins: got %v, want one", got)
	}
}

// TestNoPurchaseWaitsForSignInsOfOtherRegions: one of the background hangs and one
// that a page waits for, and the purchase signs in beside both, also at the pace
// of production. A page waits for the page's.
func TestNoPurchaseWaitsForSignInsOfOtherRegions(t *testing.T) {
	id, a, api, release := hanging(t, password, nobody, "project p-riyadh", "domain ACME")
	background := behind(t, id, a, api, riyadh)
	page := a
	page.Lane = account.ForPerson
	waiting := make(chan error, 1)
	go func() {
		_, err := api.Do(t.Context(), page, call(cloud.Read, new(list)))
		waiting <- err
	}()
	for end := time.Now().Add(10 * time.Second); len(id.list()) < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("sign-ins: got %v, want the page's beside that of the background", id.list())
		}
	}
	if at := api.Turn(a, cloud.HCSS, singapore); time.Until(at) > 2*time.Second {
		t.Errorf("a purchase is told to wait for %v, want about the pace of sign-ins", time.Until(at))
	}
	purchase := servers(singapore)
	purchase.Class = cloud.Once
	a.Until = time.Now().Add(10 * time.Second)
	if _, err := api.Do(t.Context(), a, purchase); err != nil {
		t.Errorf("the purchase: got %v, want that it went beside both", err)
	}
	page.Until = time.Now().Add(300 * time.Millisecond)
	if _, err := api.Do(t.Context(), page, servers(riyadh)); fault.Of(err).Message.ID != "cloud.turn" {
		t.Errorf("another page: got %v, want that its turn did not come", err)
	}
	release()
	for _, err := range []error{<-background, <-waiting} {
		if err != nil {
			t.Error(err)
		}
	}
}

// TestUrgentSignInsTakeTurns: not more than three sign-ins are ever under way, one
// of the background, one for a page and one for money, also where the service
// would let more through.
func TestUrgentSignInsTakeTurns(t *testing.T) {
	id, a, _, release := hanging(t, "wrong", nobody, "project p-riyadh", "project p-singapore", "domain ACME")
	api := cloud.New(cloud.Options{Limits: cloudtest.Limits()})
	under := []<-chan error{behind(t, id, a, api, riyadh)}
	a.Lane = account.ForPerson
	under = append(under, behind(t, id, a, api, singapore))
	paying := make(chan error, 1)
	go func() {
		_, err := api.Do(t.Context(), a, call(cloud.CheckFirst, new(list)))
		paying <- err
	}()
	for end := time.Now().Add(10 * time.Second); len(id.list()) < 3; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the payment's sign-in did not begin")
		}
	}
	under = append(under, paying)
	a.Until = time.Now().Add(100 * time.Millisecond)
	for _, class := range []cloud.Class{cloud.Read, cloud.Once} {
		c := servers(riyadh)
		c.Class = class
		if _, err := api.Do(t.Context(), a, c); fault.Of(err).Message.ID != "cloud.turn" {
			t.Errorf("class %d: got %v, want that its turn did not come", class, err)
		}
	}
	release()
	for _, done := range under {
		if err := <-done; fault.Of(err).Message.ID != "cloud.login.refused" {
			t.Errorf("got %v", err)
		}
	}
	if got := id.list(); len(got) != 3 {
		t.Errorf("sign-ins with a wrong password: got %v, want three", got)
	}
}

// TestARefusedSignInIsTheLastForUrgentOnesToo: at most the two that were under way
// are ever sent, and who is told is told once.
func TestARefusedSignInIsTheLastForUrgentOnesToo(t *testing.T) {
	var mu sync.Mutex
	var told []string
	id, a, api, release := hanging(t, "wrong", func(id string) { mu.Lock(); defer mu.Unlock(); told = append(told, id) },
		"project p-riyadh")
	background := behind(t, id, a, api, riyadh)
	refused := func(lane account.Lane, c cloud.Call) {
		t.Helper()
		a := a
		a.Lane = lane
		if _, err := api.Do(t.Context(), a, c); fault.Of(err).Kind != fault.Refused || fault.Of(err).Message.ID != "cloud.login.refused" {
			t.Errorf("got %v, want that the sign-in is refused", err)
		}
	}
	refused(account.ForPerson, servers(singapore))
	refused(account.ForPerson, call(cloud.Once, new(list)))
	refused(account.ForRefresh, servers(singapore))
	release()
	if err := <-background; fault.Of(err).Message.ID != "cloud.login.refused" {
		t.Errorf("the background: got %v", err)
	}
	refused(account.ForPerson, servers(riyadh))
	if got := id.list(); len(got) != 2 {
		t.Errorf("sign-ins with a wrong password: got %v, want the two that were under way", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 1 {
		t.Errorf("told: got %v, want once", told)
	}
}

// TestASignInThatWaitedIsNotSentAfterARefusal: it stood at the identity service
// while the other one was refused.
func TestASignInThatWaitedIsNotSentAfterARefusal(t *testing.T) {
	id, a, _, release := hanging(t, "wrong", nobody, "project p-riyadh")
	limits := cloudtest.Limits()
	limits.IAM = cloud.Rate{PerSecond: 2, InFlight: 1} // the second one waits half a second
	api := cloud.New(cloud.Options{Limits: limits})
	background := behind(t, id, a, api, riyadh)
	time.AfterFunc(50*time.Millisecond, release)
	a.Lane = account.ForPerson
	if _, err := api.Do(t.Context(), a, servers(singapore)); fault.Of(err).Message.ID != "cloud.login.refused" {
		t.Errorf("got %v", err)
	}
	if got := id.list(); len(got) != 1 {
		t.Errorf("sign-ins with a wrong password: got %v, want one", got)
	}
	<-background
}

// TestARefusalOfAReplacedLoginBreaksNothing: the old password hangs, is replaced,
// and is refused afterwards.
func TestARefusalOfAReplacedLoginBreaksNothing(t *testing.T) {
	told := make(chan string, 2)
	id, a, api, release := hanging(t, "wrong", func(id string) { told <- id }, "project p-riyadh")
	background := behind(t, id, a, api, riyadh)
	a.Login.Password, a.Lane = seal.Conceal(password), account.ForPerson
	if _, err := api.Do(t.Context(), a, servers(singapore)); err != nil {
		t.Errorf("with the password replaced: got %v", err)
	}
	release()
	if err := <-background; fault.Of(err).Message.ID != "cloud.login.refused" {
		t.Errorf("the old one: got %v", err)
	}
	if _, err := api.Do(t.Context(), a, servers(riyadh)); err != nil {
		t.Errorf("with the password replaced: got %v", err)
	}
	select {
	case <-told:
		t.Error("the refusal of the old password was told of the account, which has a new one")
	default:
	}
}

// TestASignInThatPanicsGivesItsTurnBack: the turn at the identity service and the
// one of the account.
func TestASignInThatPanicsGivesItsTurnBack(t *testing.T) {
	_, a, api, _ := hanging(t, password, nobody)
	bad := a
	bad.Observe = func(account.Exchange) { panic(errors.New("a defect")) }
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed: whoever runs the call logs it")
			}
		}()
		_, _ = api.Do(t.Context(), bad, servers(riyadh))
	}()
	a.Until = time.Now().Add(5 * time.Second)
	if _, err := api.Do(t.Context(), a, servers(riyadh)); err != nil {
		t.Errorf("the next call: got %v, want its turn", err)
	}
}

// TestTheTurnOfACallThatMustSignInFirst: a pause that the identity service asked
// for counts until the token of the scope is held, and not afterwards.
func TestTheTurnOfACallThatMustSignInFirst(t *testing.T) {
	c := new(identity)
	a, api := signedIn(t, c), cloudtest.API()
	a.Lane = account.ForPerson
	if _, err := api.Do(t.Context(), a, servers(singapore)); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.fail = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	c.mu.Unlock()
	if _, err := api.Do(t.Context(), a, servers(riyadh)); !fault.Is(err, fault.Busy) {
		t.Fatalf("got %v, want Busy", err)
	}
	byKey := a
	byKey.Login, byKey.Key = account.Login{}, account.Key{ID: "AKEXAMPLE0000000001", Secret: seal.Conceal("SK")}
	for _, tt := range []struct {
		name    string
		acc     account.Access
		service cloud.Service
		region  string
		waits   bool
	}{
		{"a purchase without a token", a, cloud.HCSS, riyadh, true},
		{"a purchase with one", a, cloud.HCSS, singapore, false},
		{"a purchase, region not said", a, cloud.HCSS, "", false},
		{"a payment without a token", a, cloud.BSS, "", true},
		{"a sign-in", a, cloud.IAM, "", true},
		{"an account that signs its calls", byKey, cloud.HCSS, riyadh, false},
	} {
		if at := api.Turn(tt.acc, tt.service, tt.region); at.After(time.Now().Add(100*time.Second)) != tt.waits {
			t.Errorf("%s: got %v from now, want that it waits: %v", tt.name, time.Until(at), tt.waits)
		}
	}
}

// TestAClosedProjectLeavesTheLogin: a further project that the user may not enter,
// or that is gone, is refused to itself alone, whatever the status; a wrong
// password is still tried once.
func TestAClosedProjectLeavesTheLogin(t *testing.T) {
	const closed, own = "project p-closed", "project p-singapore"
	for name, c := range map[string]struct {
		status  int
		scopes  []string // that are refused
		message string
		logins  []string // for two calls to the project
		broken  int
	}{
		"403":            {403, []string{closed}, "cloud.permission", []string{own, closed, closed}, 0},
		"404":            {404, []string{closed}, "cloud.gone", []string{own, closed, closed}, 0},
		"401":            {401, []string{closed}, "cloud.login.project", []string{own, closed}, 0},
		"400":            {400, []string{closed}, "cloud.login.project", []string{own, closed}, 0},
		"wrong password": {401, []string{closed, own}, "cloud.login.refused", []string{own}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			id, broken := &identity{refuse: map[string]int{}}, 0
			for _, scope := range c.scopes {
				id.refuse[scope] = c.status
			}
			a := signedIn(t, id)
			now := time.Date(2024, 1, 3, 9, 0, 0, 0, time.UTC)
			api := cloud.New(cloud.Options{Limits: cloudtest.Limits(), Now: func() time.Time { return now },
				OnLoginRefused: func(string, *fault.Error) { broken++ }})
			for range 2 {
				_, err := api.Do(t.Context(), a.In(singapore, "p-closed"), servers(singapore))
				if f := fault.Of(err); f.Kind != fault.Refused || f.Message.ID != c.message || c.broken == 0 && f.Status != 0 {
					t.Errorf("the closed project: got %v (%s, %d), want %s", err, f.Message.ID, f.Status, c.message)
				}
			}
			if got := id.list(); !slices.Equal(got, c.logins) {
				t.Errorf("sign-ins: got %q, want %q", got, c.logins)
			}
			purchase := servers(singapore)
			purchase.Class = cloud.Once
			if _, err := api.Do(t.Context(), a, purchase); (err != nil) != (c.broken > 0) || broken != c.broken {
				t.Errorf("a purchase then: got %v, broken %d times, want %d", err, broken, c.broken)
			}
			id.mu.Lock()
			clear(id.refuse)
			id.mu.Unlock()
			if now = now.Add(time.Hour); c.broken > 0 {
				api.Forget(a.AccountID) // a person asks for a check
			}
			if _, err := api.Do(t.Context(), a.In(singapore, "p-closed"), servers(singapore)); err != nil {
				t.Errorf("opened, and checked again: got %v", err)
			}
		})
	}
}
