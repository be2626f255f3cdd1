//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

func TestAPurchaseWithoutJavaScript(t *testing.T) {
	t.Parallel()
	w := world.Start(t)
	b := open(t, w, view{noScript: true})
	b.Open("/setup/owner")
	b.Fill("Set-up code", world.SetupCode)
	b.CreateOwner(pages.Ada(ownerPassword))
	b.TrySandbox()
	wizard := b.Buy().Image("WordPress")
	wizard.Heading("How much power?")
	if err := wizard.Link("Choose 2 vCPU, 2 GiB or larger.").First().Click(); err != nil { // a fix is a link
		t.Fatal(err)
	}
	wizard.SeesIn(wizard.Summary(), "2 vCPU, 2 GiB")
	wizard.Size("2 vCPU, 4 GiB").Region("Singapore").Named("1web", "2")
	b.Press("Review the purchase")
	b.Complains("Name", "A name has 1 to 128 letters, digits, - and _, starting with a letter")
	b.Holds("Name", "1web")
	b.Fill("Name", "web")
	b.Press("Add tag")
	b.Fill("Key of tag 1", "team")
	b.Fill("Value of tag 1", "blue")
	wizard.Review().Sees("2 × WordPress 6.4, 2 vCPU, 4 GiB")
	order := wizard.PayLater()
	order.ReloadUntil(order.InState("Awaiting payment"), "that payment is awaited")
	order.Press("Pay simulated US$ 30.00")
	ready := order.Servers().GetByRole("row").Filter(playwright.LocatorFilterOptions{HasText: regexp.MustCompile(`Running\s*198\.18\.`)})
	order.ReloadUntil(ready.Nth(1), "the addresses of two servers")
	order.SeesIn(order.Servers(), "web-0001", "web-0002")
	if p := one(t, w); p.Quantity != 2 || p.Paid.IsZero() || !strings.Contains(strings.Join(p.Tags, " "), "team=blue") {
		t.Errorf("the ledger holds %+v, want 2 servers, paid, with the tag", p)
	}
	for _, path := range []string{"/", "/orders", "/instances", "/accounts", "/sandbox", "/settings/you", "/settings/security",
		"/settings/console", "/buy/matrix?q=GitLab"} {
		if status := b.Answer(path); status != 200 {
			t.Errorf("%s answers %d without JavaScript", path, status)
		}
	}
}

// chinese are the words of a purchase, by the English ones.
var chinese = map[string]string{
	"Your name": "您的姓名", "Sign-in name": "登录名", "Password": "密码", "Create owner and continue": "创建所有者并继续",
	"Start in the Sandbox": "在沙盒中开始", "Overview": "总览", "Buy": "购买", "Buy servers": "购买服务器",
	"What should run on it?": "要运行什么？", "How much power?": "需要多大的性能？", "Where should it run?": "在哪里运行？",
	"Singapore": "新加坡", "Names, time and extras": "名称、时长和附加项", "Name": "名称", "How many?": "数量",
	"Review the purchase": "确认购买", "Check and order": "核对并下单", "Place the order, pay on the next screen": "下单，在下一页付款",
	"Awaiting payment": "等待付款", "Delivered": "已交付", "Ready to use": "可以使用", "Progress": "进度",
	"Servers in this order": "本订单的服务器", "Pay simulated US$ 30.00": "模拟支付 US$ 30.00",
}

func TestAPurchaseInChinese(t *testing.T) {
	t.Parallel()
	w := world.Start(t)
	b := open(t, w, view{locale: "zh-CN", zone: "Asia/Shanghai"})
	b.Say = func(english string) string {
		if words, ok := chinese[english]; ok {
			return words
		}
		return english
	}
	b.SetUp(world.SetupCode)
	b.onlyIn("zh-Hans", "the first page")
	b.CreateOwner(pages.Owner{Name: "李雷", SignIn: "lilei", Password: ownerPassword})
	b.onlyIn("zh-Hans", "the choice of the cloud")
	b.TrySandbox()
	b.onlyIn("zh-Hans", "the overview")
	wizard := b.Buy()
	b.onlyIn("zh-Hans", "the images")
	wizard.Image("WordPress").Heading("How much power?")
	b.onlyIn("zh-Hans", "the sizes")
	wizard.Size("2 vCPU, 4 GiB").Heading("Where should it run?")
	b.onlyIn("zh-Hans", "the regions")
	wizard.Region("Singapore").Named("1web", "2")
	b.onlyIn("zh-Hans", "the options")
	wizard.TryReview()
	b.Complains("Name", "名称为 1 到 128 个字母、数字、- 和 _，以字母开头。")
	wizard.Named("web", "2").Review()
	b.onlyIn("zh-Hans", "the review")
	order := wizard.PayLater().WaitFor("Awaiting payment")
	b.onlyIn("zh-Hans", "the order")
	order.Press("Pay simulated US$ 30.00")
	order.Ready(2)
	b.onlyIn("zh-Hans", "the delivered order")
	b.sweepIn("zh-Hans")
	one(t, w)
}

