package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"time"
	"unicode/utf8"
)

// Cursor reads JSON once, from left to right, without reflection: a refresh of
// ten thousand servers is a hundred megabytes of it, and what costs is looking
// at it again for each level. It takes what the tolerant types take: a value of
// another kind than asked for is passed over and left empty.
//
// It refuses what encoding/json refuses. After a syntax error every read gives
// nothing, and the whole answer is discarded.
type Cursor struct {
	b     []byte
	i     int
	depth int
	err   error
}

// Reader is an answer that reads itself. ReadJSON is called at the start of the
// answer and must forget what an earlier try left behind.
type Reader interface{ ReadJSON(*Cursor) }

var errSyntax = errors.New("the answer is not JSON")

// read reads a whole document.
func read(body []byte, into Reader) error {
	c := &Cursor{b: body}
	c.value(func() { into.ReadJSON(c) })
	c.space()
	if c.err == nil && c.i < len(c.b) {
		c.fail()
	}
	return c.err
}

func (c *Cursor) fail() {
	if c.err == nil {
		c.err = errSyntax
	}
	c.i = len(c.b)
}

func (c *Cursor) space() {
	for c.i < len(c.b) && (c.b[c.i] == ' ' || c.b[c.i] == '\n' || c.b[c.i] == '\r' || c.b[c.i] == '\t') {
		c.i++
	}
}

// peek is the first byte of the next token, 0 at the end.
func (c *Cursor) peek() byte {
	c.space()
	if c.i < len(c.b) {
		return c.b[c.i]
	}
	return 0
}

// Object calls each with every key; each reads the value, or leaves it to be
// passed over. It reports whether the next value is an object; another one is
// passed over. The key is valid until each returns.
func (c *Cursor) Object(each func(key []byte)) bool {
	if c.peek() != '{' {
		c.Skip()
		return false
	}
	if !c.enter() {
		return true
	}
	if c.peek() == '}' {
		c.leave()
		return true
	}
	for {
		if c.peek() != '"' {
			c.fail()
			return true
		}
		key := c.bytes()
		if c.peek() != ':' {
			c.fail()
			return true
		}
		c.i++
		c.value(func() { each(key) })
		if !c.more('}') {
			return true
		}
	}
}

// List calls each for every element, as Object does.
func (c *Cursor) List(each func()) bool {
	if c.peek() != '[' {
		c.Skip()
		return false
	}
	if !c.enter() {
		return true
	}
	if c.peek() == ']' {
		c.leave()
		return true
	}
	for {
		c.value(each)
		if !c.more(']') {
			return true
		}
	}
}

// value lets read take one value, and passes over it if read did not.
func (c *Cursor) value(read func()) {
	c.space()
	at := c.i
	read()
	if c.i == at {
		c.Skip()
	}
}

func (c *Cursor) enter() bool {
	if c.depth++; c.depth > maxNesting {
		c.err = errNesting
		c.i = len(c.b)
		return false
	}
	c.i++
	return true
}

func (c *Cursor) leave() {
	c.depth--
	c.i++
}

// more reports whether another element follows; the closing bracket is taken.
func (c *Cursor) more(closing byte) bool {
	switch c.peek() {
	case ',':
		c.i++
		return true
	case closing:
		c.leave()
	default:
		c.fail()
	}
	return false
}

// Skip passes over a value.
func (c *Cursor) Skip() {
	switch ch := c.peek(); {
	case ch == '"':
		c.skipString()
	case ch == '{':
		c.Object(func([]byte) {})
	case ch == '[':
		c.List(func() {})
	case ch == 't':
		c.literal("true")
	case ch == 'f':
		c.literal("false")
	case ch == 'n':
		c.literal("null")
	case ch == '-' || ch >= '0' && ch <= '9':
		c.number()
	default:
		c.fail()
	}
}

func (c *Cursor) literal(word string) {
	if !bytes.HasPrefix(c.b[c.i:], []byte(word)) {
		c.fail()
		return
	}
	c.i += len(word)
}

func (c *Cursor) digits() bool {
	at := c.i
	for c.i < len(c.b) && c.b[c.i] >= '0' && c.b[c.i] <= '9' {
		c.i++
	}
	return c.i > at
}

// number passes over one, by the grammar of JSON.
func (c *Cursor) number() {
	if c.b[c.i] == '-' {
		c.i++
	}
	if c.i < len(c.b) && c.b[c.i] == '0' {
		c.i++
	} else if !c.digits() {
		c.fail()
		return
	}
	if c.i < len(c.b) && c.b[c.i] == '.' {
		c.i++
		if !c.digits() {
			c.fail()
			return
		}
	}
	if c.i < len(c.b) && (c.b[c.i] == 'e' || c.b[c.i] == 'E') {
		c.i++
		if c.i < len(c.b) && (c.b[c.i] == '+' || c.b[c.i] == '-') {
			c.i++
		}
		if !c.digits() {
			c.fail()
		}
	}
}

// special are the bytes of a string that need a closer look.
var special = func() (t [256]bool) {
	for i := range 0x20 {
		t[i] = true
	}
	t['"'], t['\\'] = true, true
	for i := utf8.RuneSelf; i < 256; i++ {
		t[i] = true
	}
	return t
}()

