package cloudsim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

var errClosed = errors.New("the Sandbox is closed")

// record is one line of the journal: the whole entity as it now is. Later lines win.
type record struct {
	Kind  string `json:"k"`
	Value any    `json:"v"`
}

func rec(kind string, v any) record { return record{Kind: kind, Value: v} }

// journal is an append-only file of records, compacted when it is opened.
type journal struct {
	f *os.File
}

// openJournal reads the file into s, rewrites it without what later lines replaced, and opens it for appending.
// A last line without its end is what a crash left of a record that was not answered: it is dropped.
func openJournal(path string, s *state) (*journal, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := replay(data, s); err != nil {
		return nil, err
	}
	if err := compact(path, s); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{f: f}, nil
}

func replay(data []byte, s *state) error {
	for n := 1; len(data) > 0; n++ {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			return nil
		}
		if err := apply(data[:end], s); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		data = data[end+1:]
	}
	return nil
}

func apply(line []byte, s *state) error {
	var r struct {
		Kind  string          `json:"k"`
		Value json.RawMessage `json:"v"`
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	switch r.Kind {
	case "meta":
		return json.Unmarshal(r.Value, &s.meta)
	case "account":
		return into(r.Value, s.addAccount)
	case "order":
		return into(r.Value, s.addOrder)
	case "instance":
		return into(r.Value, s.addInstance)
	case "image":
		return into(r.Value, s.addImage)
	case "fleet":
		return into(r.Value, func(f *fleet) { s.raise(*f) })
	case "reset":
		s.wipe()
		return nil
	}
	return fmt.Errorf("unknown kind %q", r.Kind)
}

func into[T any](raw json.RawMessage, add func(*T)) error {
	v := new(T)
	if err := json.Unmarshal(raw, v); err != nil {
		return err
	}
	add(v)
	return nil
}

// records are the whole state, in an order in which it can be replayed.
func (s *state) records(yield func(record) bool) {
	if s.meta.TokenKey == "" {
		return
	}
	if !yield(rec("meta", s.meta)) {
		return
	}
	for _, a := range s.accounts {
		if !yield(rec("account", a)) {
			return
		}
	}
	for _, im := range s.images {
		if !yield(rec("image", im)) {
			return
		}
	}
	for _, f := range s.fleets {
		if !yield(rec("fleet", f)) {
			return
		}
	}
	for _, o := range s.orders {
		if !o.Fleet && !yield(rec("order", o)) {
			return
		}
	}
	for _, list := range s.owned {
		for _, in := range list {
			if !in.fleet && !yield(rec("instance", in)) {
				return
			}
		}
	}
}

func compact(path string, s *state) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	w := bufio.NewWriter(tmp)
	enc := json.NewEncoder(w)
	for r := range s.records {
		if err = enc.Encode(r); err != nil {
			break
		}
	}
	err = errors.Join(err, w.Flush(), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename durable where the system allows it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return err
	}
	return nil
}

// append writes the records in one piece and syncs.
func (j *journal) append(recs ...record) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, r := range recs {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	if _, err := io.Copy(j.f, &b); err != nil {
		return err
	}
	return j.f.Sync()
}

func (j *journal) close() error { return j.f.Close() }
