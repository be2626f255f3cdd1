package buy

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/internal/app/person"
	"sampan/internal/app/web/wording"
	"sampan/web/templates/buy"
	"sampan/web/templates/text"
	"sampan/web/templates/ui"
)

// model is the whole wizard with the step open.
func (w *wizard) model(ctx context.Context) buy.Model {
	m := buy.Model{Step: w.step, Action: w.path(w.step), Path: w.path(w.step), Account: w.accountLine(), Notes: w.notes(ctx),
		Summary: w.summary(ctx)}
	at := stepIndex(w.step)
	for i, s := range buySteps {
		switch {
		case i < at:
			m.Before = append(m.Before, w.closed(s))
		case i > at:
			m.After = append(m.After, w.closed(s))
		}
	}
	m.Num = strconv.Itoa(at + 1)
	m.Title = w.p.T(stepTitles[w.step])
	if at > 0 {
		m.Back = w.path(buySteps[at-1])
	}
	m.Next, m.Hint = w.next(), w.hint()
	switch w.step {
	case stepImage:
		m.Image = w.imageModel()
	case stepSize:
		m.Size = w.sizeModel()
	case stepRegion:
		m.Region = w.regionModel()
	case stepOptions:
		m.Options = w.optionsModel(ctx)
		m.Check = w.path(stepOptions) + "?check=1"
	}
	if w.draft.ID == "" {
		m.Carry, m.Drafts = w.carry(), w.draftLinks(ctx)
	}
	return m
}

var stepTitles = map[string]string{
	stepImage: "buy.image.title", stepSize: "buy.size.title", stepRegion: "buy.region.title", stepOptions: "buy.options.title",
	stepReview: "buy.review.title",
}

var stepNames = map[string]string{
	stepImage: "buy.step.image", stepSize: "buy.step.size", stepRegion: "buy.step.region", stepOptions: "buy.step.options",
	stepReview: "buy.step.review",
}

var nextLabels = map[string]string{
	stepImage: "buy.next.image", stepSize: "buy.next.size", stepRegion: "buy.next.region", stepOptions: "buy.next.options",
	stepReview: "buy.next.review",
}

var chooseLabels = map[string]string{stepImage: "buy.next.image", stepSize: "buy.choose.size", stepRegion: "buy.choose.region"}

// next is the label of Continue: it names where it leads.
func (w *wizard) next() string {
	if w.step == stepReview {
		return ""
	}
	return w.p.T(nextLabels[w.after()])
}

// after is the step that follows the open one: the first later one that still
// needs something.
func (w *wizard) after() string {
	for _, s := range buySteps[stepIndex(w.step)+1:] {
		if !w.done(s) {
			return s
		}
	}
	return stepReview
}

func (w *wizard) hint() string {
	if w.step != stepImage || w.choice.ImageID == "" || w.choice.Kind == catalog.Private {
		return ""
	}
	if s := w.catalog.Smallest(w.choice.ImageID, w.choice.Version); s.MemoryMiB > 0 {
		return w.p.T("buy.image.least", "Image", w.what.Image(w.request.Image), "Memory", w.what.Memory(s.MemoryMiB))
	}
	return ""
}

// accountLine is the first line: which account pays, and the others.
func (w *wizard) accountLine() buy.AccountModel {
	m := buy.AccountModel{ID: w.account.ID, Label: w.account.Label, Sandbox: w.account.Sandbox(), URL: w.path(w.step),
		Get: w.draft.ID == "", Name: order.FieldAccount}
	if m.Get {
		m.Name = wording.FromField
	}
	all := slices.Clone(w.scope.All)
	slices.SortStableFunc(all, func(a, b account.Account) int { return strings.Compare(sandboxLast(a), sandboxLast(b)) })
	for _, a := range all {
		if a.ID != w.account.ID {
			m.Choices = append(m.Choices, buy.AccountChoice{ID: a.ID, Label: a.Label, Sandbox: a.Sandbox(), Why: w.cannot(a)})
		}
	}
	return m
}

func sandboxLast(a account.Account) string {
	if a.Sandbox() {
		return "1"
	}
	return "0"
}

