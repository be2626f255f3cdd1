package instance_test

import (
	"strings"
	"testing"
	"time"

	"sampan/internal/app/account"
	"sampan/internal/cloud/cloudsim"
	"sampan/web/templates/text"
)

// A failure is stored with the values of its message: for each source and each
// kind of failure the sentence is complete in every language.
func TestSandboxFailuresAreKeptWithTheirValues(t *testing.T) {
	text.EnablePseudo()
	sources := map[string]string{"instances": "config", "servers": "ecs:ap-southeast-3", "resources": "bss", "images": "ims:ap-southeast-3"}
	permissions := map[string]string{"config": "rms:resources:list", "ecs:ap-southeast-3": "ECS ReadOnlyAccess", "bss": "bss:",
		"ims:ap-southeast-3": "IMS ReadOnlyAccess"}
	kinds := map[string]cloudsim.Fault{
		"forbidden":  {Kind: "status", Status: 403, Code: "CBC.0151"},
		"wrong key":  {Kind: "status", Status: 401, Code: "APIGW.0301"},
		"refused":    {Kind: "status", Status: 400, Code: "Some.0001", Message: "No."},
		"gone":       {Kind: "status", Status: 404},
		"throttled":  {Kind: "throttle"},
		"a portal":   {Kind: "html_200"},
		"a proxy":    {Kind: "html_502"},
		"a redirect": {Kind: "redirect"},
		"silence":    {Kind: "drop_before"},
	}
	for name, fault := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			must(t, c.sim.Fleet("Sandbox", 12))
			a := c.connect(t, "Sandbox", account.ByKey)
			c.settled(t, a.ID)
			fault.Times = -1
			for call := range sources {
				fault.Call = call
				c.fault(t, fault)
			}
			must(t, c.instances.Refresh(t.Context(), owner, a.ID))
			c.until(t, "the images were tried", func() bool {
				_, age, err := c.instances.Images(t.Context(), a.ID)
				must(t, err)
				return !age.Reading
			})
			c.settled(t, a.ID)
			syncs, err := c.instances.Syncs(t.Context(), []string{a.ID})
			must(t, err)
			failed := make(map[string]bool)
			for _, y := range syncs {
				if y.Trouble == "" {
					continue
				}
				failed[y.Source] = true
				for _, lang := range []string{text.English, text.Chinese, text.Pseudo} {
					said := text.New(lang, time.UTC).Say(y.Said().ID, y.Said().Values)
					if strings.ContainsAny(said, "⟦⟧") || name == "forbidden" && !strings.Contains(said, permissions[y.Source]) {
						t.Errorf("%s in %s: %q", y.Source, lang, said)
					}
				}
			}
			for call, source := range sources {
				if broken := name == "wrong key" && call == "images"; !failed[source] && !broken { // nothing more is asked with that key
					t.Errorf("%s: no failure of %s was kept: %v", call, source, syncs)
				}
			}
		})
	}
}
