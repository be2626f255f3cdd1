package order

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/job"
	"sampan/internal/app/person"
)

// Step implements job.Task: it does what is due for the order and says when to
// come back.
func (s *Service) Step(ctx context.Context, l job.Lease) (job.Next, error) {
	o, err := s.Store.Order(ctx, l.JobID)
	if err != nil {
		return job.Next{}, err
	}
	if o.Final() {
		return s.afterwards(ctx, l, o)
	}
	switch o.State {
	case Confirmed:
		return s.place(ctx, l, o)
	case Sending:
		return s.abandoned(ctx, l, o)
	case Unknown, NotFound:
		return s.lookFor(ctx, l, o)
	case NeedsHuman:
		return s.candidates(ctx, l, o)
	case Ordered, AwaitingPayment, Paying, Delivering, PartlyDelivered:
		return s.follow(ctx, l, o)
	}
	return job.Next{}, fmt.Errorf("order %s: nothing drives state %q", o.ID, o.State)
}

// place claims a confirmed order and sends it, unless a guard holds it back or
// its time is over (reliability.md §3.3, I6).
func (s *Service) place(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	now := s.Now()
	if o.Start != s.Store.Start() {
		return s.queuedBefore(ctx, l, o)
	}
	if !now.Before(o.ExpiresAt) {
		return s.expire(ctx, l, o)
	}
	if s.unrecorded.Load() > 0 || ctx.Err() != nil {
		return s.queued(o, now), nil
	}
	if h, err := s.behind(ctx, o); err != nil || h != nil {
		if err != nil {
			return job.Next{}, err
		}
		return s.wait(ctx, l, o, h)
	}
	switch wait := s.turn(ctx, o); {
	case wait > worthAWord:
		return s.wait(ctx, l, o, &Held{Why: HeldByTurn})
	case wait > 0:
		return job.Next{At: now.Add(wait)}, nil
	}
	v, err := s.Store.Review(ctx, o.ReviewID)
	if err != nil {
		return job.Next{}, err
	}
	a := Attempt{N: 1, ClientRequestID: o.ClientRequestID, ImageName: v.ImageName, Body: v.Body, URL: v.URL}
	sent, err := s.claim(ctx, l, o, &a, fault.Say("order_event.sent"))
	if h, ok := held(err); ok {
		return s.wait(ctx, l, o, h)
	}
	if err != nil {
		return job.Next{}, err
	}
	return s.send(ctx, l, sent, a)
}

// queuedBefore makes an order unknown that an earlier process start had queued. It
// is not sent without a person, and nobody may say that it was not sent before the
// cloud was asked (I6). No attempt was claimed here, so t0 is the time of the click.
func (s *Service) queuedBefore(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	now := s.Now()
	m := fault.Say("order.unknown.restarted")
	c := Change{Order: o, From: o.State, Lease: l, Events: []Event{s.event(Unknown, m, "")},
		Audit: []audit.Entry{audit.By(person.System, "order.queued.before", o.ID).On(o.AccountID).For(o.ID).Ended("unknown")}}
	c.Order.State, c.Order.Reason = Unknown, m
	c.Order.NextCheckAt, c.Order.CheckUntil = s.Timing.look(now, now)
	_, err := s.save(ctx, c)
	return job.Next{At: c.Order.NextCheckAt}, err
}

// behind gives the purchase of the account that this one has to wait for, nil
// when there is none. The claim asks again.
func (s *Service) behind(ctx context.Context, o Order) (*Held, error) {
	kin, err := s.Accounts.Kin(ctx, o.AccountID)
	if err != nil {
		return nil, err
	}
	open, err := s.Store.InState(ctx, "", Sending, Unknown)
	for _, other := range open {
		switch {
		case other.ID == o.ID || !slices.Contains(kin, other.AccountID):
		case other.State == Sending:
			return &Held{Why: HeldByOther, OrderID: other.ID}, nil
		case !other.LockLifted:
			return &Held{Why: HeldByUnknown, OrderID: other.ID}, nil
		}
	}
	return nil, err
}

// A turn within atOnce counts as now. A wait up to worthAWord is the usual pace of
// purchases: the page does not mention it.
const (
	atOnce     = 100 * time.Millisecond
	worthAWord = 3 * time.Second
)

