package instance_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sampan/internal/app/instance"
)

func TestMemoKeepsWhatWasMadeOfAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct {
			minute   int64
			accounts string
		}
		var m instance.Memo[key, int]
		made := 0
		get := func(version int64, k key, want, wantMade int) {
			t.Helper()
			if got := m.Of(version, k, func() int { made++; return made }); got != want || made != wantMade {
				t.Errorf("got value %d, made %d times; want %d, %d", got, made, want, wantMade)
			}
		}
		get(0, key{1, "a"}, 1, 1)
		get(0, key{1, "a"}, 1, 1)
		get(0, key{1, "b"}, 2, 2)
		get(0, key{1, "a"}, 1, 2) // kept beside the other
		get(1, key{1, "a"}, 3, 3) // another picture
		get(1, key{1, "a"}, 3, 3)
		get(0, key{1, "a"}, 4, 4)
		m.Forget()
		get(0, key{1, "a"}, 5, 5)
		time.Sleep(time.Minute + time.Second)
		get(0, key{1, "a"}, 6, 6) // too old
	})
}

func TestMemoKeepsFewKeys(t *testing.T) {
	var m instance.Memo[int, int]
	for k := range 100 {
		m.Of(1, k, func() int { return k })
	}
	made := 0
	m.Of(1, 0, func() int { made++; return 0 })
	m.Of(1, 99, func() int { made++; return 0 })
	if made != 1 {
		t.Errorf("of the first key and the last %d were made anew, want the first alone", made)
	}
}
