package db_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/db"
	"sampan/internal/db/dbtest"
)

// people is a database with people in it.
type people struct {
	*testing.T
	db *db.DB
	s  db.Persons
}

// newPeople is a database with these people, the first of whom has set it up.
func newPeople(t *testing.T, ids ...string) people {
	d := dbtest.Open(t)
	h := people{t, d, db.Persons{DB: d}}
	for n, id := range ids {
		p := personOf(id)
		if n == 0 {
			h.must(h.s.PutLink(t.Context(), person.Link{Hash: "setup", Kind: person.LinkSetup}, person.Note{Action: "link"}))
			h.must(h.s.CreateFirst(t.Context(), p, "hash of "+id, "setup", person.Note{Action: "set-up"}))
			continue
		}
		h.must(dbtest.Exec(d, `INSERT INTO person (id, name, display_name, role, password_hash, language, zone, theme, shortcuts, scope,
			disabled, created_us, updated_us, rev) VALUES ($1, $1, '', 'owner', '', '', '', '', 1, '', 0, $2, 0, 1)`, id, n))
	}
	return h
}

func personOf(id string) person.Person {
	return person.Person{ID: id, Name: id, DisplayName: "Ann", Role: person.Owner, Language: "en", Zone: "UTC", Theme: "dark",
		Shortcuts: true, Scope: person.ScopeReal, CreatedAt: shopDay, UpdatedAt: shopDay, Rev: 1}
}

func (h people) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h people) missing(what string, err error) {
	h.Helper()
	if !fault.Is(err, fault.NotFound) {
		h.Errorf("%s: got %v", what, err)
	}
}

// start begins a session.
func (h people) start(personID, ref string, at time.Time) person.Session {
	h.Helper()
	s := person.Session{Ref: ref, PersonID: personID, Created: at, Seen: at, FreshUntil: at.Add(person.Fresh), Address: "192.0.2.1",
		Browser: "Firefox"}
	h.must(h.s.Start(h.Context(), s, "device of "+ref, "bucket", nil, person.Note{Action: "sign-in"}))
	return s
}

func (h people) sessions(personID string) (refs []string) {
	h.Helper()
	all, err := h.s.Sessions(h.Context(), personID)
	h.must(err)
	for _, s := range all {
		refs = append(refs, s.Ref)
	}
	return refs
}

func TestNobodyIsThere(t *testing.T) {
	h := newPeople(t)
	if there, err := h.s.Any(t.Context()); there || err != nil {
		t.Errorf("anybody: got %v, %v", there, err)
	}
	if owners, err := h.s.Owners(t.Context()); len(owners) != 0 || err != nil {
		t.Errorf("owners: got %v, %v", owners, err)
	}
	if got := h.sessions("p1"); len(got) != 0 {
		t.Errorf("sessions: got %v", got)
	}
	if ended, err := h.s.End(t.Context(), "p1", "", "", person.Note{}); len(ended) != 0 || err != nil {
		t.Errorf("ended: got %v, %v", ended, err)
	}
	if known, err := h.s.KnowsDevice(t.Context(), "p1", "device"); known || err != nil {
		t.Errorf("device: got %v, %v", known, err)
	}
	_, _, err := h.s.ByName(t.Context(), "ann")
	h.missing("by name", err)
	_, _, err = h.s.ByID(t.Context(), "p1")
	h.missing("by id", err)
	_, _, err = h.s.Session(t.Context(), "ref")
	h.missing("session", err)
	_, err = h.s.Link(t.Context(), "hash", person.LinkSetup, shopDay)
	h.missing("link", err)
	h.missing("profile", h.s.SaveProfile(t.Context(), "p1", person.Profile{}, shopDay, person.Note{}))
	h.missing("scope", h.s.SaveScope(t.Context(), "p1", person.ScopeReal, shopDay))
	h.missing("fresh", h.s.Freshen(t.Context(), "ref", shopDay, "bucket", person.Note{}))
	_, err = h.s.SetPassword(t.Context(), "p1", "hash", "", "", nil, shopDay, person.Note{})
	h.missing("password", err)
	h.must(h.s.Seen(t.Context(), "ref", shopDay)) // the session has just ended
	if err := h.s.Start(t.Context(), person.Session{Ref: "ref", PersonID: "p1", Created: shopDay, Seen: shopDay}, "device", "bucket", nil,
		person.Note{}); err == nil {
		t.Error("nobody has a session")
	}
	if rows, err := (db.Audits{DB: h.db}).Latest(t.Context(), "", 10); err != nil || len(rows) != 1 || rows[0].Action != "" {
		t.Errorf("audit rows: got %+v, %v; want the one of End", rows, err)
	}
}

