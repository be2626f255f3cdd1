package order

// Figures gives how many prices and balances are in memory.
func Figures(s *Service) int {
	s.prices.mu.Lock()
	defer s.prices.mu.Unlock()
	return len(s.prices.all)
}
