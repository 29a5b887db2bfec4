# Every target installs the system libraries it needs where they are missing (Debian, Ubuntu).
#
#   make run [WEIGHTS=yolov5s.pt] [PHOTO=photo.jpg]   builds, and detects the objects of a photograph
#   make test                                         builds, and passes the tests
#   make lint      formatting, directions of imports, shell scripts
#   make symbols   no code of a level can be taken for shared code
#   make consumer  the README's example builds and runs in a package that depends on a tagged Limn
#   make bench     Limn and other engines, in turns in one run, on YOLOv5 in float32

WEIGHTS ?=
PHOTO ?=
SWIFTFLAGS ?=
BENCHFLAGS ?=
PYTHON ?= python3

.DEFAULT_GOAL := run
.PHONY: run build test lint symbols consumer bench dependencies

run: build
	@Scripts/run.sh "$$(swift build -c release $(SWIFTFLAGS) --show-bin-path)/limn" "$(WEIGHTS)" "$(PHOTO)"

build: dependencies
	swift build -c release $(SWIFTFLAGS) --product limn

test: dependencies
	swift test $(SWIFTFLAGS)

lint:
	swift format lint --strict -r Package.swift Sources Tests $(wildcard Benchmarks/Package.swift Benchmarks/Sources)
	Scripts/check-imports.sh
	@if command -v shellcheck > /dev/null; then shellcheck Scripts/*.sh .ci/run; \
	else echo "shellcheck is not installed: the scripts were not checked"; fi

symbols: dependencies
	swift build -c release $(SWIFTFLAGS)
	Scripts/check-kernel-symbols.sh --self-test
	Scripts/check-kernel-symbols.sh "$$(swift build -c release $(SWIFTFLAGS) --show-bin-path)"

consumer: dependencies
	Scripts/check-consumer.sh $(SWIFTFLAGS)

bench: dependencies .build/peers/ready
	swift build -c release $(SWIFTFLAGS) --package-path Benchmarks
	.build/peers/bin/python Benchmarks/peers/measure.py $(if $(WEIGHTS),--weights "$(WEIGHTS)") $(BENCHFLAGS)

.build/peers/ready: Benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .build/peers
	.build/peers/bin/pip install --quiet -r $<
	touch $@

dependencies:
	@Scripts/install-dependencies.sh
