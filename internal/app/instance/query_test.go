package instance_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sampan/internal/app/instance"
)

func TestSearchLanguage(t *testing.T) {
	type terms = []instance.Term
	tests := []struct {
		name, text string
		want       terms
		problems   string // message ids
	}{
		{"nothing", "  ", nil, ""},
		{"words", "web 198.18.0.1", terms{{Value: "web"}, {Value: "198.18.0.1"}}, ""},
		{"a word in quotes keeps its space and its colon", `"my shop" "state:x"`, terms{{Value: "my shop"}, {Value: "state:x"}}, ""},
		{"two quotes in quotes are one", `"19"" rack"`, terms{{Value: `19" rack`}}, ""},
		{"a minus turns around", `-web -state:stopped -"a b"`, terms{{Value: "web", Not: true}, {Key: "state", Op: '=', Value: "stopped", Not: true}, {Value: "a b", Not: true}}, ""},
		{"a minus alone, or in quotes, is a word", `- "-x"`, terms{{Value: "-"}, {Value: "-x"}}, ""},
		{"several keys", "region:ap-southeast-3 expires<30d traffic<20% state:stopped", terms{{Key: "region", Op: '=', Value: "ap-southeast-3"},
			{Key: "expires", Op: '<', Value: "30d"}, {Key: "traffic", Op: '<', Value: "20%"}, {Key: "state", Op: '=', Value: "stopped"}}, ""},
		{"a comma gives several values", `region:a,b tag:"x,y",z`, terms{{Key: "region", Op: '=', Value: "a"}, {Key: "region", Op: '=', Value: "b"},
			{Key: "tag", Op: '=', Value: "x,y"}, {Key: "tag", Op: '=', Value: "z"}}, ""},
		{"a sign after the colon", "expires:<3d traffic:>50GB", terms{{Key: "expires", Op: '<', Value: "3d"}, {Key: "traffic", Op: '>', Value: "50GB"}}, ""},
		{"an equals sign", "STATE=running", terms{{Key: "state", Op: '=', Value: "running"}}, ""},
		{"a date, and what is not known", "expires>2027-01-31 expires:unknown traffic:over", terms{{Key: "expires", Op: '>', Value: "2027-01-31"},
			{Key: "expires", Op: '=', Value: "unknown"}, {Key: "traffic", Op: '=', Value: "over"}}, ""},
		{"an IPv6 address is a word", "2001:db8::1", terms{{Value: "2001:db8::1"}}, ""},
		{"a URL is a word", "http://198.18.0.1", terms{{Value: "http://198.18.0.1"}}, ""},
		{"twice the same is once", "web web region:a region:a", terms{{Value: "web"}, {Key: "region", Op: '=', Value: "a"}}, ""},
		{"an unknown key is a sentence, the rest stands", "colour:red web", terms{{Value: "web"}}, "instance.query.key"},
		{"an unknown state", "state:asleep", nil, "instance.query.value"},
		{"an empty value", "region:", nil, "instance.query.empty"},
		{"what cannot be compared", "region<3", nil, "instance.query.compare"},
		{"no time", "expires<soon expires:3d expires<", nil, "instance.query.expires instance.query.expires instance.query.empty"},
		{"no amount", "traffic<much traffic<-1% traffic:50", nil, "instance.query.traffic instance.query.traffic instance.query.traffic"},
		{"a quote left open", `name:"my shop`, terms{{Key: "name", Op: '=', Value: "my shop"}}, "instance.query.quote"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problems := instance.ParseQuery(tt.text, nil)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("terms (-want +got):\n%s", diff)
			}
			var ids []string
			for _, p := range problems {
				ids = append(ids, p.ID)
			}
			if s := strings.Join(ids, " "); s != tt.problems {
				t.Errorf("problems: got %q, want %q", s, tt.problems)
			}
		})
	}
}

func TestWhatCannotBeReadIsKeptAsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"web state:stopped":                         "",
		"colour:red web":                            "colour:red",
		"state:asleep,stopped -os:beos expires<":    "state:asleep -os:beos expires<",
		`region: account "x y" zone:"far away" web`: `region: zone:"far away"`,
	} {
		got := instance.Unread(typed, nil)
		if got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
		if again := instance.Unread(got, nil); again != got {
			t.Errorf("%q is read again as %q", got, again)
		}
	}
}

func TestTermsAreReadAgainAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, _ := instance.ParseQuery(rapid.String().Draw(t, "text"), nil)
		again, problems := instance.ParseQuery(instance.FormatTerms(terms), nil)
		if diff := cmp.Diff(terms, again); diff != "" || len(problems) > 0 {
			t.Fatalf("%q: %v\n%s", instance.FormatTerms(terms), problems, diff)
		}
	})
}