// closed is a section that is not open.
func (w *wizard) closed(step string) buy.StepModel {
	m := buy.StepModel{Num: strconv.Itoa(stepIndex(step) + 1), Name: w.p.T(stepNames[step]), State: "later"}
	if step == stepReview || !w.chosen(step) && !w.reached(step) {
		return m
	}
	m.Label = w.p.T("buy.step.change.of", "Step", m.Name)
	switch {
	case w.done(step):
		m.State, m.Line = "done", w.line(step)
	case w.chosen(step) && w.problem(step) != "":
		m.State, m.Line = "redo", w.problem(step)
		m.Label = w.p.T("buy.step.choose.of", "Step", m.Name)
		if r := w.reasonsOf(step); len(r) > 0 && r[0].Fix != "" {
			m.Line += " " + r[0].Fix
		}
	default:
		return m
	}
	if w.draft.ID != "" {
		m.Href = w.path(step)
	}
	return m
}

// line says what was chosen in a step.
func (w *wizard) line(step string) string {
	switch step {
	case stepImage:
		if w.choice.Kind == "" {
			return w.what.Image(w.request.Image)
		}
		return w.p.T("buy.line.image", "Image", w.what.Image(w.request.Image), "Kind", w.p.T(kindNames[w.choice.Kind]))
	case stepSize:
		if s, ok := w.catalog.Spec(w.choice.Spec); ok {
			return w.p.T("buy.line.size", "Size", w.what.Size(s.Code), "Disk", w.p.GiB(s.SystemDiskGiB),
				"Traffic", w.p.Traffic(float64(s.TrafficGB)))
		}
	case stepRegion:
		return w.what.Region(w.choice.Region)
	case stepOptions:
		return w.p.N("buy.line.options", w.request.Quantity, "Name", w.request.Name, "Period", w.what.Period(w.request),
			"Mode", w.what.Mode(w.request))
	}
	return ""
}

var kindNames = map[catalog.Kind]string{
	catalog.Application: "buy.kind.application", catalog.System: "buy.kind.system", catalog.Private: "buy.kind.private",
}

// carry are the hidden fields of the first page: what is chosen already, for as
// long as no draft holds it.
func (w *wizard) carry() []buy.Hidden {
	h := []buy.Hidden{{Name: wording.FromField, Value: w.account.ID}}
	for _, f := range []string{order.FieldImage, order.FieldVersion, order.FieldSize, order.FieldRegion} {
		if v := w.form[f]; v != "" {
			h = append(h, buy.Hidden{Name: f, Value: v})
		}
	}
	if w.view.kind != "" {
		h = append(h, buy.Hidden{Name: "kind", Value: w.view.kind})
	}
	return h
}

// draftLinks lead back to the last unfinished purchases.
func (w *wizard) draftLinks(ctx context.Context) []buy.DraftLink {
	all, err := w.h.Orders.Drafts(ctx, w.by)
	if err != nil {
		w.h.Log.ErrorContext(ctx, "drafts not read", "err", err)
		return nil // the page works without them
	}
	var links []buy.DraftLink
	for _, d := range all {
		if d.OrderedAs != "" || len(links) == 3 {
			continue
		}
		to := "/buy/" + d.ID // leads on to the step where it waits
		links = append(links, buy.DraftLink{Line: w.draftLine(d), When: w.p.Relative(d.UpdatedAt), Href: to, Discard: to + "/discard"})
	}
	return links
}

func (w *wizard) draftLine(d order.Draft) string {
	var facts []string
	id := d.Form[order.FieldImage]
	switch i, ok := w.h.Catalog.Image(id); {
	case ok:
		facts = append(facts, i.DisplayName)
	case w.h.Catalog.KindOf(id, w.private(id) != nil) == catalog.Private:
		facts = append(facts, w.p.T("buy.kind.private"))
	default: // retired
		facts = append(facts, text.Name(id))
	}
	if r := d.Form[order.FieldRegion]; r != "" {
		facts = append(facts, w.what.Region(r))
	}
	if n := d.Form[order.FieldName]; n != "" {
		facts = append(facts, text.Name(n))
	}
	return strings.Join(facts, " · ")
}

