package cloudsim

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Options set up a Sandbox. The zero value is a Sandbox in memory with the default accounts.
type Options struct {
	// StateFile keeps the state over a restart; "" means memory only. It is a journal: what an answer says is on
	// disk, synced, before the answer is sent. One process at a time.
	StateFile string
	// Log gets one line per request, without bodies, queries or headers; nil discards.
	Log *slog.Logger
	// Latency is how long each answer of the cloud takes at least, its own work included; not those of the control API.
	Latency time.Duration
	// RatePerSecond is the number of calls per second that an account may make to one service in one region before it
	// is answered 429; 0 means no limit. It is measured on the real clock.
	RatePerSecond float64
	// TimeScale divides how long orders and instances take to move; 0 means 1.
	TimeScale float64
	// Seed makes ids and keys of the default accounts the same in every new state that has it; "" makes them random.
	Seed string
	// Ahead is how far the calendar of a new state is ahead of the machine's clock; tests set it. Signature
	// dates, Date headers, rates and waits stay on the machine's clock, as they do on the other side.
	Ahead time.Duration
	// AcceptOdoo makes a new state take the image name "Odoo" instead of "Odo", which the reference prints.
	AcceptOdoo bool
}

// Cloud is one Sandbox. It is safe for concurrent use.
type Cloud struct {
	opts Options
	log  *slog.Logger
	wall func() time.Time // the machine's clock
	done chan struct{}
	stop sync.Once

	mu      sync.RWMutex // guards what follows
	state   state
	journal *journal // nil: memory only
	broken  error    // the journal could not be written: nothing may take effect any more

	faults faultBox
	rates  rateLimit
	wire   wireLog

	screens screens
}

// New opens the state, or makes a new one with the default accounts: "Sandbox" (all six regions, 500.00 USD),
// "Sandbox low" (ME-Riyadh not activated, 5.00 USD, at most 10 instances) and "Sandbox sign-in" (buys by IAM user only).
func New(o Options) (*Cloud, error) {
	c := &Cloud{opts: o, log: o.Log, wall: time.Now, done: make(chan struct{})}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.opts.TimeScale <= 0 {
		c.opts.TimeScale = 1
	}
	c.state.init()
	if o.StateFile != "" {
		j, err := openJournal(o.StateFile, &c.state)
		if err != nil {
			return nil, fmt.Errorf("cloudsim: state %s: %w", o.StateFile, err)
		}
		c.journal = j
	}
	if len(c.state.accounts) == 0 {
		if err := c.addDefaults(); err != nil {
			return nil, fmt.Errorf("cloudsim: new state: %w", err)
		}
	}
	return c, nil
}

// addDefaults fills an empty state: settings, default accounts, their private images.
func (c *Cloud) addDefaults() error {
	c.state.meta = meta{TokenKey: randomHex(32), Odoo: c.opts.AcceptOdoo, Founded: c.wall().UTC().Add(c.opts.Ahead)}
	recs := []record{rec("meta", c.state.meta)}
	for _, a := range defaultAccounts(c.opts.Seed) {
		c.state.addAccount(a)
		recs = append(recs, rec("account", a))
		for _, im := range seedImages(a, c.state.meta.Founded) {
			c.state.addImage(im)
			recs = append(recs, rec("image", im))
		}
	}
	return c.commit(recs...)
}

// Close ends waiting answers and closes the journal. Stop the HTTP server first.
func (c *Cloud) Close() error {
	c.stop.Do(func() { close(c.done) })
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.journal == nil {
		return nil
	}
	j := c.journal
	c.journal, c.broken = nil, errClosed
	return j.close()
}

// commit puts records on disk; it is called before the change is answered. c.mu is held for writing. After an error
// nothing may take effect any more: the memory is ahead of the disk.
func (c *Cloud) commit(recs ...record) error {
	if c.broken != nil {
		return c.broken
	}
	if c.journal == nil {
		return nil
	}
	if err := c.journal.append(recs...); err != nil {
		c.broken = err
		c.log.Error("state not written", "err", err)
		return err
	}
	return nil
}

// Handler answers the cloud's calls and the control API.
func (c *Cloud) Handler() http.Handler {
	control := c.controlHandler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isControl(r.URL.Path) {
			control.ServeHTTP(w, r)
			return
		}
		c.serveCloud(w, r)
	})
}

func randomHex(n int) string {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err) // crypto/rand does not fail on the systems Go supports
	}
	return hex.EncodeToString(b)
}
