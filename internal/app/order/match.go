package order

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sampan/internal/app/catalog"
)

// sighting is all that a look found about one order of the cloud.
type sighting struct {
	order     CloudOrder
	resources []Resource
	found     []Found // entries of Config and of the servers that name the order, or one of its instances
	listed    bool    // billing's listing has it
	whole     bool    // its details were read
}

// verdict is what a sighting means for an intent.
type verdict uint8

const (
	notOurs verdict = iota // something contradicts that it is ours
	strange                // alike, but placed by another user: shown, and blocks nothing
	perhaps                // nothing contradicts that it is ours, and not enough shows it
	alike                  // unpaid, and equal in quantity, period, specification and time
	ours                   // carries our tag or our name
)

// wanted is what the resolver looks for.
type wanted struct {
	order  Order
	spec   catalog.Spec // of the request, zero when the catalogue does not have it
	before time.Duration
	after  time.Duration
	// first and last are what t0 may have been (Service.sent).
	first, last time.Time
	// rivals are other intents of the account that may have caused the same
	// order: their outcome is not known either.
	rivals []Order
	// user is the name that orders of ours carry at the cloud, "" when not known.
	user string
}

// match weighs one sighting (reliability.md §3.8; cloud-api, 15.2). The
// returned words say what matched.
func (w wanted) match(s sighting) (verdict, []string) {
	r := w.order.Request
	var why []string
	if w.tagged(s) {
		return ours, []string{"tag"}
	}
	if w.taggedOtherwise(s) {
		return notOurs, nil
	}
	created := s.order.CreatedAt
	if !created.IsZero() && created.Before(w.first.Add(-w.before)) {
		return notOurs, nil
	}
	late := !created.IsZero() && created.After(w.last.Add(w.after))
	fits, known := w.shape(s, &why)
	switch named := w.named(s); {
	case named == foreign:
		return notOurs, nil
	case named != unnamed:
		why = append([]string{"name"}, why...)
		sameName := func(o Order) bool { return akin(o.Request.Name, r.Name) }
		if !fits || late || named == similar || w.stranger(s) || w.rival(created, sameName) {
			return perhaps, why
		}
		return ours, why
	}
	if !fits || late {
		return notOurs, nil
	}
	if !created.IsZero() { // else only the listing shows that it is of the right time
		why = append(why, "time")
	}
	if w.stranger(s) {
		return strange, why
	}
	if !w.comparable(s) { // only its likeness shows that it may be ours
		return perhaps, why
	}
	unpaid := s.order.Status == StatusPendingPayment && len(s.resources) == 0
	inTime := !created.IsZero() && w.order.mayCause(created, w.before, w.after)
	if unpaid && known && inTime && !w.rival(created, func(o Order) bool { return equalShape(o.Request, r) }) {
		return alike, why
	}
	return perhaps, why
}

// stranger reports whether another user placed the order.
func (w wanted) stranger(s sighting) bool {
	by := s.order.UserName
	return w.user != "" && by != "" && !strings.EqualFold(by, w.user)
}

// comparable reports whether it is known who placed the order and who we are.
func (w wanted) comparable(s sighting) bool { return w.user != "" && s.order.UserName != "" }

func (w wanted) tagged(s sighting) bool {
	return w.order.IntentTag != "" && slices.ContainsFunc(s.found, func(f Found) bool { return f.Tags[TagKey] == w.order.IntentTag })
}

// taggedOtherwise reports a tag of ours that belongs to another intent.
func (w wanted) taggedOtherwise(s sighting) bool {
	return slices.ContainsFunc(s.found, func(f Found) bool { t := f.Tags[TagKey]; return t != "" && t != w.order.IntentTag })
}

// bears reports whether an instance has the intent's tag, or its name and no
// other intent's tag.
func (o Order) bears(f Found) bool {
	if tag := f.Tags[TagKey]; tag != "" {
		return tag == o.IntentTag
	}
	rest, begins := strings.CutPrefix(f.Name, o.Request.Name)
	return begins && (rest == "" || o.Request.Quantity > 1 && numbered.MatchString(rest))
}

