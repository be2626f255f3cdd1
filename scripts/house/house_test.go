package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func parsed(t *testing.T, name, text string) source {
	t.Helper()
	s, err := parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFunctionsAreCounted(t *testing.T) {
	s := parsed(t, "a/a.go", `package a

// One is commented: the comment is not part of it.
func One() {}

func two() {
	func() {
		println()
	}()
}

type T[E any] struct{}

func (t *T[E]) Three(
	a int,
) {
}

func assembly()
`)
	var got []string
	for _, f := range s.functions() {
		got = append(got, fmt.Sprintf("%s %d", f.name, f.lines))
	}
	if want := []string{"One 1", "two 5", "T.Three 4"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	median, p95, longest := spread(s.functions())
	if median != 4 || p95 != 4 || longest.name != "two" {
		t.Errorf("got the middle %d, 95 %% %d, the longest %s", median, p95, longest.name)
	}
}

func TestExportedIsFoundWithoutComment(t *testing.T) {
	s := parsed(t, "a/a.go", `package a

type A struct{ Field int }

// B has one.
type B interface {
	Bare()
	// Said has one.
	Said()
}

type c interface{ Hidden() }

func D() {}

func (A) E() {}

func (c2) F() {}

// All of them.
const (
	G = 1
	H = 2
)

var I, j = 1, 2
`)
	var got []string
	for _, b := range s.bares() {
		got = append(got, b.kind+" "+b.name)
	}
	want := []string{"type A", interfaceMethod + " B.Bare", "function D", "method A.E", "var I"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLongLinesButTablesAndTexts(t *testing.T) {
	x := strings.Repeat("x", 130)
	sum := strings.Repeat("a+", 70) + "a"
	for text, want := range map[string]int{
		"var v = " + sum: 1,
		"func f() {\n\t\t_ = " + sum[:129] + "\n}": 1, // 135 characters, 141 with tabs of four
		"// " + x + x:                                1,
		`var v = "` + x + x + `"`:                    0,
		`var v = "` + x + `" + "` + x + `"`:          1,
		"var v = `\n" + x + x + "\n`":                0,
		"var v = []int{\n" + sum + ",\n}":            0,
		"var v = []int{" + sum + "}":                 1,
		"var v = []int{\n1, " + sum + ",\n}":         1,
		"var v = T{\nField: " + sum + ",\n}":         1,
		"var v = [][]int{\n{1, " + sum + "},\n}":     0,
		"var v = T{List: L{\n{1, " + sum + "},\n}}":  0,
		"var v = `" + strings.Repeat("语", 131) + "`": 0, // characters, not bytes
	} {
		s := parsed(t, "a/a.go", "package a\n\n"+text+"\n")
		if got := s.longLines(); len(got) != want {
			t.Errorf("%s: got the lines %v, want %d", text, got, want)
		}
	}
}

func TestRoutesAreSpelt(t *testing.T) {
	texts := addresses([]source{parsed(t, "a/a_test.go", `package a_test

const server = "/servers/" + id

func f() {
	for _, list := range []string{"servers", "instances"} {
		get("/" + list + "/columns")
	}
	get("/orders", "/orders/1/pay?again=1", server+"/names", fmt.Sprintf("/views/%s/delete", id), at+"/cancel", "/servers."+ext)
}
`)})
	for route, want := range map[string]bool{
		"/orders": true, "/orders/:id/pay": true, "/orders/:id/cancel": true, "/servers/:id/names": true, "/servers/:id": true,
		"/servers/columns": true, "/instances/columns": true, "/servers.csv": true, "/views/:id/delete": true,
		"/traffic/columns": false, "/servers": false, "/servers/rows": false, "/orders/:id": false, "/views/:id": false, "/": false,
	} {
		if got := spells(texts, route); got != want {
			t.Errorf("%s is spelt: got %v, want %v", route, got, want)
		}
	}
}