// turn is how long a purchase of the account would wait at the service's gate. For
// so long it stays queued: its page says so, and it can be taken back.
func (s *Service) turn(ctx context.Context, o Order) time.Duration {
	access, err := s.Accounts.Access(ctx, o.AccountID)
	if err != nil {
		return 0 // sending says why not
	}
	if wait := time.Until(s.Purchases.Turn(access, o.Request.Region)); wait > atOnce { // by the machine's clock, as the gate
		return wait
	}
	return 0
}

// claim commits "about to send" with everything that a crash must not lose, and
// sets the attempt's SentAt. After an error nothing may be sent.
func (s *Service) claim(ctx context.Context, l job.Lease, o Order, a *Attempt, m fault.Message) (Order, error) {
	now := s.Now()
	kin, err := s.Accounts.Kin(ctx, o.AccountID)
	if err != nil {
		return o, err
	}
	a.SentAt = now.Add(s.Offset(o.AccountID))
	c := Claim{Lease: l, From: o.State, Order: o, Attempt: *a, Kin: kin, Now: now, Event: s.event(Sending, m, "")}
	c.Order.State, c.Order.Generation, c.Order.ClientRequestID = Sending, l.Gen, a.ClientRequestID
	c.Order.Reason, c.Order.Code, c.Order.RequestID, c.Order.Detail = fault.Message{}, "", "", ""
	if o.State != Sending {
		c.Order.StateAt, c.Order.SentAt = now, a.SentAt
	}
	c.Audit = audit.By(person.System, "order.send", o.ID).On(o.AccountID).For(o.ID).
		With("client_request_id", a.ClientRequestID).With("confirmed_by", o.PersonID).Ended("about to send")
	got, err := s.Store.Claim(ctx, c)
	if err != nil {
		return o, err
	}
	s.changed(o.ID)
	return got, nil
}

// queued is when a confirmed order is looked at again: soon, and at its expiry.
func (s *Service) queued(o Order, now time.Time) job.Next {
	at := now.Add(s.Timing.Queue)
	if o.ExpiresAt.Before(at) {
		at = o.ExpiresAt
	}
	return job.Next{At: at}
}

// wait keeps a confirmed order queued and says once why.
func (s *Service) wait(ctx context.Context, l job.Lease, o Order, h *Held) (job.Next, error) {
	now := s.Now()
	if h.Why == HeldByTime {
		return s.expire(ctx, l, o)
	}
	if h.Why == HeldByStart {
		return s.queuedBefore(ctx, l, o)
	}
	if h.Why == HeldByChange {
		return job.Next{}, fault.New(fault.Conflict, "order.conflict").Because(h)
	}
	why := fault.Say("order.held." + h.Why)
	if o.Reason.ID != why.ID {
		c := Change{Order: o, From: o.State, Lease: l, Events: []Event{s.event(o.State, why, "")}}
		c.Order.Reason = why
		if _, err := s.save(ctx, c); err != nil {
			return job.Next{}, err
		}
	}
	return s.queued(o, now), nil
}

// expire ends an order that was not sent in time; it is not sent later (I6).
func (s *Service) expire(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	m := fault.Say("order.expired")
	if !o.Reason.Zero() {
		m = fault.Say("order.expired." + heldID(o.Reason))
	}
	c := Change{Order: o, From: o.State, Lease: l, Events: []Event{s.event(Expired, m, "")},
		Audit: []audit.Entry{audit.By(person.System, "order.expire", o.ID).On(o.AccountID).For(o.ID).Ended("ok")}}
	c.Order.State, c.Order.Reason = Expired, m
	_, err := s.save(ctx, c)
	return job.Next{Done: true}, err
}

// heldID is the part of "order.held.…" that says why.
func heldID(m fault.Message) string {
	const prefix = "order.held."
	if len(m.ID) > len(prefix) && m.ID[:len(prefix)] == prefix {
		return m.ID[len(prefix):]
	}
	return HeldByOther
}

// abandoned ends a row that was found in state Sending: the process or worker that
// sent it is gone, and its answer is lost. The outcome is unknown, except when the
// last attempt was refused and its repeat had not begun: then nothing was bought.
func (s *Service) abandoned(ctx context.Context, l job.Lease, o Order) (job.Next, error) {
	attempts, err := s.Store.Attempts(ctx, o.ID)
	if err != nil {
		return job.Next{}, err
	}
	a := attempts[len(attempts)-1]
	if next, ok, err := s.repeated(ctx, l, o, a); ok {
		return next, err
	}
	if a.Outcome == string(Refused) {
		f := &fault.Error{Kind: fault.Refused, Code: a.Code, Status: a.Status, RequestID: a.RequestID}
		return s.conclude(ctx, l, o, answer{attempt: a, state: Refused, fault: f, reason: refusedReason(f)})
	}
	return s.conclude(ctx, l, o, answer{attempt: a, state: Unknown, reason: fault.Say("order.unknown.interrupted")})
}

