package db

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
)

// instanceSorts are the ways to sort, each with its index. A column is followed
// by its value in a row, as the cursor carries it.
var instanceSorts = map[string][]sortColumn{
	"name":    {byName, byID},
	"expires": {{"expires_key", func(i instance.Instance) any { return expiresKey(i) }}, byName, byID},
	"region":  {{"region", func(i instance.Instance) any { return i.Region }}, byName, byID},
	"state":   {{"state", func(i instance.Instance) any { return i.State }}, byName, byID},
}

type sortColumn struct {
	name  string
	value func(instance.Instance) any
}

var (
	byName = sortColumn{"name_key", func(i instance.Instance) any { return nameKey(i) }}
	byID   = sortColumn{"id", func(i instance.Instance) any { return i.ID }}
)

// instanceCursor is where a page begins: beyond the row with these values, in the
// direction of reading.
type instanceCursor struct {
	Sort   string   `json:"s"`
	Back   bool     `json:"b,omitempty"` // the page before, not the one after
	Values []string `json:"v"`
}

func (c instanceCursor) String() string {
	b, _ := json.Marshal(c) // strings and a bool
	return base64.RawURLEncoding.EncodeToString(b)
}

// instanceQuery is a filter made ready.
type instanceQuery struct {
	f       instance.Filter
	sort    string
	columns []sortColumn
	desc    bool
	from    *instanceCursor
}

func newInstanceQuery(f instance.Filter) (instanceQuery, error) {
	q := instanceQuery{f: f, sort: cmp.Or(f.Sort, "expires")}
	key, desc := strings.CutPrefix(q.sort, "-")
	q.desc = desc
	var ok bool
	if q.columns, ok = instanceSorts[key]; !ok {
		return q, fault.New(fault.Invalid, "instance.list.sort")
	}
	if f.After == "" {
		return q, nil
	}
	var c instanceCursor
	b, err := base64.RawURLEncoding.DecodeString(f.After)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Sort != q.sort || len(c.Values) != len(q.columns) {
		return q, fault.New(fault.Invalid, "instance.list.cursor")
	}
	q.from = &c
	return q, nil
}

// reversed reports whether rows are read from the end of the sort.
func (q instanceQuery) reversed() bool { return q.desc != (q.from != nil && q.from.Back) }

// where is the filter, without the account and the cursor.
func (q instanceQuery) where(args []any) (string, []any) {
	sql := ""
	add := func(condition string, value any) {
		args = append(args, value)
		sql += strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args)))
	}
	if q.f.Region != "" {
		add(" AND region = ?", q.f.Region)
	}
	if q.f.State != "" {
		add(" AND state = ?", q.f.State)
	}
	if q.f.Query != "" {
		add(" AND search LIKE ? ESCAPE '\\'", "%"+likeEscape.Replace(strings.ToLower(q.f.Query))+"%")
	}
	return sql, args
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// few is up to how many finds of a search are looked up and sorted; more are
// met soon enough by reading in the order of the list.
const few = 2000

// page is the statement for one account. It reads in the order of the sort's
// index, so that only the rows shown are read; the finds of a search, when they
// are few, are taken from its own index.
func (q instanceQuery) page(accountID string, limit, total int) (string, []any) {
	where, args := q.where([]any{accountID})
	if q.f.Query != "" && total <= few {
		where = " AND id IN (SELECT id FROM instance WHERE gone_us = 0 AND account_id = $1" + where + ")"
	}
	order, compare := "", ">"
	if q.reversed() {
		compare = "<"
	}
	var names []string
	for _, c := range q.columns {
		names = append(names, c.name)
		order += ", " + c.name
		if q.reversed() {
			order += " DESC"
		}
	}
	if q.from != nil {
		var marks []string
		for n, v := range q.from.Values {
			var value any = v
			if q.columns[n].name == "expires_key" {
				value, _ = strconv.ParseInt(v, 10, 64) // a forged one begins the page elsewhere, no more
			}
			args = append(args, value)
			marks = append(marks, "$"+strconv.Itoa(len(args)))
		}
		where += " AND (" + strings.Join(names, ", ") + ") " + compare + " (" + strings.Join(marks, ", ") + ")"
	}
	return "SELECT " + instanceColumns + " FROM instance WHERE gone_us = 0 AND account_id = $1" + where +
		" ORDER BY " + strings.TrimPrefix(order, ", ") + " LIMIT " + strconv.Itoa(limit), args
}

// compare puts rows of several accounts in the order of reading.
func (q instanceQuery) compare(a, b instance.Instance) int {
	for _, c := range q.columns {
		n := 0
		switch v := c.value(a).(type) {
		case int64:
			n = cmp.Compare(v, c.value(b).(int64))
		case string:
			n = cmp.Compare(v, c.value(b).(string))
		}
		if n != 0 {
			if q.reversed() {
				return -n
			}
			return n
		}
	}
	return cmp.Compare(a.AccountID, b.AccountID)
}

func (q instanceQuery) cursorAt(i instance.Instance, back bool) string {
	c := instanceCursor{Sort: q.sort, Back: back}
	for _, col := range q.columns {
		c.Values = append(c.Values, fmt.Sprint(col.value(i)))
	}
	return c.String()
}

// List gives a page. Each account is read by its own index and the pages are
// merged here: a list of several accounts costs two short reads for each.
func (s Instances) List(ctx context.Context, f instance.Filter) (instance.Page, error) {
	q, err := newInstanceQuery(f)
	if err != nil {
		return instance.Page{}, err
	}
	var rows []instance.Instance
	total := 0
	for _, id := range slices.Compact(slices.Sorted(slices.Values(f.AccountIDs))) {
		n, err := s.count(ctx, q, id)
		if err != nil {
			return instance.Page{}, err
		}
		total += n
		statement, args := q.page(id, f.Limit+1, n)
		found, err := s.DB.Read().QueryContext(ctx, statement, args...)
		if err != nil {
			return instance.Page{}, fmt.Errorf("db: list instances: %w", err)
		}
		of, err := scanInstances(found)
		if err != nil {
			return instance.Page{}, fmt.Errorf("db: list instances: %w", err)
		}
		rows = append(rows, of...)
	}
	slices.SortFunc(rows, q.compare)
	return q.cut(rows, total), nil
}

// cut makes the page of what was read: up to one row more than asked for.
func (q instanceQuery) cut(rows []instance.Instance, total int) instance.Page {
	more := len(rows) > q.f.Limit
	rows = rows[:min(len(rows), q.f.Limit)]
	back := q.from != nil && q.from.Back
	if back {
		slices.Reverse(rows)
	}
	p := instance.Page{Rows: rows, Total: total}
	if len(rows) == 0 {
		return p
	}
	if more && !back || back {
		p.Next = q.cursorAt(rows[len(rows)-1], false)
	}
	if more && back || q.from != nil && !back {
		p.Prev = q.cursorAt(rows[0], true)
	}
	return p
}

func (s Instances) count(ctx context.Context, q instanceQuery, accountID string) (int, error) {
	where, args := q.where([]any{accountID})
	n := 0
	err := s.DB.Read().QueryRowContext(ctx, "SELECT COUNT(*) FROM instance WHERE gone_us = 0 AND account_id = $1"+where, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("db: count instances: %w", err)
	}
	return n, nil
}
