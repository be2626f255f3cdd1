package cloud_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sampan/internal/cloud"
)

type everything struct {
	Text   cloud.Text                     `json:"text"`
	Int    cloud.Int                      `json:"int"`
	Flag   cloud.Flag                     `json:"flag"`
	Amount cloud.Amount                   `json:"amount"`
	Time   cloud.Time                     `json:"time"`
	Loose  cloud.Loose[map[string]string] `json:"loose"`
}

func TestTolerantTypes(t *testing.T) {
	for name, c := range map[string]struct {
		in     string
		text   string
		num    int64
		flag   bool
		amount string // "" = none
		at     string // "" = none
	}{
		"as documented":         {`{"text":"a","int":5,"flag":true,"amount":12.50,"time":"2024-09-13T07:30:00Z"}`, "a", 5, true, "12.5", "2024-09-13T07:30:00Z"},
		"the other way round":   {`{"text":5,"int":"5","flag":"True","amount":"12.50","time":"2024-09-13 07:30:00"}`, "5", 5, true, "12.5", "2024-09-13T07:30:00Z"},
		"null everywhere":       {`{"text":null,"int":null,"flag":null,"amount":null,"time":null,"loose":null}`, "", 0, false, "", ""},
		"nothing at all":        {`{}`, "", 0, false, "", ""},
		"empty texts":           {`{"text":"","int":"","flag":"","amount":"","time":""}`, "", 0, false, "", ""},
		"objects":               {`{"text":{},"int":{},"flag":{},"amount":{},"time":{},"loose":[]}`, "", 0, false, "", ""},
		"lists":                 {`{"text":[1],"int":[1],"flag":[1],"amount":[1],"time":[1],"loose":"x"}`, "", 0, false, "", ""},
		"milliseconds":          {`{"time":"2024-09-13T07:30:00.123Z"}`, "", 0, false, "", "2024-09-13T07:30:00.123Z"},
		"microseconds, no zone": {`{"time":"2024-09-13T07:30:00.123456"}`, "", 0, false, "", "2024-09-13T07:30:00.123456Z"},
		"another zone":          {`{"time":"2024-09-13T15:30:00+08:00"}`, "", 0, false, "", "2024-09-13T07:30:00Z"},
		"zone without a colon":  {`{"time":"2024-09-13T15:30:00+0800"}`, "", 0, false, "", "2024-09-13T07:30:00Z"},
		"unix milliseconds":     {`{"time":1726212600000}`, "", 0, false, "", "2024-09-13T07:30:00Z"},
		"no date":               {`{"time":"soon"}`, "", 0, false, "", ""},
		"negative":              {`{"int":-3,"amount":-0.01}`, "", -3, false, "-0.01", ""},
		"whole number as 5.0":   {`{"int":5.0}`, "", 5, false, "", ""},
		"a number too large":    {`{"int":99999999999999999999999,"amount":1e999999999}`, "", 0, false, "", ""},
		"an amount nobody has":  {`{"amount":1e25}`, "", 0, false, "", ""},
		"a number too small":    {`{"amount":"1e-999999999"}`, "", 0, false, "", ""},
		"numbers as flags":      {`{"flag":1}`, "", 0, true, "", ""},
		"no flag":               {`{"flag":"False"}`, "", 0, false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got everything
			if err := json.Unmarshal([]byte(c.in), &got); err != nil {
				t.Fatal(err)
			}
			amount, at := "", ""
			if got.Amount.Valid {
				amount = got.Amount.String()
			}
			if !got.Time.IsZero() {
				at = got.Time.Format(time.RFC3339Nano)
			}
			want := []any{c.text, c.num, c.flag, c.amount, c.at, 0}
			have := []any{string(got.Text), int64(got.Int), bool(got.Flag), amount, at, len(got.Loose.V)}
			if d := cmp.Diff(want, have); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestNoValueFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Just("null"), rapid.Just("true"), rapid.Just("{}"), rapid.Just(`[{"a":[]}]`),
			rapid.Map(rapid.String(), func(s string) string { b, _ := json.Marshal(s); return string(b) }),
			rapid.StringMatching(`-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,12})?`),
		).Draw(t, "value")
		var got everything
		in := `{"text":` + value + `,"int":` + value + `,"flag":` + value + `,"amount":` + value + `,"time":` + value +
			`,"loose":` + value + `}`
		if err := json.Unmarshal([]byte(in), &got); err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		_ = got.Amount.String() // must not take the memory of a machine
	})
}

func TestParseTime(t *testing.T) {
	want := time.Date(2024, 10, 13, 16, 0, 0, 0, time.UTC)
	if got := cloud.ParseTime(" 2024-10-13 16:00:00 "); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := cloud.ParseTime("null"); !got.IsZero() {
		t.Errorf("got %v, want zero", got)
	}
}
