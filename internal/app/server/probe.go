package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/netaddr"
	"sampan/internal/app/person"
)

// Answer is the result of trying one port.
type Answer string

// The answers.
const (
	Answers  Answer = "answers"
	Silent   Answer = "silent"    // closed or filtered
	NotTried Answer = "not-tried" // it could not be tried
)

// Port is one port that was, or was not, tried.
type Port struct {
	Port   int
	Answer Answer
}

// Probe is the last try of a server's ports, made from the console's machine.
type Probe struct {
	AccountID, ServerID string
	Address             string
	Ports               []Port
	At                  time.Time // zero: it was never tried
	Trying              bool      // a try is under way
	Trouble             fault.Message
}

// Failed reports whether a try found nothing that answers.
func (p Probe) Failed() bool {
	tried := false
	for _, o := range p.Ports {
		if o.Answer == Answers {
			return false
		}
		tried = tried || o.Answer == Silent
	}
	return tried
}

// silentAt is the address at which nothing answered, "" when something did.
func (p Probe) silentAt() string {
	if p.Failed() {
		return p.Address
	}
	return ""
}

// Said is the result for one port; "" when it was not tried.
func (p Probe) Said(port int) Answer {
	for _, o := range p.Ports {
		if o.Port == port {
			return o.Answer
		}
	}
	return ""
}

// SimulatedNet is where the Sandbox's servers live; no network routes it, and
// the Sandbox says what would answer there.
var SimulatedNet = netip.MustParsePrefix("198.18.0.0/15")

// dialTime is how long a port may take to answer.
const dialTime = 3 * time.Second

// PortsOf are the ports that are tried for a server: remote login by its system, and
// the web. Which other ports an application's image listens on is not documented
// (cloud-api, 6.2), so no other is tried.
func PortsOf(r *instance.Row) []int {
	if catalog.OS(r.OS) == catalog.Windows {
		return []int{3389, 80, 443}
	}
	return []int{22, 80, 443}
}

// Probe gives the last try. The caller checks that the person may see the server's
// account.
func (s *Service) Probe(by person.Actor, id string) (Probe, error) {
	row, err := s.Row(by, id)
	if err != nil {
		return Probe{}, err
	}
	return s.probe(row), nil
}

func (s *Service) probe(row *instance.Row) Probe {
	s.start()
	trying := s.under("probe", row.ServerID)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.probes[row.ServerID]
	p.Trying = trying
	if p.Address != row.Address {
		// The last try was of an address that the server does not have any more.
		return Probe{ServerID: row.ServerID, AccountID: row.AccountID, Address: row.Address, Trying: trying}
	}
	return p
}

// Try asks for the server's ports to be tried, in the background: the topic
// "reading/<server id>" changes when that is done. Only the address that the cloud
// gives for the server is tried.
func (s *Service) Try(by person.Actor, id string) error {
	if !by.May(person.Operate) {
		return denied()
	}
	row, err := s.Row(by, id)
	if err != nil {
		return err
	}
	if _, err := target(row.Address); err != nil {
		return fault.New(fault.Conflict, "server.probe.address")
	}
	if !s.soon("probe", row.ServerID, func(ctx context.Context) { s.try(ctx, row) }) {
		return fault.New(fault.Busy, "server.probe.busy")
	}
	return nil
}

// Noticed is told which servers changed. A server that now runs and was in another
// state before is tried, and so is a new one: after a start and after a purchase.
func (s *Service) Noticed(serverID string) {
	row, ok := s.Inventory.Row(serverID)
	if !ok || row.ServerID != serverID {
		return
	}
	s.start()
	s.mu.Lock()
	before, known := s.states[serverID]
	s.states[serverID] = row.State
	s.mu.Unlock()
	started := known && before != instance.StateRunning && before != instance.StateUnknown
	bought := !known && s.Now().Sub(row.Created) < time.Hour
	if row.State != instance.StateRunning || !(started || bought) {
		return
	}
	if _, err := target(row.Address); err != nil {
		return
	}
	s.mu.Lock()
	s.due[serverID] = time.Now().Add(s.bootPause())
	delete(s.silent, serverID)
	s.mu.Unlock()
}

// patience is how long after a try without any answer a server is tried again, in
// boot pauses: 2 and 10 minutes, an hour, then every six hours. Some systems boot
// slowly, and a port may be opened later without the console being told.
var patience = []int{6, 30, 180, 1080}

// again plans the next try of a server that did not answer at any port. The caller
// holds the lock.
func (s *Service) again(p Probe) {
	if !p.Failed() {
		delete(s.silent, p.ServerID)
		return
	}
	n := s.silent[p.ServerID]
	s.silent[p.ServerID] = n + 1
	s.due[p.ServerID] = time.Now().Add(time.Duration(patience[min(n, len(patience)-1)]) * s.bootPause())
}

