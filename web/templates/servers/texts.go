package servers

import (
	"encoding/json"
	"net/url"

	"sampan/web/templates/text"
)

// spoken are the messages that lists.js words by itself; "{N}" and others like it are
// its own placeholders.
var spoken = map[string]string{
	"selected.one": "servers.selected.one",
	"selected":     "servers.selected",
	"hidden":       "servers.selected.hidden",
	"with":         "servers.bulk.with",
}

// listTexts is what lists.js says, as JSON for an attribute.
func listTexts(p *text.Printer) string {
	m := make(map[string]string, len(spoken))
	for key, id := range spoken {
		m[key] = p.T(id, "N", "{N}")
	}
	b, _ := json.Marshal(m) // a map of strings does not fail
	return string(b)
}

// again is the address an empty list is read from again: there are no rows to change
// in place.
func (m ListModel) again() string {
	v := url.Values{"q": {m.Search}, "sort": {m.Sort}}
	return "/" + m.List + "?" + v.Encode()
}
