#!/usr/bin/env bash
# Builds the documentation of the libraries with the toolchain's docc, warnings as errors: one archive of static pages,
# .build/documentation/limn.doccarchive.
# Usage: build-docs.sh [FLAGS OF swift build...]
set -euo pipefail
cd "$(dirname "$0")/.."

# Each may link to those before it.
readonly MODULES="Scenes Codecs Drawing Datasets Tensor Circles Networks Annotate"
out=.build/documentation
rm -rf "$out"
mkdir -p "$out"

build=(swift build -c release "$@")
"${build[@]}" --target Annotate
bin=$("${build[@]}" --show-bin-path)
target=$(swiftc -print-target-info | sed -nE 's/^ *"triple": "([^"]+)",$/\1/p' | head -n 1)

# The C modules below the Swift ones, without which these cannot be read.
maps=()
for map in Sources/*/module.modulemap "$bin"/C*.build/module.modulemap; do
  maps+=(-Xcc "-fmodule-map-file=$map")
done

failures=0
archives=()
for module in $MODULES; do
  graphs=$out/graphs/$module
  mkdir -p "$graphs"
  swift symbolgraph-extract -module-name "$module" -target "$target" -I "$bin/Modules" "${maps[@]}" \
    -minimum-access-level public -skip-synthesized-members -output-dir "$graphs"
  dependencies=()
  for archive in "${archives[@]}"; do
    dependencies+=(--dependency "$archive")
  done
  docc convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$graphs" \
    --fallback-display-name "$module" --fallback-bundle-identifier "limn.$module" \
    --enable-experimental-external-link-support "${dependencies[@]}" --warnings-as-errors \
    --output-path "$out/$module.doccarchive" || failures=$((failures + 1))
  archives+=("$out/$module.doccarchive")
done
if [[ $failures -ne 0 ]]; then
  echo "build-docs: the documentation of $failures modules has warnings" >&2
  exit 1
fi
docc merge "${archives[@]}" --synthesized-landing-page-name Limn --output-path "$out/limn.doccarchive"
echo "build-docs: $out/limn.doccarchive"
