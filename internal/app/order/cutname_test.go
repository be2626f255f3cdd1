package order_test

import (
	"strings"
	"testing"

	"sampan/internal/app/order"
)

func TestNamesThatTheCloudMayHaveCut(t *testing.T) {
	a := func(n int) string { return strings.Repeat("a", n) }
	for name, c := range map[string]struct {
		ours, theirs string
		want         bool
	}{
		"cut for a number with a hyphen":         {a(128), a(123) + "-0001", true},
		"cut for a number with an underscore":    {a(126), a(123) + "_0200", true},
		"cut for a number alone":                 {a(128), a(126) + "17", true},
		"cut for the longest number":             {a(122), a(121) + "-000001", true},
		"cut without a number":                   {a(130), a(128), true},
		"ours ends in the digits of the number":  {a(120) + "12345678", a(120) + "123-0002", true},
		"not cut: the name itself":               {a(128), a(128), false},
		"not cut: a number after the whole name": {a(123), a(123) + "-0001", false},
		"not as long as is allowed":              {a(128), a(122) + "-0001", false},
		"longer than is allowed":                 {a(128), a(124) + "-0001", false},
		"another name before the number":         {a(128), "b" + a(122) + "-0001", false},
		"something else than a number":           {a(128), a(123) + "-000b", false},
		"a number of seven digits":               {a(121), a(120) + "-0000001", false},
		"a short name":                           {"web", a(123) + "-0001", false},
		"nothing of ours":                        {"", a(123) + "-0001", false},
		"nothing of theirs":                      {a(128), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := order.CutName(c.ours, c.theirs); got != c.want {
				t.Errorf("ours %q, theirs %q: got %v", c.ours, c.theirs, got)
			}
		})
	}
}
