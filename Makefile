# Sampan. `make` lists the targets; `make run` and `make test` do all set-up themselves.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# One set of build flags everywhere: another set would compile every library again.
# The binary is kept small: functions are inlined into each other only where it is for speed, not in
# templates (1.7 MB of small closures), nor in code that waits for a network or runs once.
COLD := sampan/... github.com/... go.mongodb.org/... golang.org/x/... archive/zip crypto/tls crypto/x509 database/sql encoding/asn1 \
        encoding/gob encoding/xml html log/slog math/big mime/multipart net/mail regexp regexp/syntax text/template text/template/parse
HOT  := $(addprefix sampan/internal/app/,instance live traffic view) github.com/a-h/templ/...
GOFLAGS_BUILD := -trimpath $(COLD:%=-gcflags=%=-l) $(HOT:%=-gcflags=%=) -ldflags "-s -w -funcalign=16 -X main.version=$(VERSION)"
TEMPLS  := $(shell find web -name '*.templ' 2>/dev/null)
GOFILES := $(shell find cmd internal web -name '*.go' -not -path '*/node_modules/*' 2>/dev/null)
EMBEDDED := $(shell find internal web -type f \( -name '*.css' -o -name '*.js' -o -name '*.svg' -o -name '*.toml' -o -name '*.json' -o -name '*.sql' -o -name '*.txt' \) -not -path '*/node_modules/*' -not -path '*/testdata/*' 2>/dev/null)
ASSETS  := web/static/node_modules/.stamp
DRIVER  := e2e/.driver/stamp
GENERATED := .make/generated
N ?= 50

export GOTOOLCHAIN := local
# Tests sync every commit to disk, as the product does; in memory that is quick.
# (The test programs themselves stay elsewhere: some systems run nothing from there.)
FAST := $(shell test -w /dev/shm && echo "GOTMPDIR=$${TMPDIR:-/tmp} TMPDIR=/dev/shm")

##@ Using it

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## start the console with the Sandbox on http://localhost:8080, data in ./data
	@echo "Starting Sampan. Stop it with Ctrl-C."
	@exec ./bin/console serve

.PHONY: build
build: bin/console ## write the static binary bin/console

bin/console: $(ASSETS) $(GENERATED) $(GOFILES) $(EMBEDDED) go.mod go.sum Makefile
	@echo "Building bin/console (the first time about two minutes: every library is compiled once) …"
	@CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o $@ ./cmd/console
	@ls -l $@ | awk '{printf "bin/console: %.1f MB\n", $$5/1e6}'

##@ Working on it

.PHONY: dev
dev: $(ASSETS) ## rebuild and reload the browser while you edit (http://localhost:7331)
	go tool templ generate --watch --proxy="http://localhost:8080" --cmd="go run ./cmd/console serve"

.PHONY: generate
generate: ## templates to Go, formatted
	go tool templ fmt web/templates
	go tool templ generate -path web/templates
	@mkdir -p .make && touch $(GENERATED)

$(GENERATED): $(TEMPLS) go.mod
	@echo "Generating the templates (the first time compiles the generator, about 20 s) …"
	@go tool templ generate -path web/templates >/dev/null
	@mkdir -p .make && touch $@

.PHONY: golden
golden: $(ASSETS) $(GENERATED) ## rewrite the golden files; read the diff before you commit it
	go test $$(grep -rl --include=*_test.go '"sampan/web/templates/golden"' web internal | xargs dirname | sort -u | sed 's|^|./|') -update

.PHONY: lint
lint: $(ASSETS) $(GENERATED) ## generated code fresh, gofmt, templ fmt, vet, staticcheck
	@echo "Checking format and generated code …"
	@bad=$$(gofmt -l cmd internal web e2e scripts); if [ -n "$$bad" ]; then echo "not gofmt-ed:"; echo "$$bad"; exit 1; fi
	@go tool templ fmt -fail web/templates
	@go tool templ generate -path web/templates >/dev/null
	@if git rev-parse --git-dir >/dev/null 2>&1; then git diff --exit-code -- '*_templ.go' || { echo "run make generate and commit"; exit 1; }; fi
	@echo "vet, staticcheck …"
	@go vet ./... && go vet -tags e2e,screenshots,bench ./e2e/...
	@go tool staticcheck ./...
	@go tool staticcheck -tags e2e,screenshots,bench ./e2e/...

.PHONY: house
house: $(ASSETS) $(GENERATED) ## how the source is built: packages, lengths, imports, tests, comments, long lines (LINES=1 lists them)
	@go run ./scripts/house $(if $(LINES),-lines)

##@ Testing it

.PHONY: test
test: tools lint race hours e2e ## all that CI runs, browser journeys included
	@echo "All tests passed."

.PHONY: unit
unit: $(ASSETS) $(GENERATED) ## the fast tests, then those that depend on the time at other hours (make hours)
	$(FAST) go test -short -timeout 5m ./...
	@$(MAKE) --no-print-directory hours

