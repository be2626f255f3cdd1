package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

// Accounts gives access to the cloud; *account.Service does.
type Accounts interface {
	// Access gives what calls for the account need; fault.Refused when it is disabled or
	// broken.
	Access(ctx context.Context, accountID string) (account.Access, error)
	// Learn is told how a call ended that needed the right; nil is success.
	Learn(ctx context.Context, accountID string, right account.Right, err error)
}

// Inventory is the local picture.
type Inventory interface {
	// Row gives a server by its id, or by that of its instance.
	Row(id string) (*instance.Row, bool)
	// Acted asks for a server to be read again soon, because these facts were changed.
	// It does not block.
	Acted(accountID, serverID string, facts ...string)
	// SetUnanswered gives the results of tries by server id: the address at which nothing
	// answered, or "" when something did.
	SetUnanswered(tried map[string]string)
}

// Journal is the audit: a change of a server is stored before it is sent.
type Journal interface {
	// Note stores an audit row. After an error the act must not be done.
	Note(ctx context.Context, e audit.Entry) error
}

// Probes stores the last try of each server's ports, so that it is known after a
// restart of the console.
type Probes interface {
	// Probes gives the newest tries, the newest first.
	Probes(ctx context.Context, most int) ([]Probe, error)
	// SaveProbe stores a try; it replaces the server's last one. Of more than most
	// tries the oldest may be removed.
	SaveProbe(ctx context.Context, p Probe, most int) error
}

// Service is the use cases of one server. It is safe for concurrent use; its
// fields are set before the first call and not changed afterwards.
type Service struct {
	Cloud     Cloud
	Monitor   Monitor
	Accounts  Accounts
	Inventory Inventory
	Journal   Journal
	Tries     Probes
	Direct    Dialer // real networks
	Simulated Dialer // the Sandbox's addresses; nil: there is none
	// Changed tells open pages that topics changed: "reading/<server id>", and
	// "attention" after a try. It must not block.
	Changed func(topics ...string)
	Now     func() time.Time
	Log     *slog.Logger
	// BootPause is how long after a start the first try waits; 0 is 20 s.
	BootPause time.Duration

	once   sync.Once
	queue  chan task
	mu     sync.Mutex
	busy   map[string]bool // what waits or is being read, by key
	charts map[string]Charted
	flags  map[string]Flag
	probes map[string]Probe
	states map[string]string    // the last state noticed, by server
	due    map[string]time.Time // servers to try, and when
	silent map[string]int       // how often a server was tried in a row that answers nowhere
}

// task is something read or tried in the background.
type task struct {
	key string
	do  func(ctx context.Context)
}

const (
	workers   = 4
	queueSize = 256
	taskTime  = 45 * time.Second
	keepMost  = 2000 // readings of each kind in memory
)

// Recover reads the tries of an earlier run of the console. Call it before the first
// page is shown.
func (s *Service) Recover(ctx context.Context) error {
	s.start()
	all, err := s.Tries.Probes(ctx, keepMost)
	if err != nil {
		return err
	}
	tried := make(map[string]string, len(all))
	s.mu.Lock()
	for _, p := range all {
		s.probes[p.ServerID], tried[p.ServerID] = p, p.silentAt()
		s.again(p)
	}
	s.mu.Unlock()
	s.Inventory.SetUnanswered(tried)
	return nil
}

func (s *Service) start() {
	s.once.Do(func() {
		s.queue = make(chan task, queueSize)
		s.busy = make(map[string]bool)
		s.charts, s.flags = make(map[string]Charted), make(map[string]Flag)
		s.probes, s.states = make(map[string]Probe), make(map[string]string)
		s.due, s.silent = make(map[string]time.Time), make(map[string]int)
	})
}

// Run reads and tries in the background what pages asked for, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	s.start()
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { s.work(ctx) })
	}
	all.Go(func() { s.watch(ctx) })
	all.Wait()
	return nil
}

func (s *Service) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-s.queue:
			within, cancel := context.WithTimeout(ctx, taskTime)
			t.do(within)
			cancel()
			s.mu.Lock()
			delete(s.busy, t.key)
			s.mu.Unlock()
			s.changed(t.key)
		}
	}
}

// soon has something done in the background. While it waits or runs, asking again
// changes nothing. It is false when the queue is full.
func (s *Service) soon(kind, serverID string, do func(ctx context.Context)) bool {
	s.start()
	key := kind + " " + serverID
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[key] {
		return true
	}
	select {
	case s.queue <- task{key: key, do: do}:
		s.busy[key] = true
		return true
	default:
		return false
	}
}

func (s *Service) under(kind, serverID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy[kind+" "+serverID]
}

