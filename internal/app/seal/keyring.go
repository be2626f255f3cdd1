// Package seal keeps secrets unreadable at rest and invisible in memory.
//
// A Secret prints as *** wherever it goes. A Keyring seals text for one place
// of the database: a random data key encrypts the text (AES-256-GCM), the
// newest key of the key file wraps the data key, and both are bound to table,
// row and column, so that a sealed value moved elsewhere does not open
// (reliability.md §8).
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Failures of a key file or a box. They are shown to the people who run the process,
// not in pages: each is wrapped in a sentence that says what to do.
var (
	ErrNoKeyFile  = errors.New("the key file is missing")
	ErrBadKeyFile = errors.New("the key file is damaged")
	ErrUnknownKey = errors.New("sealed with a key that the key file does not hold")
	ErrBroken     = errors.New("the sealed value was altered, moved or cut")
)

// Place is where a sealed value lives. A value opens only in its own place.
type Place struct {
	Table, Row, Column string
}

const (
	keySize    = 32 // AES-256
	keyIDSize  = 8
	boxVersion = 1
	fileHeader = "sampan-keys 1"
)

type key struct {
	id     [keyIDSize]byte
	secret [keySize]byte
}

// Keyring holds the keys of a key file. It is safe for concurrent use.
type Keyring struct {
	root [keySize]byte // what Derive starts from; rotation never changes it
	keys []key         // oldest first; the last one wraps
}

// OpenKeyring reads the key file at path. When the file does not exist and
// mayCreate is set, it is created with one fresh key, mode 0600, and synced to
// disk before anything can be sealed with it. mayCreate must be false as soon
// as a database exists: a new key would not open what the old one sealed.
//
// A missing file is ErrNoKeyFile, a file that others may read or that is not
// a key file is ErrBadKeyFile, each with a sentence saying what to do.
func OpenKeyring(path string, mayCreate bool) (*Keyring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !mayCreate {
			return nil, fmt.Errorf("%w: %s does not exist, and the database needs the key it was made with; put the file back",
				ErrNoKeyFile, path)
		}
		return createKeyring(path)
	}
	if err != nil {
		return nil, fmt.Errorf("seal: read the key file: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("seal: look at the key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: others may read %s (mode %04o); run chmod 600 on it", ErrBadKeyFile, path, info.Mode().Perm())
	}
	k, err := parseKeyring(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w; put back a copy of the file", ErrBadKeyFile, path, err)
	}
	return k, nil
}

// NewKeyring makes a keyring with one fresh key that no file holds. What it
// seals is lost with the process: for tests.
func NewKeyring() *Keyring {
	k := &Keyring{keys: make([]key, 1)}
	fill(k.root[:])
	fill(k.keys[0].id[:])
	fill(k.keys[0].secret[:])
	return k
}

func fill(b []byte) { _, _ = rand.Read(b) } // crypto/rand.Read never fails: it ends the process instead

func createKeyring(path string) (*Keyring, error) {
	k := NewKeyring()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("seal: create the key file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("seal: create the key file: %w", err)
	}
	_, err = f.WriteString(k.file())
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(path) // the next start would refuse an incomplete key file
		return nil, fmt.Errorf("seal: write the key file: %w", err)
	}
	return k, syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("seal: sync the key file's directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("seal: sync the key file's directory: %w", err)
	}
	return nil
}

// file is the text of the key file.
func (k *Keyring) file() string {
	var b strings.Builder
	b.WriteString("# The keys of a Sampan console. Without this file its stored secrets cannot be read;\n")
	b.WriteString("# with it and the database they can. Keep a copy, apart from backups of the database.\n")
	b.WriteString(fileHeader + "\n")
	b.WriteString("root " + base64.StdEncoding.EncodeToString(k.root[:]) + "\n")
	for _, one := range k.keys {
		b.WriteString("key " + hex.EncodeToString(one.id[:]) + " " + base64.StdEncoding.EncodeToString(one.secret[:]) + "\n")
	}
	return b.String()
}

func parseKeyring(text string) (*Keyring, error) {
	k := &Keyring{}
	header, root := false, false
	seen := map[string]bool{}
	for n, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || strings.HasPrefix(f[0], "#"):
		case strings.Join(f, " ") == fileHeader:
			header = true
		case len(f) == 2 && f[0] == "root" && !root:
			if err := decode(k.root[:], f[1]); err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			root = true
		case len(f) == 3 && f[0] == "key" && !seen[f[1]]:
			one, err := parseKey(f[1], f[2])
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			seen[f[1]] = true
			k.keys = append(k.keys, one)
		default:
			return nil, fmt.Errorf("line %d is not understood", n+1)
		}
	}
	if !header || !root || len(k.keys) == 0 {
		return nil, errors.New("it is not a complete key file")
	}
	return k, nil
}

