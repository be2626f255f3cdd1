package instance

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"sampan/internal/app/account"
)

// sweep reads Config's list and the servers of all places at the same time.
func (r *accountReader) sweep(ctx context.Context) {
	if before := r.listedBefore(); before >= 0 {
		r.readList(ctx, before, -1, true)
		return
	}
	n := r.count(ctx) // the account is new: how large is it?
	r.readList(ctx, n, n, true)
}

// lookAt reads some places, and Config's count when it is among the sources, at
// the same time. list reports that the count is another one than before: then the
// list is to be read, and rest are the places to be read too, for ECS names a new
// server long before Config's list is read.
func (r *accountReader) lookAt(ctx context.Context, sources map[string]bool) (list bool, rest []string) {
	counted := make(chan int, 1)
	go func() {
		n := -1
		if sources[sourceCount] {
			n = r.count(ctx)
		}
		counted <- n
	}()
	var here []string
	for _, source := range r.s.queue.placesOf(r.access.AccountID) {
		if sources[source] {
			here = append(here, source)
		} else {
			rest = append(rest, source)
		}
	}
	r.eachPlace(ctx, here, func(found sourceAnswers) {
		r.take(ctx, found)
		r.commit(ctx)
		r.noteServers(found)
	})
	if n := <-counted; !r.countDiffers(n, r.listedBefore()) {
		return false, nil
	}
	return true, rest
}

// countDiffers reports whether Config counts n instances and listed another
// number before, and that difference is new.
func (r *accountReader) countDiffers(n, before int) bool {
	return n >= 0 && r.s.queue.surplusChanged(r.access.AccountID, n-before) && n != before
}

// readList reads Config's list of about n instances, and the servers too when
// servers is set. counted is what Config counts, -1 when it was not asked.
func (r *accountReader) readList(ctx context.Context, n, counted int, servers bool) {
	switch {
	case n > wholeList:
		r.readListByRegion(ctx, counted, servers)
	case servers:
		r.readListAtOnce(ctx)
	default:
		r.readListAlone(ctx)
	}
}

// wholeList is up to how many instances Config's list is read in one go: two
// pages.
const wholeList = 400

// count asks Config how many instances it has; -1 when it does not say.
func (r *accountReader) count(ctx context.Context) int {
	access := r.access
	access.Lane = max(access.Lane, account.ForPoll) // it does not wait for the pages of a list
	n, err := r.s.Config.Count(ctx, access)
	if ctx.Err() == nil {
		r.noteTry(sourceCount, 1, err)
	}
	if err != nil {
		return -1
	}
	return n
}

// listedBefore is how many instances Config listed the last time; -1: it never
// did.
func (r *accountReader) listedBefore() int {
	if r.merge.current.ages.config.Load() == 0 {
		return -1
	}
	return r.merge.current.listedCount()
}

// listedCount is how many instances of the rows Config lists.
func (p *accountRows) listedCount() int {
	n := 0
	for _, r := range p.rows {
		if r.First && r.InstanceID != "" && r.seen[FromConfig] != 0 && !r.lost.has(FromConfig) {
			n++
		}
	}
	return n
}

// readListAtOnce reads Config's list in one go, and the servers of all places at
// the same time.
func (r *accountReader) readListAtOnce(ctx context.Context) {
	var wait sync.WaitGroup
	var listed []Listed
	var ok bool
	wait.Go(func() { listed, ok = r.listAll(ctx) })
	in := r.readServers(ctx, r.s.queue.placesOf(r.access.AccountID))
	wait.Wait()
	if ok {
		in.listed, in.configCovers = listed, &coverage{}
		r.noteListed(listed)
		r.heard.config = true
	}
	r.take(ctx, in)
	r.commit(ctx)
	if ok {
		r.setConfigAge()
	}
	r.noteServers(in)
}

// readListAlone reads Config's list without the servers, and reports whether it
// could.
func (r *accountReader) readListAlone(ctx context.Context) bool {
	listed, ok := r.listAll(ctx)
	if ok {
		r.noteListed(listed)
		r.heard.config = true
		r.take(ctx, sourceAnswers{listed: listed, configCovers: &coverage{}})
		r.commit(ctx)
		r.setConfigAge()
	}
	return ok
}

// listAll reads Config's list in one go; false when that failed.
func (r *accountReader) listAll(ctx context.Context) ([]Listed, bool) {
	all, err := r.s.Config.Instances(ctx, r.access)
	if err == nil {
		r.terms.page(all)
	}
	return all, r.succeeded(ctx, "config", account.RightList, err)
}