// send sends the claimed attempt once and records its outcome. Neither the end of
// ctx nor a stop of the console cuts it short.
func (s *Service) send(ctx context.Context, l job.Lease, o Order, a Attempt) (job.Next, error) {
	ans := s.exchange(ctx, o, a)
	if next, ok := s.repeat(ctx, o, ans); ok {
		return s.sendAgain(ctx, l, o, ans, next)
	}
	return s.conclude(ctx, l, o, ans)
}

// answer is the outcome of one attempt, before it is stored.
type answer struct {
	attempt   Attempt
	state     State // Ordered, Refused or Unknown
	receipt   Receipt
	fault     *fault.Error // nil with Ordered, and when the process ended before the answer
	reason    fault.Message
	exchanges []account.Exchange
}

// exchange makes the call of one attempt and classifies its answer.
func (s *Service) exchange(ctx context.Context, o Order, a Attempt) answer {
	ctx = context.WithoutCancel(ctx)
	ans, began := answer{attempt: a}, s.Now()
	access, err := s.Accounts.Access(ctx, o.AccountID)
	if err != nil {
		f := fault.Of(err)
		ans.state, ans.fault, ans.reason = Refused, f, f.Message // nothing was sent
		ans.attempt.Outcome, ans.attempt.Code = string(Refused), f.Code
		return ans
	}
	access.Until = time.Now().Add(o.ExpiresAt.Sub(s.Now())) // it may have to wait for its turn (I6), by the machine's clock
	w := newWire(access, account.ForPerson)
	receipt, err := s.Purchases.Purchase(ctx, w.access, a.ClientRequestID, a.Body, o.Request.Region)
	_, left := w.sent(callPurchase)
	ans.state, ans.fault = classify(receipt, err, left)
	ans.exchanges = w.taken()
	// The answer's Date may have changed the measured offset: both times use the one from before.
	ans.attempt.AnsweredAt = a.SentAt.Add(max(0, s.Now().Sub(began)))
	ans.receipt = receipt
	switch ans.state {
	case Ordered:
		ans.attempt.Status, ans.attempt.RequestID = receipt.Status, receipt.RequestID
	case Refused:
		ans.reason = refusedReason(ans.fault)
		if !left && !s.Now().Before(o.ExpiresAt) {
			ans.reason = fault.Say("order.expired")
		}
	default:
		ans.reason = unknownReason(ans.fault)
	}
	if f := ans.fault; f != nil {
		ans.attempt.Status, ans.attempt.Code, ans.attempt.RequestID = f.Status, f.Code, f.RequestID
	}
	ans.attempt.Outcome = string(ans.state)
	s.learn(ctx, o.AccountID, account.RightBuy, err)
	return ans
}

// learn passes on what a call showed about a right: that it is there or refused. No
// answer shows nothing.
func (s *Service) learn(ctx context.Context, accountID string, right account.Right, err error) {
	if f := fault.Of(err); err == nil || f.Status == statusForbidden || f.Kind == fault.Forbidden {
		s.Accounts.Learn(ctx, accountID, right, err)
	}
}

// classify is the table of reliability.md §3. The adapter has classified the answer
// already. When the kind contradicts the status or the code, the outcome is
// unknown: that is the only wrong guess that costs no money.
func classify(r Receipt, err error, sent bool) (State, *fault.Error) {
	if err == nil {
		if r.OrderID != "" {
			return Ordered, nil
		}
		garbled := fault.Say("order.unknown.garbled")
		return Unknown, &fault.Error{Kind: fault.Unknown, Message: garbled, Status: r.Status, RequestID: r.RequestID}
	}
	f := fault.Of(err)
	switch {
	case backend(f.Code), f.Status >= 500, f.Status >= 200 && f.Status < 400:
		return Unknown, f
	case f.Status == statusUnauthorized, f.Status == statusForbidden, f.Status == statusNotFound, f.Status == statusTooManyRequests:
		return Refused, f
	case f.Kind == fault.Refused && f.Status >= 400:
		return Refused, f
	case f.Kind == fault.Unreachable && !sent:
		return Refused, f
	case f.Status == 0 && !sent && f.Kind != fault.Unknown && f.Kind != fault.Internal:
		return Refused, f // the console itself did not send it: circuit open, clock wrong, login refused
	}
	return Unknown, f
}

