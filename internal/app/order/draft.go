package order

import (
	"context"
	"strconv"
	"strings"

	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/app/person"
)

// The steps of the wizard, in their order.
var steps = []string{"image", "size", "region", "options", "review"}

// Limits of what a draft may hold (I14).
const (
	maxFields     = 200
	maxFieldBytes = 8 << 10
	maxDrafts     = 50 // open drafts of one person
)

var (
	errNoDraft = fault.New(fault.NotFound, "order.draft.gone")
	errMayNot  = fault.New(fault.Forbidden, "order.forbidden")
	errMoved   = fault.New(fault.Conflict, "order.conflict")
)

// NewDraft starts a draft with the fields as typed. It needs person.Buy. Of more than
// 50 drafts of the person the oldest are removed.
func (s *Service) NewDraft(ctx context.Context, by person.Actor, form map[string]string) (Draft, error) {
	if !by.May(person.Buy) {
		return Draft{}, errMayNot
	}
	return s.createDraft(ctx, by, Draft{Step: steps[0], Form: tidyForm(form)})
}

func (s *Service) createDraft(ctx context.Context, by person.Actor, d Draft) (Draft, error) {
	open, err := s.Store.Drafts(ctx, by.PersonID)
	if err != nil {
		return Draft{}, err
	}
	for i := maxDrafts - 1; i < len(open); i++ { // the oldest make room
		if err := s.Store.DeleteDraft(ctx, open[i].ID); err != nil && !fault.Is(err, fault.NotFound) {
			return Draft{}, err
		}
	}
	d.ID, d.PersonID, d.CreatedAt, d.Rev = newID(), by.PersonID, s.Now(), 1
	d.UpdatedAt = d.CreatedAt
	return d, s.Store.CreateDraft(ctx, d)
}

// Draft gives a draft of the actor; anybody else's is fault.NotFound.
func (s *Service) Draft(ctx context.Context, by person.Actor, id string) (Draft, error) {
	d, err := s.Store.Draft(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && d.PersonID != by.PersonID {
		return Draft{}, errNoDraft
	}
	return d, err
}

// Drafts gives the actor's open drafts, latest first.
func (s *Service) Drafts(ctx context.Context, by person.Actor) ([]Draft, error) {
	return s.Store.Drafts(ctx, by.PersonID)
}

// SaveDraft keeps the whole form as typed, valid or not, and remembers how far
// the wizard came. When it changes the choice of account, image, size or region
// that was made before, the old form is kept in Draft.Before.
func (s *Service) SaveDraft(ctx context.Context, by person.Actor, id, step string, form map[string]string) (Draft, error) {
	for {
		d, err := s.Draft(ctx, by, id)
		if err != nil {
			return Draft{}, err
		}
		old := d.Form
		d.Form = tidyForm(form)
		if changesChoice(old, d.Form) {
			d.Before = old
		}
		if later(step, d.Step) {
			d.Step = step
		}
		d.UpdatedAt = s.Now()
		saved, err := s.Store.SaveDraft(ctx, d)
		if fault.Is(err, fault.Conflict) && ctx.Err() == nil {
			continue // another tab saved in between: this save comes after it
		}
		return saved, err
	}
}

// DiscardDraft removes a draft for good.
func (s *Service) DiscardDraft(ctx context.Context, by person.Actor, id string) error {
	if _, err := s.Draft(ctx, by, id); err != nil {
		return err
	}
	return s.Store.DeleteDraft(ctx, id)
}

// Again starts a draft with everything that was chosen for an order, and links
// the two.
func (s *Service) Again(ctx context.Context, by person.Actor, id string) (Draft, error) {
	if !by.May(person.Buy) {
		return Draft{}, errMayNot
	}
	o, err := s.Order(ctx, by, id)
	if err != nil {
		return Draft{}, err
	}
	return s.createDraft(ctx, by, Draft{Step: "options", Form: Form(o.Request), RepeatOf: o.ID})
}

// Form is a request as the fields of a form: what Parse reads back.
func Form(r Request) map[string]string {
	f := map[string]string{
		FieldAccount: r.AccountID, FieldImage: r.Image.ID, FieldVersion: r.Image.Version, FieldSpec: r.Spec, FieldRegion: r.Region,
		FieldName: r.Name, FieldDescription: r.Description, FieldQuantity: strconv.Itoa(r.Quantity),
		FieldPeriodUnit: string(r.PeriodUnit), FieldPeriodNum: strconv.Itoa(r.PeriodNum), FieldPayment: string(r.Payment),
	}
	if r.Image.Kind == catalog.Private {
		delete(f, FieldVersion)
	}
	if r.Cap != nil {
		f[FieldCap], f[FieldCapCurrency] = r.Cap.Amount.String(), r.Cap.Currency
	}
	for field, on := range map[string]bool{FieldAutoRenew: r.AutoRenew, FieldHostSecurity: r.HostSecurity} {
		if on {
			f[field] = "on"
		}
	}
	for field, gib := range map[string]int{FieldDataDisk: r.DataDiskGiB, FieldBackup: r.BackupGiB} {
		if gib > 0 {
			f[field] = strconv.Itoa(gib)
		}
	}
	for i, t := range r.Tags {
		n := strconv.Itoa(i + 1)
		f[FieldTagKey+n], f[FieldTagValue+n] = t.Key, t.Value
	}
	return f
}

// tidyForm bounds what is kept of a form.
func tidyForm(form map[string]string) map[string]string {
	out := make(map[string]string, len(form))
	for f, v := range form {
		if len(out) >= maxFields || len(f) > 64 {
			continue
		}
		if len(v) > maxFieldBytes {
			v = strings.ToValidUTF8(v[:maxFieldBytes], "")
		}
		out[f] = v
	}
	return out
}

// changesChoice reports whether a choice that was made before has changed.
func changesChoice(old, now map[string]string) bool {
	for _, f := range []string{FieldAccount, FieldImage, FieldVersion, FieldSize, FieldSpec, FieldRegion} {
		if old[f] != "" && old[f] != now[f] {
			return true
		}
	}
	return false
}

// later reports whether step a comes after step b.
func later(a, b string) bool {
	at := func(s string) int {
		for i, v := range steps {
			if v == s {
				return i
			}
		}
		return -1
	}
	return at(a) > at(b)
}
