package detail_test

import (
	"net/http"
	"strings"
	"testing"

	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
)

// TestAnswersAsTheyCame shows what sources answered: laid out, cut, without secrets.
func TestAnswersAsTheyCame(t *testing.T) {
	tests := []struct {
		name, body  string
		says, hides string
	}{
		{"an object", `{"id":"x","n":12345678901234567890,"a":"<b>&"}`, "\"id\": \"x\",", "e+19"},
		{"no JSON", "Service Unavailable\nplease wait", "Service Unavailable\nplease wait", ""},
		{"signs that turn the text", "{\"a\":\"\u202eabc\"}", `U+202E`, "\u202e"},
		{"what may be a password", `{"adminPass":"hunter2","name":"n"}`, `"name": "n"`, "hunter2"},
		{"longer than a page takes", `"` + strings.Repeat("x", 200<<10) + `end"`, "x\n…", "end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := oneServer(t, func(m *fakeServer) { m.detail.Raw[0].Body = []byte(tt.body) })
			for _, path := range []string{serverURL + "/raw", "/instances/" + instanceID + "/raw"} {
				got := c.Get(path).Want(http.StatusOK).Page().Find("pre").Text()
				if !strings.Contains(got, tt.says) || tt.hides != "" && strings.Contains(got, tt.hides) {
					t.Errorf("%s: shows %.200q", path, got)
				}
			}
		})
	}
}

func TestWhereRawAnswersStand(t *testing.T) {
	for path, name := range map[string]string{serverURL: "lotus-shop-01", "/instances/" + instanceID: "WordPress-ap-southeast-3-X6p4"} {
		c, m := oneServer(t)
		m.detail.Raw = append(m.detail.Raw, instance.Raw{Source: instance.FromConfig, ID: instanceID, At: webtest.Now, Body: []byte("{}")})
		doc := c.Get(path + "/raw").Want(http.StatusOK).Page()
		webtest.Says(t, doc, "h1", "Huawei’s answers about "+name)
		if n := doc.Find("main a[href='" + path + "']").Length(); n != 1 {
			t.Errorf("%d links lead back to %s", n, path)
		}
		webtest.Says(t, doc, "main", "Servers, read 23 Nov, 09:21")
		webtest.Says(t, doc, "main", "List of instances, read 23 Nov, 09:21")
		if n := doc.Find("pre").Length(); n != 2 {
			t.Errorf("%d answers", n)
		}
		asHTMX(c)
		doc = c.Get(path + "/raw").Want(http.StatusOK).Page()
		if doc.Find("pre").Length() != 2 || doc.Find("h1").Length() > 0 {
			t.Errorf("%s: the fold does not get the answers alone", path)
		}
		m.detail.Raw = nil
		webtest.Says(t, c.Get(path+"/raw").Want(http.StatusOK).Page(), "body", webtest.Word("server.raw.none"))
	}
}
