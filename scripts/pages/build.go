package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// begin is what the machine's clock shows in the saved world, always: 23 November 2026, 09:14 UTC. The calendar, which
// is an offset from it, moves only when the seed moves it.
const begin = 1795425240

// patch is a change of one file of the standard library, for the build of the console that the pages are saved of.
type patch struct{ file, old, with, more string }

// patches stop the clock and make chance the same in every run.
//
// time.Now always shows the same instant. What is measured (deadlines, pauses, rates) has the monotonic clock, which
// runs on.
//
// crypto/rand.Read gives the same bytes in every run. Each length has a series of its own: how many ids of requests are
// drawn (16 bytes) is not the same in two runs, and must not shift what else is drawn. Ids of requests begin with
// "fefdfcfb", so that they are found in what is saved. UUIDs of the console are read elsewhere (crypto/rand.Reader) and
// stay random.
var patches = []patch{
	{
		file: "time/time.go",
		old:  "	sec, nsec, mono := runtimeNow()\n	if mono == 0 {\n		return Time{uint64(nsec), sec + unixToInternal, Local}",
		with: "	sec, nsec, mono := runtimeNow()\n	sec, nsec = %d, 0\n" +
			"	if mono == 0 {\n		return Time{uint64(nsec), sec + unixToInternal, Local}",
	},
	{
		file: "crypto/rand/rand.go",
		old:  "func Read(b []byte) (n int, err error) {\n",
		with: "func Read(b []byte) (n int, err error) {\n	if true {\n		draw(b)\n		return len(b), nil\n	}\n",
		more: `
var series struct {
	sync.Mutex
	next map[int]uint64
}

func draw(b []byte) {
	series.Lock()
	defer series.Unlock()
	if series.next == nil {
		series.next = map[int]uint64{}
	}
	series.next[len(b)]++
	z := series.next[len(b)]<<16 + uint64(len(b))
	for i := range b {
		if len(b) == 16 && i < 4 {
			b[i] = 0xfe - byte(i)
			continue
		}
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z>>31 + 0x9e3779b97f4a7c15*uint64(i+1)
		b[i] = byte(z >> 24)
	}
}
`,
	},
}

// build makes the console with the patches, and nothing of its source changed, and gives the binary's name.
func build(tree, dir string) (string, error) {
	root, err := run(tree, "go", "env", "GOROOT")
	if err != nil {
		return "", err
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for i, p := range patches {
		file := filepath.Join(strings.TrimSpace(root), "src", filepath.FromSlash(p.file))
		b, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if n := strings.Count(string(b), p.old); n != 1 {
			return "", fmt.Errorf(
				"%s has the place to be patched %d times: this version of Go is not the one the patch was written for",
				file,
				n,
			)
		}
		with := p.with
		if strings.Contains(with, "%d") {
			with = fmt.Sprintf(with, begin)
		}
		text := strings.Replace(string(b), p.old, with, 1)
		if p.more != "" {
			text = strings.Replace(text, "import (\n", "import (\n	\"sync\"\n", 1) + p.more
		}
		to := filepath.Join(dir, fmt.Sprintf("patched%d.go", i))
		if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
			return "", err
		}
		overlay.Replace[file] = to
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	list, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "console")
	if err := os.WriteFile(list, b, 0o600); err != nil {
		return "", err
	}
	_, err = run(tree, "go", "build", "-overlay", list, "-ldflags", "-X main.version=pages", "-o", binary, "./cmd/console")
	return binary, err
}

// run gives what a program prints.
func run(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, said.String())
	}
	return string(out), nil
}
