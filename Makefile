# make submission   environment, whole workflow, zip        make test   environment, tests        make help   the rest
PYTHON ?= python3
CORES ?= all
PROFILE ?= default
ARGS ?=
PORT ?= 8650
CONTAINER ?=
GPU ?=
BUILD_ARGS ?=
OUTPUT ?= .
EXTRAS ?=
VENV := .venv
BIN := $(VENV)/bin
# uv installs the same lock, faster, where it is on PATH; `make UV= ...` does without
UV ?= $(shell command -v uv 2> /dev/null)
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python $(1) || )$(PIP) $(1)
# What the commands do is said once, for systems without make too: python -m assignment06 (its options are these variables)
RUN = $(BIN)/python -m assignment06
IMAGE = $(if $(CONTAINER),--container $(CONTAINER)) $(if $(GPU),--gpu) $(if $(BUILD_ARGS),--build-args='$(BUILD_ARGS)')
# A profile that needs an executor plugin has a lock of its own: PROFILE=slurm and envs/slurm.lock. So has what is
# installed only when asked for: EXTRAS=detection and envs/detection.lock, and so on with onnx, captions, openvino, ...
PLUGIN = $(patsubst envs/%.lock,$(VENV)/%.stamp,$(wildcard envs/$(PROFILE).lock)) $(EXTRAS:%=$(VENV)/%.stamp)
# Snakemake keeps a cache at home; where nothing can be written there, it is kept here
ifneq ($(shell cache="$${XDG_CACHE_HOME:-$$HOME/.cache}"; mkdir -p "$$cache" 2> /dev/null && test -w "$$cache" && echo yes),yes)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

# A misspelt PROFILE or EXTRAS, or no core, is refused before anything is installed
ifneq ($(filter-out default,$(PROFILE))$(filter-out all,$(CORES))$(EXTRAS),)
REFUSED := $(shell PYTHONPATH=workflow $(or $(wildcard $(BIN)/python),$(PYTHON)) -m assignment06 check --profile='$(PROFILE)' --extras='$(EXTRAS)' --cores='$(CORES)' 2>&1)
ifeq ($(firstword $(REFUSED)),error:)
$(error $(wordlist 2,$(words $(REFUSED)),$(REFUSED)))
endif
endif

.PHONY: submission environment image cloud-image test grade audit predict watch dag lint format lock gpu-lock clean help
.DELETE_ON_ERROR:

submission: $(VENV)/workflow.stamp $(PLUGIN) ## run everything and pack the zip; ARGS="..." goes to snakemake
	@$(RUN) submission --cores $(CORES) --profile $(PROFILE) --extras='$(EXTRAS)' $(IMAGE) -- $(ARGS)

environment: $(VENV)/workflow.stamp ## make the environment, and nothing else

image: $(VENV)/workflow.stamp ## make the container image, CONTAINER=docker|podman|apptainer
	@$(RUN) image $(IMAGE) -- $(ARGS)

cloud-image: $(VENV)/workflow.stamp ## make the image for jobs of a cloud, CONTAINER=docker|podman; prints its name
	@$(RUN) cloud-image $(IMAGE) -- $(ARGS)

# Slurm's and the clouds' plugins are for tests/cluster alone, and what trainings are told to for tests/tracking:
# ARGS=tests/test_config.py does without
TRACKING = $(if $(filter tests/%,$(ARGS)),$(filter tests/tracking%,$(ARGS)),all)
PLUGINS = $(if $(filter tests/%,$(ARGS)),$(filter tests/cluster%,$(ARGS)),all)
TESTED = $(if $(PLUGINS),$(VENV)/plugins/slurm/stamp $(VENV)/plugins/test-clouds/stamp) \
  $(if $(TRACKING),$(VENV)/tensorboard.stamp $(VENV)/mlflow.stamp $(VENV)/plugins/test-mlflow/stamp)
test: $(VENV)/dev.stamp $(TESTED) ## run the tests; ARGS="..." goes to pytest
	@$(RUN) test -- $(ARGS)

