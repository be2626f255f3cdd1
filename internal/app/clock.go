package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// Clock is the calendar of orders, expiry and token ages. It is the machine's clock;
// in tests with CONSOLE_CLOCK it follows the Sandbox's movable clock (reliability.md
// §5). Sign-in, throttling, sessions, signature dates and TLS do not use it.
type Clock struct {
	url    string
	offset atomic.Int64 // nanoseconds ahead of the machine's clock
}

// clockPoll is how often the offset is read again: tests move the clock and expect the
// console to follow soon.
const clockPoll = 100 * time.Millisecond

// NewClock follows the movable clock at url; with "" it is the machine's.
// It reads the offset before it returns, so that no time is ever wrong by days.
func NewClock(ctx context.Context, url string) (*Clock, error) {
	c := &Clock{url: url}
	if url == "" {
		return c, nil
	}
	if err := c.read(ctx); err != nil {
		return nil, fmt.Errorf("the clock at CONSOLE_CLOCK does not answer (%w). Start 'console sandbox' first, or unset it", err)
	}
	return c, nil
}

// Now gives the time on the calendar, in UTC.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())).UTC() }

// Movable reports whether somebody can move the clock.
func (c *Clock) Movable() bool { return c.url != "" }

// Run follows the clock until ctx ends.
func (c *Clock) Run(ctx context.Context) error {
	if c.url == "" {
		<-ctx.Done()
		return nil
	}
	t := time.NewTicker(clockPoll)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			_ = c.read(ctx) // when the clock cannot be read, the last offset stays
		}
	}
}

func (c *Clock) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/_sandbox/clock", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		OffsetMicros int64 `json:"offset_us"`
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %v", res.StatusCode, err)
	}
	c.offset.Store(int64(time.Duration(out.OffsetMicros) * time.Microsecond))
	return nil
}
