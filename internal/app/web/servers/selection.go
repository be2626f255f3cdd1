package servers

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/fault"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/app/web/filter"
	"sampan/internal/app/web/page"
	"sampan/internal/app/web/visit"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/servers"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// CreateSelection is POST /selections: ids, or everything that a search matches at this
// moment, or a pasted list. It redirects to what the form wants done with them.
func (h Pages) CreateSelection(c echo.Context) error {
	list, err := listOf(c)
	if err != nil {
		return err
	}
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	pick := view.Pick{List: list, AccountIDs: sc.IDs(), All: form.Get("all") != "", Search: form.Get("q"), Paste: form.Get("paste"),
		IDs: append(strings.Fields(form.Get("ids")), form["id"]...), Except: strings.Fields(form.Get("except"))}
	sel, err := h.Views.Select(c.Request().Context(), visit.Actor(c), pick)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid && form.Has("paste") {
		gaps, err := h.Known.Gaps(c, sc)
		if err != nil {
			return err
		}
		return h.paste(c, http.StatusUnprocessableEntity, servers.PasteModel{List: string(list), Text: form.Get("paste"),
			Error: wording.OrUnread(visit.Printer(c), page.Say(c, f.Message), gaps)})
	}
	if err != nil {
		return err
	}
	return page.GoTo(c, afterSelecting(list, sel.ID, form))
}

// afterSelecting is the address to which a new selection redirects: a form, a file or
// the list.
func afterSelecting(list view.List, id string, form url.Values) string {
	v := url.Values{"selection": {id}}
	switch do := form.Get("do"); {
	case do == "labels":
		return wording.Address("/"+string(list)+"/actions/labels", v)
	case isFormat(do):
		return wording.Address("/"+string(list)+"."+do, v)
	}
	return wording.Address("/"+string(list), v)
}

// NewSelection is GET /selections/new: the form for a pasted list.
func (h Pages) NewSelection(c echo.Context) error {
	list, err := listOf(c)
	if err != nil {
		return err
	}
	return h.paste(c, http.StatusOK, servers.PasteModel{List: string(list)})
}

func (h Pages) paste(c echo.Context, status int, m servers.PasteModel) error {
	f, err := h.Frames.Frame(c, visit.Printer(c).T("servers.paste"), m.List)
	if err != nil {
		return err
	}
	f.Wrong = m.Error != ""
	return page.Render(c, status, servers.Paste(f, m), nil)
}

// selectionOf is the selection of the request and what of it exists in the scope.
func (h Pages) selectionOf(c echo.Context, list view.List) (view.Selection, visit.Scope, error) {
	sc, err := h.Scopes.Of(c)
	if err != nil {
		return view.Selection{}, sc, err
	}
	sel, err := h.Views.Selection(c.Request().Context(), visit.Actor(c), c.FormValue("selection"))
	if err == nil && sel.List != list {
		err = echo.ErrNotFound
	}
	return sel, sc, err
}

// Labels is GET /servers/actions/labels and GET /instances/actions/labels: the form for
// the labels of a selection.
func (h Pages) Labels(c echo.Context) error {
	return h.labelForm(c, h.List, http.StatusOK, nil)
}

func (h Pages) labelForm(c echo.Context, list view.List, status int, wrong *fault.Error) error {
	sel, sc, err := h.selectionOf(c, list)
	if err != nil {
		return err
	}
	p := visit.Printer(c)
	rows := h.Views.Rows(sel, sc.IDs())
	m := servers.LabelsModel{List: string(list), Selection: sel.ID, Title: p.N("servers.labels.title."+string(list), len(rows)),
		Add: c.FormValue("add")}
	counts := make(map[string]int)
	for _, r := range rows {
		for _, l := range r.Labels {
			counts[l]++
		}
	}
	for _, l := range slices.Sorted(maps.Keys(counts)) {
		m.Have = append(m.Have, filter.Option{Value: l, Label: l, Count: p.T("servers.labels.on", "N", counts[l], "Total", len(rows))})
	}
	for _, r := range h.Instances.Picture().Rows() {
		for _, l := range r.Labels {
			if sc.Has(r.AccountID) && !slices.Contains(m.Known, l) && len(m.Known) < 100 {
				m.Known = append(m.Known, l)
			}
		}
	}
	slices.Sort(m.Known)
	if wrong != nil {
		m.Error = page.Say(c, wrong.Message)
	}
	f, err := h.Frames.Frame(c, m.Title, string(list))
	if err != nil {
		return err
	}
	f.Wrong = m.Error != ""
	return page.Render(c, status, servers.Labels(f, m), nil)
}

// Label is POST /servers/actions/labels and POST /instances/actions/labels.
func (h Pages) Label(c echo.Context) error {
	sel, sc, err := h.selectionOf(c, h.List)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	add, err := view.ParseLabels(form.Get("add"))
	n := 0
	if err == nil {
		n, err = h.Views.Label(c.Request().Context(), visit.Actor(c), h.Views.Rows(sel, sc.IDs()), add, form["remove"])
	}
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return h.labelForm(c, h.List, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("servers.labels.done", "N", strconv.Itoa(n)))
	return page.GoTo(c, wording.Address("/"+string(h.List), url.Values{"selection": {sel.ID}}))
}

// NewView is GET /views/new: the form for the name.
func (h Pages) NewView(c echo.Context) error {
	list, err := listOf(c)
	if err != nil {
		return err
	}
	return h.viewForm(c, http.StatusOK, servers.ViewModel{List: string(list), Search: c.QueryParam("q"), Sort: c.QueryParam("sort")})
}

