package instance

// RefreshNudge makes Run look at its queue: the tests' clock moves by itself,
// and no timer follows it.
func (s *Service) RefreshNudge() { nudge(s.work.wake()) }
