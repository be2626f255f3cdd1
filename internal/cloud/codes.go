package cloud

import (
	"strconv"
	"strings"
)

// class of a code (cloud-api, 14).
type class uint8

const (
	unclassified class = iota
	loginWrong
	notAllowed
	refusedBy // refused, with the message of the table
	tooMany
	busyObject // something else is still running for the object
	movedOn    // the object is in another state: read it
	gone
	dependency // a service behind the service failed
	outage
)

type kind struct {
	class   class
	message string
}

// codes are the cloud's error codes that say more than their status does
// (cloud-api, 9.4, 9.5, 9.9 and 14). The purchase has another table.
var codes = map[string]kind{
	"APIGW.0301":  {loginWrong, ""},
	"Common.0013": {loginWrong, ""},
	"CBC.0154":    {loginWrong, ""},

	"Ecs.0023":    {refusedBy, "cloud.site"},
	"Common.0018": {refusedBy, "cloud.site"},
	"CBC.0156":    {refusedBy, "cloud.site"},
	"APIGW.0101":  {refusedBy, "cloud.site"},

	"APIGW.0302": {notAllowed, ""},
	"Pdp.0001":   {notAllowed, ""},
	"Ecs.0003":   {notAllowed, ""},
	"Ecs.0110":   {notAllowed, ""},
	"CBC.0151":   {notAllowed, ""},
	"CBC.0155":   {notAllowed, ""},

	"Ecs.0066":     {refusedBy, "cloud.account.realname"},
	"Ecs.0067":     {refusedBy, "cloud.account.balance"},
	"CBC.99005003": {refusedBy, "cloud.account.balance"},
	"Ecs.0069":     {refusedBy, "cloud.account.payment"},
	"Ecs.0070":     {refusedBy, "cloud.account.budget"},
	"CBC.99003155": {refusedBy, "cloud.account.budget"},
	"CBC.99003198": {refusedBy, "cloud.account.budget"},
	"Ecs.0071":     {refusedBy, "cloud.account.suspended"},
	"Ecs.0030":     {refusedBy, "cloud.account.frozen"},
	"CBC.30000052": {refusedBy, "cloud.account.frozen"},
	"CBC.99003656": {refusedBy, "cloud.account.frozen"},
	"CBC.99000049": {refusedBy, "cloud.account.reseller"},

	"HCSS.14000011": {refusedBy, "cloud.quota"},
	"Ecs.0001":      {refusedBy, "cloud.quota"},
	"Ecs.0013":      {refusedBy, "cloud.quota"},
	"Ecs.0021":      {refusedBy, "cloud.quota"},
	"CBC.99003141":  {refusedBy, "cloud.quota"},

	"HCSS.14000010": {refusedBy, "cloud.soldout"},
	"Ecs.0018":      {refusedBy, "cloud.soldout"},
	"Ecs.0319":      {refusedBy, "cloud.soldout"},
	"Ecs.0044":      {refusedBy, "cloud.soldout"},

	"HCSS.14290001": {tooMany, ""},
	"APIGW.0308":    {tooMany, ""},
	"APIG.0308":     {tooMany, ""},
	"CBC.0250":      {tooMany, ""},
	"CBC.99008040":  {tooMany, ""},
	"Common.1503":   {tooMany, ""},
	"Common.0024":   {tooMany, ""},

	"Ecs.0603":     {busyObject, "cloud.busy"},
	"Ecs.0100":     {busyObject, "cloud.busy"},
	"CBC.99003651": {busyObject, "cloud.busy"},
	"CBC.99003144": {busyObject, "cloud.busy"},
	"CBC.99000088": {busyObject, "cloud.pay.progress"},
	"CBC.99003100": {refusedBy, "cloud.busy.unpaid"},

	"CBC.99003106": {movedOn, "cloud.order.changed"},
	"CBC.99005010": {movedOn, "cloud.order.changed"},

	"CBC.99003110": {refusedBy, "cloud.pay.deadline"},
	"CBC.99003108": {refusedBy, "cloud.pay.discount"},
	"CBC.99003112": {refusedBy, "cloud.pay.discount"},
	"CBC.99003116": {refusedBy, "cloud.pay.discount"},
	"CBC.99003117": {refusedBy, "cloud.pay.discount"},
	"CBC.99003147": {refusedBy, "cloud.pay.discount"},
	"CBC.99003156": {refusedBy, "cloud.pay.discount"},
	"CBC.99003162": {refusedBy, "cloud.pay.deadline"},
	"CBC.99006093": {refusedBy, "cloud.pay.tax"},
	"CBC.99008056": {refusedBy, "cloud.pay.daily"},
	"CBC.99000089": {refusedBy, "cloud.pay.combined"},
	"CBC.99006006": {gone, "cloud.price.none"},

	"Ecs.0000":    {refusedBy, "cloud.invalid"},
	"Ecs.0005":    {refusedBy, "cloud.invalid"},
	"Ecs.0011":    {refusedBy, "cloud.invalid"},
	"Ecs.0041":    {refusedBy, "cloud.invalid"},
	"Ecs.0118":    {refusedBy, "cloud.invalid"},
	"Ecs.0914":    {refusedBy, "cloud.invalid"},
	"Ecs.0915":    {refusedBy, "cloud.invalid"},
	"Common.0002": {refusedBy, "cloud.invalid"},
	"CBC.0100":    {refusedBy, "cloud.invalid"},
	"CBC.0101":    {refusedBy, "cloud.invalid"},
	"IAM.0007":    {refusedBy, "cloud.invalid"},
	"IAM.0011":    {refusedBy, "cloud.invalid"},
	"IAM.0072":    {refusedBy, "cloud.invalid"},
	"IAM.0073":    {refusedBy, "cloud.invalid"},

	"Ecs.0616": {refusedBy, "cloud.invalid"},
	"ces.0014": {refusedBy, "cloud.invalid"},
	"ces.0007": {outage, ""},

	"Ecs.0613": {refusedBy, "cloud.plugin"},
	"Ecs.0612": {refusedBy, "cloud.plugin"},
	"Ecs.0605": {refusedBy, "cloud.locked"},

	"Ecs.0114":     {gone, "cloud.gone"},
	"Ecs.0614":     {gone, "cloud.gone"},
	"CBC.99003012": {gone, "cloud.gone"},
	"CBC.99003016": {gone, "cloud.gone"},
	"CBC.30000067": {gone, "cloud.gone"},
	"CBC.30000010": {gone, "cloud.gone"},

	"Ecs.0002":     {dependency, ""},
	"Ecs.0004":     {dependency, ""},
	"CBC.99006066": {dependency, ""},

	"Common.0001": {outage, ""},
	"Ecs.0615":    {outage, ""},
	"CBC.0999":    {outage, ""},
	"APIGW.0201":  {outage, ""},
}

// byRange knows the codes that the table gives as ranges.
func byRange(code string) kind {
	n, err := strconv.Atoi(strings.TrimPrefix(code, "Ecs."))
	if err != nil || !strings.HasPrefix(code, "Ecs.") {
		return kind{}
	}
	if n >= 201 && n <= 227 || n >= 1000 && n <= 1300 {
		return kind{dependency, ""}
	}
	return kind{}
}
