#!/usr/bin/env bash
# Builds and runs the README's example in a package of its own, which depends on a tagged copy of HEAD by version.
# Usage: check-consumer.sh [FLAGS OF swift build...]
set -euo pipefail
cd "$(dirname "$0")/.."

readonly VERSION=99.0.0
root=$PWD
scratch=$root/.build/consumer
data=${LIMN_DATA:-../shared/data}
rm -rf "$scratch/limn" "$scratch/app"
mkdir -p "$scratch/app/Sources/app"

if [[ -n $(git status --porcelain) ]]; then
  echo "check-consumer: takes HEAD; what is not committed is left out"
fi
git clone --quiet --no-local "file://$root" "$scratch/limn"
git -C "$scratch/limn" tag "$VERSION"

# The README's first Swift block after the marker, as it stands.
awk '
  /^<!-- consumer -->$/ { armed = 1 }
  armed && /^```$/ { exit }
  inside { print }
  armed && /^```swift$/ { inside = 1 }
' README.md > "$scratch/app/Sources/app/main.swift"
if [[ ! -s $scratch/app/Sources/app/main.swift ]]; then
  echo "check-consumer: no Swift block after <!-- consumer --> in README.md" >&2
  exit 1
fi
cat > "$scratch/app/Package.swift" << SWIFT
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "app",
  dependencies: [.package(url: "file://$scratch/limn", exact: "$VERSION", traits: [])],
  targets: [
    .executableTarget(name: "app", dependencies: [.product(name: "Annotate", package: "limn")])
  ]
)
SWIFT

# The scratch folder is kept between runs, the resolution is not: the tag moves with HEAD.
build=(swift build -c release "$@" --package-path "$scratch/app" --scratch-path "$scratch/build")
swift package --package-path "$scratch/app" --scratch-path "$scratch/build" reset
"${build[@]}"

if grep -q argument-parser "$scratch/app/Package.resolved"; then
  echo "check-consumer: a user of the library fetches swift-argument-parser, which the trait CommandLine guards" >&2
  exit 1
fi

app=$("${build[@]}" --show-bin-path)/app
cd "$scratch/app"
if [[ $data != /* ]]; then
  data=$root/$data
fi
if [[ -f $data/weights/yolov5n.pt && -f $data/images/photos/bus.jpg ]]; then
  ln -s "$data/weights/yolov5n.pt" yolov5s.pt
  ln -s "$data/images/photos/bus.jpg" photo.jpg
  "$app" | tee output.txt
  grep -q bus output.txt || { echo "check-consumer: the example did not find the bus" >&2; exit 1; }
else
  echo "check-consumer: no test data, the example is built but not run"
fi
echo "check-consumer: the README's example builds and depends on nothing else"
