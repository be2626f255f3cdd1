package meter

import (
	"encoding/binary"
	"errors"
	"math"

	"sampan/internal/app/instance"
)

// startRowForm is the first byte of a start row: a meter's standing in few bytes,
// kept beside the meter. A start reads it instead of unpacking the samples and
// computing the pace from them. A change of the form needs another number; a row
// of another form is made anew from the meter.
const startRowForm = 1

// startRow packs a meter's standing. Amounts are exact to a thousandth of a GB.
func startRow(m Meter) []byte {
	s := standingOf(m)
	b := append(make([]byte, 0, 48), startRowForm)
	for _, n := range [...]int64{s.read, s.at, s.start, s.end, thousandths(m.Last.Left), thousandths(m.Last.Total), int64(s.unit)} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.perDay))
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(s.overDays))
}

var errStartRow = errors.New("traffic: a start row is damaged")

// readStartRow undoes startRow.
func readStartRow(b []byte) (standing, instance.Traffic, error) {
	const paces = 8
	if len(b) == 0 || b[0] != startRowForm {
		return standing{}, instance.Traffic{}, errStartRow
	}
	b = b[1:]
	var v [7]int64
	for k := range v {
		n := 0
		if v[k], n = binary.Varint(b); n <= 0 {
			return standing{}, instance.Traffic{}, errStartRow
		}
		b = b[n:]
	}
	if len(b) != paces {
		return standing{}, instance.Traffic{}, errStartRow
	}
	left, total := float64(v[4])/1000, float64(v[5])/1000
	s := standing{read: v[0], at: v[1], start: v[2], end: v[3], left: float32(left), total: float32(total), unit: int16(v[6]),
		perDay: math.Float32frombits(binary.LittleEndian.Uint32(b)), overDays: math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))}
	t := instance.Traffic{At: moment(s.read), CycleEnd: moment(s.end)}
	if s.unit == 0 {
		t.At, t.Left, t.Total = moment(s.at), left, total
	}
	return s, t, nil
}

func thousandths(gb float64) int64 { return int64(math.Round(gb * 1000)) }