func parseKey(id, secret string) (key, error) {
	var k key
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != keyIDSize {
		return key{}, errors.New("the key's id is not 16 hex digits")
	}
	copy(k.id[:], raw)
	return k, decode(k.secret[:], secret)
}

func decode(to []byte, text string) error {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != len(to) {
		return errors.New("the key is not 32 bytes of base64") // without the text: it is a secret
	}
	copy(to, raw)
	return nil
}

// Derive gives 32 bytes that depend on the key file and the purpose only: the
// same at every start, and after a rotation.
func (k *Keyring) Derive(purpose string) []byte {
	out, err := hkdf.Key(sha256.New, k.root[:], nil, "sampan/"+purpose, keySize)
	if err != nil {
		panic("seal: derive: " + err.Error()) // only for impossible lengths
	}
	return out
}

// Seal encrypts clear for its place. The result is self-contained: version,
// id of the wrapping key, wrapped data key, encrypted text.
func (k *Keyring) Seal(p Place, clear []byte) ([]byte, error) {
	var data [keySize]byte
	fill(data[:])
	inner, err := aead(data[:])
	if err != nil {
		return nil, err
	}
	head, err := k.wrap(p, data[:])
	if err != nil {
		return nil, err
	}
	return inner.Seal(head, nil, clear, p.bind(nil)), nil
}

// wrap gives the head of a box: version, key id, length and wrapped data key.
func (k *Keyring) wrap(p Place, data []byte) ([]byte, error) {
	newest := k.keys[len(k.keys)-1]
	outer, err := aead(newest.secret[:])
	if err != nil {
		return nil, err
	}
	wrapped := outer.Seal(nil, nil, data, p.bind(newest.id[:]))
	head := append([]byte{boxVersion}, newest.id[:]...)
	head = binary.BigEndian.AppendUint16(head, uint16(len(wrapped)))
	return append(head, wrapped...), nil
}

// Open decrypts what Seal made for the same place. A box of another place, an
// altered or cut one is ErrBroken; one of a key not held is ErrUnknownKey.
func (k *Keyring) Open(p Place, box []byte) ([]byte, error) {
	data, sealed, _, err := k.unwrap(p, box)
	if err != nil {
		return nil, err
	}
	inner, err := aead(data)
	if err != nil {
		return nil, err
	}
	clear, err := inner.Open(nil, nil, sealed, p.bind(nil))
	if err != nil {
		return nil, p.broken()
	}
	return clear, nil
}

// Rewrap moves a box to the newest key without touching the sealed text.
// It returns the box itself and false when that key already wraps it.
func (k *Keyring) Rewrap(p Place, box []byte) ([]byte, bool, error) {
	data, sealed, by, err := k.unwrap(p, box)
	if err != nil {
		return nil, false, err
	}
	if by == k.keys[len(k.keys)-1].id {
		return box, false, nil
	}
	head, err := k.wrap(p, data)
	if err != nil {
		return nil, false, err
	}
	return append(head, sealed...), true, nil
}

func (k *Keyring) unwrap(p Place, box []byte) (data, sealed []byte, by [keyIDSize]byte, err error) {
	const fixed = 1 + keyIDSize + 2
	if len(box) < fixed || box[0] != boxVersion {
		return nil, nil, by, p.broken()
	}
	copy(by[:], box[1:])
	n := int(binary.BigEndian.Uint16(box[1+keyIDSize:]))
	if len(box) < fixed+n {
		return nil, nil, by, p.broken()
	}
	for _, one := range k.keys {
		if one.id != by {
			continue
		}
		outer, err := aead(one.secret[:])
		if err != nil {
			return nil, nil, by, err
		}
		data, err := outer.Open(nil, nil, box[fixed:fixed+n], p.bind(by[:]))
		if err != nil || len(data) != keySize {
			return nil, nil, by, p.broken()
		}
		return data, box[fixed+n:], by, nil
	}
	return nil, nil, by, fmt.Errorf("seal: %s.%s: %w", p.Table, p.Column, ErrUnknownKey)
}

func (p Place) broken() error { return fmt.Errorf("seal: %s.%s: %w", p.Table, p.Column, ErrBroken) }

// bind gives the associated data: every part with its length before it, so
// that no two places give the same bytes.
func (p Place) bind(keyID []byte) []byte {
	var b []byte
	for _, part := range []string{p.Table, p.Row, p.Column, string(keyID)} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}

func aead(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	g, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return g, nil
}
