package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// source is a file of Go.
type source struct {
	name    string // from the root of the tree, with slashes
	test    bool
	product bool // of the console, not of what tries or looks at it
	lines   []string
	tree    *ast.File
	set     *token.FileSet
}

// pkg is the directory of a file.
func (s source) pkg() string { return path.Dir(s.name) }

// line is the line of a place in the file.
func (s source) line(p token.Pos) int { return s.set.Position(p).Line }

// product are the directories of the console, tools those of what tries it and looks at it.
var product, tools = []string{"cmd", "internal", "web"}, []string{"e2e", "scripts"}

// read gives the hand-written Go, directory by directory.
func read(tree string) ([]source, error) {
	var all []source
	for _, room := range slices.Concat(product, tools) {
		err := filepath.WalkDir(filepath.Join(tree, room), func(file string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata"):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_templ.go"):
				return nil
			}
			b, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(tree, file)
			if err != nil {
				return err
			}
			s, err := parse(filepath.ToSlash(name), string(b))
			s.product = slices.Contains(product, room)
			all = append(all, s)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// parse reads one file.
func parse(name, text string) (source, error) {
	s := source{name: name, test: strings.HasSuffix(name, "_test.go"), set: token.NewFileSet()}
	s.lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var err error
	s.tree, err = parser.ParseFile(s.set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return s, err
}

// length is how long something is, and where.
type length struct {
	lines       int
	name, where string
}

// functions are the functions and methods of a file.
func (s source) functions() []length {
	var all []length
	for _, d := range s.tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		name := f.Name.Name
		if r := receiver(f); r != "" {
			name = r + "." + name
		}
		all = append(all, length{lines: s.line(f.End()) - s.line(f.Pos()) + 1, name: name, where: s.name})
	}
	return all
}

// receiver is the type that a method is of, "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// helpsTests reports whether the package of a file that is no test only helps tests.
func (s source) helpsTests() bool {
	if strings.HasSuffix(s.tree.Name.Name, "test") {
		return true
	}
	for _, i := range s.tree.Imports {
		if i.Path.Value == `"testing"` {
			return true
		}
	}
	return false
}
