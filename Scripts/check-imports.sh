#!/usr/bin/env bash
# Checks the direction of imports that Docs/architecture.md promises.
# Usage: check-imports.sh [--self-test | SOURCES]
set -euo pipefail
cd "$(dirname "$0")/.."

# The C library of the system, and atomics: allowed above the kernels.
readonly LIBRARY="Glibc Musl Android Darwin"
readonly SYSTEM="$LIBRARY Synchronization"
readonly LEVELS="KernelsBaseline KernelsAVX2 KernelsAVX512 KernelsAVX512Dot"

# What a module may import.
allowed() {
  case $1 in
    Kernels) echo "" ;;
    KernelsBaseline | KernelsAVX2 | KernelsAVX512 | KernelsAVX512Dot) echo "Kernels CIntrinsics" ;;
    Scenes | Files) echo "$SYSTEM" ;;
    JSON) echo "$LIBRARY" ;;
    Codecs) echo "Scenes Files CJPEG CPNG $SYSTEM" ;;
    Drawing) echo "Scenes $SYSTEM" ;;
    Datasets) echo "Scenes Files JSON Codecs $SYSTEM" ;;
    Tensor) echo "Scenes Kernels $LEVELS CIntrinsics $SYSTEM" ;;
    Circles) echo "Scenes Tensor $SYSTEM" ;;
    Networks) echo "Scenes Files JSON Tensor CWeights $SYSTEM" ;;
    Annotate) echo "Scenes Files JSON Codecs Drawing Datasets Tensor Networks Circles $SYSTEM" ;;
    limn) echo "Annotate Files JSON ArgumentParser Dispatch $SYSTEM" ;;
    *) return 1 ;;
  esac
}

# Prints "file:line module" for each import under a folder, whatever its attributes, access level and kind.
imports_under() {
  local attributes='(@[A-Za-z_]+(\([^)]*\))? +)*' access='((public|package|internal|fileprivate|private) +)?'
  local kind='((typealias|struct|class|enum|protocol|let|var|func) +)?'
  { grep -rnE --include='*.swift' "^ *$attributes${access}import " "$1" || true; } |
    sed -E "s/^([^:]+:[0-9]+):.*import +$kind([A-Za-z0-9_]+).*/\1 \4/"
}

check() {
  local sources=$1 failures=0 folder module may place imported importers
  for folder in "$sources"/*/; do
    module=$(basename "$folder")
    # A C module has no imports of Swift.
    [[ -n $(find "$folder" -name '*.swift' -print -quit) ]] || continue
    if ! may=$(allowed "$module"); then
      echo "$folder: a module that Docs/architecture.md and this script do not know" >&2
      failures=$((failures + 1))
      continue
    fi
    while read -r place imported; do
      if [[ " $may " != *" $imported "* ]]; then
        echo "$place: $module may not import $imported" >&2
        failures=$((failures + 1))
      fi
    done < <(imports_under "$folder")
    # Each C module has one importing file; of CIntrinsics, the probe and one file of each level.
    for imported in CJPEG CPNG CWeights CIntrinsics; do
      importers=$(imports_under "$folder" | sed -nE "s/:[0-9]+ $imported\$//p" | sort -u)
      if [[ $(grep -c . <<< "$importers") -gt 1 ]]; then
        echo "$folder: $imported has more than one importing file: ${importers//$'\n'/ }" >&2
        failures=$((failures + 1))
      fi
    done
  done
  if [[ $failures -ne 0 ]]; then
    echo "check-imports: $failures against Docs/architecture.md" >&2
    return 1
  fi
}

# Each line of code must be refused in its place, and the first must pass.
self_test() {
  local scratch module path code
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$scratch'" EXIT
  mkdir -p "$scratch/good/Tensor"
  printf 'import Kernels\ninternal import Glibc\n// import Annotate\n' > "$scratch/good/Tensor/A.swift"
  check "$scratch/good"
  while IFS='|' read -r module path code; do
    rm -rf "$scratch/bad"
    mkdir -p "$(dirname "$scratch/bad/$module/$path")"
    printf '%b\n' "$code" > "$scratch/bad/$module/$path"
    if check "$scratch/bad" 2> /dev/null; then
      echo "check-imports: does not refuse '$code' in $module/$path" >&2
      return 1
    fi
  done << 'CASES'
Kernels|A.swift|import Glibc
Tensor|A.swift|import Networks
JSON|A.swift|import Tensor
JSON|A.swift|import Synchronization
Tensor|A.swift|import JSON
Tensor|A.swift|@testable import Annotate
Annotate|Jobs/A.swift|public import Foundation
Datasets|Formats/A.swift|import Networks
Scenes|A.swift|import Tensor
Annotate|Jobs/A.swift|import CJPEG
Networks|A.swift|import struct CJPEG.Thing
limn|A.swift|  @preconcurrency import Tensor
Unheard|A.swift|import Tensor
CASES
  mkdir -p "$scratch/two/Codecs"
  echo 'import CJPEG' | tee "$scratch/two/Codecs/A.swift" > "$scratch/two/Codecs/B.swift"
  if check "$scratch/two" 2> /dev/null; then
    echo "check-imports: does not refuse two importers of CJPEG" >&2
    return 1
  fi
}

if [[ ${1:-} == --self-test ]]; then
  self_test
else
  check "${1:-Sources}"
fi
