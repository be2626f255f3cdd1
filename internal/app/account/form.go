package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"sampan/internal/app/fault"
	"sampan/internal/app/seal"
	"sampan/internal/app/spelling"
)

// ErrLabelTaken is what a Store says when another account has the label, in the
// form in which spelling compares text.
var ErrLabelTaken = errors.New("account: the label is taken")

// Form is what a person types to connect an account or to replace its key.
type Form struct {
	Label      string
	Site       Site
	Credential Credential

	KeyID     string // with ByKey
	KeySecret seal.Secret

	User, Domain string // with ByLogin
	Password     seal.Secret

	// Endpoints other than the site's; empty ones keep the site's. With Custom
	// all but HCSS and CES are needed: without them the account can be seen and
	// operated, but nothing bought and no metrics drawn.
	// They are ignored for the Sandbox: its address is a setting of the process.
	Endpoints Endpoints
}

// Names of the form's fields, as in Error.Fields.
const (
	FieldLabel      = "label"
	FieldSite       = "site"
	FieldCredential = "credential"
	FieldKeyID      = "key_id"
	FieldKeySecret  = "key_secret"
	FieldUser       = "user"
	FieldDomain     = "domain"
	FieldPassword   = "password"
	FieldEndpoint   = "endpoint_" // and the service: "endpoint_iam"
)

// An access key id is letters and digits; Huawei's have 20, and the length is
// not promised anywhere.
var keyID = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// tidy removes the space and invisible characters that copying adds.
func (f Form) tidy() Form {
	for _, s := range []*string{&f.Label, &f.KeyID, &f.User, &f.Domain,
		&f.Endpoints.HCSS, &f.Endpoints.IAM, &f.Endpoints.Config, &f.Endpoints.BSS, &f.Endpoints.ECS, &f.Endpoints.IMS, &f.Endpoints.CES} {
		*s = spelling.Clean(*s)
	}
	f.KeySecret = seal.Conceal(spelling.Clean(f.KeySecret.Reveal()))
	if f.Site == SandboxSite {
		f.Endpoints = Endpoints{}
	}
	return f
}

// problems are what is wrong with the form, by field.
type problems map[string]fault.Message

func (p problems) fault() error {
	if len(p) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Message: fault.Say("fault.fields.correct"), Fields: p}
}

func (p problems) label(label string) {
	switch {
	case label == "":
		p[FieldLabel] = fault.Say("account.label.empty")
	case utf8.RuneCountInString(label) > 64:
		p[FieldLabel] = fault.Say("account.label.long")
	case !printable(label):
		p[FieldLabel] = fault.Say("account.label.letters")
	}
}

func (p problems) credential(f Form) {
	switch f.Credential {
	case ByKey:
		if n := len(f.KeyID); n < 10 || n > 64 || !keyID.MatchString(f.KeyID) {
			p[FieldKeyID] = fault.Say("account.key.id")
		}
		if s := f.KeySecret.Reveal(); len(s) < 16 || len(s) > 128 || !printable(s) || strings.ContainsAny(s, " \t") {
			p[FieldKeySecret] = fault.Say("account.key.secret")
		}
	case ByLogin:
		p.text(FieldUser, f.User, 64, "account.user.empty")
		p.text(FieldDomain, f.Domain, 64, "account.domain.empty")
		p.text(FieldPassword, f.Password.Reveal(), 128, "account.password.empty")
	default:
		p[FieldCredential] = fault.Say("account.credential.unknown")
	}
}

func (p problems) text(field, value string, most int, missing string) {
	switch {
	case value == "":
		p[field] = fault.Say(missing)
	case utf8.RuneCountInString(value) > most || !printable(value):
		p[field] = fault.Say("account.text.wrong")
	}
}

// services names the endpoints, in the order of the form.
func services(e Endpoints) []struct{ Name, URL string } {
	return []struct{ Name, URL string }{
		{"hcss", e.HCSS}, {"iam", e.IAM}, {"config", e.Config}, {"bss", e.BSS}, {"ecs", e.ECS}, {"ims", e.IMS}, {"ces", e.CES},
	}
}

func (p problems) endpoints(f Form, check func(base string) fault.Message) {
	for _, s := range services(f.Endpoints) {
		switch {
		case s.URL == "" && f.Site == Custom && s.Name != "hcss" && s.Name != "ces":
			p[FieldEndpoint+s.Name] = fault.Say("account.endpoint.empty")
		case s.URL == "":
		default:
			if m := check(s.URL); !m.Zero() {
				p[FieldEndpoint+s.Name] = m
			}
		}
	}
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// hint is the part of the credential that may be shown.
func (f Form) hint() string {
	if f.Credential == ByLogin {
		return f.User
	}
	return f.KeyID[max(0, len(f.KeyID)-4):]
}

// secret is a credential in clear.
type secret struct {
	Key   Key
	Login Login
}

// sealedForm is a credential as it is sealed: one box for an account.
type sealedForm struct {
	KeyID     string `json:"key_id,omitempty"`
	KeySecret string `json:"key_secret,omitempty"`
	User      string `json:"user,omitempty"`
	Domain    string `json:"domain,omitempty"`
	Password  string `json:"password,omitempty"`
}

func (f Form) secret() secret {
	if f.Credential == ByLogin {
		return secret{Login: Login{User: f.User, Domain: f.Domain, Password: f.Password}}
	}
	return secret{Key: Key{ID: f.KeyID, Secret: f.KeySecret}}
}

func (s secret) marshal() ([]byte, error) {
	return json.Marshal(sealedForm{KeyID: s.Key.ID, KeySecret: s.Key.Secret.Reveal(),
		User: s.Login.User, Domain: s.Login.Domain, Password: s.Login.Password.Reveal()})
}

func unmarshal(clear []byte) (*secret, error) {
	var f sealedForm
	if json.Unmarshal(clear, &f) != nil { // its error would quote the secret
		return nil, fmt.Errorf("account: the unsealed credential is not one of ours")
	}
	return &secret{
		Key:   Key{ID: f.KeyID, Secret: seal.Conceal(f.KeySecret)},
		Login: Login{User: f.User, Domain: f.Domain, Password: seal.Conceal(f.Password)},
	}, nil
}
