package cloudsim

import "time"

// huaweiTime is the zone in which the cloud ends its days and numbers its orders.
var huaweiTime = time.FixedZone("UTC+8", 8*3600)

// Now is the time on the Sandbox's calendar, in UTC.
func (c *Cloud) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now()
}

// now is Now with c.mu held.
func (c *Cloud) now() time.Time { return c.wall().UTC().Add(c.opts.Ahead + c.state.meta.Offset) }

// Advance moves the calendar by d, which may be negative.
func (c *Cloud) Advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.meta.Offset += d
	return c.commit(rec("meta", c.state.meta))
}

// SetClock moves the calendar to t.
func (c *Cloud) SetClock(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.meta.Offset = t.Sub(c.wall()) - c.opts.Ahead
	return c.commit(rec("meta", c.state.meta))
}

// scaled is how long something takes here that takes d at TimeScale 1.
func (c *Cloud) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.opts.TimeScale)
}

// wait sleeps for d, unless the client or the Sandbox goes away.
func (c *Cloud) wait(gone <-chan struct{}, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-gone:
	case <-c.done:
	}
}

// stamp is the form of time in BSS, ECS and IMS answers (…Z, whole seconds); "" for no time.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// stampOrNil is null for no time.
func stampOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// parseStamp reads the times that requests carry.
func parseStamp(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}

// addPeriod counts months from a day, staying inside the target month: 31 January plus one is the last of February.
func addMonths(t time.Time, months int) time.Time {
	t = t.In(huaweiTime)
	y, m, d := t.Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, huaweiTime).Day()
	if d > last {
		d = last
	}
	h, mi, s := t.Clock()
	return time.Date(y, m+time.Month(months), d, h, mi, s, 0, huaweiTime)
}

// expiryAfter ends a subscription at 23:59:59, Beijing time, of the day that is so many months after its start.
func expiryAfter(start time.Time, months int) time.Time {
	y, m, d := addMonths(start, months).Date()
	return time.Date(y, m, d, 23, 59, 59, 0, huaweiTime).UTC()
}