// watch tries servers that have started, after a pause in which they boot, and
// servers that did not answer before. It uses the machine's clock and not the
// console's calendar.
func (s *Service) watch(ctx context.Context) {
	tick := time.NewTicker(max(s.bootPause()/10, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for _, id := range s.booted(now) {
				s.retry(id)
			}
		}
	}
}

// retry tries a server that is due, if it still runs. When the queue is full it is
// tried later.
func (s *Service) retry(id string) {
	row, ok := s.Inventory.Row(id)
	if !ok || row.ServerID != id || row.State != instance.StateRunning {
		return
	}
	if !s.soon("probe", id, func(ctx context.Context) { s.try(ctx, row) }) {
		s.mu.Lock()
		s.due[id] = time.Now().Add(s.bootPause())
		s.mu.Unlock()
	}
}

func (s *Service) booted(now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for id, at := range s.due {
		if !now.Before(at) {
			all = append(all, id)
			delete(s.due, id)
		}
	}
	return all
}

func (s *Service) bootPause() time.Duration {
	if s.BootPause > 0 {
		return s.BootPause
	}
	return 20 * time.Second
}

// Failures gives the last tries of those servers of the accounts that should run and
// did not answer at any port.
func (s *Service) Failures(accountIDs []string) []Probe {
	s.start()
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Probe
	for _, p := range s.probes {
		if !p.Failed() || !slices.Contains(accountIDs, p.AccountID) {
			continue
		}
		if row, ok := s.Inventory.Row(p.ServerID); ok && row.State == instance.StateRunning && row.Address == p.Address {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Probe) int { return b.At.Compare(a.At) })
	return out
}

var errTarget = errors.New("server: not an address that may be tried")

// target checks the address that is about to be dialled: it must be a public unicast
// address or one of the Sandbox's. Loopback, private and link-local addresses are
// refused, also when the cloud names them: they would lead into the console's own
// network, for example to cloud metadata.
func target(address string) (netip.Addr, error) {
	a, err := netip.ParseAddr(address)
	if err != nil || !netaddr.Public(a) {
		return a, errTarget
	}
	return a.Unmap(), nil
}

// try dials the ports at the same time and stores the results.
func (s *Service) try(ctx context.Context, row *instance.Row) {
	p := Probe{AccountID: row.AccountID, ServerID: row.ServerID, Address: row.Address}
	for _, n := range PortsOf(row) {
		p.Ports = append(p.Ports, Port{Port: n, Answer: NotTried})
	}
	dial, err := s.dialer(row)
	if err != nil {
		p.Trouble = fault.Of(err).Message
	} else {
		errs := make([]error, len(p.Ports))
		var all sync.WaitGroup
		for n := range p.Ports {
			all.Go(func() { p.Ports[n].Answer, errs[n] = tryPort(ctx, dial, row.Address, p.Ports[n].Port) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			p.Trouble = s.troubleOf(ctx, "probe", row.ServerID, err)
		}
	}
	p.At = s.Now()
	if err := s.Tries.SaveProbe(context.WithoutCancel(ctx), p, keepMost); err != nil {
		s.Log.ErrorContext(ctx, "server: a try of ports is not kept", "server", row.ServerID, "err", err)
	}
	s.mu.Lock()
	s.probes[row.ServerID] = p
	trim(s.probes, func(p Probe) time.Time { return p.At })
	s.again(p)
	s.mu.Unlock()
	s.Inventory.SetUnanswered(map[string]string{p.ServerID: p.silentAt()})
	s.tell("attention")
}

func tryPort(ctx context.Context, d Dialer, address string, port int) (Answer, error) {
	within, cancel := context.WithTimeout(ctx, dialTime+time.Second)
	defer cancel()
	ok, err := d.Dial(within, address, port)
	switch {
	case err != nil:
		return NotTried, err
	case ok:
		return Answers, nil
	}
	return Silent, nil
}

// dialer gives who tries the address: the Sandbox for its own, the network for others.
func (s *Service) dialer(row *instance.Row) (Dialer, error) {
	a, err := target(row.Address)
	switch {
	case err != nil:
		return nil, fault.New(fault.Conflict, "server.probe.address").Because(err)
	case SimulatedNet.Contains(a) && s.Simulated != nil:
		return s.Simulated, nil
	case SimulatedNet.Contains(a), s.Direct == nil:
		return nil, fault.New(fault.Conflict, "server.probe.nowhere")
	}
	return s.Direct, nil
}

// Network dials over the machine's own network.
type Network struct{}

var _ Dialer = Network{}

// Dial connects and closes at once; nothing is sent. Silence for three seconds, a
// refusal and an unreachable network all count as no answer, without an error.
func (Network) Dial(ctx context.Context, address string, port int) (bool, error) {
	a, err := target(address)
	if err != nil {
		return false, err
	}
	d := net.Dialer{Timeout: dialTime}
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort(a.String(), strconv.Itoa(port)))
	if err != nil {
		return false, nil
	}
	return true, c.Close()
}
