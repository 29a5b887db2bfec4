# Every target installs the system libraries it needs where they are missing (Debian, Ubuntu).
#
#   make run [WEIGHTS=yolov5s.pt] [PHOTO=photo.jpg]   builds, and detects the objects of a photograph
#   make test                                         builds, and passes the tests
#   make static    the command with Swift inside it, manual pages and completions, in .build/stage
#   make install [PREFIX=/usr/local] [DESTDIR=]       copies them; make uninstall removes them
#   make lint      formatting, directions of imports, shell scripts
#   make symbols   no code of a level can be taken for shared code
#   make docs      the documentation of the libraries, .build/documentation
#   make consumer  the documents' Swift builds and runs in packages that depend on a tagged Limn; their server is asked
#   make converter a package that only converts annotations is small and holds no network
#   make commands  the documents' shell commands run
#   make sanitize  the tests of Tensor and Networks under AddressSanitizer, then under ThreadSanitizer
#   make readers   other tools read what the writers wrote
#   make bench     Limn and other engines, in turns in one run, on YOLOv5 in float32
#   make bench-all all engines and precisions, both networks, a folder: the table and the chart of the README

WEIGHTS ?=
PHOTO ?=
SWIFTFLAGS ?=
BENCHFLAGS ?=
PYTHON ?= python3
PREFIX ?= /usr/local
DESTDIR ?=

.DEFAULT_GOAL := run
.PHONY: help run build test static install uninstall lint symbols docs consumer converter commands sanitize readers bench bench-all dependencies

# The list above.
help:
	@sed -n '/^#   make/s/^#   //p' Makefile

run: photo build
	@Scripts/run.sh "$$(swift build -c release $(SWIFTFLAGS) --show-bin-path)/limn" "$(WEIGHTS)" "$(PHOTO)"

.PHONY: photo
photo:
	@test -z "$(PHOTO)" || test -e "$(PHOTO)" || { echo "make run: there is no $(PHOTO)" >&2; exit 1; }

build: dependencies
	swift build -c release $(SWIFTFLAGS) --product limn

test: dependencies
	swift test $(SWIFTFLAGS)

# Leaks are not looked for: what lives as long as the process is not freed.
sanitize: dependencies
	ASAN_OPTIONS=detect_leaks=0 swift test $(SWIFTFLAGS) --sanitize=address --scratch-path .build/address --filter 'TensorTests|NetworksTests'
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/ThreadSanitizer.txt swift test $(SWIFTFLAGS) --sanitize=thread --scratch-path .build/thread --filter 'TensorTests|NetworksTests'

static: dependencies .build/stage/ready

# Not for each install: `sudo make install` may find no Swift.
.build/stage/ready: $(shell find Package.swift Sources Weights LICENSE Scripts/stage.sh -type f)
	Scripts/stage.sh .build/stage $(SWIFTFLAGS)
	@touch $@

install: .build/stage/ready
	install -d "$(DESTDIR)$(PREFIX)"
	cp -R .build/stage/bin .build/stage/share "$(DESTDIR)$(PREFIX)/"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/limn"
	rm -f "$(DESTDIR)$(PREFIX)/share/man/man1/limn.1" "$(DESTDIR)$(PREFIX)"/share/man/man1/limn-*.1
	rm -f "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/limn"
	rm -f "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_limn"
	rm -f "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/limn.fish"
	rm -rf "$(DESTDIR)$(PREFIX)/share/doc/limn"

lint:
	swift format lint --strict -r Package.swift Sources Tests $(wildcard Benchmarks/Package.swift Benchmarks/Sources)
	Scripts/check-imports.sh
	Scripts/check-tolerances.sh
	@if command -v shellcheck > /dev/null; then shellcheck Scripts/*.sh .ci/run; \
	else echo "shellcheck is not installed: the scripts were not checked"; fi

symbols: dependencies
	swift build -c release $(SWIFTFLAGS)
	Scripts/check-kernel-symbols.sh --self-test
	Scripts/check-kernel-symbols.sh "$$(swift build -c release $(SWIFTFLAGS) --show-bin-path)"

docs: dependencies
	Scripts/build-docs.sh $(SWIFTFLAGS)

commands: .build/stage/ready
	Scripts/check-commands.sh .build/stage/bin/limn

consumer: dependencies
	Scripts/check-consumer.sh $(SWIFTFLAGS)

converter: dependencies
	Scripts/check-converter.sh --self-test
	Scripts/check-converter.sh $(SWIFTFLAGS)

readers: build .build/readers/ready
	rm -rf .build/reader-samples
	.build/readers/bin/python Tests/Readers/check_readers.py .build/reader-samples \
		--limn "$$(swift build -c release $(SWIFTFLAGS) --show-bin-path)/limn" Docs/images

.build/readers/ready: Tests/Readers/requirements.txt
	$(PYTHON) -m venv .build/readers
	.build/readers/bin/pip install --quiet -r $<
	touch $@

bench: dependencies .build/peers/ready
	swift build -c release $(SWIFTFLAGS) --package-path Benchmarks
	.build/peers/bin/python Benchmarks/peers/measure.py $(if $(WEIGHTS),--weights "$(WEIGHTS)") $(BENCHFLAGS)

.build/peers/ready: Benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .build/peers
	.build/peers/bin/pip install --quiet -r $<
	touch $@

bench-all: dependencies .build/peers-all/ready
	swift build -c release $(SWIFTFLAGS) --product limn
	swift build -c release $(SWIFTFLAGS) --package-path Benchmarks
	.build/peers-all/bin/python Benchmarks/peers/measure_all.py $(if $(WEIGHTS),--weights "$(WEIGHTS)") $(BENCHFLAGS)

.build/peers-all/ready: Benchmarks/peers/requirements-more.txt Benchmarks/peers/requirements.txt
	$(PYTHON) -m venv .build/peers-all
	.build/peers-all/bin/pip install --quiet -r $<
	touch $@

dependencies:
	@Scripts/install-dependencies.sh
