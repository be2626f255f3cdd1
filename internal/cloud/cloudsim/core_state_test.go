package cloudsim_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/testclock"
)

// reopened closes a Sandbox and opens its state again.
func reopened(t *testing.T, c *cloudsim.Cloud, o cloudsim.Options) *cloudsim.Cloud {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	next := must(cloudsim.New(simtest.Options(o)))(t, "open again")
	t.Cleanup(func() { _ = next.Close() })
	return next
}

// serve puts a Sandbox that was opened already on a port.
func serve(t *testing.T, c *cloudsim.Cloud) *wire {
	t.Helper()
	url := listen(t, c)
	return newWire(t, &cloudsim.Server{Cloud: c, URL: url}, c.Accounts()[0])
}

func TestStateSurvivesARestart(t *testing.T) {
	o := cloudsim.Options{StateFile: filepath.Join(t.TempDir(), "sandbox.journal")}
	c := must(cloudsim.New(simtest.Options(o)))(t, "new")
	w := serve(t, c)
	w.must(c.Fleet("Sandbox", 20))
	w.must(c.Advance(72 * time.Hour))
	w.must(c.AcceptOdoo(true))
	im := must(c.AddImage(cloudsim.Image{Account: "Sandbox", Region: "tr-west-1", Name: "mine"}))(t, "image")
	added := must(c.AddAccount(cloudsim.Account{Name: "Third", Balance: "1.50"}))(t, "account")
	paid := w.ordered(with(wordpress(), map[string]any{"purchase_quantity": 2}))
	w.pay(paid)
	cancelled, open := w.ordered(small()), w.ordered(small())
	w.cancel(cancelled)
	token := w.token("")
	fleet := w.instances("limit=200").at("resources", 0, "id").(string)
	check(t, "auto-renew of one of the fleet",
		w.call("POST", "/v2/orders/subscriptions/resources/autorenew/"+fleet, "", nil).status/100 <= 4, true)
	move(t, w.s, time.Minute)
	before := snapshot(w)

	for restart := range 2 { // the second one reads the compacted journal
		c = reopened(t, c, o)
		w2 := serve(t, c)
		w2.tokens[""] = token
		if d := cmp.Diff(before, snapshot(w2)); d != "" {
			t.Errorf("after restart %d (-before +after):\n%s", restart+1, d)
		}
		check(t, "paid order", w2.status(paid), "5")
		check(t, "cancelled order", w2.status(cancelled), "4")
		check(t, "unpaid order", w2.status(open), "6")
		check(t, "added account", c.Accounts()[3].AccessKey, added.AccessKey)
		check(t, "added image", w2.call("GET", "/v2/cloudimages?name=mine", "tr-west-1", nil).at("images", 0, "id"), im.ID)
		if d := c.Now().Sub(testclock.Now()); d < 71*time.Hour {
			t.Errorf("calendar is %v ahead, want 72 h", d)
		}
		odoo := w2.buy(with(small(), map[string]any{"image_ref": map[string]any{"image_name": "Odoo", "image_version": "17.0"}}))
		check(t, "Odoo", odoo.status, http.StatusAccepted)
		w2.cancel(odoo.at("order_id").(string))
		before = snapshot(w2)
	}
}

// snapshot is what a customer can see, without times that move.
func snapshot(w *wire) map[string]any {
	return map[string]any{
		"instances": w.instances("limit=200").body, "balance": w.balance(),
		"orders":    w.call("GET", "/v2/orders/customer-orders?limit=100", "", nil).body,
		"resources": w.resources(map[string]any{"limit": 500}).body, "accounts": w.s.Accounts(), "ledger": w.s.Ledger().Purchases}
}

func TestResetIsRemembered(t *testing.T) {
	o := cloudsim.Options{StateFile: filepath.Join(t.TempDir(), "s")}
	c := must(cloudsim.New(simtest.Options(o)))(t, "new")
	w := serve(t, c)
	w.must(c.Fleet("Sandbox", 5))
	w.pay(w.ordered(small()))
	w.must(c.Advance(time.Hour))
	keys := c.Accounts()[0].SecretKey
	w.must(c.Reset())
	c = reopened(t, c, o)
	w = serve(t, c)
	check(t, "instances", w.instances("").len("resources"), 0)
	check(t, "orders", len(c.Ledger().Purchases), 0)
	check(t, "balance", w.balance(), "500.00")
	check(t, "key", c.Accounts()[0].SecretKey, keys)
	check(t, "images", w.call("GET", "/v2/cloudimages", "ap-southeast-3", nil).len("images"), 2)
	if d := c.Now().Sub(testclock.Now()).Abs(); d > time.Minute {
		t.Errorf("calendar is %v off, want none", d)
	}
}

