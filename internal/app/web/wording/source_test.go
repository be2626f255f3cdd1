package wording_test

import (
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/text"
)

func TestProjectsHaveNames(t *testing.T) {
	a := account.Account{Projects: map[string]string{"ap-southeast-3": "p1", "ap-southeast-3_dev": "p2"}}
	for source, want := range map[string]string{"ecs:ap-southeast-3": "ecs:ap-southeast-3",
		"ecs:ap-southeast-3/p2": "ecs:ap-southeast-3/ap-southeast-3_dev", "ecs:ap-southeast-3/p9": "ecs:ap-southeast-3/p9"} {
		if got := wording.WithProject(a, source); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}

func TestSourcesHaveNames(t *testing.T) {
	p := text.New(text.English, nil)
	for source, want := range map[string]string{
		"config": "List of instances", "bss": "Expiry dates", "traffic": "Data packages",
		"ecs:ap-southeast-3": "Servers in Singapore", "ecs:ap-southeast-3/0123": "Servers in Singapore, project 0123",
		"ims:ap-southeast-3": "Images in Singapore", "ces:ap-southeast-3": "Metrics in Singapore",
		"something\u202enew": "somethingU+202Enew",
	} {
		if got := wording.SourceName(p, source); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}
