#!/usr/bin/env bash
# Docs/numerics.md gives the reason for every tolerance of the tests, by its name in Tests/TestSupport/Tolerance.swift; and
# no test compares a distance with a number of its own.
#
#   Scripts/check-tolerances.sh [FOLDER]      FOLDER is the package
#   Scripts/check-tolerances.sh --self-test
# shellcheck disable=SC2016 # backquotes are Markdown's
set -euo pipefail
cd "$(dirname "$0")/.."

# The names of a file like Tolerance.swift, one a line: Tolerance.name, Tolerance.Group.name.
names() {
  awk '/ enum /     { match($0, /enum [A-Za-z0-9]+/); group = substr($0, RSTART + 5, RLENGTH - 5) "." }
       /^  }|^}/    { group = "" }
       / static let / { match($0, /let [A-Za-z0-9]+/); print "Tolerance." group substr($0, RSTART + 4, RLENGTH - 4) }' "$1"
}

check() {
  local folder=$1 status=0 name
  local page=$folder/Docs/numerics.md source=$folder/Tests/TestSupport/Tolerance.swift
  for name in $(names "$source"); do
    grep -qF "\`$name\`" "$page" || { echo "$page does not name $name"; status=1; }
    grep -rqE "${name//./\\.}\b|\.${name##*.}\b" "$folder/Tests" --include='*Tests.swift' \
      || { echo "no test uses $name"; status=1; }
  done
  while read -r name; do
    names "$source" | grep -qxF "$name" || { echo "$page names $name, which does not exist"; status=1; }
  done < <(grep -oE '`Tolerance\.[A-Za-z0-9.]+`' "$page" | tr -d '`' | sort -u)
  if grep -rnE 'abs\(.*\) *<=? *-?[0-9]' "$folder/Tests" --include='*.swift'; then
    echo "these compare a distance with a number; give it a name in $source"
    status=1
  fi
  return $status
}

if [ "${1:-}" = --self-test ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  mkdir -p "$folder/Docs" "$folder/Tests/TestSupport" "$folder/Tests/ATests"
  printf '%s\n' 'struct Tolerance {' '  static let one = 1' '}' 'extension Tolerance {' '  enum Group {' \
    '    static let two = 2' '  }' '}' > "$folder/Tests/TestSupport/Tolerance.swift"
  printf '%s\n' '`Tolerance.one`, `Tolerance.Group.two`' > "$folder/Docs/numerics.md"
  printf '%s\n' '#expect(abs(a - b) <= Tolerance.one + Tolerance.Group.two)' > "$folder/Tests/ATests/ATests.swift"
  check "$folder"
  fails() { if check "$folder" > /dev/null; then echo "self-test: $1 passes"; exit 1; fi; }
  printf '%s\n' '`Tolerance.one`, `Tolerance.two`' > "$folder/Docs/numerics.md"
  fails "a name that is not on the page"
  printf '%s\n' '`Tolerance.one`, `Tolerance.Group.two`, `Tolerance.Group.three`' > "$folder/Docs/numerics.md"
  fails "a name that does not exist"
  printf '%s\n' '`Tolerance.one`, `Tolerance.Group.two`' > "$folder/Docs/numerics.md"
  printf '%s\n' '#expect(abs(a - b) <= 0.5)' >> "$folder/Tests/ATests/ATests.swift"
  fails "a number"
  printf '%s\n' '#expect(abs(a - b) <= Tolerance.one)' > "$folder/Tests/ATests/ATests.swift"
  fails "a name that nothing uses"
  echo "check-tolerances.sh: the self-test passed"
  exit
fi
check "${1:-.}"
