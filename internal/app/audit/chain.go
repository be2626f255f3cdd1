package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"time"
)

// content is what a row's MAC covers, in this order. Names and order are
// frozen: changing them breaks every chain that exists.
type content struct {
	Seq        int64             `json:"seq"`
	AtUS       int64             `json:"at_us"`
	Person     string            `json:"person"`
	Name       string            `json:"name"`
	Role       string            `json:"role"`
	Session    string            `json:"session"`
	Address    string            `json:"address"`
	Action     string            `json:"action"`
	Account    string            `json:"account"`
	Targets    []string          `json:"targets"`
	Params     map[string]string `json:"params"`
	Intent     string            `json:"intent"`
	Outcome    string            `json:"outcome"`
	RequestIDs []string          `json:"request_ids"`
	Prev       []byte            `json:"prev"`
}

// Sum is the MAC of a row under key: over everything in it, the MAC of the row
// before included, and not over r.MAC. Times count in microseconds; empty and
// nil lists are the same.
func Sum(key []byte, r Row) []byte {
	c := content{
		Seq: r.Seq, AtUS: r.At.UnixMicro(),
		Person: r.Actor.PersonID, Name: r.Actor.Name, Role: string(r.Actor.Role),
		Session: r.Actor.SessionRef, Address: r.Actor.Address,
		Action: r.Action, Account: r.AccountID, Targets: r.Targets, Params: r.Params,
		Intent: r.Intent, Outcome: r.Outcome, RequestIDs: r.RequestIDs, Prev: r.PrevMAC,
	}
	if len(c.Targets) == 0 {
		c.Targets = nil
	}
	if len(c.Params) == 0 {
		c.Params = nil
	}
	if len(c.RequestIDs) == 0 {
		c.RequestIDs = nil
	}
	if len(c.Prev) == 0 {
		c.Prev = nil
	}
	text, err := json.Marshal(c) // maps come out in the order of their keys
	if err != nil {
		panic("audit: " + err.Error()) // strings and numbers always encode
	}
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// Chain makes the row that follows last; the zero last starts the chain.
func Chain(key []byte, last Row, e Entry, at time.Time) Row {
	r := Row{Entry: e, Seq: last.Seq + 1, At: at.UTC().Truncate(time.Microsecond), PrevMAC: last.MAC}
	if r.PrevMAC == nil {
		r.PrevMAC = []byte{}
	}
	r.MAC = Sum(key, r)
	return r
}

// Head is the end of a chain, kept apart from its rows: without it, rows cut
// off at the end would leave a whole, shorter chain. The zero Head is that of
// a chain without rows.
type Head struct {
	Seq int64
	Sum []byte // over number and MAC of the last row
}

// HeadOf makes the head of a chain that ends with r.
func HeadOf(key []byte, r Row) Head {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "head %d %x", r.Seq, r.MAC)
	return Head{Seq: r.Seq, Sum: h.Sum(nil)}
}

// Broken says where a chain stops being what was written.
type Broken struct {
	Seq int64  // the first row that is wrong or missing
	Why string // "altered", "missing", "not the one that followed" or "not the one that was last"
}

// Error names the row.
func (b *Broken) Error() string { return fmt.Sprintf("audit: row %d is %s", b.Seq, b.Why) }

// keyLost is the action of the first row that a new key writes after the key
// before it was lost.
const keyLost = "key.lost"

// Verify recomputes the chain over rows in the order of their numbers and
// returns how many are right. The first wrong or missing row is a *Broken.
// rows is iterated twice. head must have been read before rows: rows that follow
// it were written since.
//
// The MACs of rows before the last keyLost row cannot be recomputed: their key is
// lost. For them only the numbers and the links between rows are checked, up to the
// MAC that the keyLost row names as the one before. The log has a copy of them.
func Verify(key []byte, rows iter.Seq2[Row, error], head Head) (int64, error) {
	var last Row
	first := provable(key, rows)
	for r, err := range rows {
		if err != nil {
			return last.Seq, fmt.Errorf("audit: verify after row %d: %w", last.Seq, err)
		}
		switch {
		case r.Seq != last.Seq+1:
			return last.Seq, &Broken{last.Seq + 1, "missing"}
		case r.Seq >= first && !hmac.Equal(r.MAC, Sum(key, r)):
			return last.Seq, &Broken{r.Seq, "altered"}
		case !bytes.Equal(r.PrevMAC, last.MAC):
			return last.Seq, &Broken{r.Seq, "not the one that followed"}
		case r.Seq == head.Seq && !hmac.Equal(head.Sum, HeadOf(key, r).Sum):
			return last.Seq, &Broken{r.Seq, "not the one that was last"}
		}
		last = r
	}
	if last.Seq < head.Seq {
		return last.Seq, &Broken{last.Seq + 1, "missing"}
	}
	return last.Seq, nil
}

// provable is the number of the first row that key can have written: the last
// row that says, under key, that the one before was lost; else the first.
func provable(key []byte, rows iter.Seq2[Row, error]) int64 {
	first := int64(1)
	for r, err := range rows {
		if err != nil {
			break // Verify meets the same error
		}
		if r.Action == keyLost && hmac.Equal(r.MAC, Sum(key, r)) {
			first = r.Seq
		}
	}
	return first
}
