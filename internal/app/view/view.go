// Package view is how people look at the lists of servers and instances: views
// they saved, columns they chose, labels they put on things, and selections
// they made.
//
// All of it is the console's own: the cloud knows nothing of it.
package view

import (
	"slices"
	"time"

	"sampan/internal/app/instance"
)

// List names a list.
type List string

// The lists.
const (
	Servers   List = "servers"
	Instances List = "instances"
)

// Known reports whether there is such a list.
func (l List) Known() bool { return l == Servers || l == Instances }

// Query is what the list asks of a picture.
func (l List) Query(accountIDs []string, terms []instance.Term) instance.Query {
	return instance.Query{AccountIDs: accountIDs, Terms: terms, Instances: l == Instances, Sort: "expires"}
}

// ID is what names a row in the list: the server's id, or the instance's.
func (l List) ID(r *instance.Row) string {
	if l == Instances {
		return r.InstanceID
	}
	return r.ID()
}

// Columns are the columns a list can show beside the name, in the order in
// which they are offered.
func (l List) Columns() []string {
	if l == Instances {
		return []string{
			"server", "state", "region", "size", "image", "package", "order", "expires", "account", "autorenew", "traffic", "address",
			"spec", "tags", "labels", "problem", "created", "updated",
		}
	}
	return []string{
		"state", "region", "address", "image", "size", "traffic", "expires", "account", "instance", "private", "hostname", "os",
		"spec", "zone", "tags", "labels", "autorenew", "problem", "cycle", "order", "created", "updated",
	}
}

// Usual are the columns for a person who chose none.
func (l List) Usual() []string {
	if l == Instances {
		return []string{"server", "state", "region", "size", "package", "order", "expires", "account"}
	}
	return []string{"state", "region", "address", "image", "size", "traffic", "expires", "account"}
}

// Choice is how a person wants a list to look.
type Choice struct {
	Columns []string // of List.Columns, in the order shown; nil: Usual
	Roomy   bool     // higher rows
	PerPage int      // 50 to 500
}

// The bounds of Choice.PerPage, and its value for a person who chose none.
const (
	FewestRows = 50
	UsualRows  = 100
	MostRows   = 500
)

// tidy drops columns that the list does not know or that are named twice, and
// keeps the number of rows within its bounds.
func (c Choice) tidy(l List) Choice {
	var known []string
	for _, key := range c.Columns {
		if slices.Contains(l.Columns(), key) && !slices.Contains(known, key) {
			known = append(known, key)
		}
	}
	c.Columns = known
	if slices.Equal(known, l.Usual()) {
		c.Columns = nil
	}
	if c.PerPage == 0 {
		c.PerPage = UsualRows
	}
	c.PerPage = min(max(c.PerPage, FewestRows), MostRows)
	return c
}

// View is a search with its order, kept under a name.
type View struct {
	ID        string
	Owner     string // person
	List      List
	Name      string // 1 to 40 characters
	Search    string // as typed: instance.FormatTerms
	Sort      string // one of instance.Sorts, "-" before it for descending; "" = usual
	Shared    bool   // everybody sees it
	UpdatedAt time.Time
}

// Selection is what somebody selected at one moment: later changes of the lists
// do not change it. Only the person who made it can use it. It is kept for
// KeptFor; of one person only the KeptMost newest are kept.
type Selection struct {
	ID      string
	Person  string
	List    List
	From    string   // Picked, Matched or Pasted
	Search  string   // with Matched: what was asked for
	IDs     []string // List.ID of each, in the order shown; of accounts of one kind
	Unknown []string // with Pasted: what names nothing, at most 200
	At      time.Time
}

// How a selection was made.
const (
	Picked  = "picked"
	Matched = "matched"
	Pasted  = "pasted"
)

// KeptFor is how long a selection is kept, KeptMost how many of one person.
const (
	KeptFor  = 24 * time.Hour
	KeptMost = 50
)
