package servers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sampan/internal/app/account"
	"sampan/internal/app/fault"
	"sampan/internal/app/instance"
	"sampan/internal/app/person"
	"sampan/internal/app/view"
	"sampan/internal/app/web"
	"sampan/internal/app/web/servers"
	"sampan/internal/app/web/webtest"
)

// everyView has another name than its method Views, so that both can be reached.
type everyView interface{ servers.Views }

// failing are the use cases of the lists, of which one fails.
type failing struct {
	everyView
	use string // the method that fails
	err error
}

func (f *failing) of(use string) error {
	if use == f.use {
		return f.err
	}
	return nil
}

func (f *failing) Views(ctx context.Context, by person.Actor, l view.List) ([]view.View, error) {
	if err := f.of("Views"); err != nil {
		return nil, err
	}
	return f.everyView.Views(ctx, by, l)
}

func (f *failing) Choice(ctx context.Context, by person.Actor, l view.List) (view.Choice, error) {
	if err := f.of("Choice"); err != nil {
		return view.Choice{}, err
	}
	return f.everyView.Choice(ctx, by, l)
}

func (f *failing) Choose(ctx context.Context, by person.Actor, l view.List, c view.Choice) error {
	if err := f.of("Choose"); err != nil {
		return err
	}
	return f.everyView.Choose(ctx, by, l, c)
}

func (f *failing) Save(ctx context.Context, by person.Actor, v view.View) (view.View, error) {
	if err := f.of("Save"); err != nil {
		return view.View{}, err
	}
	return f.everyView.Save(ctx, by, v)
}

func (f *failing) Delete(ctx context.Context, by person.Actor, id string) error {
	if err := f.of("Delete"); err != nil {
		return err
	}
	return f.everyView.Delete(ctx, by, id)
}

func (f *failing) Label(ctx context.Context, by person.Actor, rows []*instance.Row, add, remove []string) (int, error) {
	if err := f.of("Label"); err != nil {
		return 0, err
	}
	return f.everyView.Label(ctx, by, rows, add, remove)
}

func (f *failing) Select(ctx context.Context, by person.Actor, p view.Pick) (view.Selection, error) {
	if err := f.of("Select"); err != nil {
		return view.Selection{}, err
	}
	return f.everyView.Select(ctx, by, p)
}

func (f *failing) Selection(ctx context.Context, by person.Actor, id string) (view.Selection, error) {
	if err := f.of("Selection"); err != nil {
		return view.Selection{}, err
	}
	return f.everyView.Selection(ctx, by, id)
}

// A failure of a use case is a page with its sentence, and for htmx a note. What is
// wrong with a form is shown in the form, with what was entered.
func TestWhenAUseCaseOfTheListsFails(t *testing.T) {
	tests := []struct {
		use, method, path string
		form              url.Values
		inForm            string // what the form that shows Invalid by itself still holds; "": it is a page
	}{
		{"Choice", http.MethodGet, "/servers", nil, ""},
		{"Choice", http.MethodGet, "/instances", nil, ""},
		{"Choice", http.MethodGet, "/servers/rows", nil, ""},
		{"Choice", http.MethodGet, "/instances/columns", nil, ""},
		{"Choice", http.MethodGet, "/instances.json", nil, ""},
		{"Views", http.MethodGet, "/servers", nil, ""},
		{"Views", http.MethodGet, "/instances/rows?v=-1", nil, ""},
		{"Selection", http.MethodGet, "/servers?selection=v2", nil, ""},
		{"Selection", http.MethodGet, "/servers/actions/labels?selection=v2", nil, ""},
		{"Choose", http.MethodPost, "/servers/columns", url.Values{"col": {"state"}}, ""},
		{"Select", http.MethodPost, "/selections", url.Values{"list": {"servers"}, "ids": {"s000"}}, ""},
		{"Select", http.MethodPost, "/selections", url.Values{"list": {"servers"}, "paste": {"shop-000"}}, "textarea#paste:contains('shop-000')"},
		{"Save", http.MethodPost, "/views", url.Values{"list": {"servers"}, "name": {"mine"}, "q": {"shop"}}, "input[name=name][value=mine]"},
		{"Delete", http.MethodPost, "/views/v1/delete", url.Values{}, ""},
		{"Label", http.MethodPost, "/servers/actions/labels", url.Values{"selection": {"v2"}, "add": {"blue"}}, "input[name=add][value=blue]"},
	}
	for _, tt := range tests {
		for _, f := range webtest.Failures() {
			t.Run(tt.use+" "+tt.path+" "+f.Err.Kind.String(), func(t *testing.T) {
				var uses *failing
				c := webtest.Open(t, func(o *web.Options) { uses = &failing{everyView: o.Views}; o.Views = uses })
				webtest.Fleet(c, 2)
				c.Post("/views", "list", "servers", "name", "mine", "q", "shop").Want(http.StatusSeeOther)
				c.Post("/selections", "list", "servers", "ids", "s000 s001").Want(http.StatusSeeOther, "/servers?selection=v2")
				uses.use, uses.err = tt.use, f.Err
				a := c.Send(tt.method, tt.path, tt.form)
				if f.Err.Kind == fault.Invalid && tt.inForm != "" {
					doc := a.Want(http.StatusUnprocessableEntity).Page()
					webtest.Says(t, doc, "form .err", f.Says)
					if doc.Find(tt.inForm).Length() != 1 || doc.Find("[aria-invalid=true]").Length() != 1 {
						t.Error("the form forgot what was entered, or does not mark the field")
					}
					return
				}
				f.Shows(t, a)
				c.Header.Set("HX-Request", "true")
				f.Note(t, c.Send(tt.method, tt.path, tt.form))
			})
		}
	}
}

