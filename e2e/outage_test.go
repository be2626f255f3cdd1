//go:build e2e

package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"
)

// TestTheCloudGoesAndComesBack: a page says so while Huawei does not answer, a
// refresh that is asked for meanwhile is kept, and everything is there by itself
// when it answers again. Whether a server renews shows that the refresh was kept:
// without one it is read once in 24 hours.
func TestTheCloudGoesAndComesBack(t *testing.T) {
	t.Parallel()
	for _, lang := range []struct{ code, name, running, stopped, kept, asked string }{
		{"en", "", "Running", "Stopped", "Your request is kept. Huawei does not answer for Marina now", "Asked Huawei for newer data."},
		{"zh-Hans", "简体中文", "运行中", "已停止", "您的请求已保留。华为云目前没有响应（Marina）", "已向华为云请求更新数据。"},
	} {
		t.Run(lang.code, func(t *testing.T) {
			w, b := connected(t)
			if lang.name != "" {
				b.speak(lang.code, lang.name)
			}
			b.Open("/servers")
			b.SeesIn(b.Locator("#n-range"), "3")
			list := b.Locator("#sources")
			b.Gone(list.Locator(".note"), "a note while all is well")
			// The one whose term ends last: of a frozen one a stop is not shown. It runs, whatever the example made of it.
			server, err := b.Locator("tbody tr").Last().Locator("button.ip").InnerText()
			if err != nil {
				t.Fatal(err)
			}
			state := func(word string) func() bool {
				return func() bool {
					words, err := b.Locator("tbody tr").Filter(playwright.LocatorFilterOptions{HasText: server}).InnerText()
					return err == nil && contains(words, word)
				}
			}
			w.Outside(server, map[string]any{"power": "ACTIVE"})
			b.Eventually("it runs", state(lang.running))

			renews := func() any {
				v, err := b.Evaluate(
					`async address => (await (await fetch("/servers.json")).json()).find(r => r.address === address)?.auto_renew ?? null`,
					server)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			b.Eventually("it is known whether the server renews", func() bool { return renews() != nil })
			before := renews().(bool)
			refresh := b.Locator("form[action='/instances/refresh'] button")

			w.StopSandbox()
			b.SeesIn(list, "Marina")
			b.must(refresh.Click())
			b.Sees(lang.kept)
			b.Open("/")
			b.SeesIn(b.Locator("#attention"), "Marina")
			b.Open("/servers")
			b.Remember()

			w.StartSandbox()
			w.Outside(server, map[string]any{"power": "SHUTOFF", "auto_renew": !before})
			b.Gone(list.Locator(".note"), "the note, once Huawei answers")
			b.Eventually("the change made meanwhile is shown", state(lang.stopped))
			if b.Reloaded() {
				t.Error("the page was loaded anew")
			}
			b.Eventually("what only a refresh reads is read", func() bool { return renews() == !before })
			b.must(refresh.Click())
			b.Sees(lang.asked)
			b.SeesNot(lang.kept)
		})
	}
}
