package cloudsim_test

import (
	"testing"

	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
)

func BenchmarkFleet(b *testing.B) {
	for b.Loop() {
		c, err := cloudsim.New(simtest.Options(cloudsim.Options{}))
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Fleet("Sandbox", 10_000); err != nil {
			b.Fatal(err)
		}
	}
}
