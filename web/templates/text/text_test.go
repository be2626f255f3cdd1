package text_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"sampan/web/templates/text"
)

var (
	hongkong = time.FixedZone("Asia/Hong_Kong", 8*3600)
	now      = time.Date(2026, 11, 23, 1, 21, 0, 0, time.UTC) // 09:21 in Hong Kong
)

func printer(lang string) *text.Printer {
	return text.New(lang, hongkong).At(func() time.Time { return now })
}

func TestMatch(t *testing.T) {
	tests := []struct{ name, preferred, accept, want string }{
		{"the profile wins", "zh-Hans", "en", "zh-Hans"},
		{"a browser that speaks Chinese", "", "zh-CN,zh;q=0.9,en;q=0.5", "zh-Hans"},
		{"the browser's order counts", "", "de, en;q=0.8, zh;q=0.3", "en"},
		{"a language we have not", "", "fi", "en"},
		{"no header", "", "", "en"},
		{"a header nobody can read", "", "\x00;;;q=x", "en"},
		{"a profile with a language that is gone", "tlh", "zh-Hans", "zh-Hans"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.Match(tt.preferred, tt.accept); got != tt.want {
				t.Errorf("Match(%q, %q): got %q, want %q", tt.preferred, tt.accept, got, tt.want)
			}
		})
	}
}

func TestPluralsFollowTheLanguage(t *testing.T) {
	tests := []struct {
		lang string
		n    int
		want string
	}{
		{"en", 1, "Try again in 1 second."},
		{"en", 0, "Try again in 0 seconds."},
		{"en", 1200, "Try again in 1,200 seconds."},
		{"zh-Hans", 1, "请在 1 秒后重试。"},
	}
	for _, tt := range tests {
		if got := printer(tt.lang).N("failure.retry", tt.n); got != tt.want {
			t.Errorf("%s, %d: got %q, want %q", tt.lang, tt.n, got, tt.want)
		}
	}
}

