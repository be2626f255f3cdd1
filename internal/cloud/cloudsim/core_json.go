package cloudsim

import (
	"strconv"
	"time"
)

// jsonWriter writes JSON without reflection, because the Sandbox spends most of its time on the two long lists (Config and
// ECS). Keys are written as they are: none of ours needs an escape.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' && w.b[n-1] != ':' {
		w.b = append(w.b, ',')
	}
}

func (w *jsonWriter) key(k string) {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, k...)
	w.b = append(w.b, '"', ':')
}

// open begins an object or a list as the value of k; "" is an element of a list.
func (w *jsonWriter) open(k string, bracket byte) {
	if k == "" {
		w.comma()
	} else {
		w.key(k)
	}
	w.b = append(w.b, bracket)
}

func (w *jsonWriter) close(bracket byte) { w.b = append(w.b, bracket) }

// raw writes a value that is JSON already.
func (w *jsonWriter) raw(k, json string) {
	w.key(k)
	w.b = append(w.b, json...)
}

// text writes "k":"a" followed by the other pairs.
func (w *jsonWriter) text(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		w.key(pairs[i])
		w.quote(pairs[i+1])
	}
}

// entry is a pair whose key is data too.
func (w *jsonWriter) entry(k, v string) {
	w.comma()
	w.quote(k)
	w.b = append(w.b, ':')
	w.quote(v)
}

func (w *jsonWriter) number(k string, n int) {
	w.key(k)
	w.b = strconv.AppendInt(w.b, int64(n), 10)
}

func (w *jsonWriter) moment(k, layout string, t time.Time) {
	w.key(k)
	w.b = append(w.b, '"')
	w.b = t.UTC().AppendFormat(w.b, layout)
	w.b = append(w.b, '"')
}

func (w *jsonWriter) quote(s string) {
	const digits = "0123456789abcdef"
	w.b = append(w.b, '"')
	for i := range len(s) {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\':
			w.b = append(w.b, '\\', ch)
		case ch < 0x20 || ch == '<' || ch == '>' || ch == '&':
			w.b = append(w.b, '\\', 'u', '0', '0', digits[ch>>4], digits[ch&15])
		default:
			w.b = append(w.b, ch)
		}
	}
	w.b = append(w.b, '"')
}

// attribute writes one attribute of an instance's part: the value is always text.
func (w *jsonWriter) attribute(key, value string) {
	w.open("", '{')
	w.text("value", value, "key", key)
	w.close('}')
}

// idCache keeps the derived ids that many instances of one answer share.
type idCache map[string]string

func (c idCache) uuid(id, name string) string {
	k := id + "\x00" + name
	v, is := c[k]
	if !is {
		v = derivedID(id, name)
		c[k] = v
	}
	return v
}

// hash is 24 hex characters.
func (c idCache) hash(id, name string) string {
	k := "hash\x00" + id + "\x00" + name
	v, is := c[k]
	if !is {
		v = hash32(id, name)[:24]
		c[k] = v
	}
	return v
}

func (c idCache) product(code string) string {
	k := "product\x00" + code
	v, is := c[k]
	if !is {
		v = productID(code)
		c[k] = v
	}
	return v
}

const (
	stampForm  = "2006-01-02T15:04:05Z"
	millisForm = "2006-01-02T15:04:05.000Z"
)