// A decision, a refused payment tried again and a partial delivery, in Chinese.
func TestTroubleInChinese(t *testing.T) {
	t.Parallel()
	w := world.Start(t, world.Scale(60))
	b := open(t, w, view{locale: "zh-CN", zone: "Asia/Shanghai"})
	b.Say = func(english string) string {
		if words, ok := chinese[english]; ok {
			return words
		}
		return english
	}
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Owner{Name: "李雷", SignIn: "lilei", Password: ownerPassword})
	b.TrySandbox()
	w.Fail("purchase", "drop_after", nil)
	w.Fail("purchase", "partial", nil)
	order := b.WordPress().Named("web", "3").Review().PayLater()
	order.WaitFor("需要决定").Heading("是哪一个订单？")
	order.Sees("从这里发送的", "华为云中的", "在此期间")
	b.onlyIn("zh-Hans", "an order that needs a decision")
	order.Press("就是它")
	order.WaitFor("Awaiting payment")
	w.Fail("pay", "no_balance", nil)
	order.Press("模拟支付 US$ 45.00")
	order.WaitFor("付款被拒绝").Sees("华为云拒绝了付款（", "CBC.99005003")
	b.onlyIn("zh-Hans", "a refused payment")
	order.Press("重试：模拟支付 US$ 45.00")
	order.WaitFor("部分交付")
	order.SeesIn(order.Servers(), "198.18.", "运行中")
	b.onlyIn("zh-Hans", "a partly delivered order")
	order.Follow("web-0001")
	if path := b.Path(); !strings.HasPrefix(path, "/servers/") {
		t.Errorf("its row leads to %s, want its server", path)
	}
}

// pseudo words an English message as the test language does: accents, a third
// longer, in brackets.
func pseudo(english string) string {
	accents := strings.NewReplacer(
		"a", "á", "c", "ç", "d", "ð", "e", "é", "g", "ğ", "h", "ĥ", "i", "í", "k", "ķ", "l", "ļ", "n", "ñ", "o", "ó",
		"r", "ŕ", "s", "š", "t", "ţ", "u", "ú", "w", "ŵ", "y", "ý", "z", "ž",
		"A", "Á", "C", "Ç", "D", "Ð", "E", "É", "G", "Ğ", "H", "Ĥ", "I", "Í", "K", "Ķ", "L", "Ļ", "N", "Ñ", "O", "Ó",
		"R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Ú", "W", "Ŵ", "Y", "Ý", "Z", "Ž")
	return "[" + accents.Replace(english) + strings.Repeat("·", len([]rune(english))/3) + "]"
}

func TestAPurchaseFromRightToLeft(t *testing.T) {
	t.Parallel()
	w := world.Start(t, world.Env("CONSOLE_PSEUDO_LANGUAGE=on"))
	b := open(t, w, view{})
	b.SetUp(world.SetupCode)
	b.Pick("Language", "Pseudo (right-to-left)")
	b.CreateOwner(pages.Ada(ownerPassword))
	b.Say = pseudo
	b.TrySandbox()
	b.onlyIn("ar-XB", "the overview")
	nav, err := b.Locator("#nav").BoundingBox()
	if err != nil {
		t.Fatal(err)
	}
	main, err := b.Locator("#main").BoundingBox()
	if err != nil {
		t.Fatal(err)
	}
	if nav.X < main.X {
		t.Errorf("the navigation stands at %v, left of the content at %v", nav.X, main.X)
	}
	b.Open("/buy?image=WordPress&size=2-4&region=ap-southeast-3")
	wizard := pages.Wizard{Console: b.Console}
	for _, step := range []string{"What should run on it?", "How much power?", "Where should it run?"} {
		wizard.Heading(step)
		b.onlyIn("ar-XB", step)
		wizard.GoOn()
	}
	wizard.Named("web", "2")
	b.onlyIn("ar-XB", "the options")
	wizard.Review()
	b.onlyIn("ar-XB", "the review")
	order := wizard.PayLater().WaitFor("Awaiting payment")
	b.onlyIn("ar-XB", "the order")
	order.Locator("form[action$='/pay']").GetByRole("button").Click()
	order.WaitFor("Delivered").Says("Ready to use")
	b.onlyIn("ar-XB", "the delivered order")
	b.sweepIn("ar-XB")
	one(t, w)
}

// sweepIn looks at the pages that a purchase does not pass.
func (b *tab) sweepIn(lang string) {
	b.t.Helper()
	for _, path := range []string{"/", "/orders", "/instances", "/accounts", "/accounts/new", "/sandbox", "/settings/you",
		"/settings/security", "/settings/console", "/buy/matrix"} {
		b.Open(path)
		b.onlyIn(lang, path)
	}
}

