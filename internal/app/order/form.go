package order

// The names of the wizard's form fields, as they stand in a draft and in the
// pages. Tags are numbered pairs, "tag_key_1" and "tag_value_1" onwards; gaps
// and empty pairs are left out.
const (
	FieldAccount      = "account"       // account id
	FieldImage        = "image"         // catalogue id ("wordpress"), or the id of a private image
	FieldVersion      = "version"       // "6.4"; empty for private images, may be empty when the image has one version
	FieldSize         = "size"          // size key of the catalogue ("2-4")
	FieldSpec         = "spec"          // spec code; wins over size when both are given
	FieldRegion       = "region"        // "ap-southeast-3"
	FieldName         = "name"          // instance name
	FieldDescription  = "description"   //
	FieldQuantity     = "quantity"      // "1" to "200"
	FieldPeriodUnit   = "period_unit"   // "month" or "year"
	FieldPeriodNum    = "period_num"    // "1" to "9" months, "1" to "3" years
	FieldAutoRenew    = "auto_renew"    // "on" or absent
	FieldPayment      = "payment"       // "exact", "atmost", "deduct"
	FieldCap          = "cap"           // with "atmost": "30", "30.00"
	FieldCapCurrency  = "cap_currency"  // with "atmost": "USD"
	FieldDataDisk     = "data_disk"     // GiB; empty or "0" for none
	FieldBackup       = "backup"        // GiB; empty or "0" for none
	FieldHostSecurity = "host_security" // "on" or absent
	FieldTagKey       = "tag_key_"      // prefix
	FieldTagValue     = "tag_value_"    // prefix
)
