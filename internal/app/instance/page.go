package instance

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"io"
	"sync"
)

// A refresh of ten thousand servers reads some hundred megabytes of JSON. Each
// page is shrunk as soon as it is read, so that they are never in memory
// together: of unchanged things only the ids stay, and the answers
// themselves are deflated and stored, without what may be a secret.

// listedPage shrinks a page of Config's list and stores its raw answers.
func (r *accountReader) listedPage(page []Listed) {
	before, raws := r.s.accountRows(r.access.AccountID), []Raw(nil)
	for n := range page {
		l := &page[n]
		if l.shrink(before.row(l.ID)); len(l.Raw) > 0 && validID(l.ID) {
			raws = append(raws, Raw{Source: FromConfig, ID: l.ID, At: r.at, Body: l.Raw})
		}
		l.Raw = nil
	}
	r.raws.keep(raws)
}

// serverPage shrinks a page of ECS's list and stores its raw answers.
func (r *accountReader) serverPage(page []Server) {
	before, raws := r.s.accountRows(r.access.AccountID), []Raw(nil)
	for n := range page {
		v := &page[n]
		if v.shrink(before.server(v.ID)); len(v.Raw) > 0 && validID(v.ID) && v.Flexus() {
			raws = append(raws, Raw{Source: FromECS, ID: v.ID, At: r.at, Body: v.Raw})
		}
		v.Raw = nil
	}
	r.raws.keep(raws)
}

// shrink removes from a listing what its row already says; the row may be nil. A
// second call does nothing.
func (l *Listed) shrink(r *Row) {
	if l.Sum != 0 {
		return
	}
	l.Sum = sumOf(l.Raw, l)
	if r != nil && r.same(FromConfig, l.Sum) {
		*l = Listed{ID: l.ID, ServerIDs: l.ServerIDs, Sum: l.Sum, Same: true}
		return
	}
	l.Raw = deflate(Redact(l.Raw))
	if len(l.Parts) > 0 {
		l.parts, l.Parts = deflate([]byte(l.PartsJSON())), nil
	}
}

// PartsJSON is Parts as the store keeps them: JSON, "" when there are none.
func (l *Listed) PartsJSON() string {
	b, err := []byte(nil), error(nil)
	switch {
	case l.parts != nil:
		b, err = inflate(l.parts)
	case len(l.Parts) > 0:
		b, err = json.Marshal(l.Parts)
	}
	if err != nil {
		return "" // it cannot fail: plain texts that were deflated here
	}
	return string(b)
}

// shrink removes from a server what its row already says; the row may be nil. A
// second call does nothing.
func (v *Server) shrink(r *Row) {
	if v.Sum != 0 || v.Absent {
		return
	}
	v.Sum = sumOf(v.Raw, v)
	if r != nil && r.same(FromECS, v.Sum) {
		*v = Server{ID: v.ID, InstanceID: v.InstanceID, OrderID: v.OrderID, Region: v.Region, Sum: v.Sum, Same: true}
		return
	}
	v.Raw = deflate(Redact(v.Raw))
}

// server gives the row of a server; nil when there is none, or the id is of an
// instance.
func (a *accountRows) server(id string) *Row {
	if r := a.row(id); r != nil && r.ServerID == id {
		return r
	}
	return nil
}

// same reports whether a source says what it said before.
func (r *Row) same(by Source, sum uint64) bool { return r.sums[by] == sum && !r.lost.has(by) }

// deflater is a writer with the buffer that it writes to.
type deflater struct {
	*flate.Writer
	out bytes.Buffer
}

var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is a valid one
	return &deflater{Writer: w}
}}

// deflate gives the bytes compressed; nil when there are none.
func deflate(raw []byte) []byte {
	if len(raw) == 0 {
		return nil
	}
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out.Reset()
	d.Reset(&d.out)
	_, _ = d.Write(raw) // into memory
	_ = d.Close()
	return bytes.Clone(d.out.Bytes())
}

// inflated gives the raw answers with their bodies decompressed.
func inflated(raws []Raw) ([]Raw, error) {
	for n := range raws {
		body, err := inflate(raws[n].Body)
		if err != nil {
			return nil, err
		}
		raws[n].Body = body
	}
	return raws, nil
}

func inflate(b []byte) ([]byte, error) { return io.ReadAll(flate.NewReader(bytes.NewReader(b))) }

// rawKeeper stores raw answers while the turn goes on reading. It belongs to one
// accountReader.
type rawKeeper struct {
	pages chan []Raw
	done  chan struct{}
}

// pagesAhead is how many pages may wait to be stored before reading waits too.
const pagesAhead = 8

// keepRaws starts a keeper; the caller must close it.
func (r *accountReader) keepRaws(ctx context.Context) *rawKeeper {
	k := &rawKeeper{pages: make(chan []Raw, pagesAhead), done: make(chan struct{})}
	go func() {
		defer close(k.done)
		for raws := range k.pages {
			if err := r.s.Store.Keep(ctx, r.access.AccountID, Kept{Raws: raws}); err != nil && ctx.Err() == nil {
				r.s.Log.ErrorContext(ctx, "instance: store answers", "account", r.access.AccountID, "err", err)
			}
		}
	}()
	return k
}

func (k *rawKeeper) keep(page []Raw) {
	if len(page) > 0 {
		k.pages <- page
	}
}

func (k *rawKeeper) close() {
	close(k.pages)
	<-k.done
}