func (h Pages) viewForm(c echo.Context, status int, m servers.ViewModel) error {
	m.MayShare = visit.Actor(c).May(person.Organise)
	f, err := h.Frames.Frame(c, visit.Printer(c).T("servers.view.save"), m.List)
	if err != nil {
		return err
	}
	f.Wrong = m.Error != ""
	return page.Render(c, status, servers.SaveView(f, m), nil)
}

// SaveView is POST /views.
func (h Pages) SaveView(c echo.Context) error {
	list, err := listOf(c)
	if err != nil {
		return err
	}
	v := view.View{List: list, Name: c.FormValue("name"), Search: c.FormValue("q"), Sort: c.FormValue("sort"),
		Shared: c.FormValue("shared") != ""}
	saved, err := h.Views.Save(c.Request().Context(), visit.Actor(c), v)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return h.viewForm(c, http.StatusUnprocessableEntity, servers.ViewModel{List: string(list), Name: v.Name, Search: v.Search,
			Sort: v.Sort, Shared: v.Shared, Error: page.Say(c, f.Message)})
	}
	if err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("servers.view.saved", "Name", saved.Name))
	return page.GoTo(c, viewURL(saved))
}

// viewURL is the address of the list as a view has it.
func viewURL(v view.View) string {
	q := url.Values{}
	if v.Search != "" {
		q.Set("q", v.Search)
	}
	if v.Sort != "" {
		q.Set("sort", v.Sort)
	}
	return wording.Address("/"+string(v.List), q)
}

// OpenView is GET /views/{id}: it redirects to the list as the view has it.
func (h Pages) OpenView(c echo.Context) error {
	v, err := h.Views.View(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, viewURL(v))
}

// AskDeleteView is GET /views/{id}/delete.
func (h Pages) AskDeleteView(c echo.Context) error {
	v, err := h.Views.View(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	p := visit.Printer(c)
	f, err := h.Frames.Frame(c, p.T("servers.view.delete"), string(v.List))
	if err != nil {
		return err
	}
	hint := p.T("servers.view.delete.own")
	if v.Shared {
		hint = p.T("servers.view.delete.shared")
	}
	return page.Render(c, http.StatusOK, servers.DeleteView(f, servers.DropModel{Hint: hint, Confirm: ui.ConfirmModel{
		Title: p.T("servers.view.delete.title", "Name", text.Name(v.Name)), Action: "/views/" + v.ID + "/delete",
		Keep: p.T("servers.view.keep"), Back: viewURL(v),
		Do: ui.Action{Label: p.T("servers.view.delete"), Submit: true, Kind: ui.Destroy},
	}}), nil)
}

// DeleteView is POST /views/{id}/delete.
func (h Pages) DeleteView(c echo.Context) error {
	v, err := h.Views.View(c.Request().Context(), visit.Actor(c), c.Param("id"))
	if err != nil {
		return err
	}
	if err := h.Views.Delete(c.Request().Context(), visit.Actor(c), v.ID); err != nil {
		return err
	}
	h.Notes.Leave(c, fault.Say("servers.view.deleted", "Name", v.Name))
	return page.GoTo(c, "/"+string(v.List))
}

// Columns is GET /servers/columns and GET /instances/columns: the form for the columns,
// the height of rows and how many are on a page.
func (h Pages) Columns(c echo.Context) error {
	choice, err := h.Views.Choice(c.Request().Context(), visit.Actor(c), h.List)
	if err != nil {
		return err
	}
	p := visit.Printer(c)
	m := servers.ColumnsModel{List: string(h.List), Roomy: choice.Roomy}
	shown := choice.Columns
	if shown == nil {
		shown = h.List.Usual()
	}
	for _, key := range shown {
		m.Columns = append(m.Columns, filter.Option{Value: key, Label: p.T("servers.column." + key), Checked: true})
	}
	for _, key := range h.List.Columns() {
		if !slices.Contains(shown, key) {
			m.Columns = append(m.Columns, filter.Option{Value: key, Label: p.T("servers.column." + key)})
		}
	}
	for _, n := range []int{50, 100, 200, 500} {
		m.PerPage = append(m.PerPage,
			ui.Option{Value: strconv.Itoa(n), Label: p.T("servers.perpage.n", "N", n), Chosen: n == choice.PerPage})
	}
	f, err := h.Frames.Frame(c, p.T("servers.columns"), string(h.List))
	if err != nil {
		return err
	}
	return page.Render(c, http.StatusOK, servers.Columns(f, m), nil)
}

// ChooseColumns is POST /servers/columns and POST /instances/columns.
func (h Pages) ChooseColumns(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	choice := view.Choice{Columns: movedUp(form["col"], form.Get("up")), Roomy: form.Get("rows") == "roomy"}
	choice.PerPage, _ = strconv.Atoi(form.Get("perpage")) // anything else counts as the usual number
	if form.Has("usual") {
		choice.Columns = nil
	}
	if err := h.Views.Choose(c.Request().Context(), visit.Actor(c), h.List, choice); err != nil {
		return err
	}
	if form.Has("up") {
		return page.GoTo(c, "/"+string(h.List)+"/columns")
	}
	return page.GoTo(c, "/"+string(h.List))
}

// movedUp gives the columns with one of them moved one place forward.
func movedUp(keys []string, up string) []string {
	if n := slices.Index(keys, up); n > 0 {
		keys = slices.Clone(keys)
		keys[n-1], keys[n] = keys[n], keys[n-1]
	}
	return keys
}

// listOf reads the name of a list out of a form.
func listOf(c echo.Context) (view.List, error) {
	l := view.List(c.FormValue("list"))
	if !l.Known() {
		return "", echo.ErrNotFound
	}
	return l, nil
}
