# make submission   environment, whole workflow, zip        make test   environment, tests        make help   the rest
PYTHON ?= python3
CORES ?= all
PROFILE ?= default
ARGS ?=
CONTAINER ?=
GPU ?=
BUILD_ARGS ?=
OUTPUT ?= .
EXTRAS ?=
VENV := .venv
BIN := $(VENV)/bin
SNAKEMAKE = $(BIN)/snakemake --logger concise --cores $(CORES) --workflow-profile workflow/profiles/$(PROFILE) $(if $(NO_COLOR),--nocolor)
# CONTAINER=docker|podman puts a command named `apptainer` first on PATH, for this run only (docs/containers.md)
ADAPTER = ASSIGNMENT06_ENGINE=$(CONTAINER) PATH="$(CURDIR)/workflow/containers/bin:$$(cd $(BIN) && pwd):$$PATH"
# A real Apptainer sees no mirror of its own accord; the adapter mounts it for the rules that download
APPTAINER_ARGS = $(if $(GPU),--nv) $(if $(filter apptainer,$(CONTAINER)),$(if $(ASSIGNMENT06_MIRROR),--bind "$(ASSIGNMENT06_MIRROR)"))
IN_CONTAINER = --sdm apptainer --apptainer-prefix .snakemake/containers/$(CONTAINER) $(if $(strip $(APPTAINER_ARGS)),--apptainer-args='$(strip $(APPTAINER_ARGS))')
# A profile that needs an executor plugin has a lock of its own: PROFILE=slurm and envs/slurm.lock. So has what is
# installed only when asked for: EXTRAS=detection and envs/detection.lock
PLUGIN = $(patsubst envs/%.lock,$(VENV)/%.stamp,$(wildcard envs/$(PROFILE).lock)) $(EXTRAS:%=$(VENV)/%.stamp)
# CORES=2 grades two submissions at a time
GRADE_JOBS = $(if $(filter-out all,$(CORES)),--jobs $(CORES))
export ASSIGNMENT06_GPU = $(GPU)
# Snakemake keeps a cache at home; where nothing can be written there, it is kept here
ifneq ($(shell cache="$${XDG_CACHE_HOME:-$$HOME/.cache}"; mkdir -p "$$cache" 2> /dev/null && test -w "$$cache" && echo yes),yes)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

ifeq ($(PROFILE),slurm)
ifeq ($(shell command -v sbatch),)
$(error no Slurm on this machine (no sbatch on PATH): run this on a login node, or leave PROFILE=slurm out)
endif
endif

