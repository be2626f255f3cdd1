package sandbox

import (
	"context"
	"sync/atomic"
	"time"
)

// Calendar is the Sandbox's calendar on this side of the wire: the real clock
// plus an offset that is read again and again. It is for tests, which move the
// clock of console and Sandbox together. It is safe for concurrent use.
type Calendar struct {
	Client *Client
	offset atomic.Int64 // microseconds
}

// Now is the Sandbox's time as far as last read, the real one before that.
func (k *Calendar) Now() time.Time {
	return time.Now().Add(time.Duration(k.offset.Load()) * time.Microsecond)
}

// Read asks the Sandbox how far its calendar is from the real clock.
func (k *Calendar) Read(ctx context.Context) error {
	var out clock
	if err := k.Client.call(ctx, "GET", "clock", nil, &out); err != nil {
		return err
	}
	k.offset.Store(out.OffsetUS)
	return nil
}

// Run reads at this interval until ctx ends. A Sandbox that does not answer
// leaves the calendar as it is.
func (k *Calendar) Run(ctx context.Context, every time.Duration) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		_ = k.Read(ctx) // tried again at the next tick
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
