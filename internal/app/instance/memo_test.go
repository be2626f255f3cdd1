package instance_test

import (
	"testing"
	"testing/synctest"
	"time"

	"sampan/internal/app/instance"
)

func TestMemoKeepsWhatWasMadeOfAPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m instance.Memo[int]
		made := 0
		rows, others := []*instance.Row{{}}, []*instance.Row{{}}
		get := func(rows []*instance.Row, key string, want int) {
			t.Helper()
			m.Of(rows, key, func() int { made++; return made })
			if made != want {
				t.Errorf("made %d times, want %d", made, want)
			}
		}
		get(rows, "a", 1)
		get(rows, "a", 1)
		get(rows, "b", 2)
		get(others, "a", 3) // another picture
		get(others, "a", 3)
		get(rows, "a", 4)
		time.Sleep(time.Minute + time.Second)
		get(rows, "a", 5) // too old
	})
}
