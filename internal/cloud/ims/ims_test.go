package ims_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sampan/internal/app/account"
	"sampan/internal/app/catalog"
	"sampan/internal/app/fault"
	"sampan/internal/cloud/cloudsim"
	"sampan/internal/cloud/cloudsim/simtest"
	"sampan/internal/cloud/cloudtest"
	"sampan/internal/cloud/ims"
)

const region = "ap-southeast-3"

func TestImages(t *testing.T) {
	var asked []string
	a := cloudtest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		switch r.URL.Query().Get("marker") {
		case "":
			_, _ = io.WriteString(w, `{"images":[{"id":"i1","name":"shop","status":"active","__os_type":"Linux","min_disk":40},
			  {"id":"i2","name":null,"status":"active","__os_type":null,"__platform":"Windows","min_disk":"60"}]}`)
		case "i2":
			_, _ = io.WriteString(w, `{"images":[{"id":"i2","name":"again"},{"id":"i3","name":"bare"}]}`)
		default:
			_, _ = io.WriteString(w, `{"images":[]}`)
		}
	}))
	got, err := (&ims.Client{API: cloudtest.API()}).Images(t.Context(), a, region)
	if err != nil {
		t.Fatal(err)
	}
	want := []catalog.PrivateImage{
		{ID: "i1", Name: "shop", Region: region, OS: catalog.Linux, Status: "active", MinDiskGiB: 40},
		{ID: "i2", Region: region, OS: catalog.Windows, Status: "active", MinDiskGiB: 60},
		{ID: "i3", Name: "bare", Region: region},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if len(asked) != 3 || asked[0] != "/v2/cloudimages?__imagetype=private&limit=500&status=active&virtual_env_type=FusionCompute" ||
		!strings.Contains(asked[1], "marker=i2") {
		t.Errorf("asked: %v", asked)
	}
}

func TestAListThatRepeatsItself(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"the same page for ever": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"images":[{"id":"i1"}]}`) },
		"no list":                func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := (&ims.Client{API: cloudtest.API()}).Images(t.Context(), cloudtest.Serve(t, h), region); !fault.Is(err,
				fault.Unreachable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAgainstTheSandbox(t *testing.T) {
	for _, cred := range []account.Credential{account.ByKey, account.ByLogin} {
		t.Run(string(cred), func(t *testing.T) {
			s := simtest.Start(t, cloudsim.Options{})
			a, cl := cloudtest.Access(t, s, "Sandbox", cred), &ims.Client{API: cloudtest.API()}
			families := map[catalog.OS]int{}
			for r := range a.Projects {
				got, err := cl.Images(t.Context(), a, r)
				if err != nil {
					t.Fatal(err)
				}
				for _, i := range got {
					families[i.OS]++
					if i.ID == "" || i.Name == "" || i.Region != r || i.Status != "active" || i.MinDiskGiB == 0 {
						t.Errorf("something is missing: %+v", i)
					}
				}
				if err := cl.Probe(t.Context(), a, r); err != nil {
					t.Error(err)
				}
			}
			if families[catalog.Linux] == 0 || families[catalog.Windows] == 0 || len(families) != 2 {
				t.Errorf("families: %s", fmt.Sprint(families))
			}
		})
	}
}