func TestTheFirstPersonIsStoredOnce(t *testing.T) {
	h := newPeople(t)
	h.missing("without a link", h.s.CreateFirst(t.Context(), personOf("p1"), "hash", "none", person.Note{}))
	if there, _ := h.s.Any(t.Context()); there {
		t.Error("stored all the same")
	}
	h.must(h.s.PutLink(t.Context(), person.Link{Hash: "l1", Kind: person.LinkSetup}, person.Note{}))
	h.must(h.s.CreateFirst(t.Context(), personOf("p1"), "hash of p1", "l1", person.Note{Action: "set-up"}))
	p, hash, err := h.s.ByName(t.Context(), "p1")
	if d := cmp.Diff(personOf("p1"), p); d != "" || hash != "hash of p1" || err != nil {
		t.Errorf("read back: %q, %v (-want +got)\n%s", hash, err, d)
	}
	h.missing("with a used link", h.s.CreateFirst(t.Context(), personOf("p2"), "hash", "l1", person.Note{}))
	h.must(h.s.PutLink(t.Context(), person.Link{Hash: "l2", Kind: person.LinkSetup}, person.Note{}))
	h.missing("a second one", h.s.CreateFirst(t.Context(), personOf("p2"), "hash", "l2", person.Note{}))
	if _, err := h.s.Link(t.Context(), "l2", person.LinkSetup, shopDay); err != nil {
		t.Errorf("a link that was refused is used up: %v", err)
	}
}

func TestLinks(t *testing.T) {
	h := newPeople(t, "p1", "p2")
	put := func(hash, personID string, expires time.Time) {
		t.Helper()
		h.must(h.s.PutLink(t.Context(), person.Link{Hash: hash, Kind: person.LinkReset, PersonID: personID, Expires: expires},
			person.Note{Action: "link"}))
	}
	put("one", "p1", shopDay.Add(time.Hour))
	put("another's", "p2", time.Time{})
	if l, err := h.s.Link(t.Context(), "one", person.LinkReset, shopDay); err != nil || l.PersonID != "p1" ||
		!l.Expires.Equal(shopDay.Add(time.Hour)) {
		t.Errorf("got %+v, %v", l, err)
	}
	_, err := h.s.Link(t.Context(), "one", person.LinkSetup, shopDay)
	h.missing("of another kind", err)
	if _, err := h.s.Link(t.Context(), "one", person.LinkReset, shopDay.Add(time.Hour-time.Microsecond)); err != nil {
		t.Errorf("a moment before it expires: %v", err)
	}
	_, err = h.s.Link(t.Context(), "one", person.LinkReset, shopDay.Add(time.Hour))
	h.missing("when it expires", err)
	put("two", "p1", time.Time{})
	_, err = h.s.Link(t.Context(), "one", person.LinkReset, shopDay)
	h.missing("after a newer one", err)
	if _, err := h.s.Link(t.Context(), "another's", person.LinkReset, shopDay); err != nil {
		t.Errorf("another's: %v", err)
	}
	if err := h.s.PutLink(t.Context(), person.Link{Hash: "three", Kind: person.LinkReset, PersonID: "nobody"}, person.Note{}); err == nil {
		t.Error("nobody has a link")
	}
}

