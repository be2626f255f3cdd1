//go:build e2e

package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"
)

// TestTheCloudGoesAndComesBack: a page says so while Huawei does not answer, a
// refresh that is asked for meanwhile is kept, and everything is there by itself
// when it answers again.
func TestTheCloudGoesAndComesBack(t *testing.T) {
	t.Parallel()
	for _, lang := range []struct{ code, name, stopped string }{{"en", "", "Stopped"}, {"zh-Hans", "简体中文", "已停止"}} {
		t.Run(lang.code, func(t *testing.T) {
			w, b := started(t, towards())
			key := w.NewAccount("Marina", 3)
			b.WithKey("Marina", key.KeyID, key.KeySecret)
			b.CheckThis()
			b.Heading("Marina answers")
			b.Follow("Open the console")
			if lang.name != "" {
				b.speak(lang.code, lang.name)
			}
			b.Open("/servers")
			b.SeesIn(b.Locator("#n-range"), "3")
			list := b.Locator("#sources")
			b.Gone(list.Locator(".note"), "a note while all is well")
			row := b.Locator("tbody tr").First()
			server, err := row.Locator("button.ip").InnerText()
			if err != nil {
				t.Fatal(err)
			}

			w.StopSandbox()
			if err := b.Locator("form[action='/instances/refresh'] button").Click(); err != nil {
				t.Fatal(err)
			}
			b.SeesIn(list, "Marina")
			b.Open("/")
			b.SeesIn(b.Locator("#attention"), "Marina")
			b.Open("/servers")
			b.Remember()

			w.StartSandbox()
			w.Outside(server, map[string]any{"power": "SHUTOFF"})
			b.Gone(list.Locator(".note"), "the note, once Huawei answers")
			b.Eventually("the change made meanwhile is shown", func() bool {
				words, err := b.Locator("tbody tr").Filter(playwright.LocatorFilterOptions{HasText: server}).InnerText()
				return err == nil && contains(words, lang.stopped)
			})
			if b.Reloaded() {
				t.Error("the page was loaded anew")
			}
		})
	}
}
