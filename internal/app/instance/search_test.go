package instance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sampan/internal/app/instance"
)

// mixed is a fleet with gaps: unknown expiries, traffic of all kinds, labels.
func mixed(t testing.TB, n int) *instance.Service {
	s := pictured(n)
	shelf := s.Store.(*shelf)
	for k := range shelf.records {
		if k%11 == 0 {
			shelf.records[k].Expires = time.Time{}
		}
		if k%13 == 0 {
			shelf.servers[k].Server.Status = "ERROR"
		}
		if k%17 == 0 {
			shelf.servers[k].Server.Tags = []string{"team=blue", "old"}
		}
		if k%7 == 0 {
			shelf.records[k].NotSeenSince = noon.Add(-time.Hour)
		}
	}
	p := s.Picture()
	labels, traffic, silent := map[string][]string{}, []instance.PackageTraffic{}, map[string]string{}
	for k, r := range p.Rows() {
		if k%5 == 0 {
			labels[r.ID()] = []string{"asia", fmt.Sprintf("shift %d", k%3)}
		}
		if k%6 == 0 {
			silent[r.ServerID] = r.Address
		}
		if k%4 != 0 {
			traffic = append(traffic, instance.PackageTraffic{PackageID: r.PackageID,
				Traffic: instance.Traffic{Left: float64(k * 7 % 101), Total: 100, At: noon}})
		}
	}
	s.SetLabels(labels)
	s.SetTraffic(traffic)
	s.SetUnanswered(silent)
	return s
}

func ids(rows []*instance.Row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.ID())
	}
	return all
}

func TestEverySortPagesForwardAndBack(t *testing.T) {
	p := mixed(t, 230).Picture()
	for _, sort := range instance.Sorts() {
		for _, desc := range []bool{false, true} {
			for _, instances := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, descending %v, instances %v", sort, desc, instances), func(t *testing.T) {
					q := instance.Query{AccountIDs: scope(), Sort: sort, Desc: desc, Instances: instances, Limit: 50}
					want := ids(p.All(q))
					if len(want) != 230 || len(slices.Compact(slices.Sorted(slices.Values(want)))) != 230 {
						t.Fatalf("got %d rows", len(want))
					}
					up := ids(p.All(instance.Query{AccountIDs: scope(), Sort: sort, Desc: !desc, Instances: instances}))
					slices.Reverse(up)
					if !slices.Equal(want, up) {
						t.Error("the other direction is not the reverse")
					}
					var pages [][]string
					for {
						if err := q.Check(); err != nil {
							t.Fatal(err)
						}
						r := p.Search(q)
						if r.Total != 230 || (r.Prev == "") != (len(pages) == 0) {
							t.Fatalf("page %d: got %d in all, previous %q", len(pages), r.Total, r.Prev)
						}
						pages = append(pages, ids(r.Rows))
						if r.Next == "" {
							q.After, q.Before = "", r.Prev
							break
						}
						q.After = r.Next
					}
					if got := slices.Concat(pages...); !slices.Equal(got, want) {
						t.Fatalf("forward: got %v, want %v", got, want)
					}
					for n := len(pages) - 2; n >= 0; n-- {
						r := p.Search(q)
						if !slices.Equal(ids(r.Rows), pages[n]) {
							t.Fatalf("back to page %d: got %v, want %v", n, ids(r.Rows), pages[n])
						}
						q.Before = r.Prev
					}
					if q.Before != "" {
						t.Error("there is a page before the first")
					}
				})
			}
		}
	}
}

// The number beside a value is how many rows are found when that value alone is
// chosen for its key.
func TestFacetsCountWhatAChoiceWouldLeave(t *testing.T) {
	p := mixed(t, 400).Picture()
	for _, text := range []string{"", "region:ap-southeast-3,tr-west-1", "state:stopped -tag:old", "web expires<90d",
		"region:ap-southeast-3 problem:faulty autorenew:no",
		"traffic<50% label:asia", "problem:silent region:tr-west-1", "tag:env=prod tag:team",
		"state:running,stopped region:me-east-1 expires>1d expires<200d", "account:main os:linux"} {
		t.Run(text, func(t *testing.T) {
			q := query(t, p, text)
			r := p.Search(q)
			if r.Total != len(p.All(q)) || r.Total != p.Count(q) {
				t.Errorf("total: got %d, %d rows, counted %d", r.Total, len(p.All(q)), p.Count(q))
			}
			for key, values := range r.Facets {
				sum := 0
				for value, n := range values {
					sum += n
					only := q
					only.Terms = slices.DeleteFunc(slices.Clone(q.Terms), func(t instance.Term) bool { return t.Key == key && !t.Not })
					term := instance.Term{Key: key, Op: '=', Value: value}
					if strings.HasPrefix(value, "<") {
						term.Op, term.Value = '<', value[1:]
					}
					only.Terms = append(only.Terms, term)
					if got := p.Count(only); got != n {
						t.Errorf("%s: facet %d, a search finds %d", term, n, got)
					}
				}
				others := slices.DeleteFunc(slices.Clone(q.Terms), func(t instance.Term) bool { return t.Key == key && !t.Not })
				if sum == 0 && p.Count(instance.Query{AccountIDs: scope(), Terms: others}) > 0 && key != "label" && key != "tag" {
					t.Errorf("%s: nothing was counted", key)
				}
			}
		})
	}
}

