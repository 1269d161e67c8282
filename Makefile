# Two commands do all the set-up on a fresh Debian machine with a Swift toolchain:
#   make run    build, then read the devices that are here; with none, play recorded ones (marked as simulated)
#   make test   unit and integration tests, then the lab: real kernel Bluetooth in an emulated machine
# Others: make test-long, make week, make bench, make deb, make test-package, make format, make lint, make clean
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SWIFT ?= swift
SCRATCH ?= .build
FLAGS := --scratch-path $(SCRATCH) --explicit-target-dependency-import-check error
PACKAGES := libbluetooth-dev libusb-1.0-0-dev libsqlite3-dev pkg-config

.PHONY: help setup build release run test test-systemd test-unit test-day test-package-files test-lab test-long week deb \
  test-package bench docs format lint clean

help: ## say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

# Installs those of the named packages that are missing (apt).
define need
@missing=$$(for p in $(1); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "installing $$missing"; \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing >/dev/null; \
	fi
endef

setup: ## install what building needs (apt), only what is missing
	$(call need,$(PACKAGES))

build: setup ## a debug build of vitalsd and vitals
	$(SWIFT) build $(FLAGS)

# With the Swift runtime inside: it starts where no toolchain is, and idles on a fifth less memory.
# All its addresses are resolved at start, and cannot be written afterwards.
RELEASE := $(FLAGS) -c release --static-swift-stdlib -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now

release: setup ## an optimised build (needed by bench)
	$(SWIFT) build $(RELEASE)

run: build ## the main job, on the hardware that is here or on recorded sessions
	@mkdir -p .run
	@[ -f .run/vitalsd.yaml ] || $(SCRATCH)/debug/vitalsd example --data .run > .run/vitalsd.yaml
	$(SCRATCH)/debug/vitalsd run --config .run/vitalsd.yaml --console

test: test-systemd test-unit test-package-files test-day test-lab ## everything that CI checks

test-systemd: ## the exposure of the units is 1.9 and 0.6 or lower, and systemd understands every line of them
	systemd-analyze security --offline=true --threshold=19 systemd/vitalsd.service | tail -1
	systemd-analyze security --offline=true --threshold=6 systemd/vitals-announce.service | tail -1
	@for unit in vitalsd vitals-announce; do \
	  copy=$$(mktemp -d)/$$unit.service; sed 's#/usr/bin/[a-z]*#/bin/true#' systemd/$$unit.service > $$copy; \
	  if [ -d systemd/$$unit.service.d ]; then mkdir $$copy.d; cp systemd/$$unit.service.d/*.conf $$copy.d/; fi; \
	  said=$$(systemd-analyze verify --man=no --recursive-errors=no $$copy 2>&1) || { echo "$$said"; exit 1; }; \
	  [ -z "$$said" ] || { echo "$$said"; exit 1; }; \
	done

# A browser for the page that links open: the scripts of a page must not answer an alert.
BROWSER := chromium-headless-shell
# Makes the certificates of the week.
TLS := openssl

test-unit: setup ## unit and integration tests
	Tests/Lab/setup $(BROWSER)
	$(SWIFT) build $(FLAGS) --build-tests
	Tests/unit $(SCRATCH)/debug

test-day: build ## a day in simulated time with a fault every hour
	Tests/Lab/setup $(TLS)
	Tests/Week/week --hours 24

week: build ## a week in simulated time with a fault every hour, and planted faults, which must be found
	Tests/Lab/setup $(TLS)
	Tests/Week/week
	Tests/Week/week --hours 24 --self-test

test-package-files: build ## scripts, lists and manual pages of the Debian package, as far as they need no build of it
	$(call need,man-db python3 shellcheck)
	systemd/package/check $(SCRATCH)/debug

deb: setup ## the Debian package for this machine's architecture, into .build/deb
	$(call need,chrpath debhelper dpkg-dev python3)
	for product in vitals vitalsd; do $(SWIFT) build $(RELEASE) --product $$product; done
	VITALS_BIN=$(SCRATCH)/release systemd/package/build

test-package: deb ## that package in a clean Debian: install, upgrade over data, remove, purge; then under systemd in an emulated machine
	$(call need,debootstrap lintian)
	VITALS_BIN=$(SCRATCH)/release systemd/package/build --older 0.0.9 --fast
	systemd/package/try
	Tests/Lab/setup
	systemd/package/try-booted

test-lab: build ## the lab: every scenario, sampled campaigns, power cuts
	Tests/Lab/run --remains --second-try 2 --power-cuts

test-long: build ## the long campaigns whole, on both kernel lines
	Tests/Lab/setup $(BROWSER)
	$(SWIFT) build $(FLAGS) --build-tests
	VITALS_LONG=1 Tests/unit $(SCRATCH)/debug
	$(MAKE) week
	Tests/Lab/run --long
	Tests/Lab/run --long --kernel 6.12
	Tests/Lab/power_cuts --long
	$(MAKE) test-package

bench: release ## figures as ratios against a peer in the same run
	VITALS_BIN=$(SCRATCH)/release Tests/Lab/bench.py

format: ## format the sources in place
	$(SWIFT) format -i -r Sources Tests Package.swift

lint: ## check the format
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

clean: ## remove what was built
	rm -rf $(SCRATCH) .run
