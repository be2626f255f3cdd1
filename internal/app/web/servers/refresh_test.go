package servers_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
)

func TestRefreshAsksForTheScope(t *testing.T) {
	c := webtest.Open(t)
	c.Accounts.All = append(c.Accounts.All, account.Account{ID: "s1", Site: account.SandboxSite, Label: "Sandbox"})
	c.Header.Set("Referer", "http://localhost:8080/instances?q=shop")
	c.Post("/instances/refresh").Want(http.StatusSeeOther, "/instances?q=shop")
	if got := strings.Join(c.Instances.GivenAsked, ","); got != "a1" {
		t.Errorf("refreshed %s, want a1 only", got)
	}
}

// TestRefreshSaysWhichOfTheTwoItIs: that it is being read, or that it waits until
// Huawei answers.
func TestRefreshSaysWhichOfTheTwoItIs(t *testing.T) {
	for _, tt := range []struct{ trouble, lang, want string }{
		{"", "en", "Asked Huawei for newer data"},
		{"cloud.read.silent", "en", "Your request is kept. Huawei does not answer for Shop now"},
		{"cloud.throttled", "en", "Huawei asks us to slow down for Shop"},
		{"cloud.read.silent", "zh-Hans", "您的请求已保留。华为云目前没有响应（Shop）"},
	} {
		c := webtest.Open(t)
		c.Accounts.All[0].Label = "Shop"
		c.Header.Set("Accept-Language", tt.lang)
		if tt.trouble != "" {
			c.Instances.Open = map[string]instance.Asked{"a1": {At: webtest.Now, Waits: true, Trouble: tt.trouble}}
		}
		c.Header.Set("Referer", "http://localhost:8080/instances")
		c.Post("/instances/refresh").Want(http.StatusSeeOther, "/instances")
		webtest.Says(t, c.Get("/instances").Want(200).Page(), "body", tt.want)
	}
}