// A search finds what testing every row in the simplest way finds.
func TestSearchFindsWhatALookAtEveryRowFinds(t *testing.T) {
	p := mixed(t, 300).Picture()
	day := noon.AddDate(0, 0, 7).Truncate(24 * time.Hour)
	plain := map[string]func(*instance.Row) bool{
		"web-tr":            func(r *instance.Row) bool { return strings.Contains(r.InstanceName, "web-tr") },
		"192.168.0.1":       func(r *instance.Row) bool { return strings.Contains(r.Private, "192.168.0.1") },
		"address:198.18.1.": func(r *instance.Row) bool { return strings.Contains(r.Address, "198.18.1.") },
		"state:faulty":      func(r *instance.Row) bool { return r.Status == "ERROR" },
		"-state:faulty":     func(r *instance.Row) bool { return r.Status != "ERROR" },
		"region:tr-west-1":  func(r *instance.Row) bool { return r.Region == "tr-west-1" },
		"region:tr-west-1,sa-brazil-1": func(r *instance.Row) bool {
			return r.Region == "tr-west-1" || r.Region == "sa-brazil-1"
		},
		"expires<10d": func(r *instance.Row) bool { return !r.Expires.IsZero() && r.Expires.Before(noon.Add(240*time.Hour)) },
		"expires>10d": func(r *instance.Row) bool { return r.Expires.After(noon.Add(240 * time.Hour)) },
		"expires<" + day.Format(time.DateOnly): func(r *instance.Row) bool {
			return !r.Expires.IsZero() && r.Expires.Before(day)
		},
		"expires:unknown":   func(r *instance.Row) bool { return r.Expires.IsZero() },
		"traffic<20%":       func(r *instance.Row) bool { return r.Traffic.Known() && r.Traffic.Left < 20 },
		"traffic>0.05TB":    func(r *instance.Row) bool { return r.Traffic.Known() && r.Traffic.Left > 51.2 },
		"traffic:over":      func(r *instance.Row) bool { return r.Traffic.Known() && r.Traffic.Left <= 0 },
		"traffic:unknown":   func(r *instance.Row) bool { return !r.Traffic.Known() },
		"tag:env=PROD":      func(r *instance.Row) bool { return slices.Contains(r.Tags, "env=prod") },
		"tag:team":          func(r *instance.Row) bool { return slices.Contains(r.Tags, "team=blue") },
		`label:"shift 1"`:   func(r *instance.Row) bool { return slices.Contains(r.Labels, "shift 1") },
		"account:shops":     func(r *instance.Row) bool { return threeAccounts[r.AccountID] == "Shops" },
		"autorenew:yes":     func(r *instance.Row) bool { return r.AutoRenew },
		"image:odo_17":      func(r *instance.Row) bool { return r.ImageName == "Odo_17" },
		"problem:not-seen":  func(r *instance.Row) bool { return !r.NotSeenSince.IsZero() },
		"problem:silent":    func(r *instance.Row) bool { return r.Silent },
		"problem:none":      func(r *instance.Row) bool { return r.Problem(noon) == "" },
		"order:0042":        func(r *instance.Row) bool { return strings.Contains(r.CloudOrder, "0042") },
		"cs000000000000042": func(r *instance.Row) bool { return r.CloudOrder == "CS000000000000042" },
		"server:0000002a":   func(r *instance.Row) bool { return strings.Contains(r.ServerID, "0000002a") },
		"name:ecs_0001":     func(r *instance.Row) bool { return strings.Contains(r.Name, "ecs_0001") },
		"web asia -tag:old": func(r *instance.Row) bool {
			return slices.Contains(r.Labels, "asia") && !slices.Contains(r.Tags, "old")
		},
	}
	for text, holds := range plain {
		t.Run(text, func(t *testing.T) {
			var want []string
			for _, r := range p.Rows() {
				if holds(r) {
					want = append(want, r.ID())
				}
			}
			got := ids(p.All(query(t, p, text)))
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(want) == 0 || len(want) == 300 {
				t.Errorf("the test says nothing: %d rows", len(want))
			}
		})
	}
}