// strays finds what a page shows that is not of its language: message ids, and
// runs of plain English words outside names, codes and other languages' names.
const strays = `lang => {
	const found = [], id = /\b(buy|order|orders|layout|setup|signin|overview|instances|accounts|account|sandbox|settings|common|format|failure|web|fault|cloud|catalog|region)(\.[a-z0-9-]+)+\b/;
	const english = lang === "ar-XB" ? /[A-Za-z]{3,} [A-Za-z]{3,}/ : /[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/;
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const n = walk.currentNode, e = n.parentElement, words = n.textContent.replace(/\u2068[^\u2069]*\u2069|Flexus L Instance API Reference|Huawei Cloud EulerOS|Secret Access Key/g, "").trim(); // without names
		if (!words || e.closest("script, style, pre, code, kbd, .mono, .ip, bdi, option")) continue;
		if (id.test(words) || english.test(words)) found.push(words.slice(0, 120));
	}
	for (const e of document.querySelectorAll("[aria-label], [title], [placeholder]"))
		for (const a of ["aria-label", "title", "placeholder"]) {
			const words = e.getAttribute(a) || "";
			if (!e.closest("pre, code, .mono, bdi") && (id.test(words) || english.test(words))) found.push(a + ": " + words.slice(0, 120));
		}
	return [...new Set(found)];
}`

// onlyIn fails when a page is not wholly in a language or scrolls sideways.
func (b *tab) onlyIn(lang, what string) {
	b.t.Helper()
	if got, err := b.Locator("html").GetAttribute("lang"); err != nil || got != lang {
		b.t.Errorf("%s is in %q, %v, want %s", what, got, err, lang)
	}
	wantDir := map[string]string{"ar-XB": "rtl"}[lang]
	if got, _ := b.Locator("html").GetAttribute("dir"); wantDir != "" && got != wantDir {
		b.t.Errorf("%s runs %q, want %s", what, got, wantDir)
	}
	found, err := b.Evaluate(strays, lang)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, words := range found.([]any) {
		b.t.Errorf("%s shows “%v”, which is not %s", what, words, lang)
	}
	b.noSidewaysScroll(what)
}

func TestAPurchaseOnAPhone(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{width: 390, height: 844, dark: true})
	b.noSidewaysScroll("the overview")
	wizard := b.Buy()
	b.noSidewaysScroll("the images")
	b.sameEdges("the search of images", "#q", ".pick")
	wizard.Image("WordPress").Heading("How much power?")
	b.noSidewaysScroll("the sizes")
	wizard.Size("2 vCPU, 4 GiB").Heading("Where should it run?")
	b.noSidewaysScroll("the regions")
	wizard.Region("Singapore").Named("web", "2")
	b.noSidewaysScroll("the options")
	wizard.Review()
	b.noSidewaysScroll("the review")
	order := wizard.PayLater().WaitFor("Awaiting payment")
	b.noSidewaysScroll("the order")
	order.Press("Pay simulated US$ 30.00")
	order.Ready(2)
	b.noSidewaysScroll("the delivered order")
	one(t, w)
}

func TestAPurchaseByKeyboardAlone(t *testing.T) {
	t.Parallel()
	w, b := inSandbox(t, view{})
	b.Key("g")
	b.Key("b")
	b.Heading("Buy servers")
	b.Key("/") // to the search
	if err := b.Keyboard().Type("wordpress"); err != nil {
		t.Fatal(err)
	}
	b.Gone(b.Choice("GitLab"), "GitLab")
	choose := func(choice playwright.Locator, what string) {
		b.TabTo(choice, what)
		b.Key("Space")
	}
	press := func(words string) {
		b.TabTo(b.Button(words), words)
		b.Key("Enter")
	}
	choose(b.Choice("WordPress"), "WordPress")
	press("Continue to size")
	b.Heading("How much power?")
	b.hasFocus("step-title")
	choose(b.Choice("2 GiB"), "2 GiB")
	press("Continue to region")
	b.Heading("Where should it run?")
	choose(b.Choice("Hong Kong"), "Hong Kong")
	b.Key("ArrowDown")
	b.Chosen("Singapore")
	press("Continue to options")
	b.Heading("Names, time and extras")
	b.TabTo(b.Field("Name"), "the name")
	if err := b.Keyboard().Type("web"); err != nil {
		t.Fatal(err)
	}
	press("Review the purchase")
	b.Heading("Check and order")
	press("Place the order, pay on the next screen")
	order := b.Order().WaitFor("Awaiting payment")
	press("Pay simulated US$ 9.00")
	order.Ready(1)
	if p := one(t, w); !strings.Contains(p.Summary, "ap-southeast-3") || p.Paid.IsZero() {
		t.Errorf("the ledger holds %+v, want it in Singapore and paid", p)
	}
}

// hasFocus waits until the element of that id has the focus.
func (b *tab) hasFocus(id string) { b.t.Helper(); b.focused("#" + id + ":focus") }

// hasFocusIn waits until something inside of an element has it.
func (b *tab) hasFocusIn(selector string) { b.t.Helper(); b.focused(selector + " :focus") }

func (b *tab) focused(selector string) {
	b.t.Helper()
	if err := b.Locator(selector).WaitFor(); err != nil {
		at, _ := b.Evaluate(`document.activeElement.outerHTML.slice(0, 200)`)
		b.t.Errorf("the focus is at %v, want %s", at, selector)
	}
}
