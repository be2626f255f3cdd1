package instance

// Peek gives a row of the newest picture without counting as somebody who
// looks: for work in the background, which is no reason to refresh more often.
func (s *Service) Peek(id string) (*Row, bool) { return s.current().Row(id) }
