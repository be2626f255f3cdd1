package testclock_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// machine lists the files that ask the machine's clock, and why: calendar time
// (expiry, orders, what pages show) comes from an injected Now in the program,
// and from the Sandbox, a fake clock or testclock in tests.
var machine = map[string]string{
	"internal/app/clock.go":                       "the calendar itself: the machine's clock and an offset",
	"internal/app/live/live_test.go":              "deadlines of connections, how long something takes",
	"internal/app/live/run.go":                    "pace of events, deadlines of connections",
	"internal/app/live/stream.go":                 "the Date header, deadlines of connections",
	"internal/app/order/bench_test.go":            "how long something takes",
	"internal/app/order/follow.go":                "until when a call may wait for its turn",
	"internal/app/order/stop_test.go":             "when a purchase's turn comes",
	"internal/app/order/walk_test.go":             "when a purchase's turn comes",
	"internal/cloud/hcss/hcss_test.go":            "when a purchase's turn comes",
	"internal/cloud/payer_test.go":                "when a call's turn comes",
	"internal/cloud/signin_test.go":               "when a sign-in's turn comes",
	"internal/db/storage.go":                      "how long something takes",
	"internal/app/order/pay.go":                   "until when a call may wait for its turn",
	"internal/app/order/purchase_test.go":         "until when a call may wait for its turn",
	"internal/app/order/sandbox_test.go":          "how long something takes",
	"internal/app/order/send.go":                  "until when a call may wait for its turn",
	"internal/app/instance/refresh_bench_test.go": "how long something takes",
	"internal/app/person/service.go":              "sign-in, sessions and throttling: never moved (reliability.md §5, §8)",
	"internal/app/server/probe.go":                "pauses until a server has booted",
	"internal/app/web/webtest/persons.go":         "sessions: never moved",
	"internal/app/web/webtest/console.go":         "sessions: never moved",
	"internal/app/web/middleware.go":              "how long a request takes",
	"internal/app/web/visit/session.go":           "sessions: never moved",
	"internal/app/web/visit/visit_test.go":        "sessions: never moved",
	"internal/app/web/web.go":                     "what Options.Now is when nobody gives one",
	"internal/cloud/clock.go":                     "how far the cloud's clock is from the machine's, by its Date header",
	"internal/cloud/cloud.go":                     "deadlines of calls; the moment an offset is measured at; what Options.Now is when nobody gives one",
	"internal/cloud/cloud_test.go":                "the Date header; until when a call may wait for its turn",
	"internal/cloud/cloudsim/cloudsim.go":         "signature dates, the Date header, rates; the calendar is an offset from it",
	"internal/cloud/gate.go":                      "pace of calls",
	"internal/cloud/gate_internal_test.go":        "pace of calls, in a bubble with a clock of its own",
	"internal/db/db.go":                           "what Options.Now is when nobody gives one",
	"internal/testclock/testclock.go":             "the clock of tests itself",
	"web/templates/text/text.go":                  "what a Printer's clock is when nobody gives one",

	"internal/cloud/cloudsim/control_faults_test.go": "how long something takes",
	"internal/cloud/cloudsim/core_auth_test.go":      "signature dates",
}

func TestWhoeverAsksTheMachinesClockSaysWhy(t *testing.T) {
	root := filepath.Join("..", "..")
	asks := map[string]token.Position{}
	for _, dir := range []string{"cmd", "internal", "web"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
				if err == nil && d.Name() == "node_modules" {
					return fs.SkipDir
				}
				return err
			}
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			ast.Inspect(f, func(n ast.Node) bool {
				s, _ := n.(*ast.SelectorExpr)
				if s == nil {
					return true
				}
				switch x, _ := s.X.(*ast.Ident); {
				case x == nil:
				case x.Name == "time" && s.Sel.Name == "Now":
					asks[filepath.ToSlash(name)] = set.Position(n.Pos())
				case x.Name == "cloudsim" && s.Sel.Name == "Start" && f.Name.Name != "simtest":
					t.Errorf("%v starts a Sandbox on the machine's calendar: take simtest.Start", set.Position(n.Pos()))
				}
				return true
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(asks)) {
		if machine[name] == "" {
			t.Errorf("%v asks time.Now: take an injected Now, in tests the Sandbox's or testclock's. If it must be the machine's clock, add the file and why to this test", asks[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(machine)) {
		if _, ok := asks[name]; !ok {
			t.Errorf("%s does not ask time.Now any more: take it out of this test", name)
		}
	}
}