// changed tells the pages of the server that something about it was read.
func (s *Service) changed(key string) {
	_, serverID, _ := cut(key)
	s.tell("reading/" + serverID)
}

func (s *Service) tell(topics ...string) {
	if s.Changed != nil {
		s.Changed(topics...)
	}
}

func cut(key string) (kind, serverID string, ok bool) {
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] == ' ' {
			return key[:i], key[i+1:], true
		}
	}
	return "", key, false
}

// Row gives a server of the local picture, by its id or that of its instance; it is
// fault.NotFound when there is none. The caller checks that the person may see its
// account.
func (s *Service) Row(by person.Actor, id string) (*instance.Row, error) {
	if !by.May(person.See) {
		return nil, denied()
	}
	row, ok := s.Inventory.Row(id)
	if !ok || row.ServerID == "" {
		return nil, fault.New(fault.NotFound, "server.missing")
	}
	return row, nil
}

func denied() error { return fault.New(fault.Forbidden, "server.forbidden") }

// changeable gives the server if the person may change it and its state lets
// them (cloud-api, 8.10).
func (s *Service) changeable(by person.Actor, id string) (*instance.Row, error) {
	if !by.May(person.Operate) {
		return nil, denied()
	}
	row, err := s.Row(by, id)
	if err != nil {
		return nil, err
	}
	if !Editable(row) {
		return nil, fault.New(fault.Conflict, "server.state")
	}
	return row, nil
}

// Editable reports whether the cloud takes changes of name, description,
// hostname and tags in the state the server is in: running, stopped, or on the
// way between (cloud-api, 8.10).
func Editable(r *instance.Row) bool {
	return !r.Frozen && slices.Contains([]string{"ACTIVE", "SHUTOFF"}, r.Status)
}

// access gives access to the server's project, for a call that a person waits for.
func (s *Service) access(ctx context.Context, row *instance.Row) (account.Access, error) {
	access, err := s.Accounts.Access(ctx, row.AccountID)
	access.Lane = account.ForPerson
	return access.In(row.Region, row.Project), err
}

// learn keeps what a call showed about a right. A refusal in a further project of a
// region shows nothing about the account.
func (s *Service) learn(ctx context.Context, row *instance.Row, a account.Access, right account.Right, err error) {
	if a.Project == "" || err == nil {
		s.Accounts.Learn(ctx, row.AccountID, right, err)
	}
}

// recorded stores an audit row of what is about to be sent, sends it, and stores the
// outcome. When the first row cannot be stored, nothing is sent. The outcome is
// stored even if the person's request has ended.
func (s *Service) recorded(
	ctx context.Context, e audit.Entry, row *instance.Row, right account.Right, send func(context.Context, account.Access) error,
) error {
	access, err := s.access(ctx, row)
	if err != nil {
		return err
	}
	if err := s.Journal.Note(ctx, e.Ended("about to send")); err != nil {
		return err
	}
	err = send(ctx, access)
	after := context.WithoutCancel(ctx)
	s.learn(after, row, access, right, err)
	if noted := s.Journal.Note(after, ended(e, err)); noted != nil {
		s.Log.ErrorContext(after, "server: the end of an act is not in the audit", "action", e.Action, "err", noted)
	}
	return err
}

func ended(e audit.Entry, err error) audit.Entry {
	if err == nil {
		return e.Ended("ok")
	}
	f := fault.Of(err)
	if f.Code != "" {
		e = e.With("code", f.Code)
	}
	var ids []string
	if f.RequestID != "" {
		ids = append(ids, f.RequestID)
	}
	switch f.Kind {
	case fault.Refused, fault.Invalid, fault.NotFound, fault.Conflict:
		return e.Ended("refused", ids...)
	case fault.Unreachable, fault.Busy:
		return e.Ended("not sent", ids...)
	}
	return e.Ended("unknown", ids...)
}

// troubleOf is the message of a reading that failed, which is logged too.
func (s *Service) troubleOf(ctx context.Context, what, serverID string, err error) fault.Message {
	f := fault.Of(err)
	if f.Kind == fault.Internal && !errors.Is(err, context.Canceled) {
		s.Log.ErrorContext(ctx, "server: "+what, "server", serverID, "err", err)
	}
	return f.Message
}

// trim bounds a map of readings: those that were read longest ago are removed.
func trim[T any](m map[string]T, at func(T) time.Time) {
	if len(m) <= keepMost {
		return
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return at(m[a]).Compare(at(m[b])) })
	for _, k := range keys[:len(m)-keepMost*3/4] {
		delete(m, k)
	}
}

func wrap(what, serverID string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("server: %s %s: %w", what, serverID, err)
}
