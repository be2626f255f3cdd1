package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sampan/web/templates/text"
)

// A call asks for a message with values, somewhere in the program.
type call struct {
	at    string
	id    string   // as it is written; "" when it is put together or chosen at run time
	begin string   // of an id that is put together: what it begins with,
	end   string   // and ends with
	names []string // of the values that are given
	any   bool     // the values are handed on: their names are not seen here
	none  bool     // nil is given for the values of whatever message it is
}

// callers reads every call that asks for a message, and by package the ids that
// stand alone, in a table or as an argument: those that some call of the package
// chooses from. An id that is only compared with is asked for elsewhere.
type callers struct {
	calls  []call
	alone  map[string]map[string]string // package → id → where
	beside map[string][]string          // where → names of values in the same line of a table
	later  map[string][]string          // package → names put into the values of a message afterwards
}

func readCallers(t *testing.T, en map[string]map[string]string) callers {
	t.Helper()
	all := callers{alone: make(map[string]map[string]string), beside: make(map[string][]string), later: make(map[string][]string)}
	files := token.NewFileSet()
	for _, dir := range []string{"web/templates", "internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			all.read(files, file, filepath.Dir(path), en)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func (all *callers) read(files *token.FileSet, file *ast.File, pkg string, en map[string]map[string]string) {
	place := func(n ast.Node) string {
		p := files.Position(n.Pos())
		return short(p.Filename) + ":" + strconv.Itoa(p.Line)
	}
	direct := make(map[ast.Node]bool) // literals that do not stand alone
	if all.alone[pkg] == nil {
		all.alone[pkg] = make(map[string]string)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			args := asked(n)
			if len(args) == 0 {
				return true
			}
			c := call{at: place(n), any: n.Ellipsis.IsValid()}
			direct[args[0]] = true
			c.id, c.begin, c.end = idOf(args[0])
			c.names, c.any = namesOf(n, args[1:], c.any)
			c.none = len(args) == 2 && isNil(args[1])
			all.calls = append(all.calls, c)
		case *ast.IndexExpr:
			if s, ok := n.X.(*ast.SelectorExpr); ok && s.Sel.Name == "Values" {
				if name, ok := literalOf(n.Index); ok {
					all.later[pkg] = append(all.later[pkg], name)
				}
			}
		case *ast.BasicLit:
			if id, ok := literalOf(n); ok && !direct[n] && en[id] != nil && strings.Contains(id, ".") {
				all.alone[pkg][id] = place(n)
			}
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				direct[n.X], direct[n.Y] = true, true
			}
		case *ast.CaseClause:
			for _, e := range n.List {
				direct[e] = true
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if name, ok := literalOf(e); ok && !strings.Contains(name, ".") {
					all.beside[place(e)] = append(all.beside[place(e)], name)
				}
			}
		}
		return true
	})
}

// asked gives the arguments of a call that asks for a message, from the id on. A
// function named say takes something else before it.
func asked(n *ast.CallExpr) []ast.Expr {
	if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "say" {
		for i, a := range n.Args {
			if id, ok := literalOf(a); ok && strings.Contains(id, ".") {
				return n.Args[i:]
			}
		}
	}
	s, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	x, _ := s.X.(*ast.Ident)
	of := ""
	if x != nil {
		of = x.Name
	}
	switch {
	case of == "rand":
		return nil
	case (of == "fault" && s.Sel.Name == "New" || of == "text" && (s.Sel.Name == "T" || s.Sel.Name == "N")) && len(n.Args) > 1:
		return n.Args[1:]
	case (s.Sel.Name == "T" || s.Sel.Name == "N" || s.Sel.Name == "Say") && len(n.Args) > 0:
		return n.Args
	}
	return nil
}

// idOf gives the id of a call, or what is known of one that is put together.
func idOf(e ast.Expr) (id, begin, end string) {
	if s, ok := literalOf(e); ok {
		return s, "", ""
	}
	sum, ok := e.(*ast.BinaryExpr)
	if !ok {
		return "", "", ""
	}
	end, _ = literalOf(sum.Y)
	for left := sum.X; ; {
		if s, ok := literalOf(left); ok {
			return "", s, end
		}
		inner, ok := left.(*ast.BinaryExpr)
		if !ok {
			return "", "", end
		}
		left = inner.X
	}
}

// namesOf gives the names of the values of a call: every second argument, after
// the count of N.
func namesOf(n *ast.CallExpr, args []ast.Expr, open bool) ([]string, bool) {
	var names []string
	method := ""
	if s, ok := n.Fun.(*ast.SelectorExpr); ok {
		method = s.Sel.Name
	}
	if method == "N" && len(args) > 0 {
		names, args = append(names, "N"), args[1:]
	} else if method == "Say" && len(args) == 1 { // a map of values
		return names, !isNil(args[0])
	}
	for i := 0; i < len(args); i += 2 {
		name, ok := literalOf(args[i])
		if !ok {
			return names, true
		}
		names = append(names, name)
	}
	return names, open
}

func isNil(e ast.Expr) bool {
	x, ok := e.(*ast.Ident)
	return ok && x.Name == "nil"
}