// notes stand above the steps: what keeps the account from buying, and what a
// changed choice undoes.
func (w *wizard) notes(ctx context.Context) []ui.NoteModel {
	var all []ui.NoteModel
	toAccount := []ui.Action{{Label: w.p.T("buy.cannot.see"), Href: "/accounts/" + w.account.ID}}
	if why := w.cannot(w.account); why != "" {
		all = append(all, ui.NoteModel{Tone: ui.Bad, Icon: "key", Bold: w.p.T("buy.cannot", "Account", text.Name(w.account.Label)),
			Text: why, Actions: toAccount})
	} else if t := wording.TroubleOf(w.p, w.account); t.Heading != "" {
		all = append(all, ui.NoteModel{Tone: ui.Caution, Icon: "key", Bold: t.Heading, Text: t.Text, Actions: toAccount})
	}
	if w.lockedBy != "" {
		all = append(all, ui.NoteModel{Tone: ui.Caution, Icon: "lock", Bold: w.p.T("buy.locked", "Account", text.Name(w.account.Label)),
			Text: w.p.T("buy.locked.text"), Actions: []ui.Action{{Label: w.p.T("buy.locked.see"), Href: "/orders/" + w.lockedBy}}})
	}
	all = append(all, w.retired()...)
	if n := w.undone(ctx); n != nil {
		all = append(all, *n)
	}
	return all
}

// nearestShown is how many are offered instead of what was retired.
const nearestShown = 3

// retired says that the catalogue does not have the chosen image or size any more,
// as after buying again what was bought long ago, and offers the nearest ones.
func (w *wizard) retired() []ui.NoteModel {
	var all []ui.NoteModel
	note := func(what string) *ui.NoteModel {
		all = append(all,
			ui.NoteModel{Tone: ui.Caution, Icon: "warn", Bold: w.p.T("buy.retired", "What", what), Text: w.p.T("buy.retired.text")})
		return &all[len(all)-1]
	}
	offer := func(n *ui.NoteModel, what, href string) {
		if len(n.Actions) == 0 {
			n.Text += " " + w.p.T("buy.retired.nearest")
		}
		n.Actions = append(n.Actions, ui.Action{Label: w.p.T("buy.retired.take", "What", what), Href: href})
	}
	if w.catalog.RetiredImage(w.choice) {
		n := note(text.Name(w.choice.ImageID))
		for _, i := range w.catalog.NearestImages(w.choice, nearestShown) {
			version := i.Versions[0].Name // the newest
			q := url.Values{fieldPick: {i.ID}, fieldVersion + i.ID: {version}}
			if w.draft.ID == "" {
				q = url.Values{order.FieldImage: {i.ID}, order.FieldVersion: {version}, order.FieldSize: {w.form[order.FieldSize]},
					order.FieldRegion: {w.form[order.FieldRegion]}, wording.FromField: {w.account.ID}}
			}
			offer(n, i.DisplayName, w.path(stepImage)+"?"+q.Encode())
		}
	}
	if w.catalog.RetiredSize(w.choice) {
		n := note(text.Name(w.choice.Spec))
		for _, near := range w.catalog.NearestSizes(w.choice, nearestShown) {
			if s, ok := w.catalog.Size(near.Spec); ok && w.draft.ID != "" {
				offer(n, w.what.Size(near.Spec), w.path(stepSize)+"?"+url.Values{order.FieldSize: {s.Key}}.Encode())
			}
		}
	}
	return all
}

// undone says, before Continue, what a changed choice undoes, why, and how to
// keep the old one; nil when it undoes nothing.
func (w *wizard) undone(ctx context.Context) *ui.NoteModel {
	if w.draft.ID == "" || maps.Equal(w.saved, w.form) {
		return nil
	}
	before := *w
	if err := before.apply(ctx, w.saved); err != nil {
		return nil
	}
	var broken []string
	var why []string
	for _, s := range buySteps[:stepIndex(stepOptions)] {
		if s != w.step && before.done(s) && w.chosen(s) && w.problem(s) != "" {
			broken = append(broken, s)
			why = append(why, w.problem(s))
		}
	}
	if len(broken) == 0 {
		return nil
	}
	n := &ui.NoteModel{Tone: ui.Caution, Bold: w.p.N("buy.undone", len(broken), "New", w.name(w.step)),
		Text: strings.Join(why, " ") + " " + w.p.T("buy.undone.rest"), Alert: true}
	n.Actions = append(n.Actions, ui.Action{Label: w.p.T("buy.undone.back", "Old", before.name(w.step)), Href: w.path(w.step)})
	for _, s := range broken {
		n.Actions = append(n.Actions, ui.Action{Label: w.p.T(chooseLabels[s]), Name: "go", Value: s})
	}
	return n
}

