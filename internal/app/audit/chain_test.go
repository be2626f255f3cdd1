package audit_test

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"sampan/internal/app/audit"
	"sampan/internal/app/person"
)

var (
	key   = []byte("a key of thirty-two bytes, or so")
	other = []byte("another key of thirty-two bytes!")
	at    = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.FixedZone("", 8*3600))
	mei   = person.Actor{PersonID: "p1", Name: "Mei", Role: person.Owner, SessionRef: "s1", Address: "192.0.2.1"}
)

// chain is rows of these actions under a key, after the rows before.
func chain(key []byte, before []audit.Row, actions ...string) []audit.Row {
	rows := slices.Clone(before)
	for _, action := range actions {
		var last audit.Row
		if len(rows) > 0 {
			last = rows[len(rows)-1]
		}
		rows = append(rows, audit.Chain(key, last, audit.By(mei, action, "t1"), at))
	}
	return rows
}

// stored gives rows as a store does, and err after them.
func stored(rows []audit.Row, err error) iter.Seq2[audit.Row, error] {
	return func(yield func(audit.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(audit.Row{}, err)
		}
	}
}

func TestChainLinksRows(t *testing.T) {
	rows := chain(key, nil, "a", "b")
	if rows[0].Seq != 1 || rows[1].Seq != 2 || len(rows[0].PrevMAC) != 0 || !bytes.Equal(rows[1].PrevMAC, rows[0].MAC) {
		t.Errorf("got %+v", rows)
	}
	if want := at.UTC().Truncate(time.Microsecond); !rows[0].At.Equal(want) || rows[0].At.Location() != time.UTC {
		t.Errorf("at: got %s, want %s", rows[0].At, want)
	}
	r := rows[1]
	r.Targets, r.Params, r.RequestIDs = []string{"t1"}, map[string]string{}, []string{}
	if !bytes.Equal(audit.Sum(key, r), rows[1].MAC) {
		t.Error("empty and nil lists have different sums")
	}
	if bytes.Equal(audit.Sum(other, r), rows[1].MAC) {
		t.Error("another key gives the same sum")
	}
}

func TestSumCoversEveryField(t *testing.T) {
	whole := audit.Row{Seq: 3, At: at, PrevMAC: []byte{1}, Entry: audit.By(mei, "order.confirm", "t1").On("a1").For("o1").
		With("name", "web").Ended("ok", "r1")}
	sum := audit.Sum(key, whole)
	for name, change := range map[string]func(*audit.Row){
		"number":      func(r *audit.Row) { r.Seq++ },
		"time":        func(r *audit.Row) { r.At = r.At.Add(time.Microsecond) },
		"person":      func(r *audit.Row) { r.Actor.PersonID = "p2" },
		"name":        func(r *audit.Row) { r.Actor.Name = "Tan" },
		"role":        func(r *audit.Row) { r.Actor.Role = person.Viewer },
		"session":     func(r *audit.Row) { r.Actor.SessionRef = "s2" },
		"address":     func(r *audit.Row) { r.Actor.Address = "" },
		"action":      func(r *audit.Row) { r.Action = "order.cancel" },
		"account":     func(r *audit.Row) { r.AccountID = "a2" },
		"targets":     func(r *audit.Row) { r.Targets = []string{"t1", "t2"} },
		"parameters":  func(r *audit.Row) { r.Entry = r.With("name", "shop") },
		"intent":      func(r *audit.Row) { r.Intent = "" },
		"outcome":     func(r *audit.Row) { r.Outcome = "denied" },
		"request ids": func(r *audit.Row) { r.RequestIDs = nil },
		"row before":  func(r *audit.Row) { r.PrevMAC = []byte{2} },
	} {
		r := whole
		if change(&r); bytes.Equal(audit.Sum(key, r), sum) {
			t.Errorf("the sum does not cover the %s", name)
		}
	}
	r := whole
	if r.MAC = []byte{9}; !bytes.Equal(audit.Sum(key, r), sum) {
		t.Error("the sum covers itself")
	}
}