func TestANewPasswordEndsWhatTheOldOneOpened(t *testing.T) {
	h := newPeople(t, "p1", "p2")
	h.start("p1", "kept", shopDay)
	h.start("p1", "other", shopDay)
	h.start("p2", "another's", shopDay)
	h.must(h.s.PutLink(t.Context(), person.Link{Hash: "reset", Kind: person.LinkReset, PersonID: "p1"}, person.Note{}))

	_, err := h.s.SetPassword(t.Context(), "p1", "new", "kept", "no such link", nil, shopDay, person.Note{})
	h.missing("with a link that is not there", err)
	if _, hash, _ := h.s.ByID(t.Context(), "p1"); hash != "hash of p1" || len(h.sessions("p1")) != 2 {
		t.Errorf("refused, and changed all the same: %q, %v", hash, h.sessions("p1"))
	}
	ended, err := h.s.SetPassword(t.Context(), "p1", "new", "kept", "reset", []string{"bucket"}, shopDay, person.Note{Action: "password"})
	if err != nil || !slices.Equal(ended, []string{"other"}) {
		t.Errorf("ended: got %v, %v", ended, err)
	}
	p, hash, err := h.s.ByID(t.Context(), "p1")
	if hash != "new" || p.Rev != 2 || err != nil {
		t.Errorf("got %q, revision %d, %v", hash, p.Rev, err)
	}
	if known, err := h.s.KnowsDevice(t.Context(), "p1", "device of kept"); known || err != nil {
		t.Errorf("a browser is still known: %v", err)
	}
	if got := h.sessions("p2"); !slices.Equal(got, []string{"another's"}) {
		t.Errorf("another's sessions: got %v", got)
	}
	_, err = h.s.SetPassword(t.Context(), "p1", "newer", "", "reset", nil, shopDay, person.Note{})
	h.missing("with a used link", err)
	if ended, err := h.s.SetPassword(t.Context(), "p1", "newer", "", "", nil, shopDay, person.Note{}); err != nil ||
		!slices.Equal(ended, []string{"kept"}) {
		t.Errorf("without one to keep: got %v, %v", ended, err)
	}
}

func TestSessions(t *testing.T) {
	h := newPeople(t, "p1", "p2")
	want := h.start("p1", "one", shopDay)
	got, who, err := h.s.Session(t.Context(), "one")
	if d := cmp.Diff(want, got); d != "" || who.ID != "p1" || err != nil {
		t.Errorf("read back: %v, %v (-want +got)\n%s", who.ID, err, d)
	}
	if err := h.s.Start(t.Context(), want, "device", "bucket", nil, person.Note{}); err == nil {
		t.Error("two sessions have one token")
	}
	for id, want := range map[string]bool{"p1": true, "p2": false} {
		if known, err := h.s.KnowsDevice(t.Context(), id, "device of one"); err != nil || known != want {
			t.Errorf("%s's browser is known: got %v, %v", id, known, err)
		}
	}
	h.start("p1", "two", shopDay.Add(time.Minute))
	h.start("p2", "three", shopDay.Add(time.Minute))
	if got := h.sessions("p1"); !slices.Equal(got, []string{"two", "one"}) {
		t.Errorf("the last used first: got %v", got)
	}
	h.must(h.s.Seen(t.Context(), "one", shopDay.Add(2*time.Minute)))
	h.must(h.s.Seen(t.Context(), "one", shopDay)) // a slower request does not move it back
	if got := h.sessions("p1"); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("after a request: got %v", got)
	}
	h.must(h.s.Freshen(t.Context(), "one", shopDay.Add(time.Hour), "bucket", person.Note{}))
	if s, _, err := h.s.Session(t.Context(), "one"); err != nil || !s.FreshUntil.Equal(shopDay.Add(time.Hour)) {
		t.Errorf("freshened: got %v, %v", s.FreshUntil, err)
	}
	for _, tt := range []struct{ name, personID, only, keep, want, left string }{
		{"another's by its name", "p2", "one", "", "", "one two"},
		{"one that is not there", "p1", "four", "", "", "one two"},
		{"one", "p1", "two", "", "two", "one"},
		{"all but the only one", "p1", "", "one", "", "one"},
		{"all", "p1", "", "", "one", ""},
	} {
		ended, err := h.s.End(t.Context(), tt.personID, tt.only, tt.keep, person.Note{})
		if err != nil || fmt.Sprint(ended) != "["+tt.want+"]" || fmt.Sprint(h.sessions("p1")) != "["+tt.left+"]" {
			t.Errorf("%s: ended %v, %v, left %v; want %q, %q", tt.name, ended, err, h.sessions("p1"), tt.want, tt.left)
		}
	}
	if got := h.sessions("p2"); !slices.Equal(got, []string{"three"}) {
		t.Errorf("another's: got %v", got)
	}
}

