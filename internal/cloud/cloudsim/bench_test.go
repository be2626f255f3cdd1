package cloudsim_test

import (
	"testing"

	"sampan/internal/cloud/cloudsim"
)

func BenchmarkFleet(b *testing.B) {
	for b.Loop() {
		c, err := cloudsim.New(cloudsim.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Fleet("Sandbox", 10_000); err != nil {
			b.Fatal(err)
		}
	}
}
