package instance

// Peek gives a row of the newest picture, of some accounts where they are named,
// without counting as somebody who looks: for work in the background, which is
// no reason to refresh more often.
func (s *Service) Peek(id string, accountIDs ...string) (*Row, bool) {
	if len(accountIDs) == 0 {
		return s.current().Row(id)
	}
	for _, a := range accountIDs {
		if r := s.partOf(a).row(id); r != nil {
			return r, true
		}
	}
	return nil, false
}
