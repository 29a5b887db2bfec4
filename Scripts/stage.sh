#!/usr/bin/env bash
# Puts together what `make install` copies: the static command, manual pages, completions and notices.
# Usage: stage.sh FOLDER [FLAGS OF swift build...]
set -euo pipefail
cd "$(dirname "$0")/.."

stage=$1
shift
# A folder of its own, since the flags differ from those of other builds.
flags=(--scratch-path .build/static "$@")
command=(swift build -c release --static-swift-stdlib -Xlinker -s "${flags[@]}")
manual=(swift build --product generate-manual "${flags[@]}")

"${command[@]}" --product limn
limn=$("${command[@]}" --show-bin-path)/limn

rm -rf "$stage"
install -d "$stage/bin" "$stage/share/man/man1" "$stage/share/doc/limn" \
  "$stage/share/bash-completion/completions" "$stage/share/zsh/site-functions" "$stage/share/fish/vendor_completions.d"
install -m 755 "$limn" "$stage/bin/limn"

"$limn" --generate-completion-script bash > "$stage/share/bash-completion/completions/limn"
"$limn" --generate-completion-script zsh > "$stage/share/zsh/site-functions/_limn"
"$limn" --generate-completion-script fish > "$stage/share/fish/vendor_completions.d/limn.fish"

# The tool behind argument-parser's plugin, which would build everything a second time.
"${manual[@]}"
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
"$("${manual[@]}" --show-bin-path)/generate-manual" "$limn" --output-directory "$pages" --multi-page
# limn.weights.inspect(1) becomes limn-weights-inspect(1), the name that `man limn weights inspect` looks for.
for page in "$pages"/*.1; do
  name=$(basename "$page" .1)
  sed -E ':again; s/^(\.(Dt|Xr) [A-Za-z-]+)\./\1-/; t again' "$page" > "$stage/share/man/man1/${name//./-}.1"
done

install -m 644 LICENSE "$stage/share/doc/limn/LICENSE"
install -m 644 Weights/README.md "$stage/share/doc/limn/WEIGHTS.md"
