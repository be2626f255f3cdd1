package person

// Role is what a person may do in general (reliability.md §9). A person has
// exactly one; it is read from the database on every request.
type Role string

// The roles, each containing the one before.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Buyer    Role = "buyer"
	Owner    Role = "owner"
)

// Permission is one row of the table of roles: what a use case asks for.
type Permission string

// The permissions that exist so far.
const (
	See            Permission = "see"             // pages, lists, exports, own views
	Practise       Permission = "practise"        // Sandbox faults, clock and reset
	Refresh        Permission = "refresh"         // ask the cloud for newer data
	Organise       Permission = "organise"        // labels, views for everybody
	Operate        Permission = "operate"         // try and change servers: ports, names, tags, screen
	Buy            Permission = "buy"             // order, pay, cancel an order
	Decide         Permission = "decide"          // needs human, adopt, lift a lock
	ManageAccounts Permission = "accounts.manage" // credentials and endpoints
	ManageSettings Permission = "settings.manage" // settings of the console
	ReadAudit      Permission = "audit.read"      // everybody's audit rows; one's own come with See
)

var granted = map[Permission]Role{
	See: Viewer, Practise: Operator, Refresh: Viewer, Organise: Operator, Operate: Operator, Buy: Buyer,
	Decide: Owner, ManageAccounts: Owner, ManageSettings: Owner, ReadAudit: Owner,
}

var rank = map[Role]int{Viewer: 1, Operator: 2, Buyer: 3, Owner: 4}

// May reports whether the role includes the permission. Unknown roles and
// permissions are denied.
func (r Role) May(p Permission) bool {
	need, ok := granted[p]
	return ok && rank[r] > 0 && rank[r] >= rank[need]
}

// Actor is who asks: every use case that changes something takes one, and the
// audit row names it. The zero Actor may do nothing.
type Actor struct {
	PersonID   string
	Name       string // display name at the time of the act
	Role       Role
	SessionRef string // hash of the session, never its id
	Address    string // client address, from the connection or a trusted proxy
}

// System is the actor of work that nobody asked for just now: recovery,
// polling, the resolver. It may read; it never starts a purchase or a payment
// that a person has not confirmed.
var System = Actor{PersonID: "system", Name: "system", Role: Owner}

// May reports whether the actor's role includes the permission.
func (a Actor) May(p Permission) bool { return a.Role.May(p) }
