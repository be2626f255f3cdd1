package instance_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatPeopleCopyAlong(t *testing.T) {
	p := pictured(12).Picture()
	seven, eight := p.Rows()[7], p.Rows()[8]
	name, address := seven.InstanceName, seven.Address
	for what, tt := range map[string]struct {
		token   string
		rows    []string
		unknown []string
	}{
		"a bullet":                        {"- " + name, []string{seven.ID()}, nil},
		"a number":                        {"12. " + name, []string{seven.ID()}, nil},
		"a box":                           {"[x] " + name, []string{seven.ID()}, nil},
		"quotes":                          {`"` + name + `"`, []string{seven.ID()}, nil},
		"quotes in brackets and a dot":    {"(“" + name + "”).", []string{seven.ID()}, nil},
		"capital letters":                 {strings.ToUpper(name), []string{seven.ID()}, nil},
		"a port":                          {address + ":22", []string{seven.ID()}, nil},
		"a prefix length":                 {address + "/32", []string{seven.ID()}, nil},
		"a user":                          {"root@" + address, []string{seven.ID()}, nil},
		"a web address":                   {"https://" + address + ":8443/login?next=1", []string{seven.ID()}, nil},
		"a path of a copy":                {"root@" + address + ":/etc/hosts", []string{seven.ID()}, nil},
		"brackets of an address":          {"[" + address + "]:22", []string{seven.ID()}, nil},
		"a command":                       {"ssh root@" + address + " -p 22", []string{seven.ID()}, nil},
		"a command with a name":           {"ssh root@" + name, []string{seven.ID()}, nil},
		"a command to nobody":             {"ssh root@nobody", nil, []string{"ssh root@nobody"}},
		"a name and its address":          {name + " " + address, []string{seven.ID()}, nil},
		"two names":                       {name + " " + eight.InstanceName, []string{seven.ID(), eight.ID()}, nil},
		"two addresses and a word":        {address + " Berlin " + eight.Address, []string{seven.ID(), eight.ID()}, []string{"Berlin"}},
		"a name and a word":               {name + " Berlin", nil, []string{name + " Berlin"}},
		"words that are nothing":          {"nobody here", nil, []string{"nobody here"}},
		"nothing":                         {"", nil, []string{""}},
		"an instance's id, and a comment": {seven.InstanceID + " (old)", []string{seven.ID()}, []string{"(old)"}},
	} {
		rows, unknown := p.Resolve(scope(), []string{tt.token})
		if diff := cmp.Diff(tt.rows, ids(rows)); diff != "" {
			t.Errorf("%s: %q: rows (-want +got):\n%s", what, tt.token, diff)
		}
		if diff := cmp.Diff(tt.unknown, unknown); diff != "" {
			t.Errorf("%s: %q: unknown (-want +got):\n%s", what, tt.token, diff)
		}
	}
	if rows, unknown := p.Resolve(nil, []string{name}); len(rows) != 0 || len(unknown) != 1 {
		t.Errorf("of no account: got %v, %v", rows, unknown)
	}
	if rows, _ := p.Resolve(scope(), []string{name, address, seven.ServerID}); len(rows) != 1 {
		t.Errorf("named three times: got %v, want it once", ids(rows))
	}
}
