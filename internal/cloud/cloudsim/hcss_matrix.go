package cloudsim

import "slices"

// The regions in which instances are sold (API Reference, Table 4-2, "region").
const (
	hongKong  = "ap-southeast-1"
	singapore = "ap-southeast-3"
	bangkok   = "ap-southeast-2"
	istanbul  = "tr-west-1"
	saoPaulo  = "sa-brazil-1"
	riyadh    = "me-east-1"
)

var soldRegions = []string{hongKong, singapore, bangkok, istanbul, saoPaulo, riyadh}

// specification is one row of Tables 4-12 (Linux) and 4-13 (Windows).
type specification struct {
	code        string
	vcpus       int
	memoryMiB   int
	diskGiB     int
	peakMbit    int
	packageGB   int
	windows     bool
	flavor      string // the server's flavour: the reference shows one, the others follow its pattern
	monthlyCent int64  // invented
}

var specifications = []specification{
	{"hf.large.025.30m.linux", 2, 512, 20, 30, 1024, false, "at7.large.025", 350},
	{"hf.large.05.30m.linux", 2, 1024, 40, 30, 2048, false, "at7.large.05", 500},
	{"hf.large.1.30m.linux", 2, 2048, 60, 30, 3072, false, "at7.large.1", 900},
	{"hf.large.2.30m.linux", 2, 4096, 80, 30, 4096, false, "at7.large.2", 1500},
	{"hf.large.4.30m.linux", 2, 8192, 160, 30, 5120, false, "at7.large.4", 2700},
	{"hf.xlarge.2.30m.linux", 4, 8192, 240, 30, 6144, false, "at7.xlarge.2", 4200},
	{"hf.xlarge.4.30m.linux", 4, 16384, 320, 30, 7168, false, "at7.xlarge.4", 6800},
	{"hf.large.1.30m.byol", 2, 2048, 60, 30, 3072, true, "at7.large.1", 1100},
	{"hf.large.2.30m.byol", 2, 4096, 80, 30, 4096, true, "at7.large.2", 1700},
	{"hf.large.4.30m.byol", 2, 8192, 160, 30, 5120, true, "at7.large.4", 2900},
	{"hf.xlarge.2.30m.byol", 4, 8192, 240, 30, 6144, true, "at7.xlarge.2", 4400},
	{"hf.xlarge.4.30m.byol", 4, 16384, 320, 30, 7168, true, "at7.xlarge.4", 7000},
}

func specByCode(code string) (specification, bool) {
	for _, s := range specifications {
		if s.code == code {
			return s, true
		}
	}
	return specification{}, false
}

// offer is one row of Tables 4-9 and 4-10: an image in one version, the specification codes it may have, and where.
type offer struct {
	name, version string
	specs         []string
	notIn         []string // regions without this version (note to CentOS)
	smallest      bool     // also hf.large.025.30m.linux, in CN-Hong Kong and AP-Singapore only
	app           bool
}

const smallestSpec = "hf.large.025.30m.linux"

var smallestIn = []string{hongKong, singapore}

var (
	fromQuarter = []string{"hf.large.025.30m.linux", "hf.large.05.30m.linux", "hf.large.1.30m.linux", "hf.large.2.30m.linux",
		"hf.large.4.30m.linux", "hf.xlarge.2.30m.linux", "hf.xlarge.4.30m.linux"}
	fromHalf = fromQuarter[1:]
	fromOne  = fromQuarter[2:]
	fromTwo  = fromQuarter[3:]
	fromFour = fromQuarter[4:]
)

var offers = []offer{
	// Table 4-9, application images.
	{name: "BT", version: "6.8.35", specs: fromOne, app: true},
	{name: "CRM", version: "8.0", specs: fromOne, app: true},
	{name: "Ghost", version: "5.67", specs: fromOne, app: true},
	{name: "GitLab", version: "16.9.3", specs: fromFour, app: true},
	{name: "Joomla", version: "5.0.3", specs: fromOne, app: true},
	{name: "KodBox", version: "1.49", specs: fromOne, app: true},
	{name: "Matomo", version: "5.0.3", specs: fromOne, app: true},
	{name: "Moodle", version: "4.3.4", specs: fromOne, app: true},
	{name: "Nextcloud", version: "28.0.3", specs: fromTwo, app: true},
	{name: "Nodejs", version: "21", specs: fromOne, app: true},
	{name: "Odo", version: "17.0", specs: fromOne, app: true},
	{name: "Portainer", version: "2.19.4", specs: fromOne, app: true},
	{name: "PrestaShop", version: "8.1.5", specs: fromOne, app: true},
	{name: "Redmine", version: "5.1", specs: fromOne, app: true},
	{name: "SRS", version: "6.0.101", specs: fromTwo, app: true},
	{name: "Superset", version: "3.1.1", specs: fromFour, app: true},
	{name: "WordPress", version: "6.4", specs: fromOne, app: true},
	// Table 4-10, OS images.
	{name: "Ubuntu", version: "22.04", specs: fromHalf},
	{name: "Ubuntu", version: "20.04", specs: fromHalf},
	{name: "Ubuntu", version: "18.04", specs: fromHalf},
	{name: "Ubuntu", version: "16.04", specs: fromHalf},
	{name: "Huawei Cloud EulerOS", version: "2.0", specs: fromHalf, smallest: true},
	{name: "CentOS", version: "8.2", specs: fromHalf, notIn: []string{istanbul, riyadh}},
	{name: "CentOS", version: "8.1", specs: fromHalf, notIn: []string{istanbul, riyadh}},
	{name: "CentOS", version: "8.0", specs: fromHalf, notIn: []string{istanbul, riyadh}},
	{name: "CentOS", version: "7.9", specs: fromHalf},
	{name: "CentOS", version: "7.8", specs: fromHalf},
	{name: "CentOS", version: "7.7", specs: fromHalf},
	{name: "CentOS", version: "7.6", specs: fromHalf, smallest: true},
	{name: "CentOS", version: "7.5", specs: fromHalf},
	{name: "CentOS", version: "7.4", specs: fromHalf},
	{name: "CentOS", version: "7.3", specs: fromHalf, notIn: []string{istanbul, riyadh}},
	{name: "CentOS", version: "7.2", specs: fromHalf, notIn: []string{istanbul, riyadh}},
	{name: "Debian", version: "11.1", specs: fromHalf, smallest: true},
	{name: "Debian", version: "9.0", specs: fromHalf},
}

// sells says whether an application or OS image can be bought so. With odoo the image that the reference prints as
// "Odo" is known as "Odoo" only.
func sells(name, version, spec, region string, odoo bool) bool {
	if odoo && name == "Odo" {
		return false
	}
	if odoo && name == "Odoo" {
		name = "Odo"
	}
	i := slices.IndexFunc(offers, func(o offer) bool { return o.name == name && o.version == version })
	if i < 0 || !slices.Contains(soldRegions, region) || slices.Contains(offers[i].notIn, region) {
		return false
	}
	if spec == smallestSpec {
		return offers[i].smallest && slices.Contains(smallestIn, region)
	}
	return slices.Contains(offers[i].specs, spec)
}

// sellsPrivate says whether an instance with a private image of this family can have the specification (Table 4-11;
// the table limits no region).
func sellsPrivate(windows bool, spec string) bool {
	s, ok := specByCode(spec)
	return ok && s.windows == windows
}
