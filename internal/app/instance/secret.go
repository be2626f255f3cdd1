package instance

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// secretive are parts of the names of fields whose values may be secrets:
// passwords, keys, and scripts that hold them. Config lists the password of the
// purchase and the first script of a server (cloud-api, 7).
var secretive = []string{"adminpass", "admin_pass", "password", "passwd", "secret", "token", "user_data", "userdata", "private_key"}

// Secretive reports whether the value of a field of that name may be a secret.
// Such values are stored nowhere (reliability.md, I16).
func Secretive(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretive, func(s string) bool { return strings.Contains(name, s) })
}

// redacted stands in place of what may be a secret.
const redacted = "[redacted]"

// Redact gives an answer of the cloud without what may be a secret: the values of
// secretive fields, and of pairs of key and value with such a key. An answer
// without any, as nearly all are, is given unchanged; of one that is not valid
// JSON nothing is given.
func Redact(answer []byte) []byte {
	if !suspicious(answer) {
		return answer
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	if d.Decode(&tree) != nil {
		return nil
	}
	redact(tree)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(tree) != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// suspicious reports whether an answer has a secretive name with a value that is
// not empty. It does not parse: a refresh asks it about every answer that is new.
func suspicious(answer []byte) bool {
	lower := bytes.ToLower(answer)
	if len(lower) != len(answer) {
		return true // the letters of a name may be written in strange ways
	}
	if bytes.Contains(lower, []byte(`\u00`)) {
		return true // so may these
	}
	for _, name := range secretive {
		for at := 0; ; {
			n := bytes.Index(lower[at:], []byte(name))
			if n < 0 {
				break
			}
			at += n + len(name)
			if !empty(lower, at-len(name), at) {
				return true
			}
		}
	}
	return false
}

// empty reports whether the value that belongs to the name at from to end is
// empty: null, "", "null" or "[]".
func empty(b []byte, from, end int) bool {
	open, shut := bytes.LastIndexByte(b[:from], '"'), bytes.IndexByte(b[end:], '"')
	if open < 0 || shut < 0 {
		return false
	}
	after := bytes.TrimLeft(b[end+shut+1:], " \t\r\n")
	if value, ok := bytes.CutPrefix(after, []byte(":")); ok {
		return nothing(bytes.TrimLeft(value, " \t\r\n"))
	}
	// The name is a value: of a pair, or of something else that is no secret.
	object, rest := bytes.LastIndexByte(b[:open], '{'), bytes.IndexByte(after, '}')
	if object < 0 || rest < 0 {
		return false
	}
	var pair struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
	whole := b[object : len(b)-len(after)+rest+1]
	if json.Unmarshal(whole, &pair) != nil {
		return false
	}
	return !Secretive(pair.Key) || len(pair.Value) == 0 || nothing(pair.Value)
}

// nothing reports whether a value is empty.
func nothing(value []byte) bool {
	for _, n := range []string{"null", `""`, `"null"`, `"[]"`, "[]", "{}"} {
		if bytes.HasPrefix(value, []byte(n)) {
			return true
		}
	}
	return false
}

// redact hides the secrets in a tree of JSON values.
func redact(tree any) {
	switch t := tree.(type) {
	case map[string]any:
		if key, ok := t["key"].(string); ok && Secretive(key) {
			hide(t, "value")
		}
		for name, inner := range t {
			if Secretive(name) {
				hide(t, name)
			} else {
				redact(inner)
			}
		}
	case []any:
		for _, inner := range t {
			redact(inner)
		}
	}
}

// hide replaces a value of an object, unless it is empty.
func hide(object map[string]any, name string) {
	if v := object[name]; v != nil && v != "" && v != "null" {
		object[name] = redacted
	}
}
