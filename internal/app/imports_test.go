package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestWhoMayImportWhom keeps the rooms apart: the core knows neither wire, nor
// SQL, nor pages; adapters never meet; the simulator shares nothing with them.
func TestWhoMayImportWhom(t *testing.T) {
	wires := []string{"net/http", "database/sql", "github.com/labstack/", "github.com/a-h/templ", "github.com/huaweicloud/",
		"modernc.org/", "sampan/internal/cloud", "sampan/internal/db", "sampan/internal/app/web", "sampan/web"}
	order := []string{"fault", "seal", "netaddr", "spelling", "live", "catalog", "person", "audit", "setting", "account", "job", "order",
		"instance", "server", "meter", "view"}
	seen := map[string]bool{}
	for _, p := range packages(t) {
		seen[p.ImportPath] = true
		for _, imp := range p.Imports {
			if why := forbidden(p.ImportPath, imp, wires, order); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, why)
			}
		}
	}
	for _, want := range []string{"sampan/internal/app/order", "sampan/internal/app/web", "sampan/internal/cloud/cloudsim",
		"sampan/internal/db"} {
		if !seen[want] {
			t.Errorf("%s was not looked at: does the test still see the tree?", want)
		}
	}
}

func forbidden(pkg, imp string, wires, terms []string) string {
	term, isTerm := strings.CutPrefix(pkg, "sampan/internal/app/")
	ours := strings.HasPrefix(imp, "sampan/")
	helpers := []string{"sampan/internal/db/dbtest", "sampan/internal/cloud/cloudtest", "sampan/internal/cloud/cloudsim/simtest",
		"sampan/internal/app/web/webtest"}
	switch {
	case slices.Contains(append(helpers, "sampan/internal/testclock"), imp) && !slices.Contains(helpers, pkg):
		return "only tests and what helps them have the clock of tests; the program is given its Now"
	case pkg == "sampan/internal/app" || strings.HasPrefix(pkg, "sampan/cmd/"):
		return ""
	case pkg == "sampan/internal/cloud/cloudtest": // in tests only: it puts adapters and simulator together
		return ""
	case pkg == "sampan/internal/cloud/cloudsim/simtest" && imp == "sampan/internal/testclock":
		return ""
	case isTerm && (term == "fault" || term == "live" || term == "seal" || term == "netaddr" || term == "spelling"):
		if ours {
			return "a package of the ground floor imports nothing of ours"
		}
	case isTerm && term != "web" && !strings.HasPrefix(term, "web/"):
		if hasPrefix(imp, wires) {
			return "a package of the field sees neither wire, nor SQL, nor pages"
		}
		other, ok := strings.CutPrefix(imp, "sampan/internal/app/")
		if ok && slices.Index(terms, other) > slices.Index(terms, term) {
			return "a package of the field imports earlier terms only: " + strings.Join(terms, " → ")
		}
		if ok && (slices.Index(terms, term) < 0 || slices.Index(terms, other) < 0) {
			return "a package of the field is missing in this test's order of terms"
		}
	case isTerm && strings.HasPrefix(imp, "sampan/internal/app/web/") &&
		betweenPages(strings.TrimPrefix(term, "web/"), strings.TrimPrefix(imp, "sampan/internal/app/web/")) != "":
		return betweenPages(strings.TrimPrefix(term, "web/"), strings.TrimPrefix(imp, "sampan/internal/app/web/"))
	case isTerm && imp == "sampan/internal/app/web" && term != "web/webtest":
		return "nothing under web imports what joins it"
	case isTerm:
		if hasPrefix(imp, []string{"sampan/internal/cloud", "sampan/internal/db", "database/sql", "github.com/huaweicloud/"}) {
			return "web knows use cases, not adapters"
		}
	case strings.HasPrefix(pkg, "sampan/web/templates"):
		if strings.HasPrefix(imp, "sampan/internal/") {
			return "templates show strings; they know no package of ours but their siblings"
		}
	case strings.HasPrefix(pkg, "sampan/internal/cloud/cloudsim"):
		if ours && !strings.HasPrefix(imp, "sampan/internal/cloud/cloudsim") {
			return "the simulator shares nothing with the console: both could be wrong together"
		}
	case strings.HasPrefix(pkg, "sampan/internal/cloud"):
		if hasPrefix(imp, []string{"sampan/internal/db", "sampan/internal/app/web"}) || strings.HasPrefix(imp, "sampan/internal/cloud/") {
			return "an adapter meets neither the database, nor pages, nor another adapter"
		}
	case pkg == "sampan/internal/db":
		if hasPrefix(imp, []string{"sampan/internal/cloud", "sampan/internal/app/web"}) {
			return "the database knows neither cloud nor pages"
		}
	}
	return ""
}

// betweenPages says why a package under web may not import another; "" when it may.
// Four are shared, the others are areas, which do not know each other.
func betweenPages(pkg, imp string) string {
	if pkg == "web" || pkg == "webtest" { // they join the areas
		return ""
	}
	shared := map[string][]string{"visit": {}, "wording": {}, "page": {"visit", "wording"}, "filter": {"visit", "wording"},
		"activity": {"visit", "wording"}}
	if of, is := shared[pkg]; is {
		if !slices.Contains(of, imp) {
			return "a shared package of pages imports no area, and of the shared ones at most visit and wording"
		}
		return ""
	}
	may := []string{"visit", "wording", "page", "filter"}
	switch pkg {
	case "setup":
		may = append(may, "accounts", "sandbox")
	case "overview", "detail":
		may = append(may, "activity")
	}
	if !slices.Contains(may, imp) {
		return "an area of pages imports no other area"
	}
	return ""
}

func hasPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return s == strings.TrimSuffix(p, "/") || strings.HasPrefix(s, strings.TrimSuffix(p, "/")+"/")
	})
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "sampan/...")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(out); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list: %v", err)
	}
	return all
}

// TestTheWallsBetweenPages holds the rule itself against examples.
func TestTheWallsBetweenPages(t *testing.T) {
	for _, tt := range []struct {
		pkg, imp string
		may      bool
	}{
		{"orders", "page", true}, {"servers", "filter", true}, {"setup", "accounts", true}, {"setup", "sandbox", true}, {"overview", "activity", true},
		{"detail", "activity", true}, {"page", "wording", true}, {"web", "orders", true}, {"webtest", "buy", true},
		{"orders", "buy", false}, {"detail", "traffic", false}, {"accounts", "setup", false}, {"orders", "activity", false}, {"visit", "wording", false},
		{"wording", "visit", false}, {"page", "filter", false}, {"filter", "page", false}, {"activity", "page", false}, {"orders", "webtest", false},
	} {
		if why := betweenPages(tt.pkg, tt.imp); (why == "") != tt.may {
			t.Errorf("web/%s imports web/%s: %q, want it to be allowed: %t", tt.pkg, tt.imp, why, tt.may)
		}
	}
}

// TestAnAreaIsCalledLikeItsTemplates: a page's handlers and its templates are found
// from one name.
func TestAnAreaIsCalledLikeItsTemplates(t *testing.T) {
	shared := []string{"visit", "page", "wording", "webtest"}
	seen := 0
	for _, p := range packages(t) {
		area, is := strings.CutPrefix(p.ImportPath, "sampan/internal/app/web/")
		if !is || slices.Contains(shared, area) {
			continue
		}
		seen++
		if !slices.Contains(p.Imports, "sampan/web/templates/"+area) {
			t.Errorf("%s does not show web/templates/%s", p.ImportPath, area)
		}
	}
	if seen < 14 {
		t.Errorf("%d areas: does the test still see the tree?", seen)
	}
}
