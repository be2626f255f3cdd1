package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCleanReplacesWhatIsRandomAndNothingElse(t *testing.T) {
	const order = "01a207af-03c0-7013-b49a-8489540b917c"
	s := &saver{
		seed: &seed{
			world: &world{console: "http://127.0.0.1:41001", sandbox: "http://127.0.0.1:41002"},
			names: map[string]string{order: "order-unpaid"},
		},
	}
	for text, want := range map[string]string{
		`<a href="/orders/` + order + `">`:                             `<a href="/orders/{order-unpaid}">`,
		"/accounts/01a207af-03c0-7002-80a1-4b9485084b78":               "/accounts/{id}",
		"Client-Request-Id: 7999fff1-f5eb-4f91-a17b-77767c88625d":      "Client-Request-Id: {random}",
		"/servers/6fb9700f-afc4-dc31-bbb9-e669d3d795d9":                "/servers/6fb9700f-afc4-dc31-bbb9-e669d3d795d9", // the Sandbox's
		`"x_request_id": "fefdfcfb0102030405060708090a0b0c"`:           `"x_request_id": "{request}"`,
		`/static/css/app.0123abcd.css`:                                 `/static/css/app.css`,
		`"took_ms": 14, "http_status": 200`:                            `"took_ms": 0, "http_status": 200`,
		`<td>14ms</td><td>14 ms</td>`:                                  `<td>{took}</td><td>14 ms</td>`,
		"2026-11-23T09:14:02.499762Z":                                  "2026-11-23T09:14:02Z",
		`/servers/rows?page=3r8q&amp;v=23`:                             `/servers/rows?page=3r8q&amp;v=0`,
		"http://127.0.0.1:41002/v2 is asked by http://localhost:41001": "http://{sandbox}/v2 is asked by http://{console}",
	} {
		if got := s.clean(text); got != want {
			t.Errorf("clean(%s): got %s, want %s", text, got, want)
		}
	}
}

func TestAFileIsNamedByItsAddress(t *testing.T) {
	s := &saver{
		seed: &seed{world: &world{console: "http://127.0.0.1:41001", sandbox: "http://127.0.0.1:41002"}, names: map[string]string{}},
	}
	for path, want := range map[string]string{
		"/": "_.txt", "/servers": "servers.txt", "/servers/rows?v=7": "servers_rows__v=0.txt",
		"/servers?q=state%3Astopped+web&sort=-name": "servers__q=state~stopped~web,sort=-name.txt",
	} {
		if got := s.file(path); got != want {
			t.Errorf("file(%s): got %s, want %s", path, got, want)
		}
	}
	one, two := s.file("/servers?q="+strings.Repeat("a", 200)), s.file("/servers?q="+strings.Repeat("a", 201))
	if one == two || len(one) > 140 {
		t.Errorf("long addresses have the names %s and %s", one, two)
	}
}

func TestCompareShowsEachDifference(t *testing.T) {
	old, new := t.TempDir(), t.TempDir()
	for _, f := range []struct{ dir, name, text string }{
		{old, "same", "<p>a</p>"}, {new, "same", "<p>a</p>"},
		{old, "changed", "<p>one</p><p>two</p>"}, {new, "changed", "<p>one</p><p>three</p>"},
		{old, "gone", "x"}, {new, "come", "x"},
	} {
		if err := os.WriteFile(filepath.Join(f.dir, f.name), []byte(f.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	n, err := compareAll(&out, old, new)
	if err != nil || n != 3 {
		t.Errorf("got %d differences and %v, want 3", n, err)
	}
	changed := "\n <p>one</p>\n-<p>two</p>\n+<p>three</p>\n"
	for _, want := range []string{"only in " + old + ": gone\n", "only in " + new + ": come\n", changed, "3 of 4 files differ.\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
}