// repetition is what may be sent after a refusal that proves nothing was ordered.
type repetition struct {
	at        time.Time
	imageName string
	event     fault.Message
}

// repeat decides class D's one repeat (reliability.md §5): after a 429, at
// least 60 s later and inside the five minutes of I6, or at once with the
// other name of an image that may be called two ways (cloud-api, 6.5).
func (s *Service) repeat(ctx context.Context, o Order, ans answer) (repetition, bool) {
	if ans.state != Refused || ans.attempt.N != 1 || ans.fault == nil {
		return repetition{}, false
	}
	f := ans.fault
	if f.Status == statusTooManyRequests || f.Code == codeThrottled {
		wait := max(s.Timing.Repeat, f.RetryAfter)
		ok := s.Now().Add(wait).Before(o.ExpiresAt)
		return repetition{at: s.Now().Add(wait), imageName: ans.attempt.ImageName, event: fault.Say("order_event.throttled")}, ok
	}
	if f.Status == statusBadRequest && f.Code == codeParameter {
		other, err := s.spelling(ctx, o.Request, 1)
		return repetition{at: s.Now(), imageName: other, event: fault.Say("order_event.respelled", "Name", other)},
			err == nil && other != "" && other != ans.attempt.ImageName && s.Now().Before(o.ExpiresAt)
	}
	return repetition{}, false
}

// sendAgain records a refusal that is to be repeated. Until the repeat is due, no
// worker has the order. Only this process repeats it; another process that finds
// the row ends it as refused.
func (s *Service) sendAgain(ctx context.Context, l job.Lease, o Order, first answer, more repetition) (job.Next, error) {
	c := s.answered(l, o, first)
	c.Order.State = Sending
	c.Events = []Event{s.event(Sending, more.event, "")}
	o, err := s.record(ctx, c)
	if err != nil {
		return job.Next{}, err
	}
	s.repeats.Store(o.ID, more)
	if !more.at.After(s.Now()) {
		next, _, err := s.repeated(ctx, l, o, first.attempt)
		return next, err
	}
	return job.Next{At: more.at}, nil
}

// repeated sends the one repeat of a refused attempt when it is due: a new
// attempt with its own request id. ok is false where none is planned.
func (s *Service) repeated(ctx context.Context, l job.Lease, o Order, first Attempt) (next job.Next, ok bool, err error) {
	v, planned := s.repeats.Load(o.ID)
	if !planned || ctx.Err() != nil {
		return job.Next{}, false, nil
	}
	more := v.(repetition)
	if at := more.at; at.After(s.Now()) {
		return job.Next{At: at}, true, nil
	}
	if wait := s.turn(ctx, o); wait > 0 && s.Now().Add(wait).Before(o.ExpiresAt) {
		return job.Next{At: s.Now().Add(wait)}, true, nil
	}
	s.repeats.Delete(o.ID)
	a := Attempt{N: 2, ClientRequestID: uuid.NewString(), ImageName: more.imageName, Body: first.Body, URL: first.URL}
	if a.ImageName != first.ImageName {
		if a.Body, err = s.Purchases.Body(o.Request, o.IntentTag, a.ImageName); err != nil {
			return job.Next{}, false, nil
		}
	}
	sent, err := s.claim(ctx, l, o, &a, fault.Say("order_event.repeated"))
	if _, isHeld := held(err); isHeld {
		return job.Next{}, false, nil
	}
	if err != nil {
		return job.Next{}, true, err // still sending, and no repeat planned: ends as refused
	}
	next, err = s.conclude(ctx, l, sent, s.exchange(ctx, sent, a))
	return next, true, err
}

