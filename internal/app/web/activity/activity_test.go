package activity_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"sampan/internal/app/audit"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/activity"
	"sampan/internal/app/web/webtest"
	"sampan/web/templates/text"
)

// TestEveryActionOfTheAuditHasASentence reads the source for every action that
// is ever written to the audit: none may be without words, in any language, and
// what pages leave out has to be written somewhere.
func TestEveryActionOfTheAuditHasASentence(t *testing.T) {
	actions := auditActions(t, "../../../app", "../../../db")
	for _, some := range []string{"order.confirm", "server.tag.add", "account.disable", "order.adopt", "person.sign-out",
		"database.restored"} {
		if !slices.Contains(actions, some) {
			t.Errorf("%s was not found: does the test still see the source?", some)
		}
	}
	english := text.New(text.English, nil)
	for _, a := range actions {
		if !english.Has("overview.did." + a) {
			t.Errorf("overview.did.%s: an action that is written to the audit has no sentence", a)
		}
	}
	for _, a := range activity.Untold {
		if !slices.Contains(actions, a) {
			t.Errorf("%s is not told, and nothing writes it", a)
		}
	}
}

// auditActions gives the actions that the packages under these directories
// write: what stands as the action of audit.By, audit.Entry and person.Note. One
// that a function gets as a parameter or keeps in a variable is looked for where
// that is set, in the same package.
func auditActions(t *testing.T, roots ...string) []string {
	t.Helper()
	found := make(map[string]bool)
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			s := source{t: t, files: token.NewFileSet(), found: found}
			names, err := filepath.Glob(filepath.Join(path, "*.go"))
			for _, name := range names {
				if strings.HasSuffix(name, "_test.go") {
					continue
				}
				f, err := parser.ParseFile(s.files, name, nil, parser.SkipObjectResolution)
				if err != nil {
					return err
				}
				for _, d := range f.Decls {
					if f, ok := d.(*ast.FuncDecl); ok {
						s.funcs = append(s.funcs, f)
					}
				}
			}
			for _, f := range s.funcs {
				s.read(f)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// source is one package that is looked through.
type source struct {
	t     *testing.T
	files *token.FileSet
	funcs []*ast.FuncDecl
	found map[string]bool
}

func (s source) read(f *ast.FuncDecl) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if called(n) == "audit.By" {
				s.action(f, n.Args[1])
			}
		case *ast.CompositeLit:
			if k := pathOf(n.Type); k != "Note" && k != "person.Note" && k != "audit.Entry" {
				break
			}
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && pathOf(kv.Key) == "Action" {
					s.action(f, kv.Value)
				}
			}
		}
		return true
	})
}

// action notes what an expression of f may be.
func (s source) action(f *ast.FuncDecl, e ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		a, err := strconv.Unquote(e.Value)
		if err != nil {
			s.t.Fatal(err)
		}
		s.found[a] = true
		return
	case *ast.SelectorExpr:
		if pathOf(e) == "n.Action" { // db: a person.Note becomes an entry
			return
		}
	case *ast.Ident:
		if s.passed(f, e.Name) || s.assigned(f, e.Name) {
			return
		}
	}
	s.t.Errorf("%s: cannot tell which actions are written here", s.files.Position(e.Pos()))
}

// passed follows a parameter of f to the calls of f.
func (s source) passed(f *ast.FuncDecl, name string) bool {
	at, n := -1, 0
	for _, field := range f.Type.Params.List {
		for _, p := range field.Names {
			if p.Name == name {
				at = n
			}
			n++
		}
	}
	if at < 0 {
		return false
	}
	for _, caller := range s.funcs {
		ast.Inspect(caller, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && len(c.Args) > at && strings.HasSuffix("."+called(c), "."+f.Name.Name) {
				s.action(caller, c.Args[at])
			}
			return true
		})
	}
	return true
}

// assigned follows a variable of f to what it is set to.
func (s source) assigned(f *ast.FuncDecl, name string) (some bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, l := range a.Lhs {
			if pathOf(l) == name {
				s.action(f, a.Rhs[i])
				some = true
			}
		}
		return true
	})
	return some
}

func called(c *ast.CallExpr) string { return pathOf(c.Fun) }

// pathOf writes x, or x.Y; anything else is "".
func pathOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return pathOf(e.X) + "." + e.Sel.Name
	}
	return ""
}

// told lists what the overview says was done, each with where its link leads.
func told(doc *goquery.Document) []string {
	var all []string
	doc.Find("#feed li").Each(func(_ int, li *goquery.Selection) {
		href, _ := li.Find("a").Attr("href")
		li.Find("a, time").Remove()
		all = append(all, strings.Join(strings.Fields(li.Text()), " ")+" → "+href)
	})
	return all
}

func TestWhatWasDoneToServersViewsAndLabels(t *testing.T) {
	c := webtest.Open(t)
	known := func(account, name string) instance.ServerRecord {
		return instance.ServerRecord{AccountID: account,
			Server: instance.Server{ID: "s-" + name, InstanceID: "i-" + name, Name: name, Status: "ACTIVE"}}
	}
	c.Instances.Servers = []instance.ServerRecord{known("a1", "shop-1"), known("a9", "else")}
	on := func(server string, params map[string]string) audit.Entry {
		return audit.Entry{AccountID: "a1", Targets: []string{"s-" + server, "i-" + server}, Params: params, Outcome: "ok"}
	}
	c.Activity.Rows = []audit.Row{
		webtest.Did(1, "Kerem", "server.edit", on("shop-1", map[string]string{"server": "shop-0", "name": "shop-1", "description": ""})),
		webtest.Did(2, "Kerem", "server.tag.add", on("shop-1", map[string]string{"tag": "env=prod"})),
		webtest.Did(3, "Kerem", "server.tag.remove", on("gone", map[string]string{"tag": "env"})),
		webtest.Did(4, "Kerem", "server.screen", on("else", nil)), // another account's by now
		webtest.Did(5, "Mei", "label.set", audit.Entry{Targets: []string{"s-shop-1"},
			Params: map[string]string{"add": "prod, eu", "remove": "old", "count": "3"}, Outcome: "ok"}),
		webtest.Did(6, "Mei", "view.save",
			audit.Entry{Targets: []string{"Due <b>soon</b>"}, Params: map[string]string{"shared": "true"}, Outcome: "ok"}),
		webtest.Did(7, "Mei", "view.delete", audit.Entry{Targets: []string{"Due"}, Outcome: "ok"}),
		webtest.Did(8, "Mei", "person.sign-in", audit.Entry{Outcome: "denied"}),
	}
	want := []string{
		"Kerem changed shop-0: Name to “shop-1” and Description to “–” → /servers/s-shop-1",
		"Kerem set the tag env=prod on shop-1 → /servers/s-shop-1",
		"Kerem removed the tag env from a server that is gone →",
		"Kerem opened the screen of a server that is gone →",
		"Mei changed the labels of 3 servers or instances: added prod, eu and removed old →",
		"Mei saved the view Due <b>soon</b> →",
		"Mei deleted the view Due →",
	}
	got := told(c.Get("/").Want(200).Page())
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