func TestSessionsDoNotFillTheTable(t *testing.T) {
	h := newPeople(t, "p1", "p2")
	h.start("p2", "idle", shopDay.Add(-person.Idle))
	h.start("p2", "not idle", shopDay.Add(-person.Idle).Add(time.Second))
	for n := range 101 {
		h.start("p1", fmt.Sprintf("s%03d", n), shopDay.Add(time.Duration(n)*time.Microsecond))
	}
	if got := h.sessions("p2"); !slices.Equal(got, []string{"not idle"}) {
		t.Errorf("what ran out goes with the next sign-in: got %v", got)
	}
	if got := h.sessions("p1"); len(got) != 100 || slices.Contains(got, "s000") {
		t.Errorf("of more than a hundred the oldest goes: got %d", len(got))
	}
	known := 0
	for n := range 101 {
		if is, err := h.s.KnowsDevice(t.Context(), "p1", fmt.Sprintf("device of s%03d", n)); err != nil {
			t.Fatal(err)
		} else if is {
			known++
		}
	}
	if known != 50 {
		t.Errorf("browsers that are known: got %d, want 50", known)
	}
}

func TestOwnersAndWhatPeopleChose(t *testing.T) {
	h := newPeople(t, "p1", "p2", "p3", "p4")
	h.must(dbtest.Exec(h.db, "UPDATE person SET role = 'viewer' WHERE id = 'p3'"))
	h.must(dbtest.Exec(h.db, "UPDATE person SET disabled = 1 WHERE id = 'p4'"))
	owners, err := h.s.Owners(t.Context())
	if err != nil || len(owners) != 2 || owners[0].ID != "p2" || owners[1].ID != "p1" {
		t.Errorf("owners, the oldest first: got %+v, %v", owners, err)
	}
	if err := dbtest.Exec(h.db, "UPDATE person SET name = 'p1' WHERE id = 'p2'"); err == nil {
		t.Error("two people have one name")
	}
	at := shopDay.Add(time.Hour)
	chosen := person.Profile{DisplayName: "Mei", Language: "zh-Hans", Zone: "Asia/Bangkok", Theme: "light"}
	h.must(h.s.SaveProfile(t.Context(), "p1", chosen, at, person.Note{Action: "profile"}))
	h.must(h.s.SaveScope(t.Context(), "p1", "acc-1", at))
	want := personOf("p1")
	want.DisplayName, want.Language, want.Zone, want.Theme, want.Shortcuts = "Mei", "zh-Hans", "Asia/Bangkok", "light", false
	want.Scope, want.UpdatedAt, want.Rev = "acc-1", at, 3
	if got, _, err := h.s.ByID(t.Context(), "p1"); err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v (-want +got)\n%s", err, cmp.Diff(want, got))
	}
}

func TestAGuessCountsInEveryBucketOrInNone(t *testing.T) {
	h := newPeople(t)
	guess := func(at time.Time, buckets ...string) time.Duration {
		t.Helper()
		wait, err := h.s.Guess(t.Context(), buckets, at, person.Note{Action: "person.sign-in", Outcome: "throttled"})
		h.must(err)
		return wait
	}
	told := func() int {
		rows, err := db.Audits{DB: h.db}.Latest(t.Context(), "", 10)
		h.must(err)
		return len(rows)
	}
	for n := range person.FreeGuesses {
		if wait := guess(shopDay, "account"); wait != 0 {
			t.Fatalf("guess %d waits %v", n+1, wait)
		}
	}
	for range 3 { // however often somebody knocks
		if wait := guess(shopDay, "address", "account"); wait != time.Second {
			t.Errorf("one too many waits %v, want a second", wait)
		}
	}
	if told() != 1 {
		t.Errorf("the wait is in the audit %d times", told())
	}
	for n := range person.FreeGuesses {
		if wait := guess(shopDay, "address"); wait != 0 {
			t.Errorf("a guess that was not made counts: guess %d at the address waits %v", n+1, wait)
		}
	}
	if wait := guess(shopDay.Add(person.QuietPeriod), "account"); wait != 0 {
		t.Errorf("after a quiet time it waits %v", wait)
	}
}
