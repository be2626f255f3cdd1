//go:build e2e

package e2e

import (
	"strings"
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

// said is what the pages say of an account: the heading of its check, its state, the
// reason on its card; what could not be read, on the overview and at the figures; and
// what the purchase says. Empty: nothing is said there.
type said struct{ heading, state, list, unread, reason, buy string }

var answers = []answer{
	{name: "Refused", account: "Sandbox", wrong: true,
		english: said{"Huawei refused the key of Refused", "Can’t sign in", "Huawei Cloud does not accept the stored access key",
			"Refused can’t be read, since ", "Huawei Cloud does not accept the stored access key", "Refused cannot buy now."},
		chinese: said{"华为云拒绝了 Refused 的密钥", "无法登录", "华为云不接受已保存的访问密钥", "起无法读取。", "华为云不接受已保存的访问密钥", "Refused 现在不能购买。"}},
	{name: "Throttled", account: "Sandbox low", faults: []map[string]any{{"call": "projects", "kind": "throttle", "retry_after": 200}},
		english: said{"Huawei asks us to wait; Throttled is not checked", "Asked to wait", "asks us to slow down",
			"Throttled could not be read.", "asks us to slow down", "Huawei asks us to wait; Throttled is not checked"},
		chinese: said{"华为云要求稍候，尚未检查 Throttled", "需等待", "华为云要求我们放慢速度", "无法读取 Throttled。", "华为云要求我们放慢速度", "华为云要求稍候，尚未检查 Throttled"}},
	{name: "Silent", account: "Sandbox sign-in", faults: []map[string]any{{"call": "projects", "kind": "drop_before"}},
		english: said{"Silent could not be reached", "Not reached", "Huawei Cloud did not answer in time", "Silent could not be read.",
			"It has never been read. Not known: which servers there are.", "Silent could not be reached"},
		chinese: said{"无法连接 Silent", "未连通", "华为云没有及时响应", "无法读取 Silent。", "至今从未成功读取。 未知：有哪些服务器。", "无法连接 Silent"}},
	{name: "Half", account: "Sandbox", faults: []map[string]any{
		{"call": "orders", "kind": "status", "status": 403, "code": "CBC.0151"},
		{"call": "images", "region": "tr-west-1", "kind": "status", "status": 403, "code": "IMG.0001"}},
		english: said{"Half answers, 2 things are missing", "Limited", "Orders · Istanbul", "Half answers, 2 things are missing",
			"Orders · Istanbul", "Half answers, 2 things are missing"},
		chinese: said{"Half 已响应，缺少 2 项", "受限", "订单 · 伊斯坦布尔", "Half 已响应，缺少 2 项", "订单 · 伊斯坦布尔", "Half 已响应，缺少 2 项"}},
}

// answerPages are the pages that must tell the truth about such an account: each
// is given the account and its words in the language that is shown.
var answerPages = []struct {
	name string
	look func(b *tab, a answer, w said)
}{
	{"list", func(b *tab, a answer, w said) {
		b.Open("/accounts")
		b.SeesIn(named(b.Locator("section.panel"), a.name), w.heading, w.state, w.list)
	}},
	{"account", func(b *tab, a answer, w said) {
		b.Open("/accounts")
		b.must(named(b.Locator("section.panel h2 a"), a.name).Click())
		b.SeesIn(b.Locator("h1"), a.name, w.state)
		b.SeesIn(b.Locator("#check-title"), w.heading)
	}},
	{"overview", func(b *tab, a answer, w said) {
		b.Open("/")
		b.SeesIn(named(b.Locator("#attention .todo-list li"), a.name), w.unread, w.reason)
	}},
	{"servers", func(b *tab, a answer, w said) { b.figuresOf("/servers", a, w) }},
	{"instances", func(b *tab, a answer, w said) { b.figuresOf("/instances", a, w) }},
	{"traffic", func(b *tab, a answer, w said) { b.figuresOf("/traffic", a, w) }},
	{"buy", func(b *tab, a answer, w said) {
		b.Open("/accounts")
		at, err := named(b.Locator("section.panel h2 a"), a.name).GetAttribute("href")
		b.must(err)
		b.Open("/buy?from=" + strings.TrimPrefix(at, "/accounts/"))
		b.SeesIn(b.Locator("#wizard .head"), a.name)
		b.SeesIn(b.Locator("#wizard .note").First(), w.buy)
	}},
}

// figuresOf looks at a page of what there is: it says of each account that could not
// be read that it could not, and why, and gives no figure. Of one that answers in part
// it says nothing, for all of it that this page shows was read.
func (b *tab) figuresOf(path string, a answer, w said) {
	b.t.Helper()
	b.Open(path)
	note := named(b.Locator("main .note"), a.name)
	if a.name == "Half" {
		b.Gone(note, "a note about an account whose servers were read")
		b.SeesIn(b.Locator("main .empty"), map[string]string{"en": "What there is could not be read", "zh-Hans": "未能读取资源"}[b.language()])
		return
	}
	b.SeesIn(note, w.unread, w.reason)
}

// named are the elements that speak of an account.
func named(l playwright.Locator, account string) playwright.Locator {
	return l.Filter(playwright.LocatorFilterOptions{HasText: account}).First()
}

// language is that of the page.
func (b *tab) language() string {
	b.t.Helper()
	lang, err := b.Locator("html").GetAttribute("lang")
	b.must(err)
	return lang
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
	if err := b.Locator("#scopes", playwright.PageLocatorOptions{HasText: "Once more"}).
		WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateHidden}); err != nil {
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
