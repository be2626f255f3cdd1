package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// web is where the rooms are that are listed one by one.
const web = "internal/app/web"

// rooms lists the packages of the pages.
func rooms(out io.Writer, all []source) {
	files, lines := map[string]int{}, map[string]int{}
	for _, s := range all {
		if !s.test && (s.pkg() == web || strings.HasPrefix(s.pkg(), web+"/")) {
			files[s.pkg()]++
			lines[s.pkg()] += len(s.lines)
		}
	}
	heading(out, "Packages under %s: %d", web, len(files))
	for _, p := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(out, "%6d lines %4d files  %s\n", lines[p], files[p], p)
	}
}

// spread is the middle, the 95th percentile and the longest of some lengths.
func spread(all []length) (median, p95 int, longest length) {
	if len(all) == 0 {
		return 0, 0, longest
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b length) int { return a.lines - b.lines })
	return sorted[len(sorted)/2].lines, sorted[(len(sorted)-1)*95/100].lines, sorted[len(sorted)-1]
}

// sizes prints how long functions and files are.
func sizes(out io.Writer, all []source) {
	var functions, files []length
	for _, s := range all {
		if s.test || !s.product {
			continue
		}
		functions = append(functions, s.functions()...)
		files = append(files, length{lines: len(s.lines), name: s.name})
	}
	heading(out, "Lengths, in lines")
	median, p95, longest := spread(functions)
	const row = "%-9s %5d   median %3d   95 %% %3d   longest %3d (%s)\n"
	fmt.Fprintf(out, row, "functions", len(functions), median, p95, longest.lines, longest.name+", "+longest.where)
	median, p95, longest = spread(files)
	fmt.Fprintf(out, row, "files", len(files), median, p95, longest.lines, longest.name)
	for _, f := range functions {
		if f.lines > mostLines {
			fmt.Fprintf(out, "over %d lines: %d, %s, %s\n", mostLines, f.lines, f.name, f.where)
		}
	}
}

// mostLines is how long a function should be at most.
const mostLines = 75

// helpers are the packages that help tests: one of their files knows package testing.
func helpers(all []source) map[string]bool {
	helper := map[string]bool{}
	for _, s := range all {
		if !s.test && s.helpsTests() {
			helper[s.pkg()] = true
		}
	}
	return helper
}

// tests prints lines of tests for each line of code, by package.
func tests(out io.Writer, all []source) {
	code, test := map[string]int{}, map[string]int{}
	helper := helpers(all)
	sumCode, sumTest := 0, 0
	for _, s := range all {
		if !s.product {
			continue
		}
		pkg, is := s.pkg(), s.test
		if helper[pkg] {
			pkg, is = pkg[:strings.LastIndex(pkg, "/")], true
		}
		if is {
			test[pkg] += len(s.lines)
			sumTest += len(s.lines)
		} else {
			code[pkg] += len(s.lines)
			sumCode += len(s.lines)
		}
	}
	heading(out, "Tests ÷ code, in lines: %.2f", ratio(sumTest, sumCode))
	for _, p := range slices.Sorted(maps.Keys(code)) {
		fmt.Fprintf(out, "%6.2f  %6d ÷ %6d  %s\n", ratio(test[p], code[p]), test[p], code[p], p)
	}
}

func ratio(a, b int) float64 { return float64(a) / float64(max(1, b)) }
