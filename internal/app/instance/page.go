package instance

import (
	"bytes"
	"compress/flate"
	"io"
	"sync"
)

// A refresh of ten thousand servers reads some hundred megabytes of JSON. Each
// page is made small as soon as it is read, so that they are never in memory
// together: of what is known already only the ids stay, and the answers
// themselves are kept deflated.

// listedPage makes a page of Config's listing small.
func (s *Service) listedPage(accountID string) func([]Listed) {
	return func(page []Listed) {
		part := s.partOf(accountID)
		for n := range page {
			page[n].shrink(part.row(page[n].ID))
		}
	}
}

// serverPage makes a page of ECS's listing small.
func (s *Service) serverPage(accountID string) func([]Server) {
	return func(page []Server) {
		part := s.partOf(accountID)
		for n := range page {
			page[n].shrink(part.server(page[n].ID))
		}
	}
}

// shrink leaves of a listing what is news beside the row, which may be nil. It
// is done once.
func (l *Listed) shrink(r *Row) {
	if l.Sum != 0 {
		return
	}
	l.Sum = sumOf(l.Raw, l)
	if r != nil && r.same(FromConfig, l.Sum) {
		*l = Listed{ID: l.ID, ServerIDs: l.ServerIDs, Sum: l.Sum, Same: true}
		return
	}
	l.Raw = deflate(l.Raw)
}

// shrink leaves of a server what is news beside its row, which may be nil. It
// is done once.
func (v *Server) shrink(r *Row) {
	if v.Sum != 0 || v.Absent {
		return
	}
	v.Sum = sumOf(v.Raw, v)
	if r != nil && r.same(FromECS, v.Sum) {
		*v = Server{ID: v.ID, InstanceID: v.InstanceID, OrderID: v.OrderID, Region: v.Region, Sum: v.Sum, Same: true}
		return
	}
	v.Raw = deflate(v.Raw)
}

// server gives the row of a server, and never that of an instance.
func (p *part) server(id string) *Row {
	if r := p.row(id); r != nil && r.ServerID == id {
		return r
	}
	return nil
}

// same reports whether a source says what it said before.
func (r *Row) same(by Source, sum uint64) bool { return r.sums[by] == sum && !r.lost[by] }

var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is a good one
	return w
}}

func deflate(raw []byte) []byte {
	if len(raw) == 0 {
		return nil
	}
	var b bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&b)
	_, _ = w.Write(raw) // into memory
	_ = w.Close()
	return bytes.Clone(b.Bytes())
}

// inflated gives raw answers as they came.
func inflated(raws []Raw) ([]Raw, error) {
	for n := range raws {
		body, err := io.ReadAll(flate.NewReader(bytes.NewReader(raws[n].Body)))
		if err != nil {
			return nil, err
		}
		raws[n].Body = body
	}
	return raws, nil
}
