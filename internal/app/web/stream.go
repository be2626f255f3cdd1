package web

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/live"
	"sampan/internal/app/person"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/text"
)

// topicsMax is how many topics one page may watch.
const topicsMax = 32

// topicPattern is a kind and, for some, an id: "orders", "order/0199…".
var topicPattern = regexp.MustCompile(`^([a-z]+)(?:/([A-Za-z0-9_-]+))?$`)

// topic is one thing pages watch.
type topic struct {
	// allowed gives an error when the actor may not see the thing with that id.
	allowed func(ctx context.Context, by person.Actor, id string) error
	// part renders what watchers get, without anything that only one role may
	// see: it is shared by all who read the same language in the same zone. A
	// topic without it only says that something changed, and the page asks for
	// its own part, because that depends on the person (scope, role).
	part func(ctx context.Context, id string, p *text.Printer) (templ.Component, error)
	// each is true for kinds that need an id.
	each bool
}

// topics is the table of what can be watched; a kind that is not here is 404.
func (s *Site) topics() map[string]topic {
	everybody := func(context.Context, person.Actor, string) error { return nil }
	return map[string]topic{
		"frame":     {allowed: everybody},
		"attention": {allowed: everybody},
		"orders":    {allowed: everybody},
		"instances": {allowed: everybody},
		"servers":   {allowed: everybody},
		"traffic":   {allowed: everybody},
		"balances":  {allowed: everybody},
		"server":    {each: true, allowed: s.areas.server.Visible},
		"reading":   {each: true, allowed: s.areas.server.Visible},
		"instance":  {each: true, allowed: s.areas.instance.Visible},
		"order":     {each: true, allowed: s.areas.orders.Visible, part: s.areas.orders.Part},
		"account":   {each: true, allowed: s.areas.accounts.Visible, part: s.areas.accounts.Part},
	}
}

// events is the one stream of a tab: GET /events?topics=order/0199…,attention.
// Who may see a topic is asked before the first event and again before each.
func (s *Site) events(c echo.Context) error {
	names := strings.Split(c.QueryParam("topics"), ",")
	if len(names) > topicsMax {
		return fault.New(fault.Invalid, "web.topics.many")
	}
	by := visit.Actor(c)
	for _, name := range names {
		if err := s.mayWatch(c.Request().Context(), by, name); err != nil {
			return err // before the first event this is still a proper 404
		}
	}
	v := visit.Of(c)
	err := s.Hub.Serve(c.Response(), c.Request(), names, s.viewer(v),
		live.Locale{Lang: v.Printer.Lang(), Zone: v.Printer.Location().String()})
	switch {
	case errors.Is(err, live.ErrTooMany):
		return echo.ErrTooManyRequests
	case errors.Is(err, live.ErrStopping):
		return echo.ErrServiceUnavailable
	case errors.Is(err, live.ErrTopic):
		return fault.New(fault.NotFound, "web.topic.unknown")
	}
	return err
}

// viewer tells the hub whose stream it is and how to ask whether it may go on.
func (s *Site) viewer(v *visit.Visitor) live.Viewer {
	by, token := v.Actor(), v.Token
	return live.Viewer{
		ID: by.PersonID, Session: by.SessionRef,
		Allowed: func(ctx context.Context, name string) bool { return s.mayWatch(ctx, by, name) == nil },
		Alive:   func(ctx context.Context) bool { return s.Persons.Alive(ctx, token) },
	}
}

// mayWatch gives an error for a topic that is malformed, unknown, or of
// something the actor may not see: all three are "not found".
func (s *Site) mayWatch(ctx context.Context, by person.Actor, name string) error {
	t, id, ok := s.topic(name)
	if !ok {
		return fault.New(fault.NotFound, "web.topic.unknown")
	}
	return t.allowed(ctx, by, id)
}

func (s *Site) topic(name string) (t topic, id string, ok bool) {
	m := topicPattern.FindStringSubmatch(name)
	if m == nil || len(m[2]) > wording.LongestID {
		return topic{}, "", false
	}
	t, ok = s.topics()[m[1]]
	if !ok || t.each != (m[2] != "") {
		return topic{}, "", false
	}
	return t, m[2], true
}

// Fragment is what the watchers of a topic get (live.Options.Fragment): the
// same component the page shows, rendered once per change, language and zone.
func (s *Site) Fragment(ctx context.Context, name string, l live.Locale) ([]byte, error) {
	t, id, ok := s.topic(name)
	if !ok {
		return nil, fault.New(fault.NotFound, "web.topic.unknown")
	}
	if t.part == nil {
		return []byte("changed"), nil
	}
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		zone = time.UTC
	}
	p := text.New(l.Lang, zone).At(s.Now)
	part, err := t.part(ctx, id, p)
	if err != nil {
		return nil, err
	}
	return page.RenderBytes(ctx, p, part)
}
