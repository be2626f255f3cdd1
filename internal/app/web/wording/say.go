// Package wording turns values of the field into text, tones and links: states,
// regions, orders, moments, what is not known. It holds only what two areas of the
// pages need, reads nothing and knows no request.
package wording

import (
	"sampan/internal/app/fault"
	"sampan/web/templates/text"
)

// Say words a message with p; a zero message is "".
func Say(p *text.Printer, m fault.Message) string {
	if m.Zero() {
		return ""
	}
	return p.Say(m.ID, m.Values)
}
