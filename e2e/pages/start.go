//go:build e2e

package pages

// Owner is what the first person enters.
type Owner struct{ Name, SignIn, Password, Language string }

// Ada is the owner of all journeys.
func Ada(password string) Owner { return Owner{Name: "Ada", SignIn: "ada", Password: password} }

// SetUp opens the link that the console printed when it started.
func (c *Console) SetUp(code string) {
	c.T.Helper()
	c.Open("/setup/owner#code=" + code)
}

// CreateOwner fills in the first page and sends it.
func (c *Console) CreateOwner(o Owner) {
	c.T.Helper()
	c.Fill("Your name", o.Name)
	c.Fill("Sign-in name", o.SignIn)
	c.Fill("Password", o.Password)
	c.Press("Create owner and continue")
}

// TrySandbox takes the simulated cloud, empty, and arrives at the overview.
func (c *Console) TrySandbox() {
	c.T.Helper()
	c.Press("Start in the Sandbox")
	c.Heading("Overview")
}

// SignIn signs in on the page that asks for it.
func (c *Console) SignIn(name, password string) {
	c.T.Helper()
	c.Fill("Sign-in name", name)
	c.Fill("Password", password)
	c.Press("Sign in")
}

// SignOut uses the menu of the person.
func (c *Console) SignOut(person string) {
	c.T.Helper()
	c.Press(person)
	c.Press("Sign out")
	c.Heading("Sign in")
}
