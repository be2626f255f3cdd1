package person_test

import (
	"strings"
	"testing"

	"sampan/internal/app/person"
	"sampan/internal/app/seal"
)

func TestCheckPassword(t *testing.T) {
	tests := []struct {
		name, password, want string
	}{
		{"14 characters", "abandon-herons", "fault.password.short"},
		{"15 characters", "abandon-herons!", ""},
		{"15 Chinese characters count as 15", "白日依山尽黄河入海流欲穷千里目", ""},
		{"128 characters", strings.Repeat("heron kettle ba", 8) + "12345678", ""},
		{"129 characters", strings.Repeat("heron kettle ba", 8) + "123456789", "fault.password.long"},
		{"any characters: emoji and spaces", "🦆 🛶 a duck in a boat", ""},
		{"bytes that are no text", "heron kettle bay\xff", "fault.password.text"},
		{"on the list", "passwordpassword", "fault.password.common"},
		{"on the list in capitals", "PasswordPassword", "fault.password.common"},
		{"one word and digits", "Password20242025", "fault.password.common"},
		{"look-alikes", "P@ssw0rd12345678", "fault.password.common"},
		{"a row of keys", "qwertyuiopasdfgh", "fault.password.common"},
		{"a row of keys backwards", "9876543210987654", "fault.password.common"},
		{"one character", strings.Repeat("a", 20), "fault.password.common"},
		{"one word again and again", "dragon dragon dragon", "fault.password.common"},
		{"two words and a year", "summermonkey2025", "fault.password.common"},
		{"the person's name and digits", "annleeannlee1234", "fault.password.common"},
		{"this product and digits", "sampanconsole123", "fault.password.common"},
		{"a passphrase", "correct horse battery staple", ""},
		{"a passphrase with a common word", "the dragon slept under wet leaves", ""},
		{"random letters", "kzpqnvwtrhjxmbd", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := person.CheckPassword(seal.Conceal(tt.password), "annlee"); got.ID != tt.want {
				t.Errorf("got %q, want %q", got.ID, tt.want)
			}
		})
	}
}

func TestComposedAndDecomposedAreOnePassword(t *testing.T) {
	h := empty(t)
	f := form()
	f.Password = seal.Conceal("caf\u00e9 behind the old mill")
	if _, err := h.SetUp(t.Context(), h.code, f); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.SignIn(t.Context(), "ann", seal.Conceal("cafe\u0301 behind the old mill"), home, "", seal.Secret{}); err != nil {
		t.Errorf("typed on another keyboard: %v", err)
	}
}
