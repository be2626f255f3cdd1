package filter_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
)

// control is what a filter offers: its values with their counts, the ticked ones in
// brackets.
func control(doc *goquery.Document, key string) string {
	var all []string
	doc.Find("label:has(input[name=" + key + "])").Each(func(_ int, l *goquery.Selection) {
		words := strings.Join(strings.Fields(l.Text()), " ")
		if l.Find("input[checked]").Length() > 0 {
			words = "[" + words + "]"
		}
		all = append(all, words)
	})
	return strings.Join(all, ", ")
}

// varied is a fleet of eight servers that differ in what can be filtered by.
func varied(t *testing.T) *webtest.Console {
	c := webtest.Open(t)
	webtest.Fleet(c, 8)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "a2", Label: "Orchid Retail", State: account.Active})
	c.Instances.GivenRows[7].AccountID, c.Instances.Servers[7].AccountID = "a2", "a2"
	c.Instances.GivenRows[5].Image, c.Instances.GivenRows[6].Image = "", "Ubuntu 24.04"
	c.Instances.GivenRows[4].Expires = webtest.Now.Add(-time.Hour)
	c.Instances.GivenRows[3].Expires = time.Time{}
	for n, os := range []catalog.OS{"linux", "windows", "", "FreeBSD"} {
		c.Instances.Servers[n].Server.OS = os
	}
	c.Instances.Servers[0].Server.Tags, c.Instances.Servers[1].Server.Status = []string{"team=web", "tier=1"}, ""
	c.Instances.Read = c.Instances.Read[:6]
	c.Instances.GivenLabels = map[string][]string{"s002": {"canary"}, "s003": {"canary", "old"}}
	return c
}

func TestTheControlsOfAList(t *testing.T) {
	tests := []struct{ key, english, chinese string }{
		{"state", "Running 4, Stopped 3, Not known 1", "运行中 4, 已停止 3, 未知 1"},
		{"region", "Singapore 5, Riyadh 3", "新加坡 5, 利雅得 3"},
		{"account", "Marina Labs 7, Orchid Retail 1", "Marina Labs 7, Orchid Retail 1"},
		{"image", "WordPress 6, not known 1, Ubuntu 1", "WordPress 6, 未知 1, Ubuntu 1"},
		{"expires", "[Any], within 3 days 4, within 14 days 7, within 30 days 7, within 90 days 7, expired 1, not known 1",
			"[不限], 3 天内 4, 14 天内 7, 30 天内 7, 90 天内 7, 已到期 1, 未知 1"},
		{"tag", "team=web 8, tier=1 1", "team=web 8, tier=1 1"},
		{"label", "canary 2, old 1", "canary 2, old 1"},
		{"traffic", "[Any], under 10% 6, under 25% 6, under 50% 6, used up 1, not known 2", "[不限], 不足 10% 6, 不足 25% 6, 不足 50% 6, 已用完 1, 未知 2"},
		{"os", "Linux 6, FreeBSD 1, Windows 1", "Linux 6, FreeBSD 1, Windows 1"},
		{"spec", "", ""}, // all have the same: there is nothing to choose from
		{"autorenew", "[Any], On 2, Off 5, not known 1", "[不限], 开 2, 关 5, 未知 1"},
		{"problem", "Expired 1, Expires soon 5, Traffic nearly used 6", "已到期 1, 即将到期 5, 流量将用完 6"},
	}
	c := varied(t)
	english := c.Get("/servers").Want(http.StatusOK).Page()
	c.Header.Set("Accept-Language", "zh-Hans")
	chinese := c.Get("/servers").Want(http.StatusOK).Page()
	for _, tt := range tests {
		if got := control(english, tt.key); got != tt.english {
			t.Errorf("%s: got %q, want %q", tt.key, got, tt.english)
		}
		if got := control(chinese, tt.key); got != tt.chinese {
			t.Errorf("%s in Chinese: got %q, want %q", tt.key, got, tt.chinese)
		}
	}
}

// The counts of a control are those of the list without its own terms, so that a
// further value can be weighed; those of the others narrow with it.
func TestAControlThatIsSet(t *testing.T) {
	tests := []struct {
		name, search, key, offers, button string
	}{
		{"one value", "state:stopped", "state", "Running 4, [Stopped 3], Not known 1", "State: Stopped"},
		{"another control narrows", "state:stopped", "region", "Singapore 2, Riyadh 1", ""},
		{"two values", "state:stopped state:running", "state", "[Running 4], [Stopped 3], Not known 1", "State: Running and Stopped"},
		{"a value that none has", "state:frozen", "state", "Running 4, Stopped 3, [Frozen 0], Not known 1", "State: Frozen"},
		{"a name that is no value", "label:blue", "label", "canary 2, old 1, [blue]", ""},
		{"an account by its id", "account:a2", "account", "Marina Labs 7, [Orchid Retail 1]", "Account: Orchid Retail"},
		{"a window", "expires<3d", "expires",
			"Any, [within 3 days 4], within 14 days 7, within 30 days 7, within 90 days 7, expired 1, not known 1",
			"Expires: within 3 days"},
		{"a window that is not offered", "expires<5d", "expires",
			"Any, within 3 days 4, within 14 days 7, within 30 days 7, within 90 days 7, expired 1, not known 1, [expires<5d]",
			"Expires: expires<5d"},
		{"what is left out is no control's", "-state:stopped", "state", "Running 4, Stopped 0, Not known 1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := varied(t).Get("/servers?q=" + url.QueryEscape(tt.search)).Want(http.StatusOK).Page()
			if got := control(doc, tt.key); got != tt.offers {
				t.Errorf("got  %q\nwant %q", got, tt.offers)
			}
			set := strings.Join(strings.Fields(doc.Find("button[popovertarget=f-"+tt.key+"].set").Text()), " ")
			if set != tt.button {
				t.Errorf("the button says %q, want %q", set, tt.button)
			}
		})
	}
}

