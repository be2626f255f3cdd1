package web

import (
	"testing"

	"sampan/web/templates/text"
)

func TestSourcesHaveNames(t *testing.T) {
	p := text.New(text.English, nil)
	for source, want := range map[string]string{
		"config": "List of instances", "bss": "Expiry dates", "traffic": "Data packages",
		"ecs:ap-southeast-3": "Servers in Singapore", "ims:ap-southeast-3": "Images in Singapore", "ces:ap-southeast-3": "Metrics in Singapore",
		"something\u202enew": "somethingU+202Enew",
	} {
		if got := sourceName(p, source); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}
