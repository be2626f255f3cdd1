package instance

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Run reads what is asked for, and what the schedule wants, until ctx ends; then
// it waits for the turns that run. Orders whose servers were not ready when the
// program stopped are watched again.
func (s *Service) Run(ctx context.Context) error {
	s.current()
	s.storePacked(ctx)
	s.resume(ctx)
	s.planAll(ctx)
	s.current().arrangeFirst()
	var under sync.WaitGroup
	defer under.Wait()
	signal := s.queue.wake()
	for {
		s.relabelAccounts(ctx)
		next := s.scheduled(s.Now())
		start, wait := s.queue.due(s.Now())
		for tr, t := range start {
			under.Go(func() { s.runTurn(ctx, tr, t) })
		}
		if next > 0 && (wait == 0 || next < wait) {
			wait = next
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-signal:
		case <-timer:
		}
	}
}

// resume watches the orders of the last day whose servers are not ready.
func (s *Service) resume(ctx context.Context) {
	pending, err := s.Store.Unready(ctx, s.Now().Add(-24*time.Hour))
	if err != nil {
		s.Log.ErrorContext(ctx, "instance: orders to watch again", "err", err)
		return
	}
	for _, p := range pending {
		s.AfterOrder(p.AccountID, p.CloudOrder)
	}
}

// runTurn does the tasks of a track, and plans what follows from them.
func (s *Service) runTurn(ctx context.Context, tr track, t tasks) {
	var result turnResult
	version := s.current().Version
	if ctx.Err() == nil {
		result = s.readAccount(ctx, tr.account, t)
	}
	now := s.Now()
	news := s.current().Version != version
	if s.Schedule != nil && ctx.Err() == nil {
		s.concludePlan(ctx, tr, t, result, now)
	}
	if tr.kind == lookTrack {
		result.owed = news && s.Schedule != nil && s.owesNow(tr.account, now)
	}
	if tr.kind != quickTrack {
		s.recheckMoving(tr.account, now)
	}
	s.queue.endTurn(tr, t, result, pacing{later: now.Add(s.Timing.scaled(settle)), next: func(looks int) (time.Time, bool) {
		wait, again := s.Timing.busy(looks + 1)
		return now.Add(wait), again
	}})
	s.announceEnd(tr, t, news || result.healthChanged, now)
	if gathered := s.compact(tr.account); gathered || (t.refresh || t.list) && len(s.current().rows) >= manyRows {
		debug.FreeOSMemory()
	}
}

// announceEnd tells the pages that a turn is over, and that what it read is of
// now. After a look that changed nothing they are told at most once in
// announceEach.
func (s *Service) announceEnd(tr track, t tasks, news bool, now time.Time) {
	last := s.announcedAt.Load()
	if d := now.Sub(time.UnixMicro(last)); tr.kind == lookTrack && !news && d >= 0 && d < s.Timing.scaled(announceEach) {
		return
	}
	s.announcedAt.Store(now.UnixMicro())
	topics := []string{"instances"} // so that they no longer say that something is being read
	if t.images {
		topics = append(topics, "instances/images/"+tr.account)
	}
	s.changed(topics...)
}

// announceEach is how often the pages are told that a look found nothing new.
const announceEach = time.Minute

// recheckMoving asks for the servers that change their state without an action of
// the console, while a person looks at pages. One that has been changing for
// longer than movingFor is left to the schedule.
func (s *Service) recheckMoving(accountID string, now time.Time) {
	if s.Schedule == nil || !s.looking(now) {
		return
	}
	var moving []string
	for _, r := range s.accountRows(accountID).rows {
		if r.ServerID != "" && r.moving() && now.Sub(r.UpdatedAt) < movingFor {
			moving = append(moving, r.ServerID)
		}
	}
	wait, again := s.Timing.busy(1)
	if len(moving) == 0 || len(moving) > mostReadByID || !again {
		return
	}
	s.queue.ask(accountID, func(t *tasks) {
		for _, id := range moving {
			if t.rechecks[id] == nil {
				t.recheck(id, now.Add(wait))
			}
		}
	})
}

// movingFor is how long a server may take to change its state.
const movingFor = 30 * time.Minute

// ownFor is how long after an action of the console a change of the thing counts
// as the console's own.
const ownFor = 10 * time.Minute

// Touch asks for servers to be read again soon, before all else, after an action.
// Ids of instances are taken too; no id means every server of the account. What
// changes about them during ownFor is not marked as changed outside. It returns
// at once.
func (s *Service) Touch(accountID string, serverIDs ...string) {
	s.touch(accountID, nil, serverIDs...)
}

// Acted is Touch of one server after an action that changes these facts and no
// others: "name", "hostname", "description", "tags", "state". Other changes of it
// are marked.
func (s *Service) Acted(accountID, serverID string, facts ...string) {
	s.touch(accountID, facts, serverID)
}

func (s *Service) touch(accountID string, facts []string, serverIDs ...string) {
	now := s.Now()
	ids := slices.Clone(serverIDs)
	if len(ids) == 0 {
		ids = []string{""}
	}
	own := ids
	for _, id := range ids {
		for _, r := range s.accountRows(accountID).instanceRows(id) {
			own = append(own, r.ServerID)
		}
		if r := s.accountRows(accountID).row(id); r != nil {
			own = append(own, r.InstanceID)
		}
	}
	s.queue.noteOwn(accountID, now.Add(s.Timing.scaled(ownFor)), facts, own...)
	s.queue.ask(accountID, func(t *tasks) {
		for _, id := range ids {
			t.recheck(id, now)
		}
	})
}

// TouchMoney asks for every expiry of the account to be read again, after money
// was spent or given back. Changes of the expiry and of auto-renew of these
// instances are not marked as changed outside. It returns at once.
func (s *Service) TouchMoney(accountID string, instanceIDs ...string) {
	s.queue.noteOwn(accountID, s.Now().Add(s.Timing.scaled(ownFor)), []string{"expires", "autorenew"}, instanceIDs...)
	s.queue.ask(accountID, func(t *tasks) { t.expiry = true })
}

// settle is how long Config may take to list what the other sources have shown
// (cloud-api, 7: expect minutes).
const settle = 5 * time.Minute
