package static

// minify takes comments and needless white space out of our own stylesheet. It
// knows only what that sheet uses: no escapes outside strings, no comment
// inside url(). Strings stay as they are.
func minify(css []byte) []byte {
	out := make([]byte, 0, len(css))
	space := false
	for i := 0; i < len(css); i++ {
		switch c := css[i]; {
		case c == '/' && i+1 < len(css) && css[i+1] == '*':
			i = commentEnd(css, i)
			space = true
		case c == '"' || c == '\'':
			out = pad(out, space, c)
			end := stringEnd(css, i)
			out = append(out, css[i:end+1]...)
			i, space = end, false
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			space = true
		default:
			out = pad(out, space, c)
			if c == '}' && len(out) > 0 && out[len(out)-1] == ';' {
				out = out[:len(out)-1]
			}
			out = append(out, c)
			space = false
		}
	}
	return out
}

// pad writes one space if there was any and it means something between what
// stands there and next. A space before ":" or "(" or around "+" and "-" has a meaning.
func pad(out []byte, space bool, next byte) []byte {
	if !space || len(out) == 0 || glued(next) && next != ':' {
		return out
	}
	if last := out[len(out)-1]; glued(last) {
		return out
	}
	return append(out, ' ')
}

// glued marks the signs that need no space after them, nor (but for ":", which
// may open a selector) before them.
func glued(c byte) bool {
	switch c {
	case '{', '}', ';', ',', ':':
		return true
	}
	return false
}

// commentEnd gives the index of the last byte of the comment that opens at i.
func commentEnd(css []byte, i int) int {
	for j := i + 3; j < len(css); j++ {
		if css[j] == '/' && css[j-1] == '*' {
			return j
		}
	}
	return len(css) - 1
}

// stringEnd gives the index of the quote that closes the string opened at i.
func stringEnd(css []byte, i int) int {
	for j := i + 1; j < len(css); j++ {
		if css[j] == '\\' {
			j++
		} else if css[j] == css[i] {
			return j
		}
	}
	return len(css) - 1
}