func TestAnEntryIsNotSharedByThoseMadeOfIt(t *testing.T) {
	e := audit.By(mei, "order.confirm").With("name", "web")
	_ = e.With("name", "shop").With("size", "2-4")
	if len(e.Params) != 1 || e.Params["name"] != "web" {
		t.Errorf("got %v", e.Params)
	}
}

func TestVerify(t *testing.T) {
	rows := chain(key, nil, "a", "b", "c", "d")
	head := audit.HeadOf(key, rows[3])
	altered := func(n int, change func(*audit.Row)) []audit.Row {
		out := slices.Clone(rows)
		change(&out[n])
		return out
	}
	renewed := chain(other, rows, "key.lost", "e")
	disk := errors.New("disk I/O error")
	for _, tt := range []struct {
		name   string
		key    []byte
		rows   []audit.Row
		head   audit.Head
		fails  error
		right  int64
		broken *audit.Broken
	}{
		{name: "no rows"},
		{name: "a whole chain", rows: rows, head: head, right: 4},
		{name: "rows that follow the head", rows: rows, head: audit.HeadOf(key, rows[1]), right: 4},
		{name: "an altered row", rows: altered(1, func(r *audit.Row) { r.Action = "x" }), head: head, right: 1,
			broken: &audit.Broken{Seq: 2, Why: "altered"}},
		{name: "the first row is missing", rows: rows[1:], head: head, broken: &audit.Broken{Seq: 1, Why: "missing"}},
		{name: "a row is missing", rows: append(slices.Clone(rows[:1]), rows[2:]...), head: head, right: 1,
			broken: &audit.Broken{Seq: 2, Why: "missing"}},
		{name: "the last row is missing", rows: rows[:3], head: head, right: 3, broken: &audit.Broken{Seq: 4, Why: "missing"}},
		{name: "all rows are missing", head: head, broken: &audit.Broken{Seq: 1, Why: "missing"}},
		{name: "a row of another chain", rows: append(slices.Clone(rows[:2]), chain(key, nil, "x", "y", "c")[2]), right: 2,
			broken: &audit.Broken{Seq: 3, Why: "not the one that followed"}},
		{name: "another end of the same length", rows: chain(key, rows[:3], "x"), head: head, right: 3,
			broken: &audit.Broken{Seq: 4, Why: "not the one that was last"}},
		{name: "another key", key: other, rows: rows, head: head, broken: &audit.Broken{Seq: 1, Why: "altered"}},
		{name: "after the key was lost", key: other, rows: renewed, head: audit.HeadOf(other, renewed[5]), right: 6},
		{name: "a row is missing from before the key was lost", key: other, rows: append(slices.Clone(renewed[:1]), renewed[2:]...),
			head: audit.HeadOf(other, renewed[5]), right: 1, broken: &audit.Broken{Seq: 2, Why: "missing"}},
		{name: "a row that only says that the key was lost", rows: chain(other, rows, "key.lost"), right: 4,
			broken: &audit.Broken{Seq: 5, Why: "altered"}},
		{name: "rows that cannot be read", rows: rows[:2], head: head, fails: disk, right: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.key == nil {
				tt.key = key
			}
			right, err := audit.Verify(tt.key, stored(tt.rows, tt.fails), tt.head)
			var broken *audit.Broken
			errors.As(err, &broken)
			switch {
			case right != tt.right:
				t.Errorf("right: got %d, want %d (%v)", right, tt.right, err)
			case tt.fails != nil && (!errors.Is(err, tt.fails) || broken != nil):
				t.Errorf("got %v, want the store's error", err)
			case tt.broken == nil && tt.fails == nil && err != nil:
				t.Errorf("got %v, want a whole chain", err)
			case tt.broken != nil && (broken == nil || *broken != *tt.broken):
				t.Errorf("got %v, want %v", err, tt.broken)
			}
		})
	}
}
