package cloud

import (
	"strconv"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
)

const (
	clockSuspect = 5 * time.Minute  // a 401 is then blamed on the clock (cloud-api, 14)
	clockRefuse  = 14 * time.Minute // nothing is signed any more; the cloud's bound is 15 (reliability.md §6)
	clockFresh   = 30 * time.Second // reads may measure again after this long
)

// clocks keeps how far the cloud's clock is from ours, per account and host, by
// the Date header and the real clock.
type clocks struct {
	mu   sync.Mutex
	last map[string]measure            // by account
	host map[string]map[string]measure // by account and host
}

type measure struct {
	offset time.Duration
	at     time.Time
}

// note measures with an answer. Date has whole seconds: half a second is added,
// and the answer is taken to have been made halfway through the exchange.
func (c *clocks) note(accountID, host string, o *outcome) {
	off, ok := o.offset()
	if !ok {
		return
	}
	m := measure{off, time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last, c.host = make(map[string]measure), make(map[string]map[string]measure)
	}
	c.last[accountID] = m
	if c.host[accountID] == nil {
		c.host[accountID] = make(map[string]measure)
	}
	c.host[accountID][host] = m
}

func (c *clocks) newest(accountID string) measure {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[accountID]
}

func (c *clocks) forget(accountID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.last, accountID)
	delete(c.host, accountID)
}

func (c *clocks) of(acc account.Access, host string) measure {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.host[acc.AccountID][host]
}

// check is the fault that forbids signing for a host whose clock is too far
// from ours. Tokens do not depend on the clock. A younger measurement at another
// host is believed when it is within the limit: then our clock has been set right, and
// a host that only purchases go to would otherwise never be measured again.
func (c *clocks) check(acc account.Access, host string) *fault.Error {
	m := c.of(acc, host)
	if !byKey(acc) || m.offset.Abs() <= clockRefuse {
		return nil
	}
	if l := c.newest(acc.AccountID); l.at.After(m.at) && l.offset.Abs() <= clockRefuse {
		return nil
	}
	return fault.New(fault.Unreachable, "cloud.clock.refused", "Minutes", minutes(m.offset))
}

// fresh reports whether the measurement is too young to be repeated.
func (c *clocks) fresh(acc account.Access, host string) bool {
	return time.Since(c.of(acc, host).at) < clockFresh
}

func minutes(d time.Duration) string {
	return strconv.Itoa(int(d.Abs().Round(time.Minute) / time.Minute))
}
