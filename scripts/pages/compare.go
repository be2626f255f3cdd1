package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// compareAll says which files differ between two directories, each with its differences, and gives how many do.
func compareAll(out io.Writer, old, new string) (int, error) {
	before, err := files(old)
	if err != nil {
		return 0, err
	}
	after, err := files(new)
	if err != nil {
		return 0, err
	}
	all := slices.Concat(before, after)
	slices.Sort(all)
	all = slices.Compact(all)
	differ := 0
	for _, name := range all {
		switch {
		case !slices.Contains(after, name):
			differ++
			fmt.Fprintf(out, "only in %s: %s\n", old, name)
		case !slices.Contains(before, name):
			differ++
			fmt.Fprintf(out, "only in %s: %s\n", new, name)
		default:
			diff, err := difference(filepath.Join(old, name), filepath.Join(new, name), name)
			if err != nil {
				return differ, err
			}
			if diff != "" {
				differ++
				fmt.Fprint(out, diff)
			}
		}
	}
	fmt.Fprintf(out, "%d of %d files differ.\n", differ, len(all))
	return differ, nil
}

func files(dir string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		all = append(all, filepath.ToSlash(name))
		return err
	})
	return all, err
}

// difference is the unified diff of two files, their elements each on a line of its own; "" when they have the same bytes.
func difference(old, new, name string) (string, error) {
	a, err := os.ReadFile(old)
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(new)
	if err != nil || string(a) == string(b) {
		return "", err
	}
	dir, err := os.MkdirTemp("", "pages")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	one, two := filepath.Join(dir, "old"), filepath.Join(dir, "new")
	if err := errors.Join(os.WriteFile(one, []byte(lines(a)), 0o600), os.WriteFile(two, []byte(lines(b)), 0o600)); err != nil {
		return "", err
	}
	out, err := exec.Command("diff", "-U", "2", "--label", "old/"+name, "--label", "new/"+name, one, two).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // they differ
	}
	if len(out) == 0 && err == nil {
		return name + ": differs in white space between elements\n", nil
	}
	return string(out), err
}

var between = regexp.MustCompile(`>[ \t]*<`)

// lines breaks a page between its elements.
func lines(page []byte) string {
	text := between.ReplaceAllString(string(page), ">\n<")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}
