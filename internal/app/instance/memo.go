package instance

import (
	"sync"
	"time"
)

// Memo keeps values that were computed from all rows of a picture, until there
// is another picture, for a minute at the longest: pages that sum up ten
// thousand servers are asked for again and again. K names what else a value
// depends on. The zero Memo is ready, and safe for concurrent use: a caller that
// comes while a value is being computed waits for it.
type Memo[K comparable, T any] struct {
	mu      sync.Mutex
	version int64 // of the picture that the values were computed from
	values  map[K]T
}

const (
	memoFor  = time.Minute
	memoMost = 8 // keys
)

// Of gives the value for the picture of this version and the key; compute makes
// it when it is not kept. The value is shared: nobody may change it.
func (m *Memo[K, T]) Of(version int64, key K, compute func() T) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	if version != m.version || len(m.values) >= memoMost {
		m.version, m.values = version, nil
	}
	if v, ok := m.values[key]; ok {
		return v
	}
	v := compute()
	if m.values == nil {
		m.values = make(map[K]T)
		time.AfterFunc(memoFor, m.Forget)
	}
	m.values[key] = v
	return v
}

// Forget drops what is kept, and with it the rows that it holds.
func (m *Memo[K, T]) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values = nil
}
