# Two commands matter: `make demo` and `make test`. Everything else is listed by `make help`.
CONFIGURATION ?= Release
SEEDS ?= 1000
FROM ?= 1
DIR ?= ../shared/truth/wire
SCALE ?= 1
PARTS ?=
DOTNET = dotnet
.PHONY: help build publish demo test simulate conformance record-histories bench clean

help:                ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 28

build:               ## compile libraries and tests (not the executable of ./dispatch: publish)
	@$(DOTNET) build Dispatch.sln -c $(CONFIGURATION) -nologo -v q

publish:             ## build the executable that ./dispatch starts
	@$(DOTNET) publish src/Dispatch.Cli -c Release -o artifacts/dispatch -nologo -v q

demo: publish        ## build, then watch four jobs survive what happens to their workers
	@./dispatch demo

test:                ## install what the tests need, build, run all of them
	@tests/run

simulate:            ## play orders of events under virtual time: make simulate SEEDS=n FROM=first (a failing seed is told with its trace)
	@$(DOTNET) run -c $(CONFIGURATION) --project tests/Simulation -- $(FROM) $(SEEDS)

conformance:         ## play recordings against a fresh engine: make conformance DIR=path
	@$(DOTNET) run -c $(CONFIGURATION) --project tests/Conformance -- $(DIR)

record-histories:    ## record again one history for every path through the job workflow (the folder only grows)
	@DISPATCH_RECORD_HISTORIES=1 $(DOTNET) test tests/Dispatch.Workflows.Tests -c $(CONFIGURATION) -nologo -v q
	@DISPATCH_RECORD_HISTORIES=1 $(DOTNET) test tests/Replay -c $(CONFIGURATION) -nologo -v q

bench: publish       ## measure how fast it is, beside the floors of this machine: make bench SCALE=0.1 PARTS=memory
	@$(DOTNET) run -c $(CONFIGURATION) --project tests/Benchmarks -- --dispatch artifacts/dispatch/dispatch --scale $(SCALE) --parts "$(PARTS)" --results tests/Benchmarks/results

clean:               ## remove what the build made
	@rm -rf artifacts
	@find src tests workflows workers -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
