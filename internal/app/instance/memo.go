package instance

import (
	"sync"
	"time"
	"unsafe"
)

// Memo keeps what was made of all rows of a picture, until there is another
// picture, for a minute at the longest: pages that sum up ten thousand servers
// are asked for again and again. Its zero value is ready, and safe for
// concurrent use: who comes while a value is being made waits for it.
type Memo[T any] struct {
	mu   sync.Mutex
	of   *(*Row) // begin of the rows
	kept map[string]T
}

const (
	memoFor  = time.Minute
	memoMost = 8 // keys
)

// Of gives what make makes of the rows, which must be a picture's own. The key
// names what else it depends on. The value is shared: nobody may change it.
func (m *Memo[T]) Of(rows []*Row, key string, make func() T) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	if of := unsafe.SliceData(rows); of != m.of || len(m.kept) >= memoMost {
		m.of, m.kept = of, nil
	}
	if v, ok := m.kept[key]; ok {
		return v
	}
	v := make()
	if m.kept == nil {
		m.kept = map[string]T{}
		time.AfterFunc(memoFor, m.Forget)
	}
	m.kept[key] = v
	return v
}

// Forget drops what is kept, and with it the picture that it was made of.
func (m *Memo[T]) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of, m.kept = nil, nil
}
