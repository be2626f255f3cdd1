package instance

// Rows gives every row of the newest picture, in no particular order. The
// caller must not change the slice.
func (s *Service) Rows() []*Row { return s.Picture().Rows() }