# Zone and time of each run: 31 December from midnight on, the last half minute of the year, the end of 28 February in
# Beijing, where Huawei's days end; the two changes of daylight saving: into the hour that is missing, and from the first
# time of the hour that comes twice into its second.
HOURS ?= UTC@2026-12-31T00:00:00Z UTC@2026-12-31T23:59:30Z UTC@2027-02-28T15:59:30Z \
         Europe/Berlin@2027-03-28T00:59:30Z Europe/Berlin@2026-10-25T00:59:30Z

# Only packages whose tests have the clock of tests, directly or through a helper, can be moved; the result of the
# others would be the same. go test keeps a result for each hour: what did not change is not run again. Two hours run
# at a time, one package each: most of the longest one waits.
.PHONY: hours
hours: $(ASSETS) $(GENERATED) ## the fast tests at other hours: midnight, ends of months and years, daylight saving
	@export moved=$$(go list -test -f '{{.ImportPath}} {{.Deps}}' ./... | sed -n 's|^\([^ ]*\)\.test .*[[ ]sampan/internal/testclock[] ].*|\1|p'); \
	 [ -n "$$moved" ] || { echo "no test has the clock of tests"; exit 1; }; \
	 go test -short -run '^$$' $$moved >/dev/null; \
	 printf '%s\n' $(HOURS) | xargs -P 2 -I@@ bash -c 'hour=@@; \
	   said=$$(TZ=$${hour%@*} TEST_CLOCK=$${hour#*@} $(FAST) go test -short -p 1 -timeout 5m $$moved 2>&1); failed=$$?; \
	   printf "Tests that begin at %s (%s) …\n%s\n" "$${hour#*@}" "$${hour%@*}" "$$said"; exit $$failed'

# SQLite is C translated to Go with memory of its own, which the detector does not follow: watching each of its steps finds
# nothing and makes tests five times slower. Only packages without generic code may be left out: the linker keeps one copy
# of an instance, and a copy without the detector would hide who waited for whom.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false

.PHONY: race
race: $(ASSETS) $(GENERATED) bin/console
	@if command -v cc >/dev/null 2>&1; then \
	   echo "Tests with the race detector …"; $(FAST) go test $(RACE) -shuffle=on -timeout 15m ./...; \
	 else \
	   echo "No C compiler found: the tests run WITHOUT the race detector."; $(FAST) go test -shuffle=on -timeout 15m ./...; \
	 fi

.PHONY: e2e
e2e: $(DRIVER) build journeys ## browser journeys in a real Chromium
	@echo "Browser journeys …"
	@PLAYWRIGHT_DRIVER_PATH=$(CURDIR)/e2e/.driver PLAYWRIGHT_NODEJS_PATH=$$(command -v node) CONSOLE_BIN=$(CURDIR)/bin/console \
	  go test -tags e2e -count=1 -timeout 15m ./e2e/...

.PHONY: crash
crash: bin/console ## N kills at random instants of a purchase (N=50)
	@CRASHES=$(N) CONSOLE_BIN=$(CURDIR)/bin/console go test -tags e2e -count=1 -timeout 4h -run TestKilledAtAnyInstant -v ./e2e/crash/

.PHONY: bench
bench: bin/console ## figures of speed and size, with a table at the end
	./scripts/bench

# Two runs at one commit write the same files. For an older commit: git worktree add ../old COMMIT; make -C ../old build;
# make pages TREE=../old DIR=...; then make differ OLD=... NEW=...
TREE ?= .
.PHONY: pages
pages: $(ASSETS) $(GENERATED) ## every page of a seeded Sandbox, saved in DIR; of the source tree TREE
	@go run ./scripts/pages -to $(or $(DIR),$(error say where: make pages DIR=/tmp/pages)) -tree $(TREE)

.PHONY: differ
differ: ## what differs between the pages saved in OLD and NEW
	@go run ./scripts/pages -compare $(or $(OLD),$(error say which: make differ OLD=... NEW=...)) $(or $(NEW),$(error say which: make differ OLD=... NEW=...))

.PHONY: screenshots
screenshots: $(DRIVER) build browser ## pictures for the README from the running product
	@mkdir -p docs/screenshots
	@PLAYWRIGHT_DRIVER_PATH=$(CURDIR)/e2e/.driver PLAYWRIGHT_NODEJS_PATH=$$(command -v node) CONSOLE_BIN=$(CURDIR)/bin/console \
	  SCREENSHOTS=$(CURDIR)/docs/screenshots go test -tags e2e,screenshots -count=1 -timeout 10m -run TestScreenshots ./e2e/

##@ What the targets above need

.PHONY: tools
tools: ## install what the tests need from the system (as root on Debian; else says what to do)
	@./scripts/tools

.PHONY: browser journeys
browser journeys:
	@./scripts/tools $@

$(ASSETS): web/static/package-lock.json
	@echo "Fetching the browser libraries …"
	@cd web/static && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.stamp

$(DRIVER): e2e/package-lock.json
	@echo "Fetching the browser driver …"
	@cd e2e && npm ci --ignore-scripts --no-audit --no-fund --silent
	@mkdir -p e2e/.driver && ln -sfn ../node_modules/playwright-core e2e/.driver/package && touch $@

.PHONY: clean
clean: ## remove what was built; data stays
	rm -rf bin .make e2e/artifacts