ifeq ($(wildcard workflow/profiles/$(PROFILE))$(filter default,$(PROFILE)),)
$(error no profile $(PROFILE): known are $(notdir $(wildcard workflow/profiles/*)))
endif
ifneq ($(filter-out $(patsubst envs/%.lock,%,$(wildcard envs/*.lock)),$(EXTRAS)),)
$(error EXTRAS=$(EXTRAS) is not known: what can be added is detection)
endif

.PHONY: submission environment image cloud-image test grade audit predict dag lint format lock gpu-lock clean help
.DELETE_ON_ERROR:

submission: $(VENV)/workflow.stamp $(PLUGIN) $(if $(CONTAINER),image) ## run everything and pack the zip; ARGS="..." goes to snakemake
	$(if $(filter docker podman,$(CONTAINER)),$(ADAPTER)) $(SNAKEMAKE) $(if $(CONTAINER),$(IN_CONTAINER)) $(ARGS)

environment: $(VENV)/workflow.stamp ## make the environment, and nothing else

image: $(VENV)/workflow.stamp ## make the container image, CONTAINER=docker|podman|apptainer
	$(BIN)/python workflow/containers/build.py $(or $(CONTAINER),docker) $(if $(GPU),--gpu) $(BUILD_ARGS)

cloud-image: $(VENV)/workflow.stamp ## make the image for jobs of a cloud, CONTAINER=docker|podman; prints its name
	@$(BIN)/python workflow/containers/cloud.py $(or $(CONTAINER),docker) $(BUILD_ARGS)

# Slurm's and the clouds' plugins are for tests/cluster alone: ARGS=tests/test_config.py does without
PLUGINS = $(if $(filter tests/%,$(ARGS)),$(filter tests/cluster%,$(ARGS)),all)
test: $(VENV)/dev.stamp $(if $(PLUGINS),$(VENV)/plugins/slurm/stamp $(VENV)/plugins/test-clouds/stamp) ## run the tests; ARGS="..." goes to pytest
	$(BIN)/python -m pytest $(ARGS)

grade: $(VENV)/workflow.stamp $(if $(CONTAINER),image) ## grade SUBMISSIONS="a.zip folder/ ..."; grades.csv and grades.html go to OUTPUT
ifeq ($(CONTAINER),)
	@$(BIN)/python -m assignment06.grading --output $(OUTPUT) $(GRADE_JOBS) $(ARGS) -- $(SUBMISSIONS)
else
	@$(BIN)/python workflow/containers/grade.py $(CONTAINER) --output $(OUTPUT) $(GRADE_JOBS) $(ARGS) -- $(SUBMISSIONS)
endif

predict: $(VENV)/workflow.stamp ## classify IMAGES=folder/ with your own MODEL=results/models/x.keras; files go to OUTPUT
	@test -n "$(MODEL)" -a -n "$(IMAGES)" || { echo "error: say which: make predict MODEL=results/models/x.keras IMAGES=folder/ OUTPUT=folder/" >&2; exit 1; }
	@$(BIN)/python -m assignment06.orchestration.predict "$(MODEL)" "$(IMAGES)" "$(OUTPUT)" $(ARGS)

# Outside of the environment that it looks at, which its own needs would change; it asks an index for known holes
audit: ## look up the known holes of everything in envs/*.lock (needs a package index and its list of holes)
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && \
	  $(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'; }
	@status=0; for lock in envs/*.lock; do echo "$$lock"; \
	  $(VENV)/audit/bin/pip-audit --disable-pip --require-hashes -r "$$lock" || status=1; done; exit $$status

dag: $(VENV)/workflow.stamp ## draw the graph of jobs and of rules: results/dag/*.svg and *.png
	@$(BIN)/python -m assignment06.orchestration.graphs results/dag

lint: $(VENV)/dev.stamp $(VENV)/detection.stamp ## check the style of rules and code
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ty check --python $(VENV) workflow/assignment06
	$(BIN)/lint-imports
	$(BIN)/deptry workflow
	$(BIN)/codespell
	$(BIN)/snakemake --lint

format: $(VENV)/dev.stamp ## put rules and code into that style
	$(BIN)/snakefmt Snakefile workflow/rules
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

gpu-lock: ## work out workflow/containers/gpu.lock again (needs uv)
	cd workflow/containers && { echo '# What the GPU variant has in the place of tensorflow-cpu; `make gpu-lock` writes this file.'; \
	  uv pip compile --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes --no-annotate \
	    --no-header --no-emit-index-url --quiet --constraint ../../envs/workflow.lock gpu.in \
	    | awk '/^[a-z0-9]/ { wanted = /^(nvidia-|tensorflow==)/ } wanted'; } > gpu.lock.part && mv gpu.lock.part gpu.lock

lock: ## work out envs/*.lock again from envs/*.in (needs uv)
	cd envs && for name in workflow dev detection cloud slurm kubernetes aws-batch google-batch test-clouds; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	    --custom-compile-command "make lock" $$name.in -o $$name.lock || exit 1; done

clean: ## remove the environment and everything a run made (not data/raw, nor how often test images were looked at)
	rm -rf $(VENV) .snakemake data/prepared data/sample assignment06_*.zip
	find results -mindepth 1 -maxdepth 1 ! -name '.*' ! -name looks -exec rm -rf {} +

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

# An environment is whole when its stamp is there. pip checks every file's hash and compiles the bytecode; the library
# and the logger plugin are installed as what lies here.
$(VENV)/%.stamp: envs/%.lock | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --compile -r $<
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# Plugins apart from the environment, for the tests: Snakemake imports all it finds at every start.
$(VENV)/plugins/%/stamp: envs/%.lock | $(VENV)/pyvenv.cfg
	rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --target $(@D) -r $<
	@touch $@

$(VENV)/dev.stamp $(PLUGIN): $(VENV)/workflow.stamp

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "error: Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1): run make PYTHON=python3.12 ..., or use Docker (see README.md)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