// readListByRegion reads Config and ECS of all regions at the same time; the
// pages of one region follow one another. When Config counts more than it lists
// in these regions, the rest is looked for in one list of the whole account.
func (r *accountReader) readListByRegion(ctx context.Context, counted int, servers bool) {
	regions := r.allRegions()
	count := make(chan int, 1)
	go func() {
		if counted < 0 {
			counted = r.count(ctx)
		}
		count <- counted
	}()
	type regionRead struct {
		region string
		listed []Listed
		err    error
		found  sourceAnswers
	}
	reads := make(chan regionRead)
	page := func(listed []Listed) {
		r.terms.page(listed)
		r.listedPage(listed)
	}
	for _, region := range regions {
		go func() {
			p := regionRead{region: region}
			var wait sync.WaitGroup
			wait.Go(func() { p.listed, p.err = r.s.Config.InstancesIn(ctx, r.access, region, page) })
			if servers && slices.Contains(r.regions, region) {
				p.found = r.readServers(ctx, r.placesIn(region))
			}
			wait.Wait()
			reads <- p
		}()
	}
	sum := 0
	var errs []error
	for range regions {
		p := <-reads
		in := p.found
		if p.err == nil {
			in.listed, in.configCovers = p.listed, &coverage{region: p.region}
			r.noteListed(p.listed)
			sum += len(p.listed)
		}
		errs = append(errs, p.err)
		r.take(ctx, in)
		r.commit(ctx)
		r.noteServers(in)
	}
	short := <-count - sum
	err := errors.Join(errs...)
	if !r.succeeded(ctx, "config", account.RightList, err) {
		return
	}
	if elsewhere := r.access.AccountID + " regions"; short > 0 && r.s.queue.surplusChanged(elsewhere, short) {
		if !r.readListAlone(ctx) {
			r.s.queue.forgetSurplus(elsewhere) // that list failed: the next turn looks again
		}
		return
	}
	r.heard.config = true
	r.setConfigAge()
}

// placesIn gives the sources of the servers of a region.
func (r *accountReader) placesIn(region string) []string {
	return slices.DeleteFunc(r.s.queue.placesOf(r.access.AccountID), func(source string) bool {
		place, _ := ecsRegion(source)
		of, _, _ := strings.Cut(place, "/")
		return of != region
	})
}

// allRegions gives the activated regions and those where instances are known.
func (r *accountReader) allRegions() []string {
	all := slices.Clone(r.regions)
	for _, row := range r.merge.current.rows {
		if row.Region != "" && !slices.Contains(all, row.Region) {
			all = append(all, row.Region)
		}
	}
	return all
}

// noteListed notes for forget what Config listed.
func (r *accountReader) noteListed(listed []Listed) {
	for _, l := range listed {
		r.heard.listed[l.ID] = true
		for _, id := range l.ServerIDs {
			r.heard.listed[id] = true
		}
	}
}

// setConfigAge sets the age of all rows by Config: it has just listed them.
func (r *accountReader) setConfigAge() {
	if !r.merge.doubtful["config"] {
		r.merge.current.ages.setListed(FromConfig, "", r.at)
	}
}

// noteServers sets the age by ECS of the rows of places that answered, and notes
// for forget what they listed.
func (r *accountReader) noteServers(in sourceAnswers) {
	for place := range in.places {
		if !r.merge.doubtful["ecs:"+place] {
			r.merge.current.ages.setListed(FromECS, place, r.at)
		}
		r.heard.places[place] = true
	}
	for _, s := range in.servers {
		r.heard.servers[s.ID] = true
	}
}

// readServers reads places at the same time; one that failed is missing from the
// result.
func (r *accountReader) readServers(ctx context.Context, sources []string) sourceAnswers {
	in := sourceAnswers{places: make(map[string]bool)}
	r.eachPlace(ctx, sources, func(found sourceAnswers) {
		in.servers = append(in.servers, found.servers...)
		maps.Copy(in.places, found.places)
	})
	return in
}

// sourcesOf gives the sources of places.
func sourcesOf(places []string) []string {
	all := make([]string, len(places))
	for n, place := range places {
		all[n] = "ecs:" + place
	}
	return all
}

// eachPlace reads places at the same time and gives the answer of each to a
// function, in this goroutine, as they come. Places that fail are left out; of a
// list that ended early, the servers that it had are given.
func (r *accountReader) eachPlace(ctx context.Context, sources []string, each func(sourceAnswers)) {
	found := make(chan sourceAnswers, len(sources))
	var wait sync.WaitGroup
	for _, source := range sources {
		place, _ := ecsRegion(source)
		region, project, _ := strings.Cut(place, "/")
		wait.Go(func() {
			access, calls := counted(r.access.In(region, project))
			all, err := r.s.ECS.Servers(ctx, access, region, r.serverPage)
			if r.succeededIn(ctx, source, account.RightServers, int(calls.Load()), err) {
				found <- sourceAnswers{servers: placed(all, region, project), places: map[string]bool{place: true}}
			} else if len(all) > 0 && ctx.Err() == nil {
				found <- sourceAnswers{servers: placed(all, region, project)} // these exist; whether others do is not known
			}
		})
	}
	go func() { wait.Wait(); close(found) }()
	for in := range found {
		each(in)
	}
}

// counted gives the access with a counter of its calls that were answered well:
// what a reading costs when nothing goes wrong.
func counted(a account.Access) (account.Access, *atomic.Int32) {
	n, observe := new(atomic.Int32), a.Observe
	a.Observe = func(x account.Exchange) {
		if x.Status >= 200 && x.Status < 300 {
			n.Add(1)
		}
		if observe != nil {
			observe(x)
		}
	}
	return a, n
}

// placed leaves out servers that are not FlexusL ones and sets region and project
// of the others.
func placed(all []Server, region, project string) []Server {
	all = slices.DeleteFunc(all, func(s Server) bool { return !s.Absent && !s.Same && !s.Flexus() })
	for i := range all {
		all[i].Region, all[i].ProjectID = cmp.Or(all[i].Region, region), cmp.Or(all[i].ProjectID, project)
	}
	return all
}

// ecsRegion gives the place that a source of servers is of; false: it is another
// source.
func ecsRegion(source string) (string, bool) { return strings.CutPrefix(source, "ecs:") }
