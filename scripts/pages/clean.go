package main

import (
	"fmt"
	"regexp"
	"strings"
)

// replaced is what two runs of one console have different, and what stands in its place. What is replaced is not compared:
// keep it little.
var replaced = []struct {
	what *regexp.Regexp
	with string
}{
	// Ids of the console, UUIDs of the instant at which its clock stands, beside those that have a name.
	{regexp.MustCompile(fmt.Sprintf(`%s-%s-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`, instant[:8], instant[8:])), "{id}"},
	// Random UUIDs: the ids of purchase requests.
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b`), "{random}"},
	// Ids that the Sandbox gives its answers (build.go): how many there were before is not the same in two runs.
	{regexp.MustCompile(`\bfefdfcfb[0-9a-f]{24}\b`), "{request}"},
	// Hashes in names of assets: they change with each change of a style or script.
	{regexp.MustCompile(`(/static/[A-Za-z0-9_./-]*?)[.-][0-9a-f]{8,}(\.[a-z0-9]+)`), "$1$2"},
	// Digests over a purchase with its random ids: of a review, and in the ids of elements.
	{regexp.MustCompile(`(name="hash" value=")[0-9a-f]{64}`), "${1}{hash}"},
	{regexp.MustCompile(`\b(total|price)-[0-9a-f]{8}\b`), "${1}-{hash}"},
	// How long a call took, and the fractions of a second by which the clock of the cloud seems to differ.
	{regexp.MustCompile(`("took_ms": )\d+`), "${1}0"},
	{regexp.MustCompile(`<td>\d+(\.\d+)?(ms|s)</td>`), "<td>{took}</td>"},
	{regexp.MustCompile(`(\dT\d\d:\d\d:\d\d)\.\d+Z`), "${1}Z"},
	// The number of times that the picture of the inventory changed: which answers come together is not the same in two runs.
	{regexp.MustCompile(`(data-version="|[?&](?:amp;)?v=)\d+`), "${1}0"},
}

var instant = fmt.Sprintf("%012x", begin*1000)

// clean replaces what differs between two runs of the same console.
func (s *saver) clean(text string) string {
	var pairs []string
	for _, id := range s.sorted() {
		pairs = append(pairs, id, "{"+s.names[id]+"}")
	}
	for _, at := range []struct{ address, name string }{{s.console, "{console}"}, {s.sandbox, "{sandbox}"}} {
		host := strings.TrimPrefix(at.address, "http://")
		pairs = append(pairs, host, at.name, strings.Replace(host, "127.0.0.1", "localhost", 1), at.name)
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	for _, r := range replaced {
		text = r.what.ReplaceAllString(text, r.with)
	}
	return text
}