func literalOf(e ast.Node) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// needed are the values that a sentence cannot do without, in any language.
func needed(forms ...map[string]string) []string {
	seen := make(map[string]bool)
	for _, all := range forms {
		for _, s := range all {
			for _, m := range place.FindAllStringSubmatch(optional.ReplaceAllString(s, ""), -1) {
				seen[m[1]] = true
			}
		}
	}
	return sorted(seen)
}

var (
	place    = regexp.MustCompile(`{{\.(\w+)}}`)
	optional = regexp.MustCompile(`{{if \.\w+}}(?:[^{]|{{\.\w+}})*{{end}}`)
)

func missingOf(need, given []string) []string {
	return slices.DeleteFunc(slices.Clone(need), func(name string) bool { return slices.Contains(given, name) })
}

// No sentence has an unfilled place: every call gives the values that the
// message, in each language, cannot do without.
func TestCallersFillEveryPlace(t *testing.T) {
	en, zh := catalogueOf(t, "en"), catalogueOf(t, "zh-Hans")
	all := readCallers(t, en)
	if len(all.calls) < 1000 {
		t.Fatalf("only %d calls were found: does the test still see the program?", len(all.calls))
	}
	named := make(map[string]bool)
	for _, c := range all.calls {
		named[c.id] = true
	}
	for _, c := range all.calls {
		if c.none && c.id == "" {
			t.Errorf("%s: a message that is not known here is worded without its values", c.at)
		}
		for _, id := range c.candidates(en, named) {
			given := append(slices.Clone(c.names), all.later[filepath.Join(root, filepath.Dir(c.at))]...)
			if gone := missingOf(needed(en[id], zh[id]), given); !c.any && len(gone) > 0 {
				t.Errorf("%s: %q is asked for without %s", c.at, id, strings.Join(gone, ", "))
			}
		}
	}
	for pkg, ids := range all.alone {
		for _, id := range sorted(ids) {
			if need := needed(en[id], zh[id]); !all.filled(pkg, missingOf(need, all.beside[ids[id]])) {
				t.Errorf("%s: %q needs %s, and no call of the package gives them", ids[id], id, strings.Join(need, ", "))
			}
		}
	}
}

// candidates are the messages that a call certainly asks for: the one it names,
// or all that begin and end as it says, with one word between, and that no call
// names.
func (c call) candidates(en map[string]map[string]string, named map[string]bool) []string {
	if c.id != "" || c.begin == "" {
		return slices.DeleteFunc([]string{c.id}, func(id string) bool { return en[id] == nil })
	}
	var out []string
	for id := range en {
		if named[id] {
			continue // by another call, which gives its values
		}
		middle, ok := strings.CutPrefix(id, c.begin)
		if middle, fits := strings.CutSuffix(middle, c.end); ok && fits && middle != "" && !strings.Contains(middle, ".") {
			out = append(out, id)
		}
	}
	return out
}

// filled reports whether one call of the package that chooses its message gives
// the values, with those that are put in afterwards. One that hands values on, of
// whatever message, gives none that are seen here.
func (all *callers) filled(pkg string, need []string) bool {
	if len(need) == 0 {
		return true
	}
	for _, c := range all.calls {
		if filepath.Join(root, filepath.Dir(c.at)) != filepath.Clean(pkg) || c.id != "" {
			continue
		}
		if len(missingOf(need, append(slices.Clone(c.names), all.later[pkg]...))) == 0 {
			return true
		}
	}
	return false
}

// Every message, with the values that its callers give, in every language.
func TestEveryMessageIsWordedWhole(t *testing.T) {
	en := catalogueOf(t, "en")
	all := readCallers(t, en)
	values := make(map[string]string)
	for _, c := range all.calls {
		for _, name := range c.names {
			values[name] = "7"
		}
	}
	for _, names := range all.later {
		for _, name := range names {
			values[name] = "7"
		}
	}
	text.EnablePseudo()
	t.Cleanup(text.DisablePseudo)
	for _, lang := range []string{text.English, text.Chinese, text.Pseudo} {
		p := printer(lang)
		for _, id := range sorted(en) {
			if s := p.Say(id, values); hollow(s) {
				t.Errorf("%s, %q: %q", lang, id, s)
			}
		}
	}
}

func hollow(s string) bool {
	return strings.ContainsAny(s, "⟦⟧") || strings.Contains(s, "{{") || strings.TrimSpace(s) == ""
}

// What a look at the cloud ended with is kept. An earlier version kept it
// without its values: these sentences say less then, and show no hole.
func TestKeptFailuresStandWithoutTheirValues(t *testing.T) {
	for _, lang := range []string{text.English, text.Chinese} {
		for _, id := range []string{"cloud.permission", "cloud.clock", "cloud.clock.refused", "cloud.region.inactive",
			"cloud.endpoint.none", "cloud.refused", "cloud.invalid"} {
			if s := printer(lang).Say(id, nil); hollow(s) {
				t.Errorf("%s, %q: %q", lang, id, s)
			}
		}
	}
}
