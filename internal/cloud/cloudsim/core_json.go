package cloudsim

import (
	"strconv"
	"time"
)

// paper is JSON being written without reflection: the two long listings are what a Sandbox spends its time on. Keys are
// written as they are; they need no escapes.
type paper struct{ b []byte }

func (p *paper) comma() {
	if n := len(p.b); n > 0 && p.b[n-1] != '{' && p.b[n-1] != '[' && p.b[n-1] != ':' {
		p.b = append(p.b, ',')
	}
}

func (p *paper) key(k string) {
	p.comma()
	p.b = append(p.b, '"')
	p.b = append(p.b, k...)
	p.b = append(p.b, '"', ':')
}

// open begins an object or a list as the value of k; "" is an element of a list.
func (p *paper) open(k string, bracket byte) {
	if k == "" {
		p.comma()
	} else {
		p.key(k)
	}
	p.b = append(p.b, bracket)
}

func (p *paper) close(bracket byte) { p.b = append(p.b, bracket) }

// raw writes a value that is JSON already.
func (p *paper) raw(k, json string) {
	p.key(k)
	p.b = append(p.b, json...)
}

// text writes "k":"a" followed by the other pairs.
func (p *paper) text(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		p.key(pairs[i])
		p.quote(pairs[i+1])
	}
}

// entry is a pair whose key is data too.
func (p *paper) entry(k, v string) {
	p.comma()
	p.quote(k)
	p.b = append(p.b, ':')
	p.quote(v)
}

func (p *paper) number(k string, n int) {
	p.key(k)
	p.b = strconv.AppendInt(p.b, int64(n), 10)
}

func (p *paper) moment(k, layout string, t time.Time) {
	p.key(k)
	p.b = append(p.b, '"')
	p.b = t.UTC().AppendFormat(p.b, layout)
	p.b = append(p.b, '"')
}

func (p *paper) quote(s string) {
	const digits = "0123456789abcdef"
	p.b = append(p.b, '"')
	for i := range len(s) {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\':
			p.b = append(p.b, '\\', ch)
		case ch < 0x20 || ch == '<' || ch == '>' || ch == '&':
			p.b = append(p.b, '\\', 'u', '0', '0', digits[ch>>4], digits[ch&15])
		default:
			p.b = append(p.b, ch)
		}
	}
	p.b = append(p.b, '"')
}

// attribute is one of an instance's part: the value is always text.
func (p *paper) attribute(key, value string) {
	p.open("", '{')
	p.text("value", value, "key", key)
	p.close('}')
}

// memo keeps ids that many instances of one answer share.
type memo map[string]string

func (m memo) of(id, name string) string {
	k := id + "\x00" + name
	v, is := m[k]
	if !is {
		v = part(id, name)
		m[k] = v
	}
	return v
}

// hash is 24 hex characters.
func (m memo) hash(id, name string) string {
	k := "hash\x00" + id + "\x00" + name
	v, is := m[k]
	if !is {
		v = hash32(id, name)[:24]
		m[k] = v
	}
	return v
}

func (m memo) product(code string) string {
	k := "product\x00" + code
	v, is := m[k]
	if !is {
		v = productID(code)
		m[k] = v
	}
	return v
}

const (
	stampForm  = "2006-01-02T15:04:05Z"
	millisForm = "2006-01-02T15:04:05.000Z"
)
