package cloud

import (
	"context"
	"errors"
	"regexp"

	"sampan/internal/app/fault"
)

// MaxPages is where a listing is given up that does not end (reliability.md §6).
const MaxPages = 200

var errPages = errors.New("the listing does not end or repeats itself")

// Pages reads a listing page by page until next says "", where next is given
// the marker of the page to read, "" for the first. A marker that comes back, or
// more than MaxPages pages, is a fault: half a listing must not pass for a whole.
func Pages(ctx context.Context, next func(ctx context.Context, marker string) (string, error)) error {
	seen := map[string]bool{"": true}
	marker := ""
	for range MaxPages {
		following, err := next(ctx, marker)
		if err != nil || following == "" {
			return err
		}
		if seen[following] {
			break
		}
		seen[following] = true
		marker = following
	}
	return Incomplete(errPages)
}

// Incomplete is the fault of a read whose answers do not add up.
func Incomplete(why error) error {
	return fault.New(fault.Unreachable, "cloud.read.garbled").Because(why)
}

// Unanswered makes fault.Unreachable of fault.NotFound, for a read that asks for a
// list: a listing that is not there says nothing about what is on it. Other
// errors, nil included, stay as they are.
func Unanswered(err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := *fault.Of(err)
	f.Kind, f.Message, f.Err = fault.Unreachable, fault.Say("cloud.read.garbled"), err
	return &f
}

// Patterns of ids that enter a URL or a body (cloud-api, 4).
var (
	serverID   = regexp.MustCompile(`^[0-9a-fA-F-]+$`)
	instanceID = regexp.MustCompile(`^[0-9a-zA-Z-]+$`)
	orderID    = regexp.MustCompile(`^[A-Z0-9]+$`)
)

// ValidServerID reports whether the text can be the id of a server or an image.
func ValidServerID(id string) bool { return len(id) >= 8 && len(id) <= 64 && serverID.MatchString(id) }

// ValidInstanceID reports whether the text can be the id of an instance.
func ValidInstanceID(id string) bool { return len(id) <= 64 && instanceID.MatchString(id) }

// ValidOrderID reports whether the text can be the number of an order.
func ValidOrderID(id string) bool { return len(id) >= 6 && len(id) <= 64 && orderID.MatchString(id) }

// BadID is the fault for an id that Huawei cannot have given.
func BadID(id string) error { return fault.New(fault.Refused, "cloud.id", "ID", plain(id, 64)) }
