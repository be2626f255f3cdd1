package cloud

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// whatever reads any JSON into Go values, as encoding/json would.
type whatever struct{ v any }

func (w *whatever) ReadJSON(c *Cursor) { w.v = anything(c) }

func anything(c *Cursor) any {
	switch c.peek() {
	case '{':
		out := map[string]any{}
		c.Object(func(key []byte) { k := string(key); out[k] = anything(c) })
		return out
	case '[':
		out := []any{}
		c.List(func() { out = append(out, anything(c)) })
		return out
	case '"':
		return c.Text()
	}
	var v any
	_ = json.Unmarshal(c.Raw(), &v)
	return v
}

// TestCursorAgreesWithEncodingJSON: what one takes the other takes, with the
// same values, however the text is spoilt.
func TestCursorAgreesWithEncodingJSON(t *testing.T) {
	const doc = ` {"a":[1,-2.5e+3,0,true,false,null,"x\n\u00e9\ud83d\ude00\ud800 ü😀\\\"/"],"":{"b":{}, "c" : [ ] },"a":"again", "n":-0.0E-1} `
	agree := func(t *rapid.T, text string) {
		var want any
		wantErr := json.Unmarshal([]byte(text), &want)
		var got whatever
		err := read([]byte(text), &got)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got %v, encoding/json says %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		a, _ := json.Marshal(got.v)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Fatalf("%q: got %s, want %s", text, a, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(doc)
		for n := rapid.IntRange(0, 3).Draw(t, "changes"); n > 0 && len(b) > 0; n-- {
			i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				b = append(b[:i:i], b[i+1:]...)
			case 1:
				b[i] = rapid.SampledFrom([]byte("{}[]\",:\\0-+.eEtfnu \n\x01\xff\xc3")).Draw(t, "byte")
			default:
				b = b[:i+1]
			}
		}
		agree(t, string(b))
	})
}

func TestCursorPassesOverWhatNobodyReads(t *testing.T) {
	var names []string
	r := reader(func(c *Cursor) {
		names = nil
		c.Object(func(key []byte) {
			if string(key) == "keep" {
				c.List(func() {
					c.Object(func(key []byte) {
						if string(key) == "name" {
							names = append(names, c.Text())
						}
					})
				})
			}
		})
	})
	text := `{"junk":{"name":"no","deep":[[{}]]},"keep":[{"x":1,"name":"a"},7,null,{"name":8},{"name":{"name":"no"}},"s"],"tail":"]}"}`
	if err := read([]byte(text), r); err != nil || strings.Join(names, ",") != "a,8," {
		t.Errorf("got %q, %v", names, err)
	}
	for _, bad := range []string{text + "x", text[:len(text)-1], `{"keep":[{"name":"a"},]}`, ``, ` `, `{"keep" [1]}`} {
		if err := read([]byte(bad), r); err == nil {
			t.Errorf("%q: taken", bad)
		}
	}
}

func TestCursorBoundsDepth(t *testing.T) {
	for depth, want := range map[int]error{maxNesting: nil, maxNesting + 1: errNesting, 1 << 20: errNesting} {
		text := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		if err := read([]byte(text), reader(func(*Cursor) {})); err != want {
			t.Errorf("depth %d: got %v, want %v", depth, err, want)
		}
	}
}

type reader func(*Cursor)

func (r reader) ReadJSON(c *Cursor) { r(c) }

func TestWordsKeepOneCopyOfFewTexts(t *testing.T) {
	w := Words{}
	for i := range mostWords * 2 {
		w.Of([]byte{byte(i), byte(i >> 8)})
	}
	w.Of([]byte(strings.Repeat("x", longestWord+1)))
	if len(w) != mostWords {
		t.Errorf("got %d words, want %d", len(w), mostWords)
	}
}
