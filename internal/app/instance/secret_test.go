package instance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sampan/internal/app/instance"
)

func TestAnswersAreKeptWithoutSecrets(t *testing.T) {
	tests := []struct{ name, answer, want string }{
		{"nothing of the kind", `{ "b": 1, "a": "x" }`, `{ "b": 1, "a": "x" }`},
		{"fields that hold nothing", `{"OS-EXT-SRV-ATTR:user_data": null, "adminPass" : "", "token":[]}`, `{"OS-EXT-SRV-ATTR:user_data": null, "adminPass" : "", "token":[]}`},
		{"a script", `{"id":"s","OS-EXT-SRV-ATTR:user_data":"IyEv"}`, `{"OS-EXT-SRV-ATTR:user_data":"[redacted]","id":"s"}`},
		{"a password far inside, numbers as they are", `{"n":1.50,"metadata":{"adminPass":"P@ss"},"l":[{"api_token":{"a":[1]}}]}`, `{"l":[{"api_token":"[redacted]"}],"metadata":{"adminPass":"[redacted]"},"n":1.50}`},
		{"pairs that hold nothing", `[{"value":"null","key":"admin_pass"},{"key":"user_data", "value":null},{"key":"admin_pass"}]`, `[{"value":"null","key":"admin_pass"},{"key":"user_data", "value":null},{"key":"admin_pass"}]`},
		{"pairs, the value first and last",
			`[{"value":"P}@{ss","key":"admin_pass"},{"key":"user_data","value":"IyEv"},{"key":"user_data","value":{"a":"x"}}]`,
			`[{"key":"admin_pass","value":"[redacted]"},{"key":"user_data","value":"[redacted]"},{"key":"user_data","value":"[redacted]"}]`},
		{"only some of several", `{"password":"","x":{"password":"P"}}`, `{"password":"","x":{"password":"[redacted]"}}`},
		{"a name written in escapes", `{"\u0070assword":"P"}`, `{"password":"[redacted]"}`},
		{"a text that speaks of one", `{"name":"token-server","description":"no \"password\" here"}`, `{"name":"token-server","description":"no \"password\" here"}`},
		{"no JSON", `{"password":"P"`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(instance.Redact([]byte(tt.answer))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A secret is removed whatever is around it, and however its field is written.
func TestNoSecretSurvives(t *testing.T) {
	const hidden = "hunter2"
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"password", "adminPass", "admin_pass", "OS-EXT-SRV-ATTR:user_data", "X-TOKEN", "Secret"}).
			Draw(t, "name")
		value := rapid.SampledFrom([]any{hidden, "a" + hidden, "{" + hidden + "}", []any{hidden}, map[string]any{"a": hidden}}).
			Draw(t, "value")
		var holds any = map[string]any{name: value, "b": rapid.String().Draw(t, "beside")}
		if rapid.Bool().Draw(t, "pair") {
			holds = map[string]any{"key": name, "value": value}
		}
		for range rapid.IntRange(0, 3).Draw(t, "depth") {
			noise := rapid.SampledFrom([]any{nil, "", "token", map[string]any{"password": nil},
				map[string]any{"key": "token", "value": "null"}}).Draw(t, "noise")
			if rapid.Bool().Draw(t, "list") {
				holds = []any{noise, holds, rapid.String().Draw(t, "text")}
			} else {
				holds = map[string]any{rapid.StringMatching(`[a-z"\\{}:é]{0,8}`).Draw(t, "field"): noise, "within": holds}
			}
		}
		answer, err := json.Marshal(holds)
		if err != nil {
			t.Fatal(err)
		}
		if got := instance.Redact(answer); bytes.Contains(got, []byte(hidden)) {
			t.Errorf("%s\nis kept as\n%s", answer, got)
		}
	})
}

func TestWhatIsStoredHoldsNoSecret(t *testing.T) {
	b := newBench(t)
	b.cloud.show(aShop())
	b.cloud.listed[0].Raw = []byte(`{"id":"shop","resource_attributes":[{"key":"admin_pass","value":"hunter2"}]}`)
	b.cloud.servers[singapore][0].Raw = []byte(`{"id":"srv-1","OS-EXT-SRV-ATTR:user_data":"hunter2"}`)
	b.run(t)
	b.refresh(t)
	raws, err := b.Detail(context.Background(), viewer, shop)
	if err != nil || len(raws.Raw) != 2 {
		t.Fatalf("got %d answers, %v", len(raws.Raw), err)
	}
	for _, r := range raws.Raw {
		if s := string(r.Body); strings.Contains(s, "hunter2") || !strings.Contains(s, "[redacted]") {
			t.Errorf("%s: kept as %s", r.Source, s)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	answer := []byte(`{"a":[` + strings.Repeat(`{"key":"availability_zone","value":"ap-southeast-3a"},`, 120) +
		`{"value":"null","key":"admin_pass"},{"value":"null","key":"user_data"}]}`)
	b.SetBytes(int64(len(answer)))
	for b.Loop() {
		if len(instance.Redact(answer)) != len(answer) {
			b.Fatal("it holds no secret")
		}
	}
}
