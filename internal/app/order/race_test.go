//go:build race

package order_test

// raced says that the race detector is on.
const raced = true
