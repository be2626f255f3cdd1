package wording_test

import (
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/web/webtest"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/ui"
)

var (
	hourAgo = webtest.Now.Add(-time.Hour)
	marina  = account.Account{ID: "a1", Label: "Marina", State: account.Active}
	dhow    = account.Account{ID: "a2", Label: "Dhow", State: account.Active}
)

// gap is a gap of Marina; change alters it.
func gap(about instance.About, source string, change ...func(*instance.Gap)) instance.Gap {
	g := instance.Gap{AccountID: "a1", About: about, Source: source, OKAt: hourAgo, TriedAt: webtest.Now}
	if place, found := strings.CutPrefix(source, "ecs:"); found {
		g.Region = place
	}
	for _, f := range change {
		f(&g)
	}
	return g
}

func because(id string, pairs ...string) func(*instance.Gap) {
	return func(g *instance.Gap) { g.Trouble = fault.Say(id, pairs...) }
}
func lacking(n int) func(*instance.Gap) { return func(g *instance.Gap) { g.Lacking = n } }
func old(n int) func(*instance.Gap)     { return func(g *instance.Gap) { g.Old = n } }
func never(g *instance.Gap)             { g.OKAt, g.TriedAt = time.Time{}, time.Time{} }
func code(s string) func(*instance.Gap) { return func(g *instance.Gap) { g.Code = s } }
func dhows(g *instance.Gap)             { g.AccountID = "a2" }

// A count that may be too small never looks complete.
func TestCountsOfWhatWasNotReadAtAll(t *testing.T) {
	lacks := instance.Gaps{gap(instance.AboutList, "config", lacking(1))}
	unread := instance.Gaps{gap(instance.AboutList, "config", never)}
	onlyOld := instance.Gaps{gap(instance.AboutTerms, "bss", old(3))}
	for _, tt := range []struct {
		name        string
		n           int
		gaps        instance.Gaps
		long, short string
	}{
		{"all was read", 1200, nil, "1,200", "1,200"},
		{"all was read, nothing is there", 0, nil, "0", "0"},
		{"what is known is old", 3, onlyOld, "3", "3"},
		{"some are left out", 3, lacks, "at least 3", "3+"},
		{"nothing is known", 0, unread, "not known", "?"},
	} {
		if got := wording.AtLeast(english(), tt.n, tt.gaps); got != tt.long {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.long)
		}
		if got := wording.AtLeastShort(english(), tt.n, tt.gaps.Short()); got != tt.short {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.short)
		}
	}
}

func TestAccountsThatCouldNotBeRead(t *testing.T) {
	gaps := instance.Gaps{
		gap(instance.AboutList, "config", because("cloud.unreachable")), gap(instance.AboutTerms, "bss", because("cloud.unreachable")),
		gap(instance.AboutList, "config", dhows), // still to be read
		{AccountID: "a3", Trouble: fault.Say("fault.account.disabled", "Account", "Junk")},
	}
	if got := wording.FailingAccounts(gaps); got != 1 {
		t.Errorf("%d accounts, want the one that failed", got)
	}
}