// Of many values those are offered that occur most often, and what is ticked.
func TestAControlOffersTheMostFrequentValues(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 30)
	for n := range c.Instances.Servers {
		tags := []string{fmt.Sprintf("only=%02d", n)}
		if n%2 == 0 {
			tags = append(tags, "even")
		}
		c.Instances.Servers[n].Server.Tags = tags
	}
	offered := strings.Split(control(c.Get("/servers").Want(http.StatusOK).Page(), "tag"), ", ")
	if len(offered) != 15 || offered[0] != "even 15" || offered[1] != "only=00 1" || offered[14] != "only=13 1" {
		t.Errorf("offered: %q", offered)
	}
	offered = strings.Split(control(c.Get("/servers?q=tag:only=29").Want(http.StatusOK).Page(), "tag"), ", ")
	if len(offered) != 16 || offered[15] != "[only=29 1]" {
		t.Errorf("offered beside a ticked one: %q", offered)
	}
}

// An account whose name holds characters that nobody sees is sent by its id.
func TestAnAccountWithAHiddenNameIsFilteredById(t *testing.T) {
	c := varied(t)
	c.Accounts.All[1].Label = "Orchid\u200bRetail"
	values := make(map[string]bool)
	c.Get("/servers").Want(http.StatusOK).Page().Find("input[name=account]").Each(func(_ int, s *goquery.Selection) {
		values[s.AttrOr("value", "")] = true
	})
	if len(values) != 2 || !values["Marina Labs"] || !values["a2"] {
		t.Errorf("values: %v", values)
	}
	at := c.Get("/servers?was=&q=&account=a2").Want(http.StatusSeeOther).Header.Get("Location")
	if n := c.Get(at).Want(http.StatusOK).Page().Find("tbody tr").Length(); n != 1 {
		t.Errorf("%s shows %d rows, want 1", at, n)
	}
}

// A count is a least one where it depends on something that was not read.
func TestCountsSayWhatTheyDependOn(t *testing.T) {
	tests := []struct {
		about             instance.About
		short, whole      []string // keys whose counts are least ones, and not
		searched, leftOut string   // a search, and what is said of those it may leave out
	}{
		{instance.AboutStates, []string{"state", "problem"}, []string{"region", "expires", "traffic"}, "state:stopped", webtest.Word("gaps.what.states")},
		{instance.AboutTerms, []string{"expires", "autorenew", "problem"}, []string{"state", "traffic"}, "autorenew:no", webtest.Word("gaps.what.terms")},
		{instance.AboutTraffic, []string{"traffic", "problem"}, []string{"state", "expires"}, "traffic<10%", webtest.Word("gaps.what.traffic")},
	}
	for _, tt := range tests {
		t.Run(string(tt.about), func(t *testing.T) {
			c := varied(t)
			c.Instances.GivenGaps = instance.Gaps{{AccountID: "a1", About: tt.about, Source: "bss", Lacking: 2, OKAt: webtest.Now}}
			doc := c.Get("/servers").Want(http.StatusOK).Page()
			for _, key := range tt.short {
				if words := control(doc, key); !strings.Contains(words, "+") {
					t.Errorf("%s counts as if everything were known: %s", key, words)
				}
			}
			for _, key := range tt.whole {
				if words := control(doc, key); strings.Contains(words, "+") {
					t.Errorf("%s does not depend on it: %s", key, words)
				}
			}
			if doc.Find("#listing > .note").Length() != 0 {
				t.Error("a list without a search leaves nothing out")
			}
			doc = c.Get("/servers?q=" + url.QueryEscape(tt.searched)).Want(http.StatusOK).Page()
			webtest.Says(t, doc, "#listing > .note", "Whether 2 more belong here is not known: "+tt.leftOut+" was not read.")
			if words := control(doc, "region"); !strings.Contains(words, "+") {
				t.Errorf("the search narrows the regions, whose counts are now least ones: %s", words)
			}
		})
	}
	// That a fact is not known is itself known of all.
	c := varied(t)
	c.Instances.GivenGaps = instance.Gaps{{AccountID: "a1", About: instance.AboutTerms, Source: "bss", Lacking: 2, OKAt: webtest.Now}}
	if doc := c.Get("/servers?q=expires:unknown").Want(http.StatusOK).Page(); doc.Find("#listing > .note").Length() != 0 {
		t.Errorf("those whose term is not known are all there: %s", doc.Find("#listing > .note").Text())
	}
}
