package text

import "strings"

// fill puts values into the places of a message. It knows two of them, written
// as in text/template: {{.Name}}, and {{if .Name}}…{{end}} around words that
// need a value that may be empty. They do not nest. A value that is not given
// shows as "⟦Name⟧".
func fill(message string, values map[string]string) string {
	if !strings.Contains(message, "{{") {
		return message
	}
	var b strings.Builder
	b.Grow(len(message) + 64)
	for rest := message; ; {
		before, after, found := strings.Cut(rest, "{{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		var place string
		place, rest, _ = strings.Cut(after, "}}")
		if name, conditional := strings.CutPrefix(place, "if ."); conditional {
			var inside string
			inside, rest, _ = strings.Cut(rest, "{{end}}")
			if values[name] != "" {
				b.WriteString(fill(inside, values))
			}
			continue
		}
		name := strings.TrimPrefix(place, ".")
		if value, given := values[name]; given {
			b.WriteString(value)
		} else {
			b.WriteString("⟦" + name + "⟧")
		}
	}
}