// refusing is a picture of which no refresh can be asked for.
type refusing struct {
	*webtest.Instances
	err error
}

func (r refusing) RefreshAll(context.Context, person.Actor, []account.Account) (instance.Waiting, error) {
	return instance.Waiting{}, r.err
}

func TestARefreshThatIsRefused(t *testing.T) {
	for _, f := range webtest.Failures() {
		c := webtest.Open(t, func(o *web.Options) { o.Instances = refusing{o.Instances.(*webtest.Instances), f.Err} })
		f.Shows(t, c.Post("/instances/refresh"))
		if strings.Contains(c.Get("/servers").Want(http.StatusOK).Body, webtest.Word("instances.asked")) {
			t.Errorf("%v: it is said to have been asked for", f.Err.Kind)
		}
	}
	webtest.Open(t).SignedOut().Post("/instances/refresh").Want(http.StatusSeeOther)
}

// What belongs to another list, to somebody else or to nobody is not there.
func TestWhatIsNotThere(t *testing.T) {
	c := webtest.Open(t)
	webtest.Fleet(c, 2)
	c.Post("/selections", "list", "servers", "ids", "s000").Want(http.StatusSeeOther, "/servers?selection=v1")
	for _, path := range []string{"/instances?selection=v1", "/instances/actions/labels?selection=v1", "/instances.csv?selection=v1",
		"/servers?selection=v9", "/servers/actions/labels", "/servers/actions/labels?selection=v9", "/selections/new",
		"/selections/new?list=disks", "/views/new?list=disks", "/views/v9", "/views/v9/delete"} {
		webtest.Says(t, c.Get(path).Want(http.StatusNotFound).Page(), ".empty h1", webtest.Word("failure.404.title"))
	}
	for path, form := range map[string][]string{"/selections": {"list", "disks", "ids", "s000"}, "/views": {"list", "disks", "name", "x"},
		"/views/v9/delete": nil, "/instances/actions/labels": {"selection", "v1", "add", "blue"},
		"/servers/actions/labels": {"selection", "v9", "add", "blue"}} {
		c.Post(path, form...).Want(http.StatusNotFound)
	}
	if len(c.Views.Kept.GivenLabels) != 0 || len(c.Views.Kept.Selections) != 1 || len(c.Views.Kept.GivenViews) != 0 {
		t.Errorf("something was kept: %v %v %v", c.Views.Kept.GivenLabels, c.Views.Kept.Selections, c.Views.Kept.GivenViews)
	}
	c.Persons.Who.ID = "p2"
	c.Get("/servers/actions/labels?selection=v1").Want(http.StatusNotFound)
	c.Post("/servers/actions/labels", "selection", "v1", "add", "blue").Want(http.StatusNotFound)
}
