package account

import (
	"slices"
	"strings"
	"time"

	"sampan/internal/app/fault"
)

// Reach says which calls of an account the cloud answers. The values are ordered by
// how much they matter to a person, the worst last.
type Reach uint8

// The reaches.
const (
	NotAsked   Reach = iota // unknown: never checked, the first check has no answer yet, or the account is disabled
	Reached                 // every step of the last check was answered, and nothing was refused since
	Limited                 // the account answers, but not to everything: a permission is missing, a region gave no answer …
	Throttled               // the cloud limited the sign-in, so nothing else was asked
	Unreached               // no clear answer at the sign-in: no network, no name, a gateway's error …
	KeyRefused              // the sign-in, or what it needs first, is refused, or cannot be unsealed: nothing is read until somebody acts
)

// Finding is what is known of an account's reach, and why.
type Finding struct {
	Reach   Reach
	Message fault.Message // of the first thing that is wrong; zero with NotAsked and Reached
	Code    string        // the cloud's code of that, where it gave one
	At      time.Time     // since when it is wrong like this; with Reached when it was last asked
	// Missing is, with Limited, all lines that are wrong, in the check's order. Rights
	// refused since are among them, named "right:pay".
	Missing []Check
}

// Wrong reports whether something is wrong.
func (f Finding) Wrong() bool { return f.Reach > Reached }

// Found is what the last connection check and the calls since showed about the
// account. While a check is under way, lines that it has not asked again yet count as
// they were. Results of refreshes are not part of it: see instance.Sync.
func (a Account) Found() Finding {
	switch {
	case a.State == Disabled:
		return Finding{}
	case a.State == Broken:
		f := Finding{Reach: KeyRefused, Message: a.Trouble, At: a.TroubleAt}
		if k, failed := a.signInFailed(); failed {
			f.Code = k.Code
		}
		return f
	case len(a.Checks) == 0:
		return Finding{}
	}
	if k, failed := a.signInFailed(); failed {
		return Finding{Reach: k.reach(), Message: k.Message, Code: k.Code, At: a.since(k)}
	}
	missing := a.missing()
	if len(missing) == 0 {
		return Finding{Reach: Reached, At: a.CheckedAt}
	}
	return Finding{Reach: Limited, Message: missing[0].Message, Code: missing[0].Code, At: a.since(missing[0]), Missing: missing}
}

func (a Account) line(name string) int {
	return slices.IndexFunc(a.Checks, func(k Check) bool { return k.Name == name })
}

// signInFailed gives the line of the sign-in when it failed.
func (a Account) signInFailed() (k Check, failed bool) {
	if i := a.line("keys"); i >= 0 && !a.Checks[i].OK {
		return a.Checks[i], true
	}
	return Check{}, false
}

// since is when a line began to fail; lines of older versions know their check only.
func (a Account) since(k Check) time.Time {
	if k.Since.IsZero() {
		return a.CheckedAt
	}
	return k.Since
}

// missing are the lines that are wrong, and the rights that were refused to a call
// since. Two findings do not count: regions on sale that are not activated, and
// another entry of the same account.
func (a Account) missing() []Check {
	var out []Check
	for _, k := range a.Checks {
		if !k.OK && k.Name != "regions:inactive" && k.Name != "twin" {
			out = append(out, k)
		}
	}
	for _, r := range Rights {
		answer, known := a.Rights[r]
		if !known || answer.Allowed || slices.ContainsFunc(out, func(k Check) bool { return rightOf(k.Name) == r }) {
			continue
		}
		out = append(out, Check{Name: "right:" + string(r), Message: fault.Say("account.right.refused", "Right", "@"+rightNames[r]),
			Code: answer.Code, Kind: fault.Refused.String(), Since: answer.At})
	}
	return out
}

// Rights are all rights, in the order of pages.
var Rights = []Right{
	RightProjects, RightList, RightBilling, RightOrders, RightServers, RightImages, RightMetrics,
	RightChange, RightBuy, RightPay, RightCancel,
}

// rightNames are what the rights allow, as message ids.
var rightNames = map[Right]string{
	RightProjects: "account.right.projects", RightList: "account.right.list", RightBilling: "account.right.billing",
	RightOrders: "account.right.orders", RightServers: "account.right.servers", RightImages: "account.right.images",
	RightMetrics: "account.right.metrics", RightChange: "account.right.change",
	RightBuy: "account.right.buy", RightPay: "account.right.pay", RightCancel: "account.right.cancel",
}

// Right is the right that the line asks for, "" for none.
func (k Check) Right() Right { return rightOf(k.Name) }

// rightOf is the right that a line of the check asks for, "" for none.
func rightOf(name string) Right {
	kind, _, _ := strings.Cut(name, ":")
	switch kind {
	case "keys":
		return RightProjects
	case "list":
		return RightList
	case "billing": // the balance alone; the orders are a line of their own
		return RightBilling
	case "orders":
		return RightOrders
	case "servers":
		return RightServers
	case "images":
		return RightImages
	}
	return ""
}

// reach is the account's reach after the failed sign-in of this line.
func (k Check) reach() Reach {
	switch k.Failure() {
	case fault.Busy:
		return Throttled
	case fault.Refused:
		return KeyRefused
	}
	return Unreached
}

// unreachableIDs are the messages of calls that got no clear answer, besides those of
// "cloud.read.…".
var unreachableIDs = []string{
	"cloud.unreachable", "cloud.stopped", "cloud.circuit", "cloud.endpoint.address", "cloud.clock.refused",
}

// Failure is the kind of a failed line. Lines of older versions have no kind: it is
// told by their message.
func (k Check) Failure() fault.Kind {
	for _, kind := range []fault.Kind{fault.Busy, fault.Refused, fault.Unreachable, fault.Internal} {
		if k.Kind == kind.String() {
			return kind
		}
	}
	switch id := k.Message.ID; {
	case id == "cloud.throttled" || id == "cloud.busy" || id == "cloud.turn":
		return fault.Busy
	case id == "account.check.failed":
		return fault.Internal
	case strings.HasPrefix(id, "cloud.read.") || slices.Contains(unreachableIDs, id):
		return fault.Unreachable
	}
	return fault.Refused
}
