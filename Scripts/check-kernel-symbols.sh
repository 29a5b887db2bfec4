#!/usr/bin/env bash
# Checks that no level emits code that the linker could take for shared code.
#
# A weak symbol may be defined by several objects, and the linker keeps any one of them. A specialisation of a standard
# library generic compiled in KernelsAVX512 could so become everyone's, and stop a CPU without AVX-512. Weak functions
# are therefore allowed only where their name mentions the level's own module, through its tag type.
#
# Usage: check-kernel-symbols.sh --self-test | BUILD_FOLDER (as `swift build -c release --show-bin-path` prints)
set -euo pipefail
cd "$(dirname "$0")/.."

# Weak data that is the same from every level and leads to no code of a level.
readonly HARMLESS_DATA=(
  '^__swift_reflection_version$' # the constant 3 in every Swift object
  '^symbolic_'                   # a mangled type name, read by the runtime
  '^got[.]'                      # the address of the symbol that it names
  '^associated type descriptor ' # names, read by the runtime
  '^reflection metadata '        # names of fields, read by mirrors
)

# Prints the weak symbols defined in objects that are neither the module's own nor harmless: "TYPE demangled name".
offenders() {
  local module=$1 harmless
  shift
  harmless=$(IFS='|' && echo "${HARMLESS_DATA[*]}")
  nm --format=sysv --defined-only "$@" |
    awk -F'|' 'NF >= 7 { gsub(/ /, "", $1); gsub(/ /, "", $3); gsub(/ /, "", $4); if ($3 ~ /^[WVu]$/) print $4, $1 }' |
    swift demangle --compact |
    awk -v own="$module([.]|$)" -v harmless="$harmless" '{
      name = substr($0, index($0, " ") + 1)
      if (name ~ own || ($1 == "OBJECT" && name ~ harmless)) next
      print
    }'
}

check() {
  local build=$1 failures=0 levels=0 folder module found
  for folder in "$build"/Kernels?*.build; do
    [[ -d $folder ]] || continue
    module=$(basename "$folder" .build)
    mapfile -t objects < <(find "$folder" -name '*.o' | sort)
    [[ ${#objects[@]} -gt 0 ]] || continue
    levels=$((levels + 1))
    found=$(offenders "$module" "${objects[@]}")
    if [[ -n $found ]]; then
      echo "$module defines weak symbols without its tag:" >&2
      awk '{ print "  " $0 }' <<< "$found" >&2
      failures=$((failures + 1))
    fi
  done
  if [[ $levels -eq 0 ]]; then
    echo "check-kernel-symbols: no objects of a level in $build; build in release first" >&2
    return 1
  fi
  [[ $failures -eq 0 ]]
}

# A level that appends to an Array must be refused; one that keeps to pointers and its tag must pass.
self_test() {
  local scratch
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$scratch'" EXIT
  mkdir -p "$scratch/bad/KernelsBad.build" "$scratch/good/KernelsGood.build"
  cat > "$scratch/bad.swift" << 'SWIFT'
public func squares(_ count: Int) -> [Float] {
  var values: [Float] = []
  for i in 0..<count { values.append(Float(i) * Float(i)) }
  values.sort()
  return values
}
SWIFT
  cat > "$scratch/good.swift" << 'SWIFT'
public enum Tag {
  @inline(never) static func square(_ count: Int, _ a: UnsafeMutablePointer<Float>) {
    for i in 0..<count { a[i] *= a[i] }
  }
}
public let square: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void = { Tag.square($0, $1) }
SWIFT
  swiftc -O -parse-as-library -module-name KernelsBad -c "$scratch/bad.swift" -o "$scratch/bad/KernelsBad.build/a.o"
  swiftc -O -parse-as-library -module-name KernelsGood -c "$scratch/good.swift" -o "$scratch/good/KernelsGood.build/a.o"
  if check "$scratch/bad" 2> /dev/null; then
    echo "check-kernel-symbols: does not refuse a level that grows and sorts an Array" >&2
    return 1
  fi
  check "$scratch/good"
}

if [[ ${1:-} == --self-test ]]; then
  self_test
else
  check "${1:?"the build folder, as swift build -c release --show-bin-path prints"}"
fi
