package bss

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// atOnce is how many chunks wait for their turn at the gate, which decides how
// many are really under way.
const atOnce = 8

// inChunks asks about ids in chunks, side by side, and gives the answers in the
// order of the ids. After a failure no new chunk is begun, unless going on is
// wanted: then what could be read comes with the first failure.
func inChunks[T any](ctx context.Context, ids []string, size int, goOn bool,
	ask func(context.Context, []string) ([]T, error)) ([]T, error) {
	chunks := slices.Collect(slices.Chunk(ids, size))
	answers, errs := make([][]T, len(chunks)), make([]error, len(chunks))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for n, chunk := range chunks {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			if errs[n] = ctx.Err(); errs[n] == nil {
				answers[n], errs[n] = ask(ctx, chunk)
			}
			if errs[n] != nil && !goOn {
				cancel()
			}
		})
	}
	wg.Wait()
	err := firstOf(errs)
	if err != nil && !goOn {
		return nil, err
	}
	return slices.Concat(answers...), err
}

// firstOf is the first failure that is not just the end of waiting for another one.
func firstOf(errs []error) error {
	var out error
	for _, err := range errs {
		if err != nil && (out == nil || errors.Is(out, context.Canceled)) {
			out = err
		}
	}
	return out
}
