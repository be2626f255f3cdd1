package instance

import "time"

// RefreshNudge makes Run look at its queue: the tests' clock moves by itself,
// and no timer follows it.
func (s *Service) RefreshNudge() { nudge(s.work.wake()) }

// Looks gives the default waits before each look at a fresh order.
func Looks() []time.Duration {
	var all []time.Duration
	for n := 0; ; n++ {
		d, again := Timing{}.busy(n)
		if !again {
			return all
		}
		all = append(all, d)
	}
}
