//go:build e2e

package crash

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sampan/e2e/world"
)

// What README's Backup tells people to do, by the words it begins with.
const (
	stoppedCopy = "A stopped console"
	runningCopy = "A running console"
	puttingBack = "Putting a copy back"
	moving      = "Moving to another machine"
)

// readme reads the commands of README's Backup: those that are indented, block by
// block, under the bold words before them.
func readme(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## Backup\n")
	section, _, more := strings.Cut(section, "\n## ")
	if !ok || !more {
		t.Fatal("README has no section Backup")
	}
	blocks := map[string][]string{}
	of, inside := "", false
	for line := range strings.Lines(section) {
		if rest, bold := strings.CutPrefix(line, "**"); bold {
			of, _, _ = strings.Cut(rest, ".**")
		}
		command, indented := strings.CutPrefix(line, "    ")
		if indented && !inside {
			blocks[of] = append(blocks[of], "")
		}
		if inside = indented; indented {
			blocks[of][len(blocks[of])-1] += command
		}
	}
	want := map[string]int{stoppedCopy: 1, runningCopy: 1, puttingBack: 1, moving: 2}
	for of, all := range blocks {
		if len(all) != want[of] {
			t.Errorf("README, %q: %d blocks of commands, and this test follows %d", of, len(all), want[of])
		}
	}
	if len(blocks) != len(want) {
		t.Fatalf("README has commands for %q; this test follows %q", slices.Sorted(maps.Keys(blocks)), slices.Sorted(maps.Keys(want)))
	}
	return blocks
}

// does runs commands in a directory, as a person types them.
func does(t *testing.T, dir, commands string) {
	t.Helper()
	if strings.Contains(commands, "sqlite3") {
		if _, err := exec.LookPath("sqlite3"); err != nil {
			t.Fatalf("%v: `make tools` installs it", err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", commands)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v: %s", commands, err, out)
	}
}

// home is the directory that holds the data directory.
func home(w *world.World) string { return filepath.Dir(w.DataDir()) }

// says gives what a page tells everybody about the database; "" when it is silent.
func (p *person) says(t *testing.T) string {
	t.Helper()
	a, err := p.Get(t.Context(), "/orders")
	if err != nil || a.Status != 200 {
		t.Fatalf("GET /orders: %d to %q, %v", a.Status, a.Location, err)
	}
	if _, said, ok := bytes.Cut(a.Body, []byte("The database may have been put back")); ok {
		return summary([]byte("<main>" + string(said[:min(len(said), 1500)])))
	}
	return ""
}

// signsInAgain expects that nobody is signed in any more, and signs in.
func (p *person) signsInAgain(t *testing.T) {
	t.Helper()
	if a, err := p.Get(t.Context(), "/"); err != nil || !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("the old session: %d to %q, %v; want a new sign-in", a.Status, a.Location, err)
	}
	if err := p.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestReadmeACopyOfAStoppedConsoleIsPutBack(t *testing.T) {
	do := readme(t)
	w := world.Start(t, world.Scale(20))
	p := newPerson(t, w)
	_, before := p.orders(t, wares("before", 1))
	p.reaches(t, before, "awaiting payment")
	w.Stop()
	does(t, home(w), do[stoppedCopy][0])
	if keys, err := filepath.Glob(filepath.Join(home(w), "backup", "*key*")); err != nil || len(keys) > 0 {
		t.Errorf("the copy carries %v, %v", keys, err)
	}
	w.StartConsole()
	if said := p.says(t); said != "" {
		t.Errorf("after the copy it says %q", said)
	}
	v, after := p.orders(t, wares("after", 2))
	number := p.reaches(t, after, "awaiting payment").Cloud.OrderID
	w.Stop()
	does(t, home(w), do[puttingBack][0])
	w.StartConsole()
	p.signsInAgain(t)
	if said := p.says(t); !strings.Contains(said, "It is older than the one that ran here last") {
		t.Errorf("it says %q", said)
	}
	until(t, "what is not in the copy is found at Huawei", func(ctx context.Context) bool {
		found, err := p.found(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(found) == 1 && found[number] != ""
	})
	p.reaches(t, before, "awaiting payment")
	if n := len(books(w).of(v.tag)); n != 1 || w.Calls("purchase") != 2 || w.Calls("pay") != 0 {
		t.Errorf("bought %d times, %d purchases and %d payments sent; want 1, 2 and 0", n, w.Calls("purchase"), w.Calls("pay"))
	}
	p.decides(t)
	w.Stop()
	w.StartConsole()
	if said := p.says(t); said != "" {
		t.Errorf("once it is closed, a start says %q", said)
	}
}

// decides is an owner who says of all that was found that it is not ours, and
// closes what the pages say.
func (p *person) decides(t *testing.T) {
	t.Helper()
	until(t, "an owner can close it", func(ctx context.Context) bool {
		found, err := p.found(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range found {
			if _, err := p.Post(ctx, at, ""); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.Post(ctx, "/restored/close", ""); err != nil {
			t.Fatal(err)
		}
		return p.says(t) == ""
	})
}

func TestReadmeACopyOfARunningConsoleIsPutBack(t *testing.T) {
	do := readme(t)
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed %v", killed), func(t *testing.T) {
			w, p, sent, queued, vs := oneOnItsWay(t)
			does(t, home(w), do[runningCopy][0])
			p.reaches(t, sent, "awaiting payment")
			p.reaches(t, queued, "awaiting payment")
			if killed {
				w.Kill() // and leaves a side file of its age
			} else {
				w.Stop()
			}
			does(t, home(w), do[puttingBack][0])
			comesBack(t, w, p, sent, queued, vs, true)
			if said := p.says(t); !strings.Contains(said, "It is older than the one that ran here last") {
				t.Errorf("it says %q", said)
			}
			if aside := setAside(t, w); len(aside) > 0 {
				t.Errorf("set aside: %v", aside)
			}
			p.decides(t)
		})
	}
}

// The program that makes the copy takes nothing away from the console that runs.
func TestReadmeACopyTakesNothingFromTheRunningConsole(t *testing.T) {
	do := readme(t)
	w, p, sent, queued, _ := oneOnItsWay(t)
	does(t, home(w), do[runningCopy][0])
	p.reaches(t, sent, "awaiting payment")
	p.reaches(t, queued, "awaiting payment")
	w.Kill()
	w.StartConsole()
	if said := p.says(t); said != "" {
		t.Errorf("after a plain kill it says %q", said)
	}
	for _, id := range []string{sent, queued} {
		p.reaches(t, id, "awaiting payment")
	}
}

func TestReadmeWithoutRemovingTheSideFilesTheyAreSetAside(t *testing.T) {
	do := readme(t)
	remove, copies, _ := strings.Cut(do[puttingBack][0], "\n")
	if !strings.HasPrefix(remove, "rm ") {
		t.Fatalf("the first command is %q", remove)
	}
	w, p, sent, queued, vs := oneOnItsWay(t)
	does(t, home(w), do[runningCopy][0])
	p.reaches(t, sent, "awaiting payment")
	p.reaches(t, queued, "awaiting payment")
	w.Kill()
	does(t, home(w), copies)
	comesBack(t, w, p, sent, queued, vs, true)
	aside := setAside(t, w)
	if len(aside) != 2 || !strings.HasPrefix(aside[0], "console.db-shm.set-aside-") ||
		!strings.HasPrefix(aside[1], "console.db-wal.set-aside-") {
		t.Fatalf("set aside: %v", aside)
	}
	if said := p.says(t); !strings.Contains(said, aside[1]) {
		t.Errorf("it says %q, want the name %s", said, aside[1])
	}
}

// setAside gives the names of the side files that a start took for another
// database's.
func setAside(t *testing.T, w *world.World) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(w.DataDir(), "*.set-aside-*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i] = filepath.Base(all[i])
	}
	slices.Sort(all)
	return all
}