grade: $(VENV)/workflow.stamp ## grade SUBMISSIONS="a.zip folder/ ..."; grades.csv and grades.html go to OUTPUT
	@$(RUN) grade --cores $(CORES) --output="$(OUTPUT)" $(IMAGE) $(ARGS) -- $(SUBMISSIONS)

predict: $(VENV)/workflow.stamp ## classify IMAGES=folder/ with your own MODEL=results/models/x.keras; files go to OUTPUT
	@$(RUN) predict --model="$(MODEL)" --images="$(IMAGES)" --output="$(OUTPUT)" -- $(ARGS)

watch: $(VENV)/workflow.stamp ## show the run of this folder in a browser while it goes on; PORT=8650
	@$(RUN) watch -- --port $(PORT) $(ARGS)

# Outside of the environment that it looks at, which its own needs would change; it asks an index for known holes
audit: ## look up the known holes of everything in envs/*.lock (needs a package index and its list of holes)
	@test -x $(VENV)/audit/bin/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && \
	  $(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9,<3'; }
	@status=0; for lock in envs/*.lock; do echo "$$lock"; \
	  $(VENV)/audit/bin/pip-audit --disable-pip --require-hashes -r "$$lock" || status=1; done; exit $$status

dag: $(VENV)/workflow.stamp ## draw the graph of jobs and of rules: results/dag/*.svg and *.png
	@$(RUN) dag -- $(ARGS)

lint: $(VENV)/dev.stamp $(patsubst %,$(VENV)/%.stamp,detection onnx captions openvino tensorboard mlflow) ## check the style of rules and code
	@$(RUN) lint

format: $(VENV)/dev.stamp ## put rules and code into that style
	@$(RUN) format

gpu-lock: ## work out workflow/containers/gpu.lock again (needs uv)
	cd workflow/containers && { echo '# What the GPU variant has in the place of tensorflow-cpu; `make gpu-lock` writes this file.'; \
	  uv pip compile --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes --no-annotate \
	    --no-header --no-emit-index-url --quiet --constraint ../../envs/workflow.lock gpu.in \
	    | awk '/^[a-z0-9]/ { wanted = /^(nvidia-|tensorflow==)/ } wanted'; } > gpu.lock.part && mv gpu.lock.part gpu.lock

lock: ## work out envs/*.lock again from envs/*.in (needs uv)
	cd envs && for name in workflow dev detection onnx captions openvino tensorboard mlflow cloud slurm kubernetes aws-batch google-batch test-clouds peers; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	    --custom-compile-command "make lock" $$name.in -o $$name.lock || exit 1; done
	cd envs && uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	  $$(sed -n '/^mlflow/!s/^\([a-z0-9-]*\)==.*/--no-emit-package=\1/p' workflow.lock mlflow.lock | sort -u) \
	  --custom-compile-command "make lock" test-mlflow.in -o test-mlflow.lock

clean: ## remove the environment and everything a run made (not data/raw, nor how often test images were looked at)
	rm -rf $(VENV) .snakemake data/prepared data/sample assignment06_*.zip
	find results -mindepth 1 -maxdepth 1 ! -name '.*' ! -name looks -exec rm -rf {} +

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

# An environment is whole when its stamp is there. Every file's hash is checked, the bytecode compiled; the library
# and the logger plugin are installed as what lies here.
$(VENV)/%.stamp: envs/%.lock | $(VENV)/pyvenv.cfg
	$(call INSTALL,--require-hashes --no-deps --compile -r $<)
	$(PIP) --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# Plugins apart from the environment, for the tests: Snakemake imports all it finds at every start.
$(VENV)/plugins/%/stamp: envs/%.lock | $(VENV)/pyvenv.cfg
	rm -rf $(@D)
	$(call INSTALL,--require-hashes --no-deps --target $(@D) -r $<)
	@touch $@

$(VENV)/dev.stamp $(VENV)/tensorboard.stamp $(VENV)/mlflow.stamp $(PLUGIN): $(VENV)/workflow.stamp

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "error: Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1): run make PYTHON=python3.12 ..., or use Docker (see README.md)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