// skipString passes over a string, quotes and all. plain reports whether its
// bytes mean themselves: no escapes, and only ASCII.
func (c *Cursor) skipString() (plain bool) {
	b, i := c.b, c.i+1
	plain = true
	for i < len(b) {
		ch := b[i]
		if !special[ch] {
			i++
			continue
		}
		switch {
		case ch == '"':
			c.i = i + 1
			return plain
		case ch == '\\':
			plain = false
			n := escape(b[i:])
			if n == 0 {
				c.fail()
				return false
			}
			i += n
		case ch >= utf8.RuneSelf:
			plain = false
			i++
		default: // a control character
			c.fail()
			return false
		}
	}
	c.fail()
	return false
}

// escape is the length of the escape sequence at the start of b, 0 if there is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, h := range b[2:6] {
			if (h < '0' || h > '9') && (h < 'a' || h > 'f') && (h < 'A' || h > 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// bytes reads a string. The bytes are part of the answer unless it has escapes.
func (c *Cursor) bytes() []byte {
	at := c.i
	plain := c.skipString()
	if c.err != nil {
		return nil
	}
	if plain {
		return c.b[at+1 : c.i-1]
	}
	return unquote(c.b[at:c.i])
}

// unquote gives what a string means that is not plain.
func unquote(quoted []byte) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.Contains(inner, []byte(`\u`)) || !utf8.Valid(inner) {
		var s string
		_ = json.Unmarshal(quoted, &s) // it is a string
		return []byte(s)
	}
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		ch := inner[i]
		if ch == '\\' {
			i++
			if ch = inner[i]; escapes[ch] != 0 {
				ch = escapes[ch]
			}
		}
		out = append(out, ch)
	}
	return out
}

// escapes are the letters that mean something else after a backslash.
var escapes = [256]byte{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// Pair reads {"key": …, "value": …}, the form in which tags and attributes come;
// value reads the value, as text, as a word or in another way. It reports whether the
// next value is an object.
func (c *Cursor) Pair(w Words, value func() string) (k, v string, ok bool) {
	ok = c.Object(func(key []byte) {
		switch string(key) {
		case "key":
			k = c.Word(w)
		case "value":
			v = value()
		}
	})
	return k, v, ok
}

// Raw passes over a value and gives its text, which is part of the answer.
func (c *Cursor) Raw() []byte {
	c.space()
	at := c.i
	c.Skip()
	if c.err != nil {
		return nil
	}
	return c.b[at:c.i:c.i]
}

// Mark is where the next value begins; Since gives the text from there.
func (c *Cursor) Mark() int {
	c.space()
	return c.i
}

// Since is the text from a mark to here, which is part of the answer.
func (c *Cursor) Since(mark int) []byte {
	if c.err != nil {
		return nil
	}
	return c.b[mark:c.i:c.i]
}

// IsObject reports whether the next value is an object.
func (c *Cursor) IsObject() bool { return c.peek() == '{' }

// IsNull reports whether the next value is null.
func (c *Cursor) IsNull() bool { return c.peek() == 'n' }

// text gives a value as Text takes it. The bytes are valid until the next read.
func (c *Cursor) text() []byte {
	switch ch := c.peek(); ch {
	case '"':
		return c.bytes()
	case '{', '[', 'n':
		c.Skip()
		return nil
	default:
		return c.Raw()
	}
}

// Text reads a string as Text does.
func (c *Cursor) Text() string { return string(c.text()) }

// AnyText reads a string as Text does; of an object or a list it gives the JSON.
func (c *Cursor) AnyText() string {
	if ch := c.peek(); ch == '{' || ch == '[' {
		return string(c.Raw())
	}
	return c.Text()
}

// Int reads a number as Int does.
func (c *Cursor) Int() int64 {
	var n Int
	if raw := c.Raw(); raw != nil {
		_ = n.UnmarshalJSON(raw) // never fails
	}
	return int64(n)
}

// Flag reads a boolean as Flag does.
func (c *Cursor) Flag() bool {
	var f Flag
	if raw := c.Raw(); raw != nil {
		_ = f.UnmarshalJSON(raw) // never fails
	}
	return bool(f)
}

// Time reads a moment as Time does.
func (c *Cursor) Time() time.Time { return ParseTime(string(c.text())) }

// Words keeps one copy of texts that repeat: regions, keys, states. It is for
// one listing, by one goroutine.
type Words map[string]string

// most a Words keeps, and the longest text in it: what does not repeat must not fill it.
const (
	mostWords   = 4096
	longestWord = 64
)

// Word reads a string as Text does, which is one of few.
func (c *Cursor) Word(w Words) string { return w.Of(c.text()) }

// Of gives the copy of a text that is kept.
func (w Words) Of(b []byte) string {
	if s, known := w[string(b)]; known {
		return s
	}
	s := string(b)
	if len(s) <= longestWord && len(w) < mostWords {
		w[s] = s
	}
	return s
}

// readInto reads a body into the Reader or the struct that a call expects.
func readInto(body []byte, into any) error {
	if r, ok := into.(Reader); ok {
		return read(body, r)
	}
	if tooDeep(body) {
		return errNesting
	}
	reflect.ValueOf(into).Elem().SetZero() // nothing of an earlier try may be left over
	return json.Unmarshal(body, into)
}