// MayBear reports whether the cloud may have given an instance of the order this
// name: ours, with a number where there are several, or a beginning of it.
func (o Order) MayBear(name string) bool {
	return o.bears(Found{Name: name}) || CutName(o.Request.Name, name)
}

// SamePeriod reports whether two periods are as long as each other.
func SamePeriod(aUnit Unit, aNum int, bUnit Unit, bNum int) bool {
	return months(aUnit, aNum) == months(bUnit, bNum)
}

// Months is how long the period is.
func (r Request) Months() int { return months(r.PeriodUnit, r.PeriodNum) }

func months(u Unit, n int) int {
	if u == Year {
		return 12 * n
	}
	return n
}

// naming is what the names of an order's instances say.
type naming uint8

const (
	unnamed naming = iota // none is known: an unpaid order has no instances yet
	named                 // our name, or, with a quantity above one, our name and a number
	similar               // they begin with our name; of a single one, only a number follows
	foreign
)

// numbered is what the cloud may add to the name of one of several.
var numbered = regexp.MustCompile(`^[-_]?[0-9]{1,6}$`)

// numberLength is the length of the longest number that the cloud may add.
const numberLength = 7

// CutName reports whether theirs may be ours, cut by the cloud: with or without
// an added number it has the longest length allowed, and what stands before the
// number is a proper beginning of ours.
func CutName(ours, theirs string) bool {
	if len(theirs) != MaxName {
		return false
	}
	for n := range numberLength + 1 {
		stem, rest := theirs[:MaxName-n], theirs[MaxName-n:]
		if len(stem) < len(ours) && strings.HasPrefix(ours, stem) && (rest == "" || numbered.MatchString(rest)) {
			return true
		}
	}
	return false
}

// named compares the names of the order's instances with ours.
func (w wanted) named(s sighting) naming {
	var names []string
	for _, r := range s.resources {
		names = append(names, r.Name)
	}
	for _, f := range s.found {
		names = append(names, f.Name)
	}
	says := unnamed
	for _, n := range names {
		rest, begins := strings.CutPrefix(n, w.order.Request.Name)
		many := w.order.Request.Quantity > 1
		switch {
		case n == "":
		case rest == "" && begins, begins && many && numbered.MatchString(rest):
			says = max(says, named)
		case begins && (many || numbered.MatchString(rest)), CutName(w.order.Request.Name, n):
			says = max(says, similar)
		default:
			return foreign
		}
	}
	return says
}

