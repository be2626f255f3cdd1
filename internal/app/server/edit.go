package server

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sampan/internal/app/account"
	"sampan/internal/app/audit"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/seal"
)

// Limits of the fields (cloud-api, 8.4 and 8.12).
const (
	NameMax        = 64
	DescriptionMax = 85
	HostnameMax    = 64
	HostnameWinMax = 15 // Windows takes no more
	TagKeyMax      = 36
	TagValueMax    = 43

	longestTag = 2048 // bytes of any tag in the cloud
)

var (
	nameRule = regexp.MustCompile(`^[\p{Han}A-Za-z0-9_.-]+$`)
	hostRule = regexp.MustCompile(`^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)*$`)
	tagRule  = regexp.MustCompile(`^[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}A-Za-z0-9_.-]*$`)
)

// Check gives the problems of a change by field: "name", "description",
// "hostname" (cloud-api, 8.4). A hostname for Windows is shorter.
func (c Change) Check(os catalog.OS) map[string]fault.Message {
	bad := make(map[string]fault.Message)
	if c.Name != nil && (utf8.RuneCountInString(*c.Name) > NameMax || !nameRule.MatchString(*c.Name)) {
		bad["name"] = fault.Say("server.name.rule")
	}
	if c.Description != nil {
		if d := *c.Description; utf8.RuneCountInString(d) > DescriptionMax || strings.ContainsAny(d, "<>") ||
			strings.ContainsFunc(d, unicode.IsControl) || !utf8.ValidString(d) {
			bad["description"] = fault.Say("server.description.rule")
		}
	}
	if c.Hostname != nil {
		switch h := *c.Hostname; {
		case len(h) > HostnameMax || !hostRule.MatchString(h):
			bad["hostname"] = fault.Say("server.hostname.rule")
		case os == catalog.Windows && len(h) > HostnameWinMax:
			bad["hostname"] = fault.Say("server.hostname.windows")
		}
	}
	return bad
}

// Edit changes name, description or hostname of a server. A field that breaks a rule
// or that the cloud refuses is fault.Invalid with a sentence for it; a server in a
// state in which it cannot be changed is fault.Conflict. The caller checks that the
// person may see the server's account.
func (s *Service) Edit(ctx context.Context, by person.Actor, id string, c Change) error {
	row, err := s.changeable(by, id)
	if err != nil {
		return err
	}
	if c.Empty() {
		return nil
	}
	if bad := c.Check(catalog.OS(row.OS)); len(bad) > 0 {
		return &fault.Error{Kind: fault.Invalid, Message: fault.Say("server.correct"), Fields: bad}
	}
	e := entry(by, "server.edit", row)
	for name, v := range map[string]*string{"name": c.Name, "description": c.Description, "hostname": c.Hostname} {
		if v != nil {
			e = e.With(name, *v)
		}
	}
	err = s.recorded(ctx, e, row, account.RightChange, func(ctx context.Context, a account.Access) error {
		defer s.Inventory.Acted(row.AccountID, row.ServerID, c.facts()...) // also after an unclear answer
		return s.Cloud.Update(ctx, a, row.Region, row.ServerID, c)
	})
	return wrap("edit", row.ServerID, err)
}

// facts are the inventory's names of what the change changes.
func (c Change) facts() []string {
	var all []string
	for name, v := range map[string]*string{"name": c.Name, "description": c.Description, "hostname": c.Hostname} {
		if v != nil {
			all = append(all, name)
		}
	}
	return all
}

// Check gives the problems of a tag by field: "key", "value" (cloud-api, 8.12).
func (t Tag) Check() map[string]fault.Message {
	bad := make(map[string]fault.Message)
	if n := utf8.RuneCountInString(t.Key); n < 1 || n > TagKeyMax || !tagRule.MatchString(t.Key) || strings.HasPrefix(t.Key, "_sys_") {
		bad["key"] = fault.Say("server.tag.key.rule")
	}
	if utf8.RuneCountInString(t.Value) > TagValueMax || !tagRule.MatchString(t.Value) {
		bad["value"] = fault.Say("server.tag.value.rule")
	}
	return bad
}