func TestStoredMessagesAreWordedLikeOthers(t *testing.T) {
	p := printer("en")
	if got, want := p.Say("failure.retry", map[string]string{"N": "1"}), "Try again in 1 second."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Say("layout.person", map[string]string{"Name": "Mei"}), "Signed in as Mei"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWordsThatNeedAValueStandOnlyWithIt(t *testing.T) {
	tests := []struct {
		name   string
		values map[string]string
		want   string
	}{
		{"both", map[string]string{"Code": "APIGW.0301", "Detail": "No."}, "Huawei Cloud refused this (APIGW.0301). It says: No. Nothing was done; correct it and try again."},
		{"one", map[string]string{"Code": "APIGW.0301"}, "Huawei Cloud refused this (APIGW.0301). Nothing was done; correct it and try again."},
		{"an empty one", map[string]string{"Code": "", "Detail": "No."}, "Huawei Cloud refused this. It says: No. Nothing was done; correct it and try again."},
		{"none", nil, "Huawei Cloud refused this. Nothing was done; correct it and try again."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := printer("en").Say("cloud.refused", tt.values); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got, want := printer("en").T("layout.person"), "Signed in as ⟦Name⟧"; got != want {
		t.Errorf("a value nobody gave: got %q, want %q", got, want)
	}
}

func TestCountsThatAreNone(t *testing.T) {
	for n, want := range map[string]string{"several": "Try again in several seconds.", "-1": "Try again in \u22121 second.",
		"1200": "Try again in 1,200 seconds."} {
		if got := printer("en").Say("failure.retry", map[string]string{"N": n}); got != want {
			t.Errorf("%s: got %q, want %q", n, got, want)
		}
	}
}

func TestMissingMessageIsSeenAndLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	for range 3 {
		if got, want := printer("en").T("nobody.wrote.this"), "⟦nobody.wrote.this⟧"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := strings.Count(log.String(), "nobody.wrote.this"); got != 1 {
		t.Errorf("logged %d times, want once:\n%s", got, log.String())
	}
}

func TestPseudoLanguageIsOfferedOnlyWhenAskedFor(t *testing.T) {
	text.DisablePseudo()
	if got := text.Match("ar-XB", ""); got != "en" {
		t.Fatalf("before EnablePseudo: got %q, want en", got)
	}
	text.EnablePseudo()
	p := printer("ar-XB")
	if p.Lang() != "ar-XB" || p.Dir() != "rtl" {
		t.Errorf("got %s %s, want ar-XB rtl", p.Lang(), p.Dir())
	}
	got := p.T("layout.person", "Name", "Mei")
	if want := "[Šíğñéð íñ áš \u2068Mei\u2069"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin with %q: accents outside, the name untouched and isolated", got, want)
	}
	for n, want := range map[int]string{1: "šéçóñð.", 2: "šéçóñðš.", 3: "šéçóñðš.", 11: "šéçóñðš.", 100: "šéçóñðš."} {
		if got := p.N("failure.retry", n); !strings.Contains(got, want) {
			t.Errorf("%d: got %q, want it to contain %q", n, got, want)
		}
	}
}

func TestValuesCannotBreakASentence(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"braces are only text", "{{.Secret}}", "Signed in as {{.Secret}}"},
		{"an override is shown", "a\u202eb", "Signed in as aU+202Eb"},
		{"a line end is shown", "a\nb", "Signed in as aU+000Ab"},
		{"a stray isolate is shown", "a\u2069b", "Signed in as aU+2069b"},
		{"a paired isolate stays", "\u2068a\u2069", "Signed in as \u2068a\u2069"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := printer("en").T("layout.person", "Name", tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestName(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a plain name", "lotus-shop-01", "lotus-shop-01"},
		{"Chinese", "商店", "商店"},
		{"control signs", "a\u0000b\u0085", "aU+0000bU+0085"},
		{"128 characters fit", strings.Repeat("é", 128), strings.Repeat("é", 128)},
		{"129 are cut", strings.Repeat("é", 129), strings.Repeat("é", 127) + "…"},
		{"broken UTF-8", "a\xffb", "a\ufffdb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.Name(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMoney(t *testing.T) {
	tests := []struct{ amount, currency, want string }{
		{"1412", "USD", "US$\u00a01,412.00"},
		{"25.77", "USD", "US$\u00a025.77"},
		{"0.5", "USD", "US$\u00a00.50"},
		{"-3.07", "USD", "\u2212US$\u00a03.07"},
		{"0.0125", "USD", "US$\u00a00.0125"},
		{"1234567.8", "CNY", "CN¥\u00a01,234,567.80"},
		{"0", "EUR", "€\u00a00.00"},
		{"10", "XYZ", "XYZ\u00a010.00"},
		{"10", "", "10.00"},
		{"", "USD", "not known"},
		{"a lot", "USD", "not known"},
	}
	for _, tt := range tests {
		if got := printer("en").MoneyText(tt.amount, tt.currency); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.amount, tt.currency, got, tt.want)
		}
	}
	if got, want := printer("en").MoneyBack(decimal.RequireFromString("-3.07"), "USD"), "+\u00a0US$\u00a03.07"; got != want {
		t.Errorf("money back: got %q, want %q", got, want)
	}
}

func TestFiguresKeepTheirOrderFromRightToLeft(t *testing.T) {
	text.EnablePseudo()
	p := text.New(text.Pseudo, nil)
	for _, tt := range []struct{ name, got, want string }{
		{"memory", p.GiB(2048), "\u20662,048\u00a0GiB\u2069"},
		{"traffic", p.Traffic(3584), "\u20663.5\u00a0TB\u2069"},
		{"money", p.MoneyText("-3.07", "USD"), "\u2066\u2212US$\u00a03.07\u2069"},
		{"a unit", p.Unit("0.5", "GiB"), "\u20660.5\u00a0GiB\u2069"},
		{"nothing", p.LTR(""), ""},
		{"from left to right nothing is needed", text.New(text.English, nil).GiB(4), "4\u00a0GiB"},
		{"in a sentence", p.Say("catalog.fix.size", map[string]string{"VCPUs": "2", "GiB": "4"}), "[Çĥóóšé \u20662 vÇPÚ, 4 ĞíB\u2069.············]"},
		{"inside another message", p.T("buy.size.disk", "Size", p.GiB(80)), "[\u2068\u206680\u00a0GiB\u2069\u2069 ðíšķ····]"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestCountsOfAStoredMessageAreGrouped(t *testing.T) {
	for _, tt := range []struct {
		id   string
		v    map[string]string
		want string
	}{
		{"order.description.long", map[string]string{"N": "1025"}, "The description has 1,025 characters; up to 1,024 characters are allowed."},
		{"order_event.created", map[string]string{"N": "999", "Of": "1240"}, "999 of 1,240 created"},
		{"fault.account.broken", map[string]string{"Account": "2024"}, ""}, // a name made of digits stays one
	} {
		got := printer("en").Say(tt.id, tt.v)
		if tt.want == "" && !strings.Contains(got, "2024") || tt.want != "" && got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.id, got, tt.want)
		}
	}
}

func TestTimesOfAStoredMessageAreTheReaders(t *testing.T) {
	said := map[string]string{"CloudOrder": "CS1", "Since": "2026-11-21T16:30:00Z"}
	if got, want := printer("en").Say("order.pay.unseen", said),
		"Huawei’s billing has not shown this order since yesterday at 00:30. The payment is not sent again."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := printer("zh-Hans").Say("order.pay.unseen", said), "自昨天 00:30起，"; !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
	said["Since"] = "not a time"
	if got := printer("en").Say("order.pay.unseen", said); !strings.Contains(got, "since not a time") {
		t.Errorf("got %q", got)
	}
}

func TestSizes(t *testing.T) {
	p := printer("en")
	tests := []struct{ name, got, want string }{
		{"memory", p.GiB(4), "4\u00a0GiB"},
		{"a large disk", p.GiB(2048), "2,048\u00a0GiB"},
		{"bandwidth", p.Mbit(30), "30\u00a0Mbit/s"},
		{"traffic below a TB has no decimals", p.Traffic(850.6), "851\u00a0GB"},
		{"1,024 GB are a TB", p.Traffic(1024), "1\u00a0TB"},
		{"one decimal from a TB on", p.Traffic(3584), "3.5\u00a0TB"},
		{"traffic that became negative", p.Traffic(-2048), "\u22122\u00a0TB"},
		{"a count", p.Number(1240), "1,240"},
		{"a negative count", p.Number(-1240), "\u22121,240"},
		{"one name", p.List("a"), "a"},
		{"three names", p.List("a", "b", "c"), "a, b and c"},
		{"no name", p.List(), ""},
		{"three Chinese names", printer("zh-Hans").List("甲", "乙", "丙"), "甲、乙和丙"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestDaysAndTimes(t *testing.T) {
	en, zh := printer("en"), printer("zh-Hans")
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, hongkong)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	tests := []struct{ name, got, want string }{
		{"this year needs no year", en.Date(at("2026-11-24 15:29:00")), "24 Nov"},
		{"another year", en.Date(at("2027-11-24 15:29:00")), "24 Nov 2027"},
		{"the day is the reader's", en.Date(time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)), "24 Nov"},
		{"a Chinese day", zh.Date(at("2027-11-04 15:29:00")), "2027年11月4日"},
		{"in full", en.LongDate(now), "Monday 23 November 2026"},
		{"in full, Chinese", zh.LongDate(now), "2026年11月23日 星期一"},
		{"24 hours", en.Time(at("2026-11-24 15:29:59")), "15:29"},
		{"with seconds", en.Clock(at("2026-11-24 09:04:05")), "09:04:05"},
		{"day and time", en.DateTime(at("2026-11-24 15:29:00")), "24 Nov, 15:29"},
		{"exact", en.Exact(at("2026-11-24 15:29:00")), "2026-11-24 15:29:00 UTC+8"},
		{"today", en.Near(at("2026-11-23 18:00:00"), now), "today at 18:00"},
		{"tomorrow", en.Near(at("2026-11-24 15:29:00"), now), "tomorrow, 24 Nov at 15:29"},
		{"a minute past midnight is tomorrow", en.Near(at("2026-11-24 00:01:00"), at("2026-11-23 23:59:00")), "tomorrow, 24 Nov at 00:01"},
		{"yesterday", en.Near(at("2026-11-22 09:14:00"), now), "yesterday at 09:14"},
		{"further away", en.Near(at("2026-11-26 09:14:00"), now), "26 Nov at 09:14"},
		{"tomorrow in Chinese", zh.Near(at("2026-11-24 15:29:00"), now), "明天（11月24日）15:29"},
		{"just now", en.Relative(now.Add(-3 * time.Second)), "just now"},
		{"seconds", en.Relative(now.Add(-12 * time.Second)), "12 s ago"},
		{"minutes", en.Relative(now.Add(-3*time.Minute - 59*time.Second)), "3 min ago"},
		{"hours ahead", en.Relative(now.Add(2*time.Hour + time.Minute)), "in 2 h"},
		{"a day ago is a date", en.Relative(now.Add(-24 * time.Hour)), "22 Nov"},
		{"a short length", en.Duration(40 * time.Second), "40 s"},
		{"two units", en.Duration(3*time.Minute + 12*time.Second), "3 min 12 s"},
		{"a round length", en.Duration(2 * time.Hour), "2 h"},
		{"days", en.Duration(76 * time.Hour), "3 d 4 h"},
		{"nothing", en.Duration(0), "0 s"},
		{"the zone by its city", en.Zone(), "Hong Kong (UTC+8)"},
		{"a zone of half hours west", text.New("en", time.FixedZone("America/St_Johns", -12600)).Zone(), "St Johns (UTC\u22123:30)"},
		{"no zone is UTC", text.New("en", nil).Zone(), "UTC"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestContext(t *testing.T) {
	if got := text.From(context.Background()).Lang(); got != "en" {
		t.Errorf("without a Printer: got %q, want en", got)
	}
	ctx := text.With(context.Background(), printer("zh-Hans"))
	if got, want := text.T(ctx, "common.copy"), "复制"; got != want {
		t.Errorf("T: got %q, want %q", got, want)
	}
	if got, want := text.N(ctx, "failure.retry", 5), "请在 5 秒后重试。"; got != want {
		t.Errorf("N: got %q, want %q", got, want)
	}
}

func TestNamed(t *testing.T) {
	tests := []struct{ name, want string }{
		{"Singapore", "ap-southeast-3"}, {"singapore", "ap-southeast-3"}, {"新加坡", "ap-southeast-3"}, {"AP-Southeast-3", "ap-southeast-3"},
		{"Hong Kong", "ap-southeast-1"}, {"hong-kong", "ap-southeast-1"}, {"hong", "ap-southeast-1"}, {"Kong", "ap-southeast-1"}, {"中国香港", "ap-southeast-1"}, {"香港", "ap-southeast-1"},
		{"São Paulo", "sa-brazil-1"}, {"sao paulo", "sa-brazil-1"}, {"圣保罗", "sa-brazil-1"},
		{"s", "ap-southeast-3 cn-east-3 sa-brazil-1"}, {"sing", "ap-southeast-3"}, {"ong", ""},
		{"other", ""}, {"{{.code}}", ""}, {"atlantis", ""}, {"af-south-1", ""}, {"", ""}, {" ", ""}, {"[", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(text.Named("region.", tt.name), " "); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUnpairedValuesPanic(t *testing.T) {
	for name, kv := range map[string][]any{"odd": {"Name"}, "a name that is no text": {1, "x"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: did not panic", name)
				}
			}()
			printer("en").T("layout.person", kv...)
		}()
	}
}
