package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sampan/internal/app/seal"
)

var place = seal.Place{Table: "account", Row: "a1", Column: "secret"}

func TestSealedTextOpensOnlyInItsPlace(t *testing.T) {
	k := seal.NewKeyring()
	for _, clear := range []string{"", "s3cr3t", strings.Repeat("x", 100_000)} {
		box, err := k.Seal(place, []byte(clear))
		if err != nil {
			t.Fatal(err)
		}
		if clear != "" && bytes.Contains(box, []byte(clear)) {
			t.Error("the text stands in the box")
		}
		got, err := k.Open(place, box)
		if err != nil || string(got) != clear {
			t.Errorf("%d bytes: %v", len(clear), err)
		}
		for _, other := range []seal.Place{
			{Table: "person", Row: "a1", Column: "secret"}, {Table: "account", Row: "a2", Column: "secret"},
			{Table: "account", Row: "a1", Column: "other"}, {Table: "accounta1", Row: "", Column: "secret"}, {},
		} {
			if _, err := k.Open(other, box); !errors.Is(err, seal.ErrBroken) {
				t.Errorf("in %+v: %v", other, err)
			}
		}
		if _, err := seal.NewKeyring().Open(place, box); !errors.Is(err, seal.ErrUnknownKey) {
			t.Errorf("with another key file: %v", err)
		}
	}
}

func TestTwoBoxesOfOneTextDiffer(t *testing.T) {
	k := seal.NewKeyring()
	a, _ := k.Seal(place, []byte("same"))
	b, _ := k.Seal(place, []byte("same"))
	if bytes.Equal(a, b) {
		t.Error("they are equal")
	}
}

func TestAnAlteredBoxDoesNotOpen(t *testing.T) {
	k := seal.NewKeyring()
	box, err := k.Seal(place, []byte("s3cr3t"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range box {
		bad := bytes.Clone(box)
		bad[i] ^= 1
		if _, err := k.Open(place, bad); !errors.Is(err, seal.ErrBroken) && !errors.Is(err, seal.ErrUnknownKey) {
			t.Errorf("byte %d of %d altered: %v", i, len(box), err)
		}
		if _, err := k.Open(place, box[:i]); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
}

func TestTheKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "console.key")
	if _, err := seal.OpenKeyring(path, false); !errors.Is(err, seal.ErrNoKeyFile) {
		t.Fatalf("missing: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("asking made the file")
	}
	k, err := seal.OpenKeyring(path, true)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	box, err := k.Seal(place, []byte("s3cr3t"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.OpenKeyring(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(place, box); err != nil || string(got) != "s3cr3t" {
		t.Errorf("after reading the file again: %v", err)
	}
	if !bytes.Equal(k.Derive("audit"), again.Derive("audit")) || bytes.Equal(k.Derive("audit"), k.Derive("cookie")) ||
		len(k.Derive("audit")) != 32 {
		t.Error("derived keys are not those of file and purpose")
	}
}

func TestKeyFilesThatAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.key")
	if _, err := seal.OpenKeyring(path, true); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(whole)), "\n")
	keyLine := lines[len(lines)-1]
	tests := map[string]string{
		"empty":               "",
		"something else":      "hello\n",
		"cut in the middle":   string(whole[:len(whole)-20]),
		"without the header":  strings.Replace(string(whole), "sampan-keys 1\n", "", 1),
		"of a newer format":   strings.Replace(string(whole), "sampan-keys 1\n", "sampan-keys 2\n", 1),
		"without a key":       strings.Replace(string(whole), keyLine, "", 1),
		"with one key twice":  string(whole) + keyLine + "\n",
		"with a key not hex":  strings.Replace(string(whole), "key ", "key zz", 1),
		"with the root twice": string(whole) + lines[3] + "\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := seal.OpenKeyring(path, true)
			if !errors.Is(err, seal.ErrBadKeyFile) {
				t.Fatalf("got %v", err)
			}
			for word := range strings.FieldsSeq(keyLine) {
				if len(word) > 20 && strings.Contains(err.Error(), word[:20]) {
					t.Errorf("the error shows the key: %v", err)
				}
			}
			if now, _ := os.ReadFile(path); string(now) != text {
				t.Error("the file was changed")
			}
		})
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenKeyring(path, false); !errors.Is(err, seal.ErrBadKeyFile) || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others may read: %v", err)
	}
}

func TestRotation(t *testing.T) {
	dir := t.TempDir()
	path, fresh := filepath.Join(dir, "console.key"), filepath.Join(dir, "fresh.key")
	old, err := seal.OpenKeyring(path, true)
	if err != nil {
		t.Fatal(err)
	}
	box, err := old.Seal(place, []byte("s3cr3t"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenKeyring(fresh, true); err != nil {
		t.Fatal(err)
	}
	added, _ := os.ReadFile(fresh)
	whole, _ := os.ReadFile(path)
	newest := string(added[bytes.LastIndex(added, []byte("\nkey "))+1:])
	if err := os.WriteFile(path, append(whole, newest...), 0o600); err != nil {
		t.Fatal(err)
	}
	both, err := seal.OpenKeyring(path, false)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, changed, err := both.Rewrap(place, box)
	if err != nil || !changed {
		t.Fatalf("rewrap: %v, %v", changed, err)
	}
	if _, changed, err := both.Rewrap(place, wrapped); err != nil || changed {
		t.Errorf("a second time: changed %v, %v", changed, err)
	}
	for name, b := range map[string][]byte{"old": box, "new": wrapped} {
		if got, err := both.Open(place, b); err != nil || string(got) != "s3cr3t" {
			t.Errorf("%s box: %v", name, err)
		}
	}
	if _, err := old.Open(place, wrapped); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("the old key file opens the new box: %v", err)
	}
	if _, _, err := both.Rewrap(seal.Place{Table: "elsewhere"}, box); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("rewrapped in another place: %v", err)
	}
	if !bytes.Equal(old.Derive("audit"), both.Derive("audit")) {
		t.Error("rotation changed what is derived")
	}
}