// name is what was chosen in a step, in a word or two.
func (w *wizard) name(step string) string {
	switch step {
	case stepImage:
		return w.what.Image(w.request.Image)
	case stepSize:
		return w.what.Size(w.choice.Spec)
	case stepRegion:
		return w.what.Region(w.choice.Region)
	}
	return ""
}

// changed is the note after a choice was replaced: it can be taken back.
func (w *wizard) changed(ctx context.Context) *ui.NoteModel {
	if w.draft.Before == nil {
		return nil
	}
	before := *w
	if err := before.apply(ctx, w.draft.Before); err != nil {
		return nil
	}
	var changes []string
	if before.account.ID != w.account.ID {
		changes = append(changes, w.p.T("buy.changed.one", "Old", text.Name(before.account.Label), "New", text.Name(w.account.Label)))
	}
	for _, s := range []string{stepImage, stepSize, stepRegion} {
		if old, now := before.name(s), w.name(s); before.chosen(s) && w.chosen(s) && old != now {
			changes = append(changes, w.p.T("buy.changed.one", "Old", old, "New", now))
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return &ui.NoteModel{Icon: "restart", Bold: w.p.T("buy.changed"), Text: strings.Join(changes, " "),
		Actions: []ui.Action{{Label: w.p.T("buy.changed.undo"), Submit: true, FormAction: w.base() + "/undo", SkipChecks: true,
			Name: "step", Value: w.step}}}
}

// reasonsOf are the catalogue's reasons against what was chosen in a step, with
// the way out.
func (w *wizard) reasonsOf(step string) []buy.Reason {
	part, ok := stepParts[step]
	if !ok {
		return nil
	}
	var found []catalog.Reason
	for _, r := range w.against {
		if r.Part == part {
			found = append(found, r)
		}
	}
	return w.reasons(w.choice, found)
}

var stepParts = map[string]catalog.Part{stepImage: catalog.PartImage, stepSize: catalog.PartSize, stepRegion: catalog.PartRegion}

// reasons words reasons; their common way out stands on the last one.
func (w *wizard) reasons(from catalog.Choice, all []catalog.Reason) []buy.Reason {
	var out []buy.Reason
	for i, r := range all {
		b := buy.Reason{Text: wording.Say(w.p, r.Message)}
		if last := i == len(all)-1 || all[i+1].Fix.ID != r.Fix.ID; last {
			b.Fix, b.Href = wording.Say(w.p, r.Fix), w.fixURL(from, r.FixChoice)
		}
		out = append(out, b)
	}
	return out
}

// fixURL is where the smallest change of an impossible choice is made: the step
// of the part that changes, with it chosen. Empty when there is none.
func (w *wizard) fixURL(from catalog.Choice, fix *catalog.Choice) string {
	if fix == nil || w.draft.ID == "" {
		return ""
	}
	q := url.Values{}
	switch {
	case fix.Version != from.Version:
		q.Set(fieldPick, fix.ImageID)
		q.Set(fieldVersion+fix.ImageID, fix.Version)
		return w.path(stepImage) + "?" + q.Encode()
	case fix.Spec != from.Spec:
		s, ok := w.catalog.Size(fix.Spec)
		if !ok {
			return ""
		}
		q.Set(order.FieldSize, s.Key)
		return w.path(stepSize) + "?" + q.Encode()
	case fix.Region != from.Region:
		q.Set(order.FieldRegion, fix.Region)
		return w.path(stepRegion) + "?" + q.Encode()
	}
	return ""
}

func (w *wizard) mayManage() bool { return w.by.May(person.ManageSettings) }
