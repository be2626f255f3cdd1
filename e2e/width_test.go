//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"sampan/e2e/pages"
	"sampan/e2e/world"
)

// The longest legal text without a place to break, in three scripts.
var (
	longLatin   = "prod_cluster_eu_central_customer_portal_frontend_node_0000000001"
	longChinese = strings.Repeat("香港生产环境客户门户前端", 6)
	longArabic  = strings.Repeat("البوابةالرئيسية", 5)
)

// letters cuts a text after n letters.
func letters(s string, n int) string {
	all := []rune(s)
	return string(all[:min(n, len(all))])
}

// No page is ever wider than the window, whatever the cloud and people call
// things.
func TestTheLongestNamesNeverWidenAPage(t *testing.T) {
	t.Parallel()
	w := world.Start(t, world.Env("CONSOLE_CLOUD_ENDPOINT={sandbox}"))
	b := open(t, w, view{})
	b.SetUp(world.SetupCode)
	b.CreateOwner(pages.Ada(ownerPassword))
	b.Tick("With 40 example servers")
	b.TrySandbox()
	order := b.WordPress().Named(strings.Repeat("longest-name_", 10)[:128], "1").Review().PayLater().WaitFor("Awaiting payment")
	bought := order.Path()
	b.WordPress().Named(strings.Repeat("another_name-", 10)[:128], "1").Review()
	draft := strings.TrimSuffix(b.Path(), "review")
	b.Go("Servers")
	b.Sees("All 40")
	longest(b, w)
	paths := []string{"/", "/servers", "/servers/columns", "/servers?q=" + url.QueryEscape(longLatin), "/instances", "/traffic",
		"/traffic?view=all", "/accounts", "/orders", bought, bought + "/passport", "/search?q=prod", "/sandbox", "/settings/you",
		"/settings/security", "/settings/console", "/buy", draft + "image", draft + "size", draft + "region", draft + "options",
		draft + "review", "/views/new?list=servers&q=" + longLatin}
	b.Open("/servers?q=prod_cluster")
	for _, list := range []string{"/servers/", "/instances/"} {
		b.Open(strings.TrimSuffix(list, "/") + "?q=prod_cluster")
		href, err := b.Locator(`main table tbody a[href^="` + list + `"]`).First().GetAttribute("href")
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, href)
	}
	b.Open("/accounts")
	b.Follow("Details")
	paths = append(paths, b.Path(), b.Path()+"/delete")
	for _, path := range paths {
		b.Open(path)
		for _, width := range []int{390, 768, 1280} {
			if err := b.SetViewportSize(width, 844); err != nil {
				t.Fatal(err)
			}
			b.noWider(fmt.Sprintf("%s at %d", path, width))
		}
	}
}

// noWider fails when the page is wider than the window, and names what is.
func (b *tab) noWider(what string) {
	b.t.Helper()
	v, err := b.Evaluate(`() => {
		const edge = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= edge) return "";
		return [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > edge + 1 && ![...e.children].some(c => c.getBoundingClientRect().right > edge + 1))
			.slice(0, 4).map(e => { let s = ""; for (let p = e, n = 0; p && n < 4; p = p.parentElement, n++) s = p.tagName.toLowerCase() + (p.className && p.className.baseVal === undefined ? "." + p.className.replaceAll(" ", ".") : "") + " " + s; return s + e.textContent.trim().slice(0, 20); }).join("; ");
	}`)
	if err != nil {
		b.t.Fatal(err)
	}
	if s, _ := v.(string); s != "" {
		b.t.Errorf("%s is wider than the window: %s", what, s)
	}
}

// longest gives servers, instances, labels, a view and the account the longest
// names they may have.
func longest(b *tab, w *world.World) {
	b.t.Helper()
	all, err := b.Evaluate(`async () => (await (await fetch("/servers.json")).json()).map(r => r.address).filter(a => a)`)
	if err != nil {
		b.t.Fatal(err)
	}
	addresses, _ := all.([]any)
	if len(addresses) < 30 {
		b.t.Fatalf("only %d addresses", len(addresses))
	}
	for n, a := range addresses {
		name := letters(longLatin[:60], 60) + fmt.Sprintf("%04d", n)
		if n%3 == 1 {
			name = letters(longChinese, 64)
		}
		w.Outside(a.(string),
			map[string]any{"name": name, "instance_name": name, "description": letters(longArabic, 85), "hostname": strings.Repeat("h", 64),
				"tags": map[string]string{strings.Repeat("k", 36): strings.Repeat("v", 43)}})
	}
	b.Press("Read again")
	b.Sees("prod_cluster_eu_central")
	if _, err := b.Evaluate(`async ([label, address]) => {
		const post = (path, fields) => fetch(path, {method: "POST", body: new URLSearchParams(fields)});
		const sel = await post("/selections", {list: "servers", paste: address});
		await post("/servers/actions/labels", {selection: new URL(sel.url).searchParams.get("selection"), add: label});
		await post("/views", {list: "servers", name: label.slice(0, 40), q: "state:running"});
		const at = [...new DOMParser().parseFromString(await (await fetch("/accounts")).text(), "text/html").querySelectorAll("a[href^='/accounts/']")].map(a => a.getAttribute("href")).find(h => /^\/accounts\/[^/]+$/.test(h) && !h.endsWith("new"));
		await post(at + "/rename", {label: "W".repeat(64)});
		await post("/settings/you", {display_name: "W".repeat(64), language: "en", zone: "UTC", theme: ""});
	}`, []any{letters(longArabic, 32), addresses[0]}); err != nil {
		b.t.Fatal(err)
	}
}
