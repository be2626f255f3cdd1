//go:build bench

package bench

import (
	"slices"
	"time"
)

// series is the times that one thing took, again and again.
type series []time.Duration

// at gives the time that the share p of the series does not exceed.
func (s series) at(p float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	i := int(p*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}
