package view

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sampan/internal/app/audit"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
)

// Store keeps views, choices, labels and selections. Every method is one transaction.
type Store interface {
	// Views gives a person's own views of a list and the shared ones, by name.
	Views(ctx context.Context, personID string, l List) ([]View, error)
	// View gives one; fault.NotFound when there is none.
	View(ctx context.Context, id string) (View, error)
	// SaveView stores a view and the audit row. A view of the same owner, list and
	// name, as spelling compares names, is replaced and keeps its id, which is
	// returned.
	SaveView(ctx context.Context, v View, e audit.Entry) (id string, err error)
	// DeleteView removes a view and stores the audit row. It is no error when there
	// is no such view.
	DeleteView(ctx context.Context, id string, e audit.Entry) error

	// Choice gives how a person wants a list to look; the zero Choice when nothing
	// is stored.
	Choice(ctx context.Context, personID string, l List) (Choice, error)
	// SaveChoice replaces it.
	SaveChoice(ctx context.Context, personID string, l List, c Choice) error

	// Labels gives all labels, by instance.Row.ID.
	Labels(ctx context.Context) (map[string][]string, error)
	// SaveLabels replaces the labels of these rows, by instance.Row.ID, and stores
	// the audit row; no labels remove them.
	SaveLabels(ctx context.Context, labels map[string][]string, e audit.Entry) error

	// SaveSelection stores a selection. It removes those of everybody made before
	// the given time, and all but the KeptMost newest of the person.
	SaveSelection(ctx context.Context, s Selection, before time.Time) error
	// Selection gives one; fault.NotFound when there is none.
	Selection(ctx context.Context, id string) (Selection, error)
}

// Inventory is the picture the labels belong to; *instance.Service is one.
type Inventory interface {
	// Picture gives the newest picture. It is not changed afterwards.
	Picture() *instance.Picture
	// SetLabels shows new labels of rows, by instance.Row.ID, once they are stored.
	SetLabels(labels map[string][]string)
}

// Service is the use cases of views, choices, labels and selections. It is safe for
// concurrent use.
type Service struct {
	Store     Store
	Inventory Inventory
	Now       func() time.Time
	NewID     func() string
}

// Labels gives all labels by row, for the picture.
func (s *Service) Labels(ctx context.Context) (map[string][]string, error) {
	return s.Store.Labels(ctx)
}

// Views gives the person's own views of a list and the shared ones, by name.
func (s *Service) Views(ctx context.Context, by person.Actor, l List) ([]View, error) {
	if !by.May(person.See) {
		return nil, denied()
	}
	return s.Store.Views(ctx, by.PersonID, l)
}

// View gives a view that the person may see; fault.NotFound for any other.
func (s *Service) View(ctx context.Context, by person.Actor, id string) (View, error) {
	v, err := s.Store.View(ctx, id)
	if err != nil {
		return View{}, err
	}
	if !by.May(person.See) || !v.Shared && v.Owner != by.PersonID {
		return View{}, fault.New(fault.NotFound, "view.unknown")
	}
	return v, nil
}

// mostViews is how many views a person may keep.
const mostViews = 50

// longestName is how long the name of a view may be.
const longestName = 40

// Save keeps a view; one of the same name, owner and list is replaced. Sharing it
// needs person.Organise. What is wrong with the form is fault.Invalid at the field
// "name".
func (s *Service) Save(ctx context.Context, by person.Actor, v View) (View, error) {
	if !by.May(person.See) || v.Shared && !by.May(person.Organise) {
		return View{}, denied()
	}
	v.Name = strings.Join(strings.Fields(spelling.Clean(v.Name)), " ")
	if m := checkName(v.Name); !m.Zero() {
		return View{}, invalid("name", m)
	}
	if err := readable("name", v.Search); err != nil {
		return View{}, err
	}
	terms, problems := instance.ParseQuery(v.Search, nil)
	if instance.Unread(v.Search, nil) != "" { // its problems come last
		return View{}, invalid("name", problems[len(problems)-1])
	}
	v.Search = instance.FormatTerms(terms)
	if !v.List.Known() || v.Sort != "" && !slices.Contains(instance.Sorts(), strings.TrimPrefix(v.Sort, "-")) {
		return View{}, fault.New(fault.Invalid, "view.unknown")
	}
	if err := s.room(ctx, by, v); err != nil {
		return View{}, err
	}
	v.ID, v.Owner, v.UpdatedAt = s.NewID(), by.PersonID, s.Now()
	e := audit.By(by, "view.save", v.Name).With("search", v.Search).With("shared", strconv.FormatBool(v.Shared)).Ended("ok")
	id, err := s.Store.SaveView(ctx, v, e)
	if err != nil {
		return View{}, fmt.Errorf("view: save %q: %w", v.Name, err)
	}
	v.ID = id
	return v, nil
}

// room refuses a new view of somebody who has mostViews of the list already.
func (s *Service) room(ctx context.Context, by person.Actor, v View) error {
	all, err := s.Store.Views(ctx, by.PersonID, v.List)
	if err != nil {
		return fmt.Errorf("view: count: %w", err)
	}
	own := 0
	for _, o := range all {
		if o.Owner == by.PersonID && !spelling.Same(o.Name, v.Name) {
			own++
		}
	}
	if own >= mostViews {
		return invalid("name", fault.Say("view.many", "Most", strconv.Itoa(mostViews)))
	}
	return nil
}