// AddTag sets a tag of the server in the cloud; one with the same key is
// replaced. Problems of the tag are fault.Invalid at "key" or "value".
func (s *Service) AddTag(ctx context.Context, by person.Actor, id string, t Tag) error {
	row, err := s.changeable(by, id)
	if err != nil {
		return err
	}
	if bad := t.Check(); len(bad) > 0 {
		return &fault.Error{Kind: fault.Invalid, Message: fault.Say("server.correct"), Fields: bad}
	}
	e := entry(by, "server.tag.add", row).With("tag", t.Text())
	err = s.recorded(ctx, e, row, account.RightChange, func(ctx context.Context, a account.Access) error {
		defer s.Inventory.Acted(row.AccountID, row.ServerID, "tags") // after a doubtful end above all
		return s.Cloud.AddTags(ctx, a, row.Region, row.ServerID, []Tag{t})
	})
	return wrap("tag", row.ServerID, atTag(err))
}

// atTag puts the cloud's refusal of a tag at its field.
func atTag(err error) error {
	f := fault.Of(err)
	if err == nil || f.Kind != fault.Refused || f.Status != 400 {
		return err
	}
	out := *f
	out.Kind, out.Fields = fault.Invalid, map[string]fault.Message{"key": fault.Say("server.tag.refused", "Detail", f.Detail)}
	return &out
}

// RemoveTag removes a tag. It is no error when the tag is not there any more. Tag.Check
// is not applied: the tag may have been set elsewhere. The cloud's own tags are
// refused.
func (s *Service) RemoveTag(ctx context.Context, by person.Actor, id string, t Tag) error {
	row, err := s.changeable(by, id)
	if err != nil {
		return err
	}
	if strings.HasPrefix(t.Key, "_sys_") || len(t.Key)+len(t.Value) > longestTag {
		return fault.New(fault.Invalid, "server.tag.key.rule")
	}
	e := entry(by, "server.tag.remove", row).With("tag", t.Text())
	err = s.recorded(ctx, e, row, account.RightChange, func(ctx context.Context, a account.Access) error {
		defer s.Inventory.Acted(row.AccountID, row.ServerID, "tags") // after a doubtful end above all
		return s.Cloud.RemoveTags(ctx, a, row.Region, row.ServerID, []Tag{t})
	})
	return wrap("untag", row.ServerID, err)
}

// Text writes the tag as lists show it: "key=value", or "key".
func (t Tag) Text() string {
	if t.Value == "" {
		return t.Key
	}
	return t.Key + "=" + t.Value
}

// TagsOf reads tags as ECS lists them, without the cloud's own.
func TagsOf(list []string) []Tag {
	var out []Tag
	for _, s := range list {
		key, value, _ := strings.Cut(s, "=")
		if key != "" && !strings.HasPrefix(key, "_sys_") {
			out = append(out, Tag{Key: key, Value: value})
		}
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// Screen asks for an address that shows the server's screen once. It holds a token:
// show it in one page, and neither store nor log it. It is not known whether the
// cloud allows this for FlexusL servers (cloud-api, 8.9); after a refusal Huawei's own
// console is the other way.
func (s *Service) Screen(ctx context.Context, by person.Actor, id string) (seal.Secret, error) {
	if !by.May(person.Operate) {
		return seal.Secret{}, denied()
	}
	row, err := s.Row(by, id)
	if err != nil {
		return seal.Secret{}, err
	}
	var address seal.Secret
	e := entry(by, "server.screen", row)
	err = s.recorded(ctx, e, row, account.RightChange, func(ctx context.Context, a account.Access) error {
		address, err = s.Cloud.Console(ctx, a, row.Region, row.ServerID)
		return err
	})
	return address, wrap("screen of", row.ServerID, err)
}

// entry begins the audit row of an act on a server, with its name as it was then.
func entry(by person.Actor, action string, row *instance.Row) audit.Entry {
	return audit.By(by, action, row.ServerID, row.InstanceID).On(row.AccountID).With("server", row.Name)
}

// NameFields are what a server is called, in the order of pages: the fields of forms and of the audit.
var NameFields = []string{"name", "description", "hostname"}
