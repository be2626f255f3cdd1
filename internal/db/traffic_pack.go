package db

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"sampan/internal/app/meter"
)

// Samples are packed one after the other: seconds since the sample before,
// thousandths of GB more or less than it had left, and, where it changed, the
// cycle: total, begin and end. A sample of a steady package takes 6 to 8 bytes.

var errPacked = errors.New("db: packed samples are damaged")

const cycleFollows = 1

// pack packs samples, oldest first.
func pack(samples []meter.Sample) []byte {
	b := make([]byte, 0, 16+8*len(samples))
	var last packed
	for _, s := range samples {
		p := packed{at: s.At.Unix(), left: thousandths(s.Left), total: thousandths(s.Total), start: unix(s.CycleStart),
			end: unix(s.CycleEnd)}
		flags := int64(0)
		if p.total != last.total || p.start != last.start || p.end != last.end {
			flags = cycleFollows
		}
		b = binary.AppendVarint(b, p.at-last.at)
		b = binary.AppendVarint(b, (p.left-last.left)<<1|flags)
		if flags != 0 {
			b = binary.AppendVarint(b, p.total)
			b = binary.AppendVarint(b, p.start)
			b = binary.AppendVarint(b, p.end)
		}
		last = p
	}
	return b
}

type packed struct{ at, left, total, start, end int64 }

// unpack is the inverse of pack.
func unpack(b []byte) ([]meter.Sample, error) {
	var all []meter.Sample
	var p packed
	read := func() int64 {
		v, n := binary.Varint(b)
		if n <= 0 {
			b = nil
			p.at = math.MaxInt64 // noticed below
			return 0
		}
		b = b[n:]
		return v
	}
	for len(b) > 0 {
		p.at += read()
		left := read()
		p.left += left >> 1
		if left&cycleFollows != 0 {
			p.total, p.start, p.end = read(), read(), read()
		}
		if p.at == math.MaxInt64 {
			return nil, errPacked
		}
		all = append(all, meter.Sample{At: time.Unix(p.at, 0).UTC(), Left: float64(p.left) / 1000, Total: float64(p.total) / 1000,
			CycleStart: fromUnix(p.start), CycleEnd: fromUnix(p.end)})
	}
	return all, nil
}

// thousandths rounds an amount to what is kept. What is beyond all packages is
// cut, so that a mad answer does no harm.
func thousandths(gb float64) int64 {
	if math.IsNaN(gb) {
		return 0
	}
	return int64(math.Round(max(-1e12, min(1e12, gb)) * 1000))
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromUnix(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
