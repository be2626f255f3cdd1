package seal

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Secret is text that must not be seen: it prints as *** in every format, in
// JSON and in logs. Reveal is the only way to its content; a search for it
// finds every place that handles secrets in clear.
type Secret struct{ text string }

// Conceal makes a Secret of clear text.
func Conceal(clear string) Secret { return Secret{clear} }

// Reveal gives the clear text.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether there is no secret.
func (s Secret) Empty() bool { return s.text == "" }

// Format implements fmt.Formatter for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("***")) }

// MarshalJSON hides the secret.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal("***") }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }
