package cloudsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of authentication (API Reference 3.2; signing guide).
const (
	signatureScheme = "SDK-HMAC-SHA256"
	signatureDate   = "20060102T150405Z"
	signatureSkew   = 15 * time.Minute
	tokenLife       = 24 * time.Hour
	maxBody         = 12 << 20
)

// caller is who a request proved to be.
type caller struct {
	acct    *account
	byToken bool
	project string // of a project token; with a signature what X-Project-Id says
	domain  string // of a domain token; with a signature what X-Domain-Id says
}

// user is the name of who calls.
func (who caller) user() string {
	if !who.byToken && who.acct.KeyUser != "" {
		return who.acct.KeyUser
	}
	return who.acct.IAMUser
}

// authenticate checks the one proof a request carries. c.mu is held.
func (c *Cloud) authenticate(r *http.Request, body []byte) (caller, *failure) {
	token, auth := r.Header.Get("X-Auth-Token"), r.Header.Get("Authorization")
	switch {
	case token != "" && auth != "":
		return caller{}, unauthorized("a token and a signature in one request")
	case token != "":
		return c.checkToken(token)
	case auth != "":
		return c.checkSignature(r, auth, body)
	}
	return caller{}, unauthorized("token and signature are missing")
}

func unauthorized(why string) *failure {
	return &failure{status: http.StatusUnauthorized, code: "APIGW.0301", message: "Incorrect IAM authentication information: " + why}
}

func (c *Cloud) checkSignature(r *http.Request, auth string, body []byte) (caller, *failure) {
	access, signed, signature, ok := parseAuthorization(auth)
	if !ok {
		return caller{}, unauthorized("the Authorization header is malformed")
	}
	if !slices.Contains(signed, "x-sdk-date") {
		return caller{}, unauthorized("X-Sdk-Date is not signed")
	}
	date, err := time.Parse(signatureDate, r.Header.Get("X-Sdk-Date"))
	if err != nil {
		return caller{}, unauthorized("X-Sdk-Date is malformed")
	}
	if d := c.wall().Sub(date); d > signatureSkew || d < -signatureSkew {
		return caller{}, unauthorized("X-Sdk-Date is more than 15 minutes off")
	}
	acct := c.state.accountByKey(access)
	secret := "no such key, but the same work"
	if acct != nil {
		secret = acct.SecretKey
	}
	want := sign(secret, r.Header.Get("X-Sdk-Date"), canonicalRequest(r, signed, body))
	if !hmac.Equal([]byte(want), []byte(signature)) || acct == nil {
		return caller{}, unauthorized("verify aksk signature fail")
	}
	if acct.KeyDisabled {
		return caller{}, unauthorized("the access key is disabled")
	}
	return caller{acct: acct, project: r.Header.Get("X-Project-Id"), domain: r.Header.Get("X-Domain-Id")}, nil
}

// parseAuthorization takes "SDK-HMAC-SHA256 Access=…, SignedHeaders=a;b, Signature=…" apart.
func parseAuthorization(h string) (access string, signed []string, signature string, ok bool) {
	rest, ok := strings.CutPrefix(h, signatureScheme+" ")
	if !ok {
		return "", nil, "", false
	}
	for pair := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		switch key {
		case "Access":
			access = value
		case "SignedHeaders":
			signed = strings.Split(strings.ToLower(value), ";")
		case "Signature":
			signature = value
		}
	}
	return access, signed, signature, access != "" && len(signed) > 0 && signature != "" && slices.IsSorted(signed)
}

// canonicalRequest is the text whose hash is signed.
func canonicalRequest(r *http.Request, signed []string, body []byte) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL.EscapedPath()) + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range signed {
		for _, v := range signedValues(r, name) {
			b.WriteString(name + ":" + strings.TrimSpace(v) + "\n")
		}
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n")
	if slices.Contains(signed, "x-sdk-content-sha256") && r.Header.Get("X-Sdk-Content-Sha256") == "UNSIGNED-PAYLOAD" {
		b.WriteString("UNSIGNED-PAYLOAD") // what the SDK does for bodies that are not JSON
	} else {
		sum := sha256.Sum256(body)
		b.WriteString(hex.EncodeToString(sum[:]))
	}
	return b.String()
}

func signedValues(r *http.Request, name string) []string {
	switch name {
	case "host":
		return []string{r.Host}
	case "content-length":
		return []string{strconv.FormatInt(r.ContentLength, 10)}
	}
	vs := slices.Sorted(slices.Values(r.Header.Values(name)))
	if len(vs) == 0 {
		return []string{""}
	}
	return vs
}

func canonicalPath(escaped string) string {
	segments := strings.Split(escaped, "/")
	for i, p := range segments {
		if plain, err := url.PathUnescape(p); err == nil {
			segments[i] = percentEncode(plain)
		}
	}
	path := strings.Join(segments, "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

func canonicalQuery(q url.Values) string {
	var out []string
	keys := make([]string, 0, len(q))
	for k := range q {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		for _, v := range slices.Sorted(slices.Values(q[k])) {
			out = append(out, percentEncode(k)+"="+percentEncode(v))
		}
	}
	return strings.Join(out, "&")
}

// percentEncode leaves A-Z a-z 0-9 - _ . ~ alone.
func percentEncode(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		ch := s[i]
		if 'A' <= ch && ch <= 'Z' || 'a' <= ch && ch <= 'z' || '0' <= ch && ch <= '9' || strings.IndexByte("-_.~", ch) >= 0 {
			b.WriteByte(ch)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[ch>>4])
		b.WriteByte(hexDigits[ch&15])
	}
	return b.String()
}

func sign(secret, date, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(signatureScheme + "\n" + date + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(m.Sum(nil))
}

// ticket is what a token says; tokens are sealed, not stored, so they outlive a restart.
type ticket struct {
	Account string    `json:"a"`
	Project string    `json:"p,omitempty"`
	Domain  string    `json:"d,omitempty"`
	Secret  string    `json:"s"` // fingerprint of the password: a changed one ends the token
	Issued  time.Time `json:"i"`
	Nonce   string    `json:"n"`
}

func passwordMark(a *account) string {
	sum := sha256.Sum256([]byte(a.ID + "\x00" + a.IAMPassword))
	return hex.EncodeToString(sum[:8])
}

func (c *Cloud) issue(t ticket) string {
	raw, _ := json.Marshal(t) // strings and a time: cannot fail
	body := base64.RawURLEncoding.EncodeToString(raw)
	return "SBX" + body + "." + c.tokenMAC(body)
}

func (c *Cloud) tokenMAC(body string) string {
	m := hmac.New(sha256.New, []byte(c.state.meta.TokenKey))
	m.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// checkToken reads a token that the Sandbox issued. It lives 24 h on the Sandbox's calendar (API Reference 3.2).
func (c *Cloud) checkToken(token string) (caller, *failure) {
	body, mac, _ := strings.Cut(strings.TrimPrefix(token, "SBX"), ".")
	if subtle.ConstantTimeCompare([]byte(mac), []byte(c.tokenMAC(body))) != 1 {
		return caller{}, unauthorized("the token is not valid")
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	var t ticket
	if err != nil || json.Unmarshal(raw, &t) != nil {
		return caller{}, unauthorized("the token is not valid")
	}
	acct := c.state.account(t.Account)
	if acct == nil || passwordMark(acct) != t.Secret {
		return caller{}, unauthorized("the token is not valid")
	}
	if c.now().After(t.Issued.Add(tokenLife)) {
		return caller{}, unauthorized("the token must be updated")
	}
	return caller{acct: acct, byToken: true, project: t.Project, domain: t.Domain}, nil
}
