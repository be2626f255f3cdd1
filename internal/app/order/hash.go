package order

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// hash is equal for equal intents: over the request without the ids of one
// attempt, and without what is ours and not the person's choice (how the image
// is called and spelled).
func hash(r Request) string {
	r.Image.Name, r.Image.Send = "", nil
	if len(r.Tags) == 0 {
		r.Tags = nil
	}
	return digest(r)
}

// priceKey is equal for requests that cost the same: what Huawei charges for,
// without names, tags and how it is paid.
func priceKey(r Request) string {
	return digest(Request{
		AccountID: r.AccountID, Image: Image{Kind: r.Image.Kind, ID: r.Image.ID, Version: r.Image.Version},
		Spec: r.Spec, Region: r.Region, Quantity: r.Quantity, PeriodUnit: r.PeriodUnit, PeriodNum: r.PeriodNum,
		DataDiskGiB: r.DataDiskGiB, BackupGiB: r.BackupGiB, HostSecurity: r.HostSecurity,
	})
}

func digest(r Request) string {
	b, err := json.Marshal(r) // struct order: the same fields give the same bytes
	if err != nil {
		panic("order: " + err.Error()) // strings, numbers and a decimal always marshal
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TagKey is the tag that makes an order findable (reliability.md §3.3).
const TagKey = "sampan-order"

// newTag gives 10 random characters.
func newTag() string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789" // 32, none that look alike
	b := make([]byte, 10)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	for i, v := range b {
		b[i] = letters[int(v)%len(letters)]
	}
	return string(b)
}
