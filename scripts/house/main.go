// Command house prints how the source is built: a mirror, not a rule. `make house` runs it.
//
//	go run ./scripts/house [-tree TREE] [-lines]
//
// What it counts, and how:
//
//   - Code is Go written by hand below cmd, internal and web: no tests, no generated files (_templ.go). Long lines and
//     imports under another name are looked for in tests, e2e and scripts too.
//   - A function's length is its lines from "func" to the closing brace, without its comment; functions inside another
//     belong to it. A file's length is all its lines.
//   - Tests of a package are the lines of its _test.go files, those of package X_test among them, and of the packages
//     below it that only help tests (they import "testing" or are named after tests).
//   - A line is long that has more than 140 characters, a tab counted as four. Exempt are rows of tables (one element of
//     a slice, array or map, or one in braces, alone on its line), lines that are long only by one string literal (without
//     it they are not), and the lines of a text that goes over several.
//   - A test spells a route when a string in it, joined with "+" or filled in by "%s" where need be, has the form of the
//     route's path.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func main() {
	tree := flag.String("tree", ".", "source tree to look at")
	each := flag.Bool("lines", false, "list the long lines one by one")
	flag.Parse()
	if err := mirror(os.Stdout, *tree, *each); err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(1)
	}
}

// mirror prints all of it.
func mirror(out io.Writer, tree string, each bool) error {
	all, err := read(tree)
	if err != nil {
		return err
	}
	rooms(out, all)
	if err := imports(out, tree); err != nil {
		return err
	}
	sizes(out, all)
	tests(out, all)
	uncommented(out, all)
	long(out, all, each)
	aliases(out, all)
	return routes(out, tree, all)
}

// heading begins a part.
func heading(out io.Writer, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(out, "\n%s\n%s\n", text, strings.Repeat("-", len([]rune(text))))
}

// rule is the test that holds who may import whom.
const rule = "TestWhoMayImportWhom"

// imports counts what the test of imports finds wrong.
func imports(out io.Writer, tree string) error {
	cmd := exec.Command("go", "test", "-count=1", "-run", "^"+rule+"$", "-v", "./internal/app")
	cmd.Dir = tree
	said, err := cmd.CombinedOutput()
	if !strings.Contains(string(said), "=== RUN   "+rule) {
		return fmt.Errorf("%s did not run: %w\n%s", rule, err, said)
	}
	heading(out, "Imports against the table: %d", strings.Count(string(said), " imports "))
	if err != nil {
		fmt.Fprintf(out, "%s", said)
	}
	return nil
}