// That nothing is called so is not sure while names were not read.
func TestNothingIsCalledSoAsFarAsIsKnown(t *testing.T) {
	const none = "No server is called that."
	for name, tt := range map[string]struct {
		gaps instance.Gaps
		sure bool
	}{
		"all was read":              {nil, true},
		"only expiry was not":       {instance.Gaps{gap(instance.AboutTerms, "bss", lacking(2))}, true},
		"the list was not":          {instance.Gaps{gap(instance.AboutList, "config", never)}, false},
		"states of some were not":   {instance.Gaps{gap(instance.AboutStates, "ecs:tr-west-1", lacking(1))}, false},
		"the list is an hour old":   {instance.Gaps{gap(instance.AboutList, "config", because("cloud.unreachable"))}, true},
		"traffic was not read ever": {instance.Gaps{gap(instance.AboutTraffic, "traffic", never)}, true},
	} {
		if got := wording.OrUnread(english(), none, tt.gaps); (got == none) != tt.sure || !strings.HasPrefix(got, none) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestGapsOfOneReasonAreOneNote(t *testing.T) {
	permission := because("cloud.permission", "Permission", "rms:resources:list", "Detail", "request 17")
	sameWithOtherWords := because("cloud.permission", "Permission", "rms:resources:list", "Detail", "request 18")
	accounts := []account.Account{marina, dhow}
	for _, tt := range []struct {
		name string
		gaps instance.Gaps
		want []string // account, reason, and * where it is all of the account
	}{
		{"none", nil, nil},
		{"two sources alike", instance.Gaps{gap(instance.AboutStates, "ecs:tr-west-1", permission), gap(instance.AboutTerms, "bss", sameWithOtherWords)},
			[]string{"Marina cloud.permission"}},
		{"two reasons", instance.Gaps{gap(instance.AboutStates, "ecs:tr-west-1", permission), gap(instance.AboutTerms, "bss", because("cloud.unreachable"))},
			[]string{"Marina cloud.permission", "Marina cloud.unreachable"}},
		{"two codes", instance.Gaps{gap(instance.AboutStates, "ecs:tr-west-1", permission, code("A")), gap(instance.AboutTerms, "bss", permission, code("B"))},
			[]string{"Marina cloud.permission", "Marina cloud.permission"}},
		{"in the order of the accounts, what failed first",
			instance.Gaps{gap(instance.AboutTerms, "bss", dhows, permission), gap(instance.AboutTerms, "bss", lacking(1)),
				gap(instance.AboutTraffic, "traffic", because("cloud.unreachable"))},
			[]string{"Marina cloud.unreachable", "Dhow cloud.permission", "Marina "}},
		{"nothing of it can be read", instance.Gaps{gap(instance.AboutList, "config", permission), gap(instance.AboutStates, "ecs:tr-west-1", permission)},
			[]string{"Marina cloud.permission*"}},
		{"an account that is not shown", instance.Gaps{{AccountID: "a9", About: instance.AboutList, Source: "config", Trouble: fault.Say("cloud.unreachable")}}, nil},
	} {
		var got []string
		for _, n := range wording.SortGaps(accounts, tt.gaps) {
			line := n.Account.Label + " " + n.Why.ID
			if n.All && len(tt.gaps) > 1 {
				line += "*"
			}
			got = append(got, line)
		}
		if strings.Join(got, "|") != strings.Join(tt.want, "|") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestWhatANoteOfGapsSays(t *testing.T) {
	refused := because("cloud.unreachable")
	why := webtest.Word("cloud.unreachable")
	regions := func(n int) instance.Gaps {
		var out instance.Gaps
		for _, r := range []string{"tr-west-1", "ap-southeast-3", "me-east-1", "af-south-1"}[:n] {
			out = append(out, gap(instance.AboutStates, "ecs:"+r, refused, lacking(2)))
		}
		return out
	}
	for _, tt := range []struct {
		name, title, text string
		gaps              instance.Gaps
	}{
		{"a source failed", "Expiry dates of Marina could not be read.",
			why + " Last read today at 08:21. Last tried today at 09:21. Not known: 2 expiry dates.",
			instance.Gaps{gap(instance.AboutTerms, "bss", refused, lacking(2))}},
		{"it never answered", "Data packages of Marina could not be read.",
			why + " It has never been read. Not known: what is left of 1 data package.",
			instance.Gaps{gap(instance.AboutTraffic, "traffic", refused, never, lacking(1))}},
		{"some regions", "Servers in Istanbul, Servers in Singapore and Servers in Riyadh of Marina could not be read.",
			why + " Last read today at 08:21. Last tried today at 09:21. Not known: the states of 6 servers.", regions(3)},
		{"many regions", "Servers in 4 regions of Marina could not be read.",
			why + " Last read today at 08:21. Last tried today at 09:21. Not known: the states of 8 servers.", regions(4)},
		{"nothing of it", "Marina could not be read.", why + " It has never been read. Not known: which servers there are.",
			instance.Gaps{gap(instance.AboutList, "config", refused, never)}},
		{"a code that the reason does not name", "Expiry dates of Marina could not be read.",
			why + " Last read today at 08:21. Last tried today at 09:21. Not known: 1 expiry date. CBC.0151",
			instance.Gaps{gap(instance.AboutTerms, "bss", refused, lacking(1), code("CBC.0151"))}},
		{"still to be read", "Marina has not been read completely yet.", "Not known: 1 expiry date.", instance.Gaps{gap(instance.AboutTerms, "bss", never, lacking(1))}},
		{"an answer left some out", "Not everything is known of Marina.", "Not known: 1 expiry date.", instance.Gaps{gap(instance.AboutTerms, "bss", lacking(1))}},
		{"what is shown is old", "What is shown of Marina is not from now.", "As of today at 08:21: 3 expiry dates.", instance.Gaps{gap(instance.AboutTerms, "bss", old(3))}},
	} {
		notes := wording.SortGaps([]account.Account{marina}, tt.gaps)
		if len(notes) != 1 {
			t.Errorf("%s: %d notes", tt.name, len(notes))
			continue
		}
		if got := notes[0].Title(english()); got != tt.title {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.title)
		}
		if got := notes[0].Text(english()); got != tt.text {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.text)
		}
	}
}

func TestNotesAboveAList(t *testing.T) {
	disabled, broken := marina, marina
	disabled.State, broken.State = account.Disabled, account.Broken
	refused := gap(instance.AboutTerms, "bss", because("cloud.unreachable"))
	for _, tt := range []struct {
		name    string
		account account.Account
		gap     instance.Gap
		notes   int
		tone    string
		linked  bool
	}{
		{"a source failed", marina, refused, 1, ui.Caution, true},
		{"still to be read", marina, gap(instance.AboutTerms, "bss", lacking(1)), 1, "", false},
		{"a person disabled it", disabled, refused, 1, "", true},
		{"the banner says it", broken, refused, 0, "", false},
	} {
		notes := wording.GapNotes(english(), []account.Account{tt.account}, instance.Gaps{tt.gap})
		if len(notes) != tt.notes {
			t.Errorf("%s: %d notes", tt.name, len(notes))
			continue
		}
		if tt.notes == 0 {
			continue
		}
		n := notes[0]
		if linked := len(n.Actions) == 1 && n.Actions[0].Href == "/accounts/a1"; n.Tone != tt.tone || linked != tt.linked {
			t.Errorf("%s: tone %q, actions %v", tt.name, n.Tone, n.Actions)
		}
	}
	got := wording.GapNotes(english(), []account.Account{disabled}, instance.Gaps{refused})[0]
	if got.Bold != "Marina is disabled and is not read." || strings.Contains(got.Text, webtest.Word("cloud.unreachable")) {
		t.Errorf("a disabled account: %q %q", got.Bold, got.Text)
	}
}

func TestAFleetThatWasNotRead(t *testing.T) {
	off := gap(instance.AboutList, "config", because("fault.account.disabled", "Account", "Marina"))
	for _, tt := range []struct {
		name string
		gaps instance.Gaps
		text string
	}{
		{"it failed", instance.Gaps{off, gap(instance.AboutList, "config", because("cloud.unreachable"))}, "gaps.fleet.failed.text"},
		{"every account is disabled", instance.Gaps{off}, "gaps.fleet.off.text"},
		{"it is still to be read", instance.Gaps{off, gap(instance.AboutList, "config", never)}, "gaps.fleet.open.text"},
	} {
		if got := wording.UnreadFleet(english(), tt.gaps); got.Text != webtest.Word(tt.text) {
			t.Errorf("%s: %q", tt.name, got.Text)
		}
	}
}
