# mailtrail: `make demo` to see it, `make test` to test it, `make help` for the rest.
MAKEFLAGS += --no-print-directory
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
build := build/release

.PHONY: help dependencies configure build demo check test bench install format clean
.DEFAULT_GOAL := help

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

dependencies: ## Install the packages that a build takes (Debian 12; needs root or sudo only where one is missing)
	@scripts/install_dependencies.sh

configure: dependencies
	@test -f $(build)/build.ninja || cmake --preset release --log-level=NOTICE

build: configure ## Build build/release/mailtrail
	@cmake --build --preset release -j $(JOBS) --target mailtrail

demo: build ## Build it, and show it at work on a sample log
	@$(build)/mailtrail demo

check: configure ## Format, house rules and unit tests, for use while working (under a minute once built)
	@scripts/run_tests.py --jobs $(JOBS) house release

test: ## Everything: both compilers, sanitizers, fuzzing, a real Postfix (installs what that takes)
	@scripts/install_dependencies.sh --tests
	@scripts/run_tests.py --jobs $(JOBS) house release truth readme scenario asan tsan fuzz

bench: ## Speed and memory beside wc, grep and pflogsumm (LINES=... KEEP=1 to keep the logs)
	@scripts/install_dependencies.sh --tests
	@test -f $(build)/build.ninja || cmake --preset release --log-level=NOTICE
	@cmake --build --preset release -j $(JOBS) --target mailtrail bench_generate_postfix_log bench_dialects bench_store
	@bench/run.sh $(build)

install: build ## Install the program, its man pages and completions under PREFIX (default /usr/local)
	install -D -m 755 $(build)/mailtrail $(DESTDIR)$(PREFIX)/bin/mailtrail
	@if [ -f $(build)/lib/mailtrail/libduckdb.so ]; then \
	  install -D -m 644 $(build)/lib/mailtrail/libduckdb.so $(DESTDIR)$(PREFIX)/lib/mailtrail/libduckdb.so; fi
	scripts/install_manual.sh $(build)/mailtrail $(DESTDIR)$(PREFIX)/share

format: ## Format the sources in place
	@git ls-files -co --exclude-standard -- '*.cc' '*.h' | xargs -r clang-format-14 -i

clean: ## Remove what was built
	rm -rf build
