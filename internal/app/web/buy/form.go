package buy

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"sampan/internal/app/catalog"
	"sampan/internal/app/order"
	"sampan/web/templates/buy"
)

// The steps of the wizard, as they stand in addresses.
const (
	stepImage   = buy.StepImage
	stepSize    = buy.StepSize
	stepRegion  = buy.StepRegion
	stepOptions = buy.StepOptions
	stepReview  = buy.StepReview
)

var buySteps = []string{stepImage, stepSize, stepRegion, stepOptions, stepReview}

func stepIndex(step string) int { return slices.Index(buySteps, step) }

// The fields of the wizard's pages that are not the draft's own: what is on
// screen but not chosen, and extras that are typed but not ticked.
const (
	fieldPick    = "pick"      // the image card that is ticked
	fieldVersion = "version_"  // prefix of the version lists of the cards
	fieldPeriod  = "period"    // "month-1"
	fieldOn      = "_on"       // suffix: the extra is ticked
	fieldGiB     = "_gib"      // suffix: its size as typed
	fieldOffer   = "cap_offer" // the cap that the page offered; when it comes back unchanged, it is not the person's own
)

// fields reads one value; "" when it is not there.
type fields func(name string) string

// imageFields are what the image step chooses, with what the address of a
// colleague may say. Only given fields are set.
func imageFields(f fields, c *catalog.Catalog) map[string]string {
	form := map[string]string{}
	if image := f(order.FieldImage); image != "" {
		form[order.FieldImage] = image
		form[order.FieldVersion] = f(order.FieldVersion)
		if i, ok := c.FindImage(image); ok {
			form[order.FieldImage] = i.ID
			if form[order.FieldVersion] == "" {
				form[order.FieldVersion] = i.Versions[0].Name // the newest
			}
		}
	}
	if pick := f(fieldPick); pick != "" {
		form[order.FieldImage], form[order.FieldVersion] = pick, f(fieldVersion+pick)
		if i, ok := c.Image(pick); ok && form[order.FieldVersion] == "" {
			form[order.FieldVersion] = i.Versions[0].Name
		}
	}
	return form
}

// sizeFields are what the size step chooses: the key of a size. A code in an
// older draft gives way to it.
func sizeFields(f fields, c *catalog.Catalog) map[string]string {
	chosen := f(order.FieldSize)
	if chosen == "" {
		chosen = f(order.FieldSpec)
	}
	if chosen == "" {
		return map[string]string{}
	}
	if s, ok := c.Size(chosen); ok {
		chosen = s.Key
	}
	return map[string]string{order.FieldSize: chosen, order.FieldSpec: ""}
}

func regionFields(f fields) map[string]string {
	if r := f(order.FieldRegion); r != "" {
		return map[string]string{order.FieldRegion: r}
	}
	return map[string]string{}
}

// choiceFields are the fields of the three steps that choose by a card.
func choiceFields(step string, f fields, c *catalog.Catalog) map[string]string {
	switch step {
	case stepImage:
		return imageFields(f, c)
	case stepSize:
		return sizeFields(f, c)
	case stepRegion:
		return regionFields(f)
	}
	return map[string]string{}
}

// optionTexts are the options that are kept exactly as typed.
var optionTexts = []string{order.FieldName, order.FieldDescription, order.FieldQuantity, order.FieldAutoRenew, order.FieldPayment,
	order.FieldCap, order.FieldHostSecurity}

// optionExtras are the options that are ticked and have a size.
var optionExtras = []string{order.FieldDataDisk, order.FieldBackup}