// answered is the change that an answer makes to the order.
func (s *Service) answered(l job.Lease, o Order, ans answer) Change {
	if ans.attempt.Outcome == "" {
		ans.attempt.Outcome = string(ans.state)
	}
	c := Change{Order: o, From: Sending, Lease: l, Answer: true, Attempt: &ans.attempt, Exchanges: ans.exchanges}
	c.Order.State, c.Order.Reason, c.Order.RequestID = ans.state, ans.reason, ans.attempt.RequestID
	c.Order.Code, c.Order.Detail = ans.attempt.Code, ""
	if ans.fault != nil {
		c.Order.Detail = ans.fault.Detail
	}
	outcome := string(ans.state)
	c.Audit = []audit.Entry{audit.By(person.System, "order.send", o.ID).On(o.AccountID).For(o.ID).
		With("client_request_id", ans.attempt.ClientRequestID).With("code", ans.attempt.Code).With("cloud_order", ans.receipt.OrderID).
		Ended(outcome, nonEmpty(ans.attempt.RequestID)...)}
	return c
}

// conclude records how the purchase ended and says when the job goes on.
func (s *Service) conclude(ctx context.Context, l job.Lease, o Order, ans answer) (job.Next, error) {
	c := s.answered(l, o, ans)
	now := s.Now()
	next := job.Next{At: now}
	if ans.state == Ordered && s.somebodyElses(ctx, o, ans.receipt.OrderID) {
		ans.state, ans.reason = Unknown, fault.Say("order.unknown.taken", "CloudOrder", ans.receipt.OrderID)
		c.Order.State, c.Order.Reason = ans.state, ans.reason
	}
	c.Order.AnsweredOrder = ans.receipt.OrderID
	switch ans.state {
	case Ordered:
		c.Order.AnsweredIDs = ans.receipt.InstanceIDs
		c.Order.link(ans.receipt.OrderID, ByAnswer)
		c.Order.RequestID = ans.attempt.RequestID
		c.Events = []Event{s.event(Ordered, fault.Say("order_event.ordered", "CloudOrder", ans.receipt.OrderID), "")}
		if len(o.Request.Image.Send) > 1 {
			c.Spelling = ans.attempt.ImageName
		}
	case Refused:
		next = job.Next{Done: true}
		c.Events = []Event{s.event(Refused, ans.reason, "")}
	case Unknown:
		c.Order.NextCheckAt, c.Order.CheckUntil = s.Timing.look(now, now)
		next = job.Next{At: c.Order.NextCheckAt}
		c.Events = []Event{s.event(Unknown, ans.reason, "")}
	}
	_, err := s.record(ctx, c)
	return next, err
}

// somebodyElses reports whether another order here is linked to the number that an
// answer carried: then the number proves nothing.
func (s *Service) somebodyElses(ctx context.Context, o Order, cloudOrderID string) bool {
	linked, err := s.Store.Linked(ctx, []string{cloudOrderID})
	by := linked[cloudOrderID]
	return err == nil && by != "" && by != o.ID
}

// record writes the answer of a send: first a log line, then the row. It tries
// until it succeeds or another worker has the row; nothing else is sent meanwhile
// (reliability.md §3.6). After a stop it goes on for Runner.Stop at most.
func (s *Service) record(ctx context.Context, c Change) (Order, error) {
	ctx = context.WithoutCancel(ctx)
	s.Log.InfoContext(ctx, "purchase answered", "order", c.Order.ID, "outcome", string(c.Order.State), "cloud_order", c.Order.CloudOrderID,
		"instances", c.Order.AnsweredIDs, "client_request", c.Attempt.ClientRequestID, "request", c.Attempt.RequestID,
		"status", c.Attempt.Status, "code", c.Attempt.Code)
	s.unrecorded.Add(1)
	defer s.unrecorded.Add(-1)
	wait := s.Timing.Again
	var end <-chan time.Time
	stopping := s.stopping
	for {
		o, err := s.save(ctx, c)
		if err == nil {
			return o, nil
		}
		if fault.Is(err, fault.Conflict) {
			s.Log.ErrorContext(ctx, "answer not recorded: another worker has the order, which the resolver will find",
				"order", c.Order.ID, "err", err)
			return o, err
		}
		s.Log.ErrorContext(ctx, "answer not recorded yet", "order", c.Order.ID, "err", err)
		if errors.Is(err, context.Canceled) || fault.Of(err).Message.ID == "fault.storage.failed" {
			return o, err // the process ends; the next one finds the row and resolves it
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-stopping:
			stopping, end = nil, time.After(s.Runner.Stop)
		case <-end:
			return o, err
		}
		t.Stop()
		wait = min(2*wait, 100*s.Timing.Again)
	}
}

func nonEmpty(all ...string) []string {
	var out []string
	for _, v := range all {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}
