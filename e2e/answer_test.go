//go:build e2e

package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"
)

// answer is an account that does not answer as it should, and the words of the
// pages about it, in English and in Chinese.
type answer struct {
	name    string
	account string // of the Sandbox
	wrong   bool   // its secret is another one
	faults  []map[string]any
	english said
	chinese said
}

// said is what the pages of an account say. Pages that speak of all accounts
// are added as fields, and to answerPages.
type said struct{ heading, state, list string }

var answers = []answer{
	{name: "Refused", account: "Sandbox", wrong: true,
		english: said{"Huawei refused the key of Refused", "Can’t sign in", "Huawei Cloud does not accept the stored access key"},
		chinese: said{"华为云拒绝了 Refused 的密钥", "无法登录", "华为云"}},
	{name: "Throttled", account: "Sandbox low", faults: []map[string]any{{"call": "projects", "kind": "throttle", "retry_after": 200}},
		english: said{"Huawei asks us to wait; Throttled is not checked", "Asked to wait", "asks us to slow down"},
		chinese: said{"华为云要求稍候，尚未检查 Throttled", "需等待", "自"}},
	{name: "Silent", account: "Sandbox sign-in", faults: []map[string]any{{"call": "projects", "kind": "drop_before"}},
		english: said{"Silent could not be reached", "Not reached", "Since "},
		chinese: said{"无法连接 Silent", "未连通", "自"}},
	{name: "Half", account: "Sandbox", faults: []map[string]any{
		{"call": "orders", "kind": "status", "status": 403, "code": "CBC.0151"},
		{"call": "images", "region": "tr-west-1", "kind": "status", "status": 403, "code": "IMG.0001"}},
		english: said{"Half answers, 2 things are missing", "Limited", "Orders · Istanbul"},
		chinese: said{"Half 已响应，缺少 2 项", "受限", "订单 · 伊斯坦布尔"}},
}

// answerPages are the pages that must tell the truth about such an account: each
// is given the account and its words in the language that is shown.
var answerPages = []struct {
	name string
	look func(b *tab, a answer, w said)
}{
	{"list", func(b *tab, a answer, w said) {
		b.Open("/accounts")
		card := b.Locator("section.panel").Filter(playwright.LocatorFilterOptions{HasText: a.name}).First()
		b.SeesIn(card, w.heading, w.state, w.list)
	}},
	{"account", func(b *tab, a answer, w said) {
		b.Open("/accounts")
		if err := b.Locator("section.panel h2 a").Filter(playwright.LocatorFilterOptions{HasText: a.name}).Click(); err != nil {
			b.t.Fatal(err)
		}
		b.SeesIn(b.Locator("h1"), a.name, w.state)
		b.SeesIn(b.Locator("#check-title"), w.heading)
	}},
	{"overview", func(b *tab, a answer, w said) {
		b.Open("/")
		b.SeesIn(b.Locator("#attention"), a.name)
		if n, err := b.Locator("#attention .todo-list li").Filter(playwright.LocatorFilterOptions{HasText: a.name}).Count(); err != nil || n == 0 {
			b.t.Errorf("the overview does not say that %s needs attention: %v", a.name, err)
		}
	}},
}

// TestAccountsThatDoNotAnswer connects an account that is refused, one that is
// throttled, one that is never reached and one that answers in part: every page
// says so, in English and in Chinese.
func TestAccountsThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	for i, a := range answers {
		key := w.Account(a.account)
		for _, f := range a.faults {
			f["account"], f["times"] = a.account, -1
			w.Fail(f["call"].(string), f["kind"].(string), f)
		}
		if a.wrong {
			key.KeySecret = "wrong" + key.KeySecret[5:]
		}
		if i > 0 {
			b.Connect()
		}
		b.WithKey(a.name, key.KeyID, key.KeySecret)
		b.CheckThis()
		if i == 0 {
			b.Heading(a.english.heading)
			b.SeesNot("is connected")
			b.SeesIn(b.Locator("#onward"), "Replace the key")
			b.Follow("Open the console")
		} else {
			b.SeesIn(b.Locator("#check-title"), a.english.heading)
		}
	}
	look := func(of func(answer) said) {
		for _, page := range answerPages {
			for _, a := range answers {
				page.look(b, a, of(a))
			}
		}
	}
	look(func(a answer) said { return a.english })
	b.speak("zh-Hans", "简体中文")
	look(func(a answer) said { return a.chinese })
	b.onlyIn("zh-Hans", "an account that answers in part")
}

// TestTheSameAccountTwice: the second entry is not made; its sign-in takes the
// place of the first's, or is discarded.
func TestTheSameAccountTwice(t *testing.T) {
	t.Parallel()
	w, b := started(t, towards())
	a := w.Account("Sandbox")
	b.WithKey("Main account", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.Heading("Main account answers")
	b.Follow("Open the console")

	b.Connect()
	b.WithLogin("Once more", a.Domain, a.User, a.Password)
	b.CheckThis()
	b.SeesIn(b.Locator("#check-title"), "This account is connected already, as Main account")
	b.inEveryLook("a second entry")
	b.Open("/accounts")
	b.Sees("Not connected", "Main account is the same account at Huawei")
	if err := b.Locator("#scopes", playwright.PageLocatorOptions{HasText: "Once more"}).WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateHidden}); err != nil {
		t.Errorf("the second entry can be chosen as a scope: %v", err)
	}
	b.Follow("Decide what becomes of it")
	b.Press("Replace the key of Main account")
	b.SeesIn(b.Locator("h1"), "Main account")
	b.Sees("IAM user console, password")
	b.SeesIn(b.Locator("#check-title"), "Main account answers")
	b.Open("/accounts")
	b.SeesNot("Once more")

	b.Connect()
	b.WithKey("Again", a.KeyID, a.KeySecret)
	b.CheckThis()
	b.SeesIn(b.Locator("#check-title"), "This account is connected already, as Main account")
	path := b.Path()
	b.speak("zh-Hans", "简体中文")
	b.Open(path)
	b.SeesIn(b.Locator("#check-title"), "此账号已连接，名称为 Main account")
	b.onlyIn("zh-Hans", "a second entry")
	b.Press("删除新的登录身份")
	b.Sees("账号")
	b.SeesNot("Again")
}
