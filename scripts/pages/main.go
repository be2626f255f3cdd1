// Command pages saves every page of the console, or compares what two runs saved.
//
//	go run ./scripts/pages -to DIR [-tree TREE]     save the pages of the console in a source tree, by default this one
//	go run ./scripts/pages -compare OLD NEW         list the pages that differ, each with its differences
//
// A run builds the console of the tree, starts it with a Sandbox of its own on free ports, buys, and asks for every
// address of GET but the stream over HTTP, as a page and as a part (HX-Request), in each language. It knows the console by its addresses,
// forms and files alone, so that the same program saves the pages of an older or a later commit. Two runs at one commit
// write the same bytes.
//
// A directory holds the stages of a world: "start" (nobody is set up), "first" (no account), "checked" (the first account
// was just connected), "empty" (the Sandbox, with nothing in it), "sandbox" and "real" (all there is, in the two scopes), "out" (nobody is signed in). Below a stage
// stand language and look, such as "en.part", and one file for each address.
//
// To make a run the same as another, the console is built with a standard library in which the clock stands still and
// chance is none (build.go); nothing of the console is changed. Its calendar moves only when the seed moves it
// (CONSOLE_CLOCK). What stays random and is replaced in what is saved stands in clean.go.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	to := flag.String("to", "", "directory to save the pages in; what it holds is removed")
	tree := flag.String("tree", ".", "source tree whose console is built")
	compare := flag.Bool("compare", false, "compare two directories")
	flag.Parse()
	var err error
	switch {
	case *compare && flag.NArg() == 2:
		var differ int
		if differ, err = compareAll(os.Stdout, flag.Arg(0), flag.Arg(1)); err == nil && differ > 0 {
			os.Exit(1)
		}
	case *to != "" && !*compare && flag.NArg() == 0:
		err = save(*to, *tree)
	default:
		err = errors.New("give -to DIR, or -compare OLD NEW")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(2)
	}
}

// save fills a directory.
func save(to, tree string) (err error) {
	dir, err := os.MkdirTemp("", "pages")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Println("Building the console with a clock that stands still (the first time some minutes) …")
	binary, err := build(tree, dir)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	w, err := start(binary, dir)
	defer w.stop()
	if err != nil {
		return err
	}
	s := &saver{seed: &seed{world: w, names: map[string]string{}}, dir: to, files: map[string]string{}, paths: map[string]bool{}}
	if err := s.stages(); err != nil {
		return fmt.Errorf("%w\nThe console's log ends with:\n%s", err, w.log())
	}
	fmt.Printf("%d files in %s.\n", len(s.files), to)
	return s.covers(filepath.Join(tree, "internal", "app", "web", "routes.go"))
}