func TestReadmeTheConsoleMovesToAnotherMachine(t *testing.T) {
	do := readme(t)
	for _, marked := range []bool{true, false} {
		t.Run(fmt.Sprintf("with its mark %v", marked), func(t *testing.T) {
			w := world.Start(t, world.Scale(20))
			p := newPerson(t, w)
			v, id := p.orders(t, wares("moved", 1))
			p.reaches(t, id, "awaiting payment")
			w.Stop()
			does(t, home(w), do[moving][0])
			there := t.TempDir()
			if err := copyFile(filepath.Join(home(w), "sampan.tar"), filepath.Join(there, "sampan.tar")); err != nil {
				t.Fatal(err)
			}
			does(t, there, do[moving][1])
			if !marked {
				if err := os.Remove(filepath.Join(there, "data.mark")); err != nil {
					t.Fatal(err)
				}
			}
			w.StartConsole("CONSOLE_DATA_DIR=" + filepath.Join(there, "data"))
			if marked {
				if said := p.says(t); said != "" { // and the session goes on
					t.Errorf("it says %q", said)
				}
			} else {
				p.signsInAgain(t)
				if said := p.says(t); !strings.Contains(said, "may be a copy") {
					t.Errorf("it says %q", said)
				}
			}
			p.buysAndPays(t, id)
			if n := len(books(w).of(v.tag)); n != 1 {
				t.Errorf("bought %d times, want once", n)
			}
			if said := p.says(t); marked && said != "" {
				t.Errorf("later it says %q", said)
			}
		})
	}
}

// buysAndPays goes on with an order that waits for its payment, and buys another.
func (p *person) buysAndPays(t *testing.T, id string) {
	t.Helper()
	var g page
	var pay []url.Values
	until(t, "the order can be paid", func(ctx context.Context) bool {
		var err error
		if g, err = p.page(ctx, id); err != nil {
			t.Fatal(err)
		}
		pay = g.forms("pay")
		return len(pay) == 1
	})
	if err := p.press(t.Context(), g, "pay", pay[0]); err != nil {
		t.Fatal(err)
	}
	p.reaches(t, id, "delivered")
	_, next := p.orders(t, wares("elsewhere", 2))
	p.reaches(t, next, "awaiting payment")
}
