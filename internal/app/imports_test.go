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
	helpers := []string{"sampan/internal/db/dbtest", "sampan/internal/cloud/cloudtest", "sampan/internal/cloud/cloudsim/simtest", "sampan/internal/app/web/webtest"}
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
