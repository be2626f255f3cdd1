package cloudsim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strconv"
	"time"
)

// Ids of the parts of an instance are computed from its id: they are not stored and never change.

func digest(id, name string) [32]byte { return sha256.Sum256([]byte(id + "\x00" + name)) }

func hashOf(id, name string) uint64 {
	d := digest(id, name)
	return binary.BigEndian.Uint64(d[:8]) >> 1
}

func hash32(id, name string) string {
	d := digest(id, name)
	return hex.EncodeToString(d[:16])
}

// derivedID is a UUID made of an id and the name of what belongs to it.
func derivedID(id, name string) string {
	d := digest(id, name)
	d[6] = d[6]&0x0f | 0x40
	d[8] = d[8]&0x3f | 0x80
	h := hex.EncodeToString(d[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func (in *instance) serverID() string     { return derivedID(in.ID, "server") }
func (in *instance) packageID() string    { return derivedID(in.ID, "package") }
func (in *instance) eipID() string        { return derivedID(in.ID, "eip") }
func (in *instance) bandID() string       { return derivedID(in.ID, "bandwidth") }
func (in *instance) portID() string       { return derivedID(in.ID, "port") }
func (in *instance) diskID() string       { return derivedID(in.ID, "disk") }
func (in *instance) extraID(i int) string { return derivedID(in.ID, "extra "+strconv.Itoa(i)) }

// imageIn is the id of the image, shared by all that have it.
func (in *instance) imageIn(ids idCache) string {
	if in.order.ImageID != "" {
		return in.order.ImageID
	}
	return ids.uuid(in.order.ImageName+" "+in.order.ImageVersion, "image")
}

// short is the suffix of the names of parts.
func (in *instance) short() string { return in.ID[20:] }

func (in *instance) serverName() string {
	if e := in.edits(); e.Label != "" {
		return e.Label
	}
	return "hcss_ecs_" + in.short()
}

func (in *instance) hostname() string {
	if e := in.edits(); e.Host != "" {
		return e.Host
	}
	return "hcss-ecs-" + in.short()
}

func (in *instance) zone() string { return in.order.Region + "a" }

const addresses = 512 * 254

// publicIP is in 198.18.0.0/15, which no network routes (RFC 2544); the first 130,048 instances get different ones.
func (in *instance) publicIP() string {
	n := in.Seq % addresses
	return dotted(198, 18+n/254/256, n/254%256, 1+n%254)
}

func (in *instance) privateIP() string {
	return dotted(192, 168, in.Seq/250%250, 2+in.Seq%250)
}

func dotted(a, b, c, d int) string {
	return strconv.Itoa(a) + "." + strconv.Itoa(b) + "." + strconv.Itoa(c) + "." + strconv.Itoa(d)
}

func (in *instance) mac() string {
	d := digest(in.ID, "mac")
	h := hex.EncodeToString(d[:3])
	return "fa:16:3e:" + h[:2] + ":" + h[2:4] + ":" + h[4:]
}

func (in *instance) spec() specification {
	s, _ := specByCode(in.order.Spec)
	return s
}

// exists from delivery until the end of the time in which the cloud keeps an expired instance.
func (in *instance) exists(now time.Time) bool {
	return !now.Before(in.Born) && now.Before(in.Expires.Add(graceLasts+keptLasts)) && !in.gone(now)
}

// frozen is in the retention period: kept, not usable.
func (in *instance) frozen(now time.Time) bool { return now.After(in.Expires.Add(graceLasts)) }

// resourceStatus as BSS counts: 2 in use, 5 expired, 4 frozen, 3 closed.
func (in *instance) resourceStatus(now time.Time) int {
	switch {
	case !in.exists(now):
		return 3
	case in.frozen(now):
		return 4
	case now.After(in.Expires):
		return 5
	}
	return 2
}

// base36 makes n letters or digits of a hex string.
func base36(hexText string, n int) string {
	v, _ := new(big.Int).SetString(hexText, 16) // always hex
	s := v.Text(36)
	for len(s) < n {
		s = "0" + s
	}
	return s[len(s)-n:]
}