func TestHalfALineIsWhatACrashLeaves(t *testing.T) {
	o := cloudsim.Options{StateFile: filepath.Join(t.TempDir(), "s")}
	c := must(cloudsim.New(simtest.Options(o)))(t, "new")
	id := serve(t, c).ordered(small())
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	f := must(os.OpenFile(o.StateFile, os.O_APPEND|os.O_WRONLY, 0))(t, "open")
	must(f.WriteString(`{"k":"order","v":{"id":"CS1`))(t, "write")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	c = must(cloudsim.New(simtest.Options(o)))(t, "open again")
	t.Cleanup(func() { _ = c.Close() })
	check(t, "orders", len(c.Ledger().Purchases), 1)
	check(t, "order", c.Ledger().Purchases[0].OrderID, id)
}

func TestBrokenStateIsNotOverwritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s")
	for _, content := range []string{"garbage\n", `{"k":"planet","v":{}}` + "\n", `{"k":"order","v":[]}` + "\n"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := cloudsim.New(simtest.Options(cloudsim.Options{StateFile: file})); err == nil {
			t.Errorf("%q: it was opened", content)
		}
		if raw, _ := os.ReadFile(file); string(raw) != content {
			t.Errorf("%q: it was overwritten by %q", content, raw)
		}
	}
}

func TestClosedSandboxSellsNothing(t *testing.T) {
	o := cloudsim.Options{StateFile: filepath.Join(t.TempDir(), "s")}
	c := must(cloudsim.New(simtest.Options(o)))(t, "new")
	w := serve(t, c)
	w.token("ap-southeast-3")
	w.must(c.Close())
	refused(t, "purchase", w.buy(small()), http.StatusInternalServerError, "HCSS.15000001")
	c = must(cloudsim.New(simtest.Options(o)))(t, "open again")
	t.Cleanup(func() { _ = c.Close() })
	check(t, "orders", len(c.Ledger().Purchases), 0)
}

func TestSeedFixesTheDefaultAccounts(t *testing.T) {
	open := func(seed string) []cloudsim.Account {
		c := must(cloudsim.New(simtest.Options(cloudsim.Options{Seed: seed})))(t, "new")
		return c.Accounts()
	}
	if d := cmp.Diff(open("a"), open("a")); d != "" {
		t.Errorf("same seed: %s", d)
	}
	if cmp.Equal(open("a"), open("b")) || cmp.Equal(open(""), open("")) {
		t.Error("different seeds, or none, gave the same accounts")
	}
}

// childFile makes this test binary a Sandbox of its own, for the test below to kill.
const childFile = "CLOUDSIM_TEST_STATE"

func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		c, err := cloudsim.New(simtest.Options(cloudsim.Options{StateFile: file, Seed: "child"}))
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		l, err := listener()
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("http://" + l.Addr().String())
		err = (&http.Server{Handler: c.Handler(), ReadHeaderTimeout: time.Minute}).Serve(l)
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// Whatever was answered, or took effect, is there after the process was killed.
func TestKilledSandboxLosesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s")
	account := func() cloudsim.Account {
		return must(cloudsim.New(simtest.Options(cloudsim.Options{Seed: "child"})))(t, "seed").Accounts()[0]
	}()
	var orders []string
	for round := range 3 {
		url, kill := child(t, file)
		w := newWire(t, &cloudsim.Server{URL: url}, account)
		for i, id := range orders {
			check(t, "order of an earlier round", w.order(id).status, http.StatusOK)
			check(t, "its payment", w.status(id) != "6", i%2 == 0)
		}
		for range 2 {
			orders = append(orders, w.ordered(small()))
		}
		w.pay(orders[2*round])
		kill()
	}
	url, kill := child(t, file)
	defer kill()
	w := newWire(t, &cloudsim.Server{URL: url}, account)
	check(t, "orders", w.call("GET", "/v2/orders/customer-orders", "", nil).at("total_count"), "6")
	check(t, "balance", w.balance(), "473.00")
}

func child(t *testing.T, file string) (url string, kill func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childFile+"="+file)
	out := must(cmd.StdoutPipe())(t, "pipe")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http") {
		t.Fatalf("child: got %q, %v", line, err)
	}
	return strings.TrimSpace(line), func() {
		cancel() // SIGKILL
		var died *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &died) {
			t.Errorf("child: got %v, want it killed", err)
		}
	}
}