// akin reports whether instances of one name may be confused with those of another.
func akin(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// settled reports whether an order that was read can never be ours: its quantity,
// period, specification, time and user do not change. A sighting that is not ours
// for another reason is read again by the next look.
func (w wanted) settled(s sighting) bool {
	var why []string
	fits, _ := w.shape(s, &why)
	return !fits || w.taggedOtherwise(s) || w.stranger(s) || w.named(s) == foreign
}

// shape compares quantity, period, specification and region, where they are
// known. fits: nothing contradicts; known: quantity, period and specification
// are all known and equal.
func (w wanted) shape(s sighting, why *[]string) (fits, known bool) {
	r := w.order.Request
	quantity := s.order.Quantity
	if quantity == 0 && len(s.resources) >= r.Quantity { // fewer may be all that are listed so far
		quantity = len(s.resources)
	}
	period := s.order.PeriodUnit != "" && s.order.PeriodNum != 0
	if quantity != 0 && quantity != r.Quantity ||
		period && months(s.order.PeriodUnit, s.order.PeriodNum) != months(r.PeriodUnit, r.PeriodNum) {
		return false, false
	}
	spec, specKnown := w.specOf(s)
	if specKnown && !spec {
		return false, false
	}
	for _, res := range s.resources {
		if res.Region != "" && res.Region != r.Region {
			return false, false
		}
	}
	for name, is := range map[string]bool{"quantity": quantity != 0, "period": period, "spec": specKnown} {
		if is {
			*why = append(*why, name)
		}
	}
	slices.Sort(*why)
	return true, quantity != 0 && period && specKnown
}

// judge compares what billing shows of a linked order with the request. fits:
// nothing contradicts; proven: quantity and period are read and equal as well.
func (w wanted) judge(co CloudOrder) (fits, proven bool) {
	var why []string
	fits, _ = w.shape(sighting{order: co}, &why)
	return fits, fits && co.Quantity != 0 && co.PeriodUnit != "" && co.PeriodNum != 0
}

var (
	vcpusIn  = regexp.MustCompile(`(?i)(\d+)\s*(?:v?cpus?\b|核)`)
	codeForm = regexp.MustCompile(`^[a-z0-9]+(?:\.[a-z0-9_-]+){2,}$`) // "hf.large.1.30m.linux"
	memoryIn = regexp.MustCompile(`(?i)(\d+(?:\.\d+)?)\s*(?:GiB|GB|G)(?:\W|$)`)
)

// specOf reports whether the order's specification is known, and whether it is the
// one wanted: by the codes of its resources, else by the text of its line, which may
// hold the code or the figures.
func (w wanted) specOf(s sighting) (same, known bool) {
	for _, r := range s.resources {
		if r.Spec != "" {
			return r.Spec == w.order.Request.Spec, true
		}
	}
	text := s.order.SpecText
	if strings.Contains(strings.ToLower(text), strings.ToLower(w.order.Request.Spec)) {
		return true, true
	}
	if codeForm.MatchString(text) {
		return false, true
	}
	cpu, mem := vcpusIn.FindStringSubmatch(text), memoryIn.FindStringSubmatch(text)
	if w.spec.Code == "" || cpu == nil || mem == nil {
		return false, false
	}
	gib, err := strconv.ParseFloat(mem[1], 64)
	return err == nil && cpu[1] == strconv.Itoa(w.spec.VCPUs) && int(gib*1024) == w.spec.MemoryMiB, true
}

// rival reports whether another intent of unknown outcome may have caused the order
// too: then it is not clear whose it is. An intent that a conclusive look did not
// find cannot have caused an order that was created after that look.
func (w wanted) rival(created time.Time, fits func(Order) bool) bool {
	if created.IsZero() {
		created = w.first
	}
	return slices.ContainsFunc(w.rivals, func(o Order) bool {
		inTime := o.mayCause(created, w.before, w.after)
		over := o.State == NotFound && created.After(o.StateAt.Add(-time.Second)) // the cloud's times are whole seconds
		return o.ID != w.order.ID && inTime && !over && fits(o)
	})
}

// mayCause reports whether an order that the cloud created at that time may be the
// intent's: around t0, or for one that was never sent here, between the click and
// its expiry.
func (o Order) mayCause(created time.Time, before, after time.Duration) bool {
	first, last := o.SentAt, o.SentAt
	if o.NeverSent() {
		first, last = o.CreatedAt, o.ExpiresAt
	}
	return !created.Before(first.Add(-before)) && !created.After(last.Add(after))
}

func equalShape(a, b Request) bool {
	return a.Spec == b.Spec && a.Region == b.Region && a.Quantity == b.Quantity &&
		a.PeriodUnit == b.PeriodUnit && a.PeriodNum == b.PeriodNum
}

// flexus reports whether an order may be one for FlexusL instances. So may one that
// does not say what it is for.
func flexus(o CloudOrder) bool {
	t := strings.ToLower(o.ServiceType)
	return t == "" && o.ServiceName == "" || strings.HasSuffix(t, "hcss") || strings.HasSuffix(t, "hcsl") ||
		strings.Contains(o.ServiceName, "Flexus")
}