// optionFields are the fields of the options step as the draft keeps them.
func optionFields(c echo.Context) map[string]string {
	form := map[string]string{}
	for _, name := range optionTexts {
		form[name] = strings.ReplaceAll(c.FormValue(name), "\r\n", "\n")
	}
	if v := c.FormValue(order.FieldCapCurrency); v != "" {
		form[order.FieldCapCurrency] = v
	}
	form[fieldOffer] = ""
	if params, err := c.FormParams(); err == nil && params.Has(fieldOffer) && params.Get(fieldOffer) == form[order.FieldCap] {
		form[fieldOffer] = "on"
	}
	if unit, num, ok := strings.Cut(c.FormValue(fieldPeriod), "-"); ok {
		form[order.FieldPeriodUnit], form[order.FieldPeriodNum] = unit, num
	}
	for _, name := range optionExtras {
		on, typed := c.FormValue(name+fieldOn), c.FormValue(name+fieldGiB)
		form[name+fieldOn], form[name+fieldGiB], form[name] = on, typed, ""
		if form[name+fieldOn] == "" {
			form[name+fieldOn] = "off"
		}
		if on != "" {
			form[name] = strings.TrimSpace(typed)
		}
	}
	for name, value := range readTags(c) {
		form[name] = value
	}
	return form
}

// readTags numbers the pairs from 1, without the empty ones. There is always a
// first pair, so that the last tag can be removed.
func readTags(c echo.Context) map[string]string {
	form := map[string]string{order.FieldTagKey + "1": "", order.FieldTagValue + "1": ""}
	params, err := c.FormParams()
	if err != nil {
		return form
	}
	n := 0
	for _, i := range tagNumbers(params) {
		key, value := params.Get(order.FieldTagKey+i), params.Get(order.FieldTagValue+i)
		if strings.TrimSpace(key) == "" && strings.TrimSpace(value) == "" {
			continue
		}
		n++
		at := strconv.Itoa(n)
		form[order.FieldTagKey+at], form[order.FieldTagValue+at] = key, value
	}
	return form
}

// tagNumbers are the numbers of the pairs that were sent, in their order.
func tagNumbers(params url.Values) []string {
	var numbers []int
	for name := range params {
		number, is := strings.CutPrefix(name, order.FieldTagKey)
		if n, err := strconv.Atoi(number); is && err == nil && n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = strconv.Itoa(n)
	}
	return out
}

// withoutTag takes one pair out and closes the gap.
func withoutTag(form map[string]string, number string) {
	gone, err := strconv.Atoi(number)
	if err != nil {
		return
	}
	for n := gone; ; n++ {
		at, next := strconv.Itoa(n), strconv.Itoa(n+1)
		key, more := form[order.FieldTagKey+next]
		if !more {
			form[order.FieldTagKey+at], form[order.FieldTagValue+at] = "", ""
			if n > 1 {
				delete(form, order.FieldTagKey+at)
				delete(form, order.FieldTagValue+at)
			}
			return
		}
		form[order.FieldTagKey+at], form[order.FieldTagValue+at] = key, form[order.FieldTagValue+next]
	}
}

// overlay lays fields over a form, which stays as it is.
func overlay(form, fields map[string]string) map[string]string {
	out := make(map[string]string, len(form)+len(fields))
	for k, v := range form {
		out[k] = v
	}
	for k, v := range fields {
		out[k] = v
	}
	return out
}

// mergeStep lays a step's fields over all fields of a draft. New tags replace all
// tags: a removed one must not come back.
func mergeStep(form, fields map[string]string) map[string]string {
	out := overlay(form, nil)
	if _, tags := fields[order.FieldTagKey+"1"]; tags {
		for name := range out {
			if strings.HasPrefix(name, order.FieldTagKey) || strings.HasPrefix(name, order.FieldTagValue) {
				delete(out, name)
			}
		}
	}
	return overlay(out, fields)
}

// stepOf is the step that a field belongs to; "" for the account.
func stepOf(field string) string {
	switch field {
	case order.FieldAccount:
		return ""
	case order.FieldImage, order.FieldVersion:
		return stepImage
	case order.FieldSize, order.FieldSpec:
		return stepSize
	case order.FieldRegion:
		return stepRegion
	}
	return stepOptions
}

// controlOf is the control of the page that a field's problem stands beside.
func controlOf(field string) string {
	switch field {
	case order.FieldPeriodNum, order.FieldPeriodUnit:
		return fieldPeriod
	case order.FieldCapCurrency:
		return order.FieldCap
	case order.FieldVersion:
		return order.FieldImage
	case order.FieldSpec:
		return order.FieldSize
	}
	return field
}
