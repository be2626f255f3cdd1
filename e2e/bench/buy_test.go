//go:build bench

package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// choice is one complete purchase as the wizard's forms send it, step by step.
func choice(name, payment string) map[string]url.Values {
	return map[string]url.Values{
		"image":  {"image": {"wordpress"}},
		"size":   {"size": {"2-4"}},
		"region": {"region": {"ap-southeast-3"}},
		"options": {"name": {name}, "quantity": {"1"}, "period": {"month-1"}, "payment": {payment}, "cap": {"9999"}, "cap_currency": {"USD"},
			"tag_key_1": {""}, "tag_value_1": {""}},
	}
}

// review walks a purchase up to the review and gives its draft's address and
// the form of its one button.
func (b *browser) review(name, payment string) (string, url.Values) {
	b.t.Helper()
	steps := choice(name, payment)
	at, _ := b.post("/buy", steps["image"])
	draft := strings.TrimSuffix(at, "/size")
	if draft == at {
		b.t.Fatalf("after the image the wizard went to %q", at)
	}
	b.post(draft+"/size", steps["size"])
	b.post(draft+"/region", steps["region"])
	at, _ = b.post(draft+"/options", steps["options"])
	page := b.get(at).document(b.t)
	form := url.Values{}
	for _, field := range []string{"id", "hash"} {
		v, ok := page.Find(`form[action="/orders"] input[name="` + field + `"]`).Attr("value")
		if !ok {
			b.t.Fatalf("the review at %s has no %s: %s", at, field, problem(b.get(at).body))
		}
		form.Set(field, v)
	}
	return draft, form
}

// place presses the review's button: the answer comes when the order is on disk.
func (b *browser) place(form url.Values) (string, answer) {
	b.t.Helper()
	to, a := b.post("/orders", form)
	if !strings.HasPrefix(to, "/orders/") {
		b.t.Fatalf("the order went to %q", to)
	}
	return to, a
}

// step changes a wizard's step as a click on Continue does: the form goes out
// and the next step's part comes back.
func (b *browser) step(draft, step string) answer {
	b.t.Helper()
	form := choice("bench-step", "exact")[step]
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.w.url(draft+"/"+step), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("HX-Request", "true")
	req.Header.Set("HX-Current-URL", b.w.url(draft+"/"+step))
	a, err := b.send(req)
	if err != nil {
		b.t.Fatal(err)
	}
	if a.status != http.StatusOK || a.header.Get("HX-Push-Url") == "" {
		b.t.Fatalf("step %s: status %d, new address %q: %s", step, a.status, a.header.Get("HX-Push-Url"), problem(a.body))
	}
	return a
}

// buyMany places n orders that pay themselves, gives how long each took to be on
// disk, and waits until all are delivered.
func (b *browser) buyMany(n int) series {
	b.t.Helper()
	forms := make([]url.Values, n)
	for i := range forms {
		_, forms[i] = b.review(fmt.Sprintf("bench-%d", i), "atmost")
	}
	took := make(series, n)
	for i, form := range forms {
		_, a := b.place(form)
		took[i] = a.took
	}
	for deadline := time.Now().Add(2 * time.Minute); b.get("/orders?state=in+progress").document(b.t).Find("table tbody tr").Length() > 0; {
		if time.Now().After(deadline) {
			b.t.Fatalf("not all orders were delivered: %s", problem(b.get("/orders?state=in+progress").body))
		}
		time.Sleep(300 * time.Millisecond) // polls a condition; nothing is measured meanwhile
	}
	return took
}
