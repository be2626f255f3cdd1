// Package person is who uses the console: people, their roles, how they sign in and
// what limits guesses of passwords (reliability.md §8, §9).
//
// Sign-in, sessions and throttling use the machine's clock, also when a setting for
// tests moves the calendar of orders.
package person

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/app/spelling"
)

// The limits of a session (reliability.md §8).
const (
	Idle     = 30 * time.Minute // without a request
	Lifetime = 12 * time.Hour   // in all
	Fresh    = 5 * time.Minute  // how long giving the password counts
)

// The scopes: which accounts a person looks at. Any other value is an account id.
const (
	ScopeReal    = "real"
	ScopeSandbox = "sandbox"
)

// Person is somebody who may sign in.
type Person struct {
	ID          string
	Name        string // to sign in with: normalised, unique
	DisplayName string // as shown
	Role        Role
	Language    string // tag of a language of the console, "" = the browser's
	Zone        string // IANA name, "" = UTC
	Theme       string // "light", "dark", "" = the system's
	Shortcuts   bool   // keyboard shortcuts of one letter are on
	Scope       string // an account id, ScopeReal or ScopeSandbox
	Disabled    bool
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Rev         int64
}

// Session is one signed-in browser, as its person sees it.
type Session struct {
	Ref        string // SHA-256 of the token, hex: names the session, opens nothing
	PersonID   string
	Created    time.Time
	Seen       time.Time // last request, at most a minute old
	FreshUntil time.Time // until then the password need not be asked again
	Address    string
	Browser    string
}

// ended reports whether the session has run out.
func (s Session) ended(now time.Time) bool {
	return now.Sub(s.Seen) >= Idle || now.Sub(s.Created) >= Lifetime
}

// SignedIn is what the browser gets, each as a cookie. Neither is stored in
// clear, neither is shown again.
type SignedIn struct {
	SessionToken seal.Secret
	DeviceToken  seal.Secret // shows that this browser has signed in before; it does not sign in
}

// SetupForm is what the first person fills in.
type SetupForm struct {
	Name        string
	DisplayName string // "" = Name
	Password    seal.Secret
	Language    string
	Zone        string
}

// Profile is what people change about themselves.
type Profile struct {
	DisplayName string
	Language    string
	Zone        string
	Theme       string
	Shortcuts   bool
}

// NormalName is the form of a sign-in name that is stored and compared: width
// and accents composed, lower case, no space around it.
func NormalName(typed string) string {
	return strings.ToLower(norm.NFKC.String(spelling.Clean(typed)))
}

// checkName says what is wrong with a normalised sign-in name, zero if nothing.
func checkName(name string) fault.Message {
	if name == "" {
		return fault.Say("fault.person.name.empty")
	}
	if utf8.RuneCountInString(name) > 64 {
		return fault.Say("fault.person.name.long")
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-+@", r) {
			return fault.Say("fault.person.name.letters")
		}
	}
	return fault.Message{}
}

// checkDisplayName says what is wrong with a name as shown, zero if nothing.
func checkDisplayName(name string) fault.Message {
	if n := utf8.RuneCountInString(name); n == 0 || n > 64 || !utf8.ValidString(name) {
		return fault.Say("fault.person.display.length")
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return fault.Say("fault.person.display.letters")
		}
	}
	return fault.Message{}
}

// checkProfile says which fields of a profile are wrong, by form name.
func checkProfile(p Profile, languages []string) map[string]fault.Message {
	bad := make(map[string]fault.Message)
	put(bad, "display_name", checkDisplayName(p.DisplayName))
	put(bad, "language", checkLanguage(p.Language, languages))
	put(bad, "zone", checkZone(p.Zone))
	switch p.Theme {
	case "", "light", "dark":
	default:
		bad["theme"] = fault.Say("fault.person.theme")
	}
	return bad
}

func checkLanguage(tag string, languages []string) fault.Message {
	if tag == "" {
		return fault.Message{}
	}
	for _, l := range languages {
		if l == tag {
			return fault.Message{}
		}
	}
	return fault.Say("fault.person.language")
}

func checkZone(zone string) fault.Message {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return fault.Say("fault.person.zone")
	}
	return fault.Message{}
}

func put(fields map[string]fault.Message, name string, m fault.Message) {
	if !m.Zero() {
		fields[name] = m
	}
}

// invalid makes one fault of the fields that are wrong, nil when none is.
func invalid(fields map[string]fault.Message) error {
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Message: fault.Say("fault.fields.correct"), Fields: fields}
}
