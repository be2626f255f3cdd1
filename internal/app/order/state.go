package order

import (
	"slices"

	"sampan/internal/app/job"
)

// next is the table of reliability.md §4: which state may follow which.
var next = map[State][]State{
	Confirmed:       {Sending, Expired, Cancelled, Unknown}, // unknown: of a process start that is over
	Sending:         {Sending, Ordered, Refused, Unknown},   // itself: the one repeat of class D
	Unknown:         {Ordered, NotFound, NeedsHuman},
	NeedsHuman:      {Ordered, NotFound, Closed},
	NotFound:        {Ordered},
	Ordered:         {Ordered, AwaitingPayment, Delivering, Closed, NeedsHuman}, // itself: another order is ours than the answer said
	AwaitingPayment: {Paying, Delivering, Cancelled, Closed},
	Paying:          {Paying, Delivering, AwaitingPayment, Delivered, Closed}, // itself: repeated after a read
	Delivering:      {Delivered, PartlyDelivered, Closed},
	PartlyDelivered: {Delivered},
}

// May reports whether to may follow s.
func (s State) May(to State) bool { return slices.Contains(next[s], to) }

// Final reports whether nothing may follow s. NotFound and PartlyDelivered
// become final with time: see Order.Final.
func (s State) Final() bool { return len(next[s]) == 0 }

// Final reports whether nothing will change any more.
func (o Order) Final() bool { return o.State.Final() || !o.EndedAt.IsZero() }

// Open reports whether the intent may still become, or is, an order under way:
// its name is taken, and an equal intent is a repetition.
func (s State) Open() bool {
	switch s {
	case Confirmed, Sending, Unknown, NeedsHuman, Ordered, AwaitingPayment, Paying, Delivering:
		return true
	}
	return false
}

// OpenStates lists the states that are Open.
func OpenStates() []State {
	return []State{Confirmed, Sending, Unknown, NeedsHuman, Ordered, AwaitingPayment, Paying, Delivering}
}

// The groups that a list of orders is filtered by.
const (
	GroupToPay      = "to pay"
	GroupInProgress = "in progress"
	GroupProblem    = "problem"
	GroupDone       = "done"
)

var groups = map[State]string{
	AwaitingPayment: GroupToPay,
	Confirmed:       GroupInProgress, Sending: GroupInProgress, Ordered: GroupInProgress,
	Paying: GroupInProgress, Delivering: GroupInProgress,
	Unknown: GroupProblem, NeedsHuman: GroupProblem, NotFound: GroupProblem, PartlyDelivered: GroupProblem, Closed: GroupProblem,
	Refused: GroupDone, Expired: GroupDone, Cancelled: GroupDone, Delivered: GroupDone,
}

// Group is the group of states that s is listed under.
func (s State) Group() string { return groups[s] }

// States lists the states of a group; "" gives nil, which stands for all.
func States(group string) []State {
	var all []State
	for s, g := range groups {
		if g == group {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

// Queued reports whether the console would still send something for the order
// without asking a person again. A restored database must not do that (I7).
func (o Order) Queued() bool {
	switch o.State {
	case Confirmed, Sending, Paying:
		return true
	case Unknown, NeedsHuman, NotFound, Ordered, AwaitingPayment:
		if o.Request.Payment == AtMost && o.Cap != nil && o.PaySends == 0 && (o.State != AwaitingPayment || o.Reason.Zero()) {
			return true
		}
	}
	return !o.PayAskedAt.IsZero() || !o.CancelAskedAt.IsZero() ||
		slices.ContainsFunc(o.Candidates, Candidate.asked)
}

// Target is the order as the one target of its job (reliability.md §5).
func (o Order) Target() job.Target {
	return job.Target{
		N: 1, Thing: o.ID, State: o.targetState(), Code: o.Code, Message: o.Reason, RequestID: o.RequestID, UpdatedAt: o.StateAt,
	}
}

func (o Order) targetState() job.TargetState {
	switch o.State {
	case Confirmed:
		return job.Pending
	case Sending:
		return job.TargetSending
	case Ordered, AwaitingPayment, Paying, Delivering:
		return job.Accepted
	case Delivered:
		return job.OK
	case Cancelled:
		return job.TargetCalled
	case Unknown, NeedsHuman:
		return job.TargetUnknown
	case NotFound:
		if o.EndedAt.IsZero() {
			return job.TargetUnknown
		}
	case PartlyDelivered:
		if o.EndedAt.IsZero() {
			return job.Accepted
		}
	}
	return job.Failed
}
