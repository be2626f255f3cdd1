package view

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/spelling"
)

// Pick is what somebody selects: rows by id, all rows that match except some, or a
// pasted list of names, ids and addresses.
type Pick struct {
	List       List
	AccountIDs []string // the accounts in scope: real ones or simulated ones, never both
	IDs        []string
	All        bool // everything that Search matches, without Except
	Search     string
	Except     []string
	Paste      string
}

// The bounds of what is selected.
const (
	mostPicked    = 20_000 // by hand
	mostUnknown   = 200
	longestSearch = 4000 // bytes: each word of it is looked for in each row
)

// readable gives a fault at the field for a search that is too long.
func readable(field, search string) error {
	if len(search) > longestSearch {
		return invalid(field, fault.Say("view.search.long"))
	}
	return nil
}

// Select stores what matches at this moment. What does not exist, or is outside
// the scope, is left out. When nothing is left, that is fault.Invalid at the field
// "ids" or "paste".
func (s *Service) Select(ctx context.Context, by person.Actor, p Pick) (Selection, error) {
	if !by.May(person.See) {
		return Selection{}, denied()
	}
	sel := Selection{ID: s.NewID(), Person: by.PersonID, List: p.List, At: s.Now()}
	pic := s.Inventory.Picture()
	switch {
	case !p.List.Known():
		return Selection{}, fault.New(fault.Invalid, "view.selection.none")
	case p.All:
		if err := readable("ids", p.Search); err != nil {
			return Selection{}, err
		}
		sel.From = Matched
		terms, problems := instance.ParseQuery(p.Search, pic)
		if instance.Unread(p.Search, pic) != "" { // without that part more would match
			return Selection{}, invalid("ids", problems[len(problems)-1])
		}
		sel.Search = instance.FormatTerms(terms)
		sel.IDs = ids(p.List, pic.All(p.List.Query(p.AccountIDs, terms)), p.Except)
	case strings.TrimSpace(p.Paste) != "":
		sel.From = Pasted
		var rows []*instance.Row
		rows, sel.Unknown = pic.Resolve(p.AccountIDs, Tokens(p.Paste))
		sel.Unknown = sel.Unknown[:min(len(sel.Unknown), mostUnknown)]
		sel.IDs = ids(p.List, rows, nil)
		if len(sel.IDs) == 0 {
			return Selection{}, invalid("paste", fault.Say("view.selection.paste", "Names", revealed(sel.Unknown)))
		}
	default:
		sel.From = Picked
		var rows []*instance.Row
		for _, id := range p.IDs[:min(len(p.IDs), mostPicked)] {
			if r, ok := pic.Row(id); ok && slices.Contains(p.AccountIDs, r.AccountID) {
				rows = append(rows, r)
			}
		}
		sel.IDs = ids(p.List, rows, nil)
	}
	if len(sel.IDs) == 0 {
		return Selection{}, invalid("ids", fault.Say("view.selection.none"))
	}
	if err := s.Store.SaveSelection(ctx, sel, s.Now().Add(-KeptFor)); err != nil {
		return Selection{}, fmt.Errorf("view: selection: %w", err)
	}
	return sel, nil
}

// revealed words the first of the names that were not found, with their invisible
// characters made visible.
func revealed(unknown []string) string {
	var all []string
	for _, u := range unknown[:min(len(unknown), 3)] {
		all = append(all, "“"+spelling.Reveal(u)+"”")
	}
	if len(unknown) > len(all) {
		all = append(all, "…")
	}
	return strings.Join(all, ", ")
}

// ids gives the rows' ids in the list, each once, without those of except.
func ids(l List, rows []*instance.Row, except []string) []string {
	not := make(map[string]bool, len(except))
	for _, id := range except {
		not[id] = true
	}
	not[""] = true
	var all []string
	for _, r := range rows {
		if id := l.ID(r); !not[id] {
			not[id] = true
			all = append(all, id)
		}
	}
	return all
}

// Tokens splits what was pasted at line ends, tabs, commas and semicolons,
// full-width and Arabic ones too. A token may be one name with spaces or several
// names: instance.Picture.Resolve decides. Tokens that spell the same come once;
// those past mostPicked are left out.
func Tokens(text string) []string {
	var all []string
	seen := make(map[string]bool)
	for _, t := range strings.FieldsFunc(text, separates) {
		t = strings.Trim(strings.TrimFunc(t, unicode.IsSpace), `"'`)
		if form := spelling.Form(t); strings.TrimSpace(form) != "" && !seen[form] && len(all) < mostPicked {
			seen[form] = true
			all = append(all, t)
		}
	}
	return all
}

func separates(r rune) bool {
	return strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029\t,;|，、；､﹐﹔،؛", r)
}

// Selection gives a selection that the person made; it is fault.NotFound for any
// other and for one that is older than KeptFor.
func (s *Service) Selection(ctx context.Context, by person.Actor, id string) (Selection, error) {
	sel, err := s.Store.Selection(ctx, id)
	if err != nil {
		return Selection{}, err
	}
	if sel.Person != by.PersonID || !by.May(person.See) || s.Now().Sub(sel.At) > KeptFor {
		return Selection{}, fault.New(fault.NotFound, "view.selection.gone")
	}
	return sel, nil
}

// Rows gives the rows of a selection that still exist and are of the given
// accounts, in the selection's order.
func (s *Service) Rows(sel Selection, accountIDs []string) []*instance.Row {
	pic := s.Inventory.Picture()
	rows := make([]*instance.Row, 0, len(sel.IDs))
	for _, id := range sel.IDs {
		if r, ok := pic.Row(id); ok && slices.Contains(accountIDs, r.AccountID) {
			rows = append(rows, r)
		}
	}
	return rows
}
