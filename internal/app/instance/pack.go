package instance

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// Packed is the rows of one instance, or of a server whose instance is not known,
// in few bytes: what the lists show, without what other packages know (traffic,
// labels, servers where nothing answered). A start reads these and not the
// records, which are ten times as large and would have to be merged again.
type Packed struct {
	AccountID string
	ID        string // the instance's; the server's when its instance is not known
	Body      []byte // nil: there are no rows any more
}

// packing names the form of packed rows. A change of Row, of merging or of
// packing needs a new number; the next start then makes all rows anew.
const packing = "2"

// packRows packs the rows of an instance. product is what Config calls it.
func packRows(rows []*Row, product string) []byte {
	c := coder{buf: make([]byte, 0, 400*len(rows))}
	c.text(&product)
	for _, r := range rows {
		c.row(r)
	}
	return c.buf
}

var errPacked = errors.New("instance: packed rows are damaged")

// unpackRows gives the packed rows, which a deriver must complete.
func unpackRows(body []byte) (rows []*Row, product string, err error) {
	c := coder{rest: string(body), reads: true}
	c.text(&product)
	for len(c.rest) > 0 && !c.bad {
		r := &Row{}
		c.row(r)
		rows = append(rows, r)
	}
	if c.bad || len(rows) == 0 {
		return nil, "", errPacked
	}
	return rows, product, nil
}

// coder goes through the fields of rows, in the same way for writing and for
// reading. Texts that were read share the memory of the packed whole.
type coder struct {
	reads bool
	buf   []byte // written
	rest  string // to be read
	bad   bool
}

// row writes or reads every field that is not computed from others.
func (c *coder) row(r *Row) {
	for _, s := range [...]*string{&r.InstanceID, &r.ServerID, &r.Name, &r.InstanceName, &r.Hostname, &r.Region, &r.Project, &r.Zone,
		&r.State, &r.Status, &r.TaskState, &r.Address, &r.Private, &r.OS, &r.ImageName, &r.Spec, &r.PackageID, &r.CloudOrder, &r.Fault} {
		c.text(s)
	}
	c.list(&r.More)
	c.list(&r.Tags)
	c.int(&r.VCPUs)
	c.int(&r.MemoryMiB)
	for _, t := range [...]*time.Time{&r.Expires, &r.Created, &r.ChangedOutside, &r.NotSeenSince, &r.UpdatedAt} {
		c.time(t)
	}
	lost := [...]bool{r.lost.has(FromConfig), r.lost.has(FromECS), r.lost.has(FromBSS)}
	c.flags(&r.AutoRenew, &r.Frozen, &r.Locked, &r.Disagree, &r.First, &lost[FromConfig], &lost[FromECS], &lost[FromBSS])
	for by, is := range lost {
		r.lost.put(Source(by), is)
	}
	for n := range r.seen {
		c.number(&r.seen[n])
		c.sum(&r.sums[n])
	}
}

// number is a varint.
func (c *coder) number(n *int64) {
	if !c.reads {
		c.buf = binary.AppendVarint(c.buf, *n)
		return
	}
	u := c.uvarint()
	*n = int64(u>>1) ^ -int64(u&1)
}

func (c *coder) uvarint() (u uint64) {
	for shift := 0; shift < 64; shift += 7 {
		if len(c.rest) == 0 {
			break
		}
		b := c.rest[0]
		c.rest = c.rest[1:]
		u |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return u
		}
	}
	c.bad, c.rest = true, ""
	return 0
}

func (c *coder) sum(u *uint64) {
	const size = 8
	if !c.reads {
		c.buf = binary.LittleEndian.AppendUint64(c.buf, *u)
		return
	}
	if len(c.rest) < size {
		c.bad, c.rest = true, ""
		return
	}
	*u = 0
	for n := range size {
		*u |= uint64(c.rest[n]) << (8 * n)
	}
	c.rest = c.rest[size:]
}

func (c *coder) int(n *int) {
	wide := int64(*n)
	c.number(&wide)
	*n = int(wide)
}

func (c *coder) text(s *string) {
	if !c.reads {
		c.buf = append(binary.AppendUvarint(c.buf, uint64(len(*s))), *s...)
		return
	}
	n := c.uvarint()
	if n > uint64(len(c.rest)) {
		c.bad, c.rest = true, ""
		return
	}
	*s, c.rest = c.rest[:n], c.rest[n:]
}

func (c *coder) list(l *[]string) {
	n := len(*l)
	c.int(&n)
	if c.reads && n > 0 && n <= len(c.rest) {
		*l = make([]string, n)
	}
	for k := range *l {
		c.text(&(*l)[k])
	}
}

// time is exact to the microsecond, as everywhere in the store.
func (c *coder) time(t *time.Time) {
	us := int64(math.MinInt64)
	if !t.IsZero() {
		us = t.UnixMicro()
	}
	c.number(&us)
	if c.reads && us != math.MinInt64 {
		*t = time.UnixMicro(us).UTC()
	}
}

// flags are up to eight booleans in one byte.
func (c *coder) flags(all ...*bool) {
	if !c.reads {
		var set byte
		for n, is := range all {
			set |= byte(flag(*is)) << n
		}
		c.buf = append(c.buf, set)
		return
	}
	if len(c.rest) == 0 {
		c.bad = true
		return
	}
	for n, is := range all {
		*is = c.rest[0]&(1<<n) != 0
	}
	c.rest = c.rest[1:]
}

// pack makes the rows of the bundle, as bare does, and gives them packed.
func (b *bundle) pack(sh *accountAges) []Packed {
	r := &b.rec
	if r.ID != "" {
		p := Packed{AccountID: sh.account, ID: r.ID}
		if b.rows = b.bare(sh); r.GoneAt.IsZero() {
			p.Body = packRows(b.rows, r.Product)
		}
		return []Packed{p}
	}
	var all []Packed
	for n := range b.servers { // each is packed by itself
		alone := &bundle{rec: b.rec, servers: b.servers[n : n+1]}
		rows, p := alone.bare(sh), Packed{AccountID: sh.account, ID: b.servers[n].Server.ID}
		if b.servers[n].GoneAt.IsZero() {
			p.Body = packRows(rows, "")
		}
		b.rows, all = append(b.rows, rows...), append(all, p)
	}
	return all
}
