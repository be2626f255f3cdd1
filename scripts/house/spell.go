package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// gap stands for what is not known of an address in a test: a variable, a call.
const gap = "\x00"

// spelling is the texts of a file of tests that may be addresses, or parts of them.
type spelling map[string]bool

// addresses are the texts of each file: literals, and what is joined of them, with gaps. Constants of
// the same package are put in.
func addresses(tests []source) []spelling {
	constants := map[string]map[string]ast.Expr{} // by directory, then name
	for _, s := range tests {
		if constants[s.pkg()] == nil {
			constants[s.pkg()] = map[string]ast.Expr{}
		}
		for _, d := range s.tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST && g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
					for i, n := range v.Names {
						constants[s.pkg()][n.Name] = v.Values[i]
					}
				}
			}
		}
	}
	var all []spelling
	for _, s := range tests {
		texts := map[string]bool{}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if n.Op == token.ADD {
					texts[join(n, constants[s.pkg()], 0)] = true
					return false // its parts are no addresses
				}
			case *ast.BasicLit, *ast.Ident:
				texts[join(n.(ast.Expr), constants[s.pkg()], 0)] = true
			}
			return true
		})
		all = append(all, texts)
	}
	return all
}

var verb = regexp.MustCompile(`%[sdvq]`)

// join is the text of an expression, with gaps.
func join(e ast.Expr, constants map[string]ast.Expr, depth int) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return verb.ReplaceAllString(text, gap)
		}
	case *ast.ParenExpr:
		return join(e.X, constants, depth)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return join(e.X, constants, depth) + join(e.Y, constants, depth)
		}
	case *ast.Ident:
		if c, ok := constants[e.Name]; ok && depth < 5 {
			return join(c, constants, depth+1)
		}
	}
	return gap
}

// spells reports whether one of the texts has the form of a route's path: "/servers/:id/names".
func spells(files []spelling, route string) bool {
	for _, texts := range files {
		for text := range texts {
			text, _, _ = strings.Cut(text, "?")
			text, _, _ = strings.Cut(text, "#")
			parts, want := strings.Split(text, "/"), strings.Split(route, "/")
			if parts[0] == gap && len(parts) > 1 && len(parts) < len(want) { // at + "/pay": what is in front is not known
				want = want[len(want)-len(parts):]
				if !isParam(want[len(want)-1]) && texts.same(parts[1:], want[1:]) {
					return true
				}
			}
			if parts[0] == "" && len(parts) == len(want) && texts.same(parts[1:], want[1:]) {
				return true
			}
		}
	}
	return false
}

func isParam(part string) bool { return strings.HasPrefix(part, ":") || part == "*" }

// same compares the parts of a text and a route. A part that is all gap can be any word that stands alone in the file:
// "/orders/o1/" + act spells "/orders/:id/cancel" where the file has "cancel" somewhere, as in a table.
func (texts spelling) same(parts, route []string) bool {
	for i, want := range route {
		have := parts[i]
		switch {
		case have == want:
		case isParam(want):
			if have == "" {
				return false
			}
		case have == gap:
			if !texts[want] {
				return false
			}
		case !matches(have, want):
			return false
		}
	}
	return true
}

// matches compares a part that may have gaps with a word.
func matches(part, word string) bool {
	if !strings.Contains(part, gap) {
		return false
	}
	form := strings.ReplaceAll(regexp.QuoteMeta(part), regexp.QuoteMeta(gap), ".+")
	ok, err := regexp.MatchString("^"+form+"$", word)
	return ok && err == nil
}
