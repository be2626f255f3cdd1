package instance_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
)

// shelf is a store that only has something to read at start.
type shelf struct {
	instance.Store
	records []instance.Record
	servers []instance.ServerRecord
}

func (s *shelf) Everything(context.Context) ([]instance.Record, []instance.ServerRecord, error) {
	return s.records, s.servers, nil
}
func (s *shelf) Packed(context.Context, string, func(instance.Packed) error) (bool, error) {
	return false, nil
}
func (s *shelf) Syncs(context.Context, []string) ([]instance.Sync, error) { return nil, nil }

// labelled is accounts that only have names.
type labelled struct {
	instance.Accounts
	labels map[string]string
}

func (n labelled) List(context.Context, person.Actor) ([]account.Account, error) {
	var all []account.Account
	for id, l := range n.labels {
		all = append(all, account.Account{ID: id, Label: l})
	}
	return all, nil
}

// fleetOf makes n servers in six regions and three accounts, as full of facts
// as real ones.
func fleetOf(n int) *shelf {
	s := &shelf{}
	images := []string{"BT_light_server_8_0", "WordPress_6_4", "Ubuntu 22.04 server 64bit", "Odo_17"}
	for k := range n {
		region := sixRegions[k%6]
		id, srv := fmt.Sprintf("66e3e9f8b271f83%09x", k), fmt.Sprintf("%08x-665a-4f46-8d64-24ad6edccdd2", k)
		acct := fmt.Sprintf("0199a1b2-0000-7000-8000-00000000000%d", k%3)
		name := fmt.Sprintf("web-%s-%05d", region[:2], k)
		born := noon.Add(-time.Duration(k%9000) * time.Hour)
		listed := &instance.Listed{ID: id, Name: name, Region: region, ProjectID: "067cf8aecf3845d1ad7a5d308322f13b", Product: images[k%4],
			Plan: "basic_v12", Spec: "hf.large.1.30m.linux", OrderID: fmt.Sprintf("CS%015d", k), ServerIDs: []string{srv},
			PackageIDs: []string{fmt.Sprintf("%08x-73f8-4313-bc1b-f76ed15c9d09", k)},
			Tags:       map[string]string{"env": []string{"prod", "test", "dev"}[k%3]}, Created: born}
		expiry := &instance.Expiry{InstanceID: id, Name: name, Region: region, Status: 2,
			Expires: noon.Add(time.Duration(k*37%9000) * time.Hour), ExpirePolicy: k % 4}
		r := instance.Record{Instance: instance.Instance{ID: id, AccountID: acct, Name: name, Region: region, Spec: listed.Spec,
			Image: listed.Product, Address: fmt.Sprintf("198.18.%d.%d", k/250%250, k%250),
			State: []string{"ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "SHUTOFF"}[k%5], ServerID: srv, PackageID: listed.PackageIDs[0],
			CloudOrder: listed.OrderID, AutoRenew: k%4 == 3, Expires: expiry.Expires, Created: born, UpdatedAt: noon}, Listed: listed,
			Billed: expiry, Seen: [3]time.Time{noon, noon, noon}}
		r.Fill()
		s.records = append(s.records, r)
		s.servers = append(s.servers, instance.ServerRecord{AccountID: acct, InstanceID: id, Seen: noon, UpdatedAt: noon,
			Server: instance.Server{ID: srv, InstanceID: id,
				Name: fmt.Sprintf("hcss_ecs_%05x", k), Hostname: fmt.Sprintf("hcss-ecs-%05x", k), Region: region, Zone: region + "a",
				Status: r.State, VCPUs: 2, MemoryMiB: 2048,
				Public: []string{r.Address}, Private: []string{fmt.Sprintf("192.168.%d.%d", k/250%250, k%250)},
				OS: "linux", ImageName: "Linux", Created: born, Tags: []string{"_sys_type_hcss_l"}}})
	}
	return s
}

var threeAccounts = map[string]string{"0199a1b2-0000-7000-8000-000000000000": "Main", "0199a1b2-0000-7000-8000-000000000001": "Shops",
	"0199a1b2-0000-7000-8000-000000000002": "Labs"}

func pictured(n int) *instance.Service {
	return &instance.Service{Store: fleetOf(n), Accounts: labelled{labels: threeAccounts}, Now: func() time.Time { return noon },
		Log: slog.New(slog.DiscardHandler)}
}

func scope() []string {
	var ids []string
	for id := range threeAccounts {
		ids = append(ids, id)
	}
	return ids
}

func query(b testing.TB, p *instance.Picture, text string) instance.Query {
	terms, problems := instance.ParseQuery(text, p)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	return instance.Query{AccountIDs: scope(), Terms: terms, Limit: 100}
}

// BenchmarkSearch is one page of a hundred with counts and facets, as a list
// asks for it again and again.
func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		p := pictured(n).Picture()
		for _, text := range []string{"", "region:ap-southeast-3 expires<30d -state:stopped"} {
			b.Run(fmt.Sprintf("%d rows/%q", n, text), func(b *testing.B) {
				q := query(b, p, text)
				total := p.Search(q).Total // the first one looks at every row
				for b.Loop() {
					total = p.Search(q).Total
				}
				b.ReportMetric(float64(total), "found")
			})
		}
	}
}

// BenchmarkFirstSearch is the first search of its kind in a picture.
func BenchmarkFirstSearch(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		p := pictured(n).Picture()
		for _, text := range []string{"", "web-ap-00", "region:ap-southeast-3 expires<30d -state:stopped"} {
			b.Run(fmt.Sprintf("%d rows/%q", n, text), func(b *testing.B) {
				q := query(b, p, text)
				for b.Loop() {
					p.Forget()
					p.Search(q)
				}
			})
		}
	}
}

// BenchmarkSuggest is the palette: a few letters, ten rows, nothing kept.
func BenchmarkSuggest(b *testing.B) {
	p := pictured(10_000).Picture()
	q := instance.Query{AccountIDs: scope(), Terms: []instance.Term{{Value: "00ff"}}, Sort: "name", Limit: 10, Bare: true}
	for b.Loop() {
		p.Forget()
		p.Search(q)
	}
}

// BenchmarkReplace is one changed row among many: the next picture, with the
// orders that were in use, and the first page of it.
func BenchmarkReplace(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprintf("%d rows", n), func(b *testing.B) {
			s := pictured(n)
			id := s.Picture().Rows()[n/2].PackageID
			s.Picture().Search(instance.Query{AccountIDs: scope()})
			left := 0.0
			for b.Loop() {
				left++
				s.SetTraffic([]instance.PackageTraffic{{PackageID: id, Traffic: instance.Traffic{Left: left, Total: 1e9, At: noon}}})
			}
		})
	}
}

// BenchmarkMemory is what a server costs in memory, with the orders and results
// of lists in use.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("%d rows", n), func(b *testing.B) {
			for b.Loop() {
				s := pictured(n)
				p := s.Picture()
				s.Store.(*shelf).records, s.Store.(*shelf).servers = nil, nil
				for _, sort := range []string{"expires", "name", "state"} {
					p.Search(instance.Query{AccountIDs: scope(), Sort: sort})
				}
				var m runtime.MemStats
				runtime.GC()
				runtime.GC()
				runtime.ReadMemStats(&m)
				b.ReportMetric(float64(m.HeapAlloc)/float64(n), "B/server")
				runtime.KeepAlive(s)
			}
		})
	}
}
