package order

import (
	"context"

	"sampan/internal/app/job"
)

// Engine is the runner that drives purchases.
func (s *Service) Engine() *job.Runner { return s.runner }

// Figures gives how many prices and balances are in memory.
func Figures(s *Service) int {
	s.prices.mu.Lock()
	defer s.prices.mu.Unlock()
	return len(s.prices.all)
}

// LookBackOnce is one round of what Run does in the background.
func (s *Service) LookBackOnce(ctx context.Context) error {
	s.lookBackOnce(ctx)
	return s.cancelStrays(ctx)
}
