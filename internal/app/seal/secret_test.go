package seal_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"sampan/internal/app/seal"
)

func TestASecretIsNeverShown(t *testing.T) {
	const clear = "hunter-two"
	type form struct {
		Name     string
		Password seal.Secret
		More     []seal.Secret
	}
	f := form{"ann", seal.Conceal(clear), []seal.Secret{seal.Conceal(clear)}}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(h).Info("x", "form", f, "secret", f.Password, "pointer", &f.Password)
	}
	out, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(out), log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		texts = append(texts, fmt.Sprintf(verb, f), fmt.Sprintf(verb, f.Password), fmt.Sprintf(verb, &f.Password))
	}
	for _, text := range texts {
		if strings.Contains(text, clear) || strings.Contains(text, fmt.Sprintf("%x", clear)) ||
			strings.Contains(text, fmt.Sprintf("%X", clear)) {
			t.Errorf("shown in %s", text)
		}
	}
	if f.Password.Reveal() != clear || f.Password.Empty() || !(seal.Secret{}).Empty() {
		t.Error("the clear text is not there")
	}
}
