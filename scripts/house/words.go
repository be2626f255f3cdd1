package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// interfaceMethod is the kind of a method that an interface asks for.
const interfaceMethod = "method of an interface"

// bare is something exported without a comment of its own.
type bare struct{ kind, name string }

// bares are those of a file. A constant or variable in a group has the group's comment; a field of a struct needs none.
func (s source) bares() []bare {
	var all []bare
	note := func(kind, name string, exported bool, docs ...*ast.CommentGroup) {
		for _, d := range docs {
			exported = exported && d == nil
		}
		if exported {
			all = append(all, bare{kind, name})
		}
	}
	for _, d := range s.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			kind, name, of := "function", d.Name.Name, receiver(d)
			if of != "" {
				kind, name = "method", of+"."+name
			}
			note(kind, name, d.Name.IsExported() && (of == "" || ast.IsExported(of)), d.Doc)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					note("type", spec.Name.Name, spec.Name.IsExported(), d.Doc, spec.Doc, spec.Comment)
					if i, ok := spec.Type.(*ast.InterfaceType); ok && spec.Name.IsExported() {
						for _, m := range i.Methods.List {
							for _, n := range m.Names {
								note(interfaceMethod, spec.Name.Name+"."+n.Name, n.IsExported(), m.Doc, m.Comment)
							}
						}
					}
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						note(d.Tok.String(), n.Name, n.IsExported(), d.Doc, spec.Doc, spec.Comment)
					}
				}
			}
		}
	}
	return all
}

// uncommented prints what is exported without a comment. Methods of what stands in for
// a use case in tests are left out: the interface says what they do.
func uncommented(out io.Writer, all []source) {
	var others, order []string
	methods := map[string][]string{} // by interface
	count, helper := 0, helpers(all)
	for _, s := range all {
		if s.test || !s.product {
			continue
		}
		for _, b := range s.bares() {
			if b.kind == "method" && helper[s.pkg()] {
				continue
			}
			if b.kind != interfaceMethod {
				others = append(others, b.kind+" "+b.name+", "+s.name)
				continue
			}
			of, name, _ := strings.Cut(b.name, ".")
			if of += ", " + s.name; methods[of] == nil {
				order = append(order, of)
			}
			methods[of] = append(methods[of], name)
			count++
		}
	}
	heading(out, "Exported without a comment: %d", len(others))
	for _, o := range others {
		fmt.Fprintln(out, o)
	}
	heading(out, "Methods of exported interfaces without a comment of their own: %d", count)
	for _, of := range order {
		fmt.Fprintf(out, "%s: %s\n", of, strings.Join(methods[of], " "))
	}
}

// most is how many characters a line should have at most.
const most = 140

// width is how many characters a line has, a tab being four.
func width(line string) int { return len([]rune(strings.ReplaceAll(line, "\t", "    "))) }

// longLines are the numbers of the lines of a file that are too long and not exempt.
func (s source) longLines() []int {
	literal, row := map[int]int{}, map[int]bool{}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			first, last := s.line(n.Pos()), s.line(n.End())
			if n.Kind == token.STRING && first == last {
				literal[first] = max(literal[first], width(n.Value))
			}
			for at := first; first < last && at <= last; at++ { // text over several lines
				row[at] = true
			}
		case *ast.CompositeLit:
			for i := range n.Elts {
				if at := s.line(n.Elts[i].Pos()); s.isRow(n, i) {
					row[at] = true
				}
			}
		}
		return true
	})
	var all []int
	for i, l := range s.lines {
		if w := width(l); w > most && !row[i+1] && w-literal[i+1] > most {
			all = append(all, i+1)
		}
	}
	return all
}

// isRow reports whether an element of a literal is a row of a table: an element of an array, a slice or a map, or one in
// braces of its own, that has its line for itself. Fields of a struct are none.
func (s source) isRow(table *ast.CompositeLit, i int) bool {
	e := table.Elts[i]
	at := s.line(e.Pos())
	if at != s.line(e.End()) || at == s.line(table.Lbrace) || i > 0 && s.line(table.Elts[i-1].End()) == at ||
		i+1 < len(table.Elts) && s.line(table.Elts[i+1].Pos()) == at {
		return false
	}
	switch table.Type.(type) {
	case *ast.ArrayType, *ast.MapType:
		return true
	}
	_, braces := e.(*ast.CompositeLit)
	return braces
}

// long prints how many lines are too long, by package, or with each each of them.
func long(out io.Writer, all []source, each bool) {
	total := 0
	by, lines := map[string]int{}, []string{}
	for _, s := range all {
		for _, n := range s.longLines() {
			total++
			by[s.pkg()]++
			lines = append(lines, fmt.Sprintf("%s:%d: %d", s.name, n, width(s.lines[n-1])))
		}
	}
	heading(out, "Lines of more than %d characters: %d (make house LINES=1 lists them)", most, total)
	if each {
		fmt.Fprintln(out, strings.Join(lines, "\n"))
		return
	}
	for _, p := range slices.Sorted(maps.Keys(by)) {
		fmt.Fprintf(out, "%6d  %s\n", by[p], p)
	}
}

// aliases prints the imports of our own packages under another name.
func aliases(out io.Writer, all []source) {
	var found []string
	for _, s := range all {
		for _, i := range s.tree.Imports {
			if of, _ := strconv.Unquote(i.Path.Value); i.Name != nil && i.Name.Name != "_" && strings.HasPrefix(of, "sampan/") {
				found = append(found, fmt.Sprintf("%s: %s %s", s.name, i.Name.Name, of))
			}
		}
	}
	heading(out, "Imports of our own packages under another name: %d", len(found))
	for _, f := range found {
		fmt.Fprintln(out, f)
	}
}

// routeLine is a line of the table of routes: a method and a path.
var routeLine = regexp.MustCompile(`\b(get|post)\b[^"\n]*"(/[^"\n]*)"`)

// routes prints the addresses that no test of the pages spells.
func routes(out io.Writer, tree string, all []source) error {
	b, err := os.ReadFile(filepath.Join(tree, web, "routes.go"))
	if err != nil {
		return err
	}
	var tests []source
	for _, s := range all {
		if s.test && strings.HasPrefix(s.pkg()+"/", web+"/") {
			tests = append(tests, s)
		}
	}
	spelt := addresses(tests)
	found := routeLine.FindAllStringSubmatch(string(b), -1)
	if len(found) == 0 {
		return fmt.Errorf("%s/routes.go has no line like `get, path: \"/servers\"`", web)
	}
	var missing []string
	for _, m := range found {
		if !spells(spelt, m[2]) {
			missing = append(missing, strings.ToUpper(m[1])+" "+m[2])
		}
	}
	heading(out, "Routes whose path no test spells: %d of %d", len(missing), len(found))
	for _, m := range missing {
		fmt.Fprintln(out, m)
	}
	return nil
}