func TestScopeIsNeverLeft(t *testing.T) {
	p := mixed(t, 90).Picture()
	one := "0199a1b2-0000-7000-8000-000000000001"
	for name, tt := range map[string]struct {
		accounts []string
		text     string
		want     int
	}{
		"one account": {[]string{one}, "", 30},
		"none":        {nil, "", 0},
		"an account that is asked for but not in the scope": {[]string{one}, "account:main", 0},
		"an account that does not exist":                    {[]string{"nobody"}, "", 0},
	} {
		terms, _ := instance.ParseQuery(tt.text, p)
		r := p.Search(instance.Query{AccountIDs: tt.accounts, Terms: terms})
		if r.Total != tt.want || len(r.Rows) != tt.want {
			t.Errorf("%s: got %d", name, r.Total)
		}
		for account := range r.Facets["account"] {
			if !slices.Contains(tt.accounts, account) {
				t.Errorf("%s: counts show account %s", name, account)
			}
		}
	}
}

// A page begins after the last one's end, even when that row has gone or moved.
func TestPagesHoldWhileRowsChange(t *testing.T) {
	s := mixed(t, 100)
	q := instance.Query{AccountIDs: scope(), Sort: "trafficleft", Limit: 10}
	first := s.Picture().Search(q)
	all := ids(s.Picture().All(q))
	last := first.Rows[9]
	s.SetTraffic([]instance.PackageTraffic{{PackageID: last.PackageID, Traffic: instance.Traffic{Left: 99999, Total: 100000, At: noon}}})
	q.After = first.Next
	if got := ids(s.Picture().Search(q).Rows); !slices.Equal(got[:9], all[10:19]) {
		t.Errorf("got %v, want %v", got, all[10:20])
	}
}

// Sorted orders are taken over from picture to picture.
func TestNextPictureIsSortedAsANewOneWouldBe(t *testing.T) {
	s := mixed(t, 120)
	rapid.Check(t, func(t *rapid.T) {
		sort := rapid.SampledFrom([]string{"traffic", "trafficleft", "expires", "label", "name", "state"}).Draw(t, "sort")
		q := instance.Query{AccountIDs: scope(), Sort: sort}
		s.Picture().All(q) // now it has this order
		rows := s.Picture().Rows()
		var traffic []instance.PackageTraffic
		labels := make(map[string][]string)
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			r := rows[rapid.IntRange(0, len(rows)-1).Draw(t, "row")]
			traffic = append(traffic, instance.PackageTraffic{PackageID: r.PackageID,
				Traffic: instance.Traffic{Left: float64(rapid.IntRange(0, 100).Draw(t, "left")), Total: 100, At: noon}})
			labels[r.ID()] = []string{rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "label")}
		}
		s.SetTraffic(traffic)
		s.SetLabels(labels)
		got := ids(s.Picture().All(q))
		s.Picture().ForgetOrders()
		if want := ids(s.Picture().All(q)); !slices.Equal(got, want) {
			t.Fatalf("by %s: got %v, want %v", sort, got, want)
		}
	})
}

func TestPastedNamesAreFound(t *testing.T) {
	p := mixed(t, 50).Picture()
	r := p.Rows()[7]
	rows, unknown := p.Resolve(scope(), []string{strings.ToUpper(r.ServerID), r.Address, r.Private, r.InstanceID, strings.ToUpper(r.Name),
		"nobody", p.Rows()[8].InstanceName})
	if diff := cmp.Diff([]string{r.ID(), p.Rows()[8].ID()}, ids(rows)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"nobody"}, unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if rows, unknown := p.Resolve([]string{"other"}, []string{r.ServerID}); len(rows) != 0 || len(unknown) != 1 {
		t.Errorf("outside of the scope: got %v, %v", ids(rows), unknown)
	}
}

func TestWordsForStates(t *testing.T) {
	for _, tt := range []struct {
		status, task string
		frozen       bool
		want         string
	}{
		{"ACTIVE", "", false, "running"}, {"ACTIVE", "powering-off", false, "stopping"}, {"SHUTOFF", "", false, "stopped"}, {"SHUTOFF", "powering-on", false, "starting"},
		{"REBOOT", "", false, "restarting"}, {"HARD_REBOOT", "rebooting_hard", false, "restarting"}, {"ACTIVE", "reboot_started", false, "restarting"},
		{"BUILD", "spawning", false, "creating"}, {"ERROR", "", false, "faulty"}, {"ACTIVE", "", true, "frozen"}, {"", "", false, "unknown"},
		{"PAUSED", "", false, "busy"}, {"ACTIVE", "migrating", false, "busy"}, {"MIGRATING", "migrating", false, "busy"},
	} {
		if got := instance.StateOf(tt.status, tt.task, tt.frozen); got != tt.want {
			t.Errorf("%s %s frozen %v: got %s, want %s", tt.status, tt.task, tt.frozen, got, tt.want)
		}
	}
}

// With one byte more than 760 every row takes 896 bytes (the runtime adds 8 to
// what holds pointers, then rounds up).
func TestRowFitsItsSizeClass(t *testing.T) {
	if instance.RowSize > 760 {
		t.Errorf("a Row has %d bytes, want at most 760", instance.RowSize)
	}
}
