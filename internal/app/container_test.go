package app_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestContainer reads the Dockerfile as a builder would: no engine is needed to
// see that it is multi-stage, runs as nobody, and does nothing but `make build`.
func TestContainer(t *testing.T) {
	b, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := strings.Split("\n"+string(b), "\nFROM ")[1:]
	if len(stages) < 2 {
		t.Fatalf("stages: got %d, want several", len(stages))
	}
	final := stages[len(stages)-1]
	if !regexp.MustCompile(`^(scratch|gcr\.io/distroless/static\S*)\s`).MatchString(final) {
		t.Errorf("the final image is %q, want scratch or distroless", strings.SplitN(final, "\n", 2)[0])
	}
	for what, want := range map[string]string{
		"somebody other than root":  `(?m)^USER [1-9]\d*(:[1-9]\d*)?$`,
		"exactly one volume":        `(?m)^VOLUME /var/lib/sampan$`,
		"data below the volume":     `CONSOLE_DATA_DIR=/var/lib/sampan/data`,
		"a check by the binary":     `HEALTHCHECK [^\n]*CMD \["/console", "healthcheck"\]`,
		"the binary as entry point": `(?m)^ENTRYPOINT \["/console"\]$`,
	} {
		if !regexp.MustCompile(want).MatchString(final) {
			t.Errorf("the final stage lacks %s (%s)", what, want)
		}
	}
	if regexp.MustCompile(`(?m)^RUN`).MatchString(final) {
		t.Error("the final stage runs something; scratch has no shell")
	}
	build := strings.Join(stages[:len(stages)-1], "\nFROM ")
	if !strings.Contains(build, "make build") {
		t.Error("the image is not built by make build")
	}
	// What the build stages run must be what make build runs.
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range regexp.MustCompile(`(?m)^RUN (.*)$`).FindAllStringSubmatch(build, -1) {
		for step := range strings.SplitSeq(run[1], "&&") {
			name := strings.Fields(step)[0]
			switch name {
			case "mkdir", "touch", "chmod", "make":
			case "npm", "go":
				verb := name + " " + strings.Fields(step)[1]
				if verb != "go mod" && !strings.Contains(string(makefile), verb) {
					t.Errorf("the Dockerfile runs %q, which make build does not", strings.TrimSpace(step))
				}
			default:
				t.Errorf("the Dockerfile runs %q, which is not part of make build", strings.TrimSpace(step))
			}
		}
	}
	if strings.Contains(string(b), "CONSOLE_MASTER_KEY_FILE") {
		t.Error("the key belongs beside the data directory, which is its default")
	}
}
