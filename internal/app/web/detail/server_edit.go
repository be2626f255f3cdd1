package detail

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/server"
	"sampan/internal/app/spelling"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/web/templates/detail"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// typedName is what was typed into an open line, and why it was refused.
type typedName struct {
	value   string
	problem string
}

// Names are the lines of what the server is called: GET
// /servers/{id}/names?edit=hostname opens one of them.
func (h ServerPages) Names(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	d, err := h.Instances.Detail(c.Request().Context(), v.by, v.row.ServerID)
	if err != nil {
		return err
	}
	m := v.names(d, c.QueryParam("edit"))
	return h.showNames(c, v, http.StatusOK, m)
}

func (h ServerPages) showNames(c echo.Context, v serverView, status int, m detail.NamesModel) error {
	if !visit.Partial(c.Request()) {
		return h.showWhole(c, v, status, opened{names: &m})
	}
	part := detail.Names(m)
	return page.Render(c, status, part, part)
}

func (v serverView) names(d instance.Detail, open string) detail.NamesModel {
	return v.namesOpen(d, open, nil)
}

// namesOpen is names with what was typed into the open line and refused.
func (v serverView) namesOpen(d instance.Detail, open string, typed *typedName) detail.NamesModel {
	p, s := v.p, v.fromECS(d)
	m := detail.NamesModel{URL: v.path("/names"), Topic: "server/" + v.row.ServerID}
	values := map[string]string{"name": v.row.Name, "description": s.Description, "hostname": v.row.Hostname}
	for _, f := range server.NameFields {
		r := detail.NameRow{Key: p.T("server.names." + f), Value: values[f], None: p.T("server.nothing")}
		if f == "hostname" {
			r.Hint = p.T("server.hostname.restart")
		}
		switch {
		case !v.mayEdit():
		case f == open:
			m.Open = true
			r.Field = v.nameField(f, values[f], typed)
		default:
			r.Edit, r.Label = v.path("/names?edit="+f), p.T("server.names."+f+".edit")
		}
		m.Rows = append(m.Rows, r)
	}
	if v.by.May(person.Operate) && !v.mayEdit() {
		m.Note = p.T("server.names.state")
	}
	return m
}

func (v serverView) nameField(name, value string, typed *typedName) *ui.Field {
	p := v.p
	f := &ui.Field{Name: name, Label: p.T("server.names." + name), Value: value, Focus: true, Hint: p.T("server.names." + name + ".hint"),
		Attrs: map[string]any{"autocomplete": "off"}}
	switch name {
	case "name":
		f.MaxLength, f.Required = server.NameMax, true
	case "description":
		f.MaxLength = server.DescriptionMax
	case "hostname":
		f.MaxLength, f.Required, f.Mono = server.HostnameMax, true, true
		if catalog.OS(v.row.OS) == catalog.Windows {
			f.MaxLength = server.HostnameWinMax
		}
	}
	if typed != nil {
		f.Value, f.Error = typed.value, typed.problem
	}
	return f
}

// Rename changes one of the lines: POST /servers/{id}/names.
func (h ServerPages) Rename(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	field := c.FormValue("field")
	if !slices.Contains(server.NameFields, field) {
		return fault.New(fault.Invalid, "server.correct")
	}
	value := spelling.Clean(c.FormValue(field))
	err = h.Servers.Edit(c.Request().Context(), v.by, v.row.ServerID, changeOf(field, value))
	if err == nil {
		h.Notes.Leave(c, fault.Say("server.said."+field))
		return page.GoTo(c, v.path(""))
	}
	f := fault.Of(err)
	problem := page.Say(c, f.Fields[field])
	if problem == "" && (f.Kind == fault.Refused || f.Kind == fault.Invalid || f.Kind == fault.Unreachable || f.Kind == fault.Unknown) {
		problem = page.Say(c, f.Message) // shown at the field, so that what was typed stays
	}
	if problem == "" {
		return err
	}
	d, err := h.Instances.Detail(c.Request().Context(), v.by, v.row.ServerID)
	if err != nil {
		return err
	}
	m := v.namesOpen(d, field, &typedName{value: value, problem: problem})
	return h.showNames(c, v, http.StatusUnprocessableEntity, m)
}

func changeOf(field, value string) server.Change {
	var ch server.Change
	switch field {
	case "name":
		ch.Name = &value
	case "description":
		ch.Description = &value
	case "hostname":
		ch.Hostname = &value
	}
	return ch
}

// Tags are the server's tags: GET /servers/{id}/tags.
func (h ServerPages) Tags(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	if !visit.Partial(c.Request()) {
		return page.GoTo(c, v.path(""))
	}
	d, err := h.Instances.Detail(c.Request().Context(), v.by, v.row.ServerID)
	if err != nil {
		return err
	}
	part := detail.Tags(v.tags(d))
	return page.Render(c, http.StatusOK, part, part)
}

func (v serverView) tags(d instance.Detail) detail.TagsModel {
	p := v.p
	m := detail.TagsModel{URL: v.path("/tags"), Topic: "server/" + v.row.ServerID, Add: v.mayEdit(), Note: p.T("server.tags.note"),
		Key: ui.Field{Name: "key", ID: "tag-key", Label: p.T("server.tags.key"), Hint: p.T("server.tags.key.hint"),
			MaxLength: server.TagKeyMax, Required: true, Autocomplete: "off"},
		Value: ui.Field{Name: "value", ID: "tag-value", Label: p.T("server.tags.value"), Aside: p.T("server.optional"),
			MaxLength: server.TagValueMax, Autocomplete: "off"}}
	for _, t := range server.TagsOf(v.fromECS(d).Tags) {
		row := detail.TagRow{Key: t.Key, Value: t.Value, Text: t.Text()}
		if v.mayEdit() {
			row.Remove = p.T("server.tags.remove", "Tag", text.Name(t.Text()))
		}
		m.Tags = append(m.Tags, row)
	}
	return m
}

// Tag sets or removes a tag: POST /servers/{id}/tags.
func (h ServerPages) Tag(c echo.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if key := c.FormValue("remove"); key != "" {
		if err := h.Servers.RemoveTag(ctx, v.by, v.row.ServerID, server.Tag{Key: key, Value: c.FormValue("value")}); err != nil {
			return err
		}
		h.Notes.Leave(c, fault.Say("server.said.untagged"))
		return page.GoTo(c, v.path(""))
	}
	t := server.Tag{Key: spelling.Clean(c.FormValue("key")), Value: spelling.Clean(c.FormValue("value"))}
	err = h.Servers.AddTag(ctx, v.by, v.row.ServerID, t)
	if err == nil {
		h.Notes.Leave(c, fault.Say("server.said.tagged"))
		return page.GoTo(c, v.path(""))
	}
	f := fault.Of(err)
	if f.Kind != fault.Invalid {
		return err
	}
	d, err := h.Instances.Detail(ctx, v.by, v.row.ServerID)
	if err != nil {
		return err
	}
	said := page.SayAll(c, f.Fields)
	m := v.tags(d)
	m.Open, m.Key.Value, m.Value.Value, m.Key.Error, m.Value.Error = true, t.Key, t.Value, said["key"], said["value"]
	m.Key.Focus = said["key"] != ""
	m.Value.Focus = said["key"] == ""
	if !visit.Partial(c.Request()) {
		return h.showWhole(c, v, http.StatusUnprocessableEntity, opened{tags: &m})
	}
	part := detail.Tags(m)
	return page.Render(c, http.StatusUnprocessableEntity, part, part)
}