func checkName(name string) fault.Message {
	switch {
	case name == "":
		return fault.Say("view.name.empty")
	case utf8.RuneCountInString(name) > longestName:
		return fault.Say("view.name.long", "Most", strconv.Itoa(longestName))
	}
	return fault.Message{}
}

// MayDelete reports whether the person may delete the view: it is their own, or it
// is shared and they are an owner of the console.
func (v View) MayDelete(by person.Actor) bool {
	return v.Owner == by.PersonID || v.Shared && by.May(person.ManageSettings)
}

// Delete removes a view; it is fault.NotFound when the person cannot see it.
func (s *Service) Delete(ctx context.Context, by person.Actor, id string) error {
	v, err := s.View(ctx, by, id)
	if err != nil {
		return err
	}
	if !v.MayDelete(by) {
		return denied()
	}
	return s.Store.DeleteView(ctx, id, audit.By(by, "view.delete", v.Name).Ended("ok"))
}

// Choice gives how the person wants a list to look.
func (s *Service) Choice(ctx context.Context, by person.Actor, l List) (Choice, error) {
	c, err := s.Store.Choice(ctx, by.PersonID, l)
	if err != nil {
		return Choice{}, fmt.Errorf("view: choice: %w", err)
	}
	return c.tidy(l), nil
}

// Choose keeps how the person wants a list to look. What the list does not know
// is left out.
func (s *Service) Choose(ctx context.Context, by person.Actor, l List, c Choice) error {
	if !by.May(person.See) {
		return denied()
	}
	return s.Store.SaveChoice(ctx, by.PersonID, l, c.tidy(l))
}

// The bounds of labels.
const (
	LongestLabel = 32
	MostLabels   = 20 // of one thing
)

// ParseLabels reads labels as typed, separated by commas or line ends. A label has
// 1 to 32 characters, without control characters, commas and quotes. What is wrong
// is fault.Invalid at the field "add".
func ParseLabels(text string) ([]string, error) {
	var all []string
	for _, l := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == '，' }) {
		l = strings.Join(strings.Fields(spelling.Clean(l)), " ")
		switch {
		case l == "":
			continue
		case utf8.RuneCountInString(l) > LongestLabel:
			return nil, invalid("add", fault.Say("view.label.long", "Most", strconv.Itoa(LongestLabel)))
		case strings.ContainsFunc(l, func(r rune) bool { return r == '"' || unicode.IsControl(r) || r == utf8.RuneError }):
			return nil, invalid("add", fault.Say("view.label.signs"))
		}
		if !slices.ContainsFunc(all, func(o string) bool { return spelling.Same(o, l) }) {
			all = append(all, l)
		}
	}
	if len(all) > MostLabels {
		return nil, invalid("add", fault.Say("view.label.many", "Most", strconv.Itoa(MostLabels)))
	}
	return all, nil
}

// Label puts labels on rows and takes others off, and gives how many rows changed.
// When a row would have more than MostLabels, no row is changed and the fault is at
// the field "add".
func (s *Service) Label(ctx context.Context, by person.Actor, rows []*instance.Row, add, remove []string) (int, error) {
	if !by.May(person.Organise) {
		return 0, denied()
	}
	spelt := s.spelling(add)
	changed := make(map[string][]string)
	for _, r := range rows {
		next := slices.DeleteFunc(slices.Clone(r.Labels), func(l string) bool { return contains(remove, l) && !contains(spelt, l) })
		for _, l := range spelt {
			if !contains(next, l) {
				next = append(next, l)
			}
		}
		slices.Sort(next)
		if len(next) > MostLabels {
			return 0, invalid("add", fault.Say("view.label.many", "Most", strconv.Itoa(MostLabels)))
		}
		if !slices.Equal(next, r.Labels) {
			changed[r.ID()] = next
		}
	}
	if len(changed) == 0 {
		return 0, nil
	}
	ids := slices.Sorted(maps.Keys(changed))
	e := audit.By(by, "label.set", ids[:min(len(ids), mostNamed)]...).With("add", strings.Join(spelt, ", ")).
		With("remove", strings.Join(remove, ", ")).With("count", strconv.Itoa(len(ids))).Ended("ok")
	stored := maps.Clone(changed)
	for _, r := range rows {
		if _, ok := changed[r.ID()]; ok && r.First && r.ServerID != "" {
			stored[r.InstanceID] = nil // from before its server was known
		}
	}
	if err := s.Store.SaveLabels(ctx, stored, e); err != nil {
		return 0, fmt.Errorf("view: labels: %w", err)
	}
	s.Inventory.SetLabels(changed)
	return len(changed), nil
}

// mostNamed is how many rows one audit row names; its count tells how many there are.
const mostNamed = 100

// spelling gives labels as some row has them already: there is either "Prod" or
// "prod", not both.
func (s *Service) spelling(labels []string) []string {
	var spelt []string
	known := make(map[string]string)
	if len(labels) > 0 {
		for _, r := range s.Inventory.Picture().Rows() {
			for _, l := range r.Labels {
				known[spelling.Form(l)] = l
			}
		}
	}
	for _, l := range labels {
		if was, ok := known[spelling.Form(l)]; ok {
			l = was
		}
		spelt = append(spelt, l)
	}
	return spelt
}

func contains(all []string, l string) bool {
	return slices.ContainsFunc(all, func(o string) bool { return spelling.Same(o, l) })
}

func invalid(field string, m fault.Message) error {
	return &fault.Error{Kind: fault.Invalid, Message: m, Fields: map[string]fault.Message{field: m}}
}

func denied() error { return fault.New(fault.Forbidden, "fault.forbidden") }
