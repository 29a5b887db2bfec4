#!/usr/bin/env bash
# Runs the shell commands of README.md, Docs and the articles, each document's in order in a folder of its own.
# Usage: check-commands.sh LIMN
set -euo pipefail
cd "$(dirname "$0")/.."

limn=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch"/{bin,blocks}
ln -s "$limn" "$scratch/bin/limn"
export PATH=$scratch/bin:$PATH
unset LIMN_WEIGHTS

awk -v language=sh -v folder="$scratch/blocks" -f Scripts/document-blocks.awk \
  README.md Docs/*.md Weights/README.md Sources/*/*.docc/*.md > "$scratch/table"
ran=0
while IFS=$'\t' read -r name kind place reason; do
  if [[ $kind == "not run" ]]; then
    echo "check-commands: $place is not run: $reason"
    continue
  fi
  folder=$scratch/run/${name%_*}
  if [[ ! -d $folder ]]; then Scripts/example-files.sh "$folder"; fi
  if ! (cd "$folder" && timeout 120 bash -euo pipefail -x "$scratch/blocks/$name.sh") > "$scratch/log" 2>&1; then
    tail -n 20 "$scratch/log" | cut -c 1-400 >&2
    echo "check-commands: $place failed" >&2
    exit 1
  fi
  ran=$((ran + 1))
done < "$scratch/table"
echo "check-commands: the shell commands of $ran blocks run"
