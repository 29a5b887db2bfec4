#!/usr/bin/env bash
# Builds and runs the Swift of README.md and of the articles in packages of their own, which depend on a tagged copy of
# HEAD by version. A manifest among the blocks is taken as it stands, for the document's server or its first program.
# Usage: check-consumer.sh [FLAGS OF swift build...]
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
scratch=$root/.build/consumer
version=$(sed -nE 's/^ *static let version = "(.*)"$/\1/p' Sources/limn/Limn.swift)
rm -rf "$scratch"/{limn,blocks,packages,run}
mkdir -p "$scratch"/{blocks,packages,run}

fail() {
  echo "check-consumer: $*" >&2
  exit 1
}

if [[ -n $(git status --porcelain) ]]; then
  echo "check-consumer: the library is that of HEAD; what is not committed is left out"
fi
git clone --quiet --no-local "file://$root" "$scratch/limn"
git -C "$scratch/limn" tag "$version"

table=$scratch/blocks/table
awk -v language=swift -v folder="$scratch/blocks" -f Scripts/document-blocks.awk README.md Sources/*/*.docc/*.md \
  > "$table"
url=$(sed -nE 's/.*url: "([^"]*\/limn)".*/\1/p' "$scratch"/blocks/*.swift | sort -u)
[[ $(wc -l <<< "$url") -eq 1 && -n $url ]] || fail "the documents name Limn's place differently: $url"

# The name of a manifest's program.
target_of() {
  tr '\n' ' ' < "$scratch/blocks/$1.swift" | sed -nE 's/.*executableTarget\( *name: "([^"]+)".*/\1/p'
}

# One package for all programs, its warnings errors.
examples=$scratch/packages/examples
mkdir -p "$examples"
{
  cat << SWIFT
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "examples",
  dependencies: [.package(url: "$url", from: "$version", traits: [])],
  targets: [
SWIFT
  while IFS=$'\t' read -r name kind _; do
    [[ $kind != manifest && $kind != server ]] || continue
    mkdir -p "$examples/Sources/$name"
    cp "$scratch/blocks/$name.swift" "$examples/Sources/$name/main.swift"
    cat << SWIFT
    .executableTarget(
      name: "$name", dependencies: [.product(name: "Annotate", package: "limn")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
SWIFT
  done < "$table"
  echo "  ])"
} > "$examples/Package.swift"

# Each manifest with its program.
mapfile -t manifests < <(awk -F '\t' '$2 == "manifest" { print $1 }' "$table")
for name in "${manifests[@]}"; do
  program=$(
    awk -F '\t' -v document="${name%_*}_" '
      index($1, document) == 1 && $2 == "server" { server = $1 }
      index($1, document) == 1 && $2 == "run" && !first { first = $1 }
      END { print server ? server : first }' "$table"
  )
  target=$(target_of "$name")
  mkdir -p "$scratch/packages/$name/Sources/$target"
  cp "$scratch/blocks/$name.swift" "$scratch/packages/$name/Package.swift"
  cp "$scratch/blocks/$program.swift" "$scratch/packages/$name/Sources/$target/main.swift"
done

# Packages of the tests, which use the library as a stranger would.
cp -R Tests/Consumers/* "$scratch/packages/"

# Nothing is kept between runs, as the tag moves with HEAD; the packages share one build of Limn.
rm -rf "$scratch"/{build,security}
for package in "$scratch"/packages/*; do
  flags=(--package-path "$package" --scratch-path "$scratch/build" --security-path "$scratch/security")
  swift package "${flags[@]}" config set-mirror --original "$url" --mirror "file://$scratch/limn"
  swift build -c release "$@" "${flags[@]}"
  if grep -q argument-parser "$package/Package.resolved"; then
    fail "$package fetches swift-argument-parser, which the trait CommandLine guards"
  fi
done
bin=$(swift build -c release "$@" "${flags[@]}" --show-bin-path)

# Runs a program among the files that the documents speak of.
run() {
  local folder=$scratch/run/$1 program=$bin/$2 place=$3
  mkdir "$folder"
  Scripts/example-files.sh "$folder"
  (cd "$folder" && timeout 120 "$program" > output.txt 2> errors.txt) ||
    fail "$place: exit status $?: $(head -c 1000 "$folder/errors.txt")"
}

# What a reader gets who follows the documents: a package of their own that annotates with the embedded weights.
for name in "${manifests[@]}"; do
  target=$(target_of "$name")
  if awk -F '\t' '{ print $1, $2 }' "$table" | grep -qE "^${name%_*}_[0-9]+ server$"; then
    Scripts/check-serving.sh "$bin/$target"
    continue
  fi
  run "$name" "$target" "$name"
  grep -q coin "$scratch/run/$name/output.txt" || fail "$name finds no coin among coins"
done
grep -q '"bbox"' "$scratch"/run/*FirstAnnotation*/annotations.json || fail "the tutorial's annotations are empty"

mkdir "$scratch/run/frames"
(cd "$scratch/run/frames" && "$bin/frames" "$OLDPWD/Docs/images/scene.jpg") || fail "the frames are not as the file"
grep -q '"name": "round thing"' "$scratch/run/frames/frames.json" || fail "frames.json has no circles"
find "$scratch/run/frames/frames" -name '*.txt' -path '*labels*' | grep -c . | grep -qx 5 || fail "not every frame has labels"

# Networks that a stranger wrote, with seeded weights: their logits are those of PyTorch.
networks=$scratch/run/networks
mkdir "$networks"
"$bin/seeded-weights" "$networks/image.safetensors" < Tests/Consumers/SeededWeights/image.txt
for name in ResNet18 MobileNetV2; do
  "$bin/seeded-weights" "$networks/$name.safetensors" < "Tests/Consumers/$name/weights.txt"
  "$bin/${name,,}" "$networks/$name.safetensors" "$networks/image.safetensors" < "Tests/Consumers/$name/logits.txt" ||
    fail "$name is not PyTorch's"
done

while IFS=$'\t' read -r name kind place reason; do
  if [[ $kind == "not run" ]]; then
    echo "check-consumer: $place is only compiled: $reason"
  elif [[ $kind == run ]]; then
    run "$name" "$name" "$place"
    # `print(...)  // prints TEXT` is a promise.
    sed -nE 's/.*  \/\/ prints (.*)$/\1/p' "$scratch/blocks/$name.swift" > "$scratch/promised"
    while read -r line; do
      grep -qxF -- "$line" "$scratch/run/$name/output.txt" || fail "$place: does not print '$line'"
    done < "$scratch/promised"
    echo "check-consumer: $place runs"
  fi
done < "$table"
