#!/usr/bin/env bash
# Checks that a program that only writes annotations stays small: built in a package of its own that depends on a tagged
# copy of HEAD and uses the product Datasets, it holds no network, kernel or weights.
# Usage: check-converter.sh --self-test | [FLAGS OF swift build...]
set -euo pipefail
cd "$(dirname "$0")/.."

# Bytes of the stripped program, with the Swift runtime as shared libraries.
readonly LIMIT=4000000
readonly MODULES='Networks|Tensor|Kernels[A-Za-z0-9]*|Circles|Annotate'
readonly C_SYMBOLS='cblas_[a-z0-9_]*|openblas_[a-z0-9_]*|limn_(yolov5|maskrcnn)_weights'

root=$PWD
scratch=$root/.build/converter

fail() {
  echo "check-converter: $*" >&2
  exit 1
}

# What the program writes, every format beside the others.
program() {
  cat << 'SWIFT'
import Datasets

let labels = ["cat", "dog"]
let images = [
  try AnnotatedImage(
    name: "a.jpg", width: 640, height: 480,
    detections: [
      Detection(box: Box(x1: 10, y1: 20, x2: 110.5, y2: 220), score: 0.9, classID: 0, label: "cat"),
      Detection(box: Box(x1: 200, y1: 100, x2: 300, y2: 200), score: 0.5, classID: 1, label: "dog"),
    ]),
  try AnnotatedImage(
    name: "sub/b.png", width: 100, height: 80,
    detections: [
      Detection(
        box: Box(x1: 10, y1: 10, x2: 30, y2: 30), score: 0.75, classID: 1, label: "dog",
        mask: Mask(circle: Circle(x: 20, y: 20, radius: 10), width: 100, height: 80))
    ]),
  try AnnotatedImage(name: "empty.jpg", width: 32, height: 32, detections: []),
]
for format in AnnotationFormat.allCases {
  let name = format.rawValue
  var writer = try format.writer(to: format.isOneDocument ? .file("\(name).json") : .folder(name), labels: labels)
  for image in images { try writer.write(image) }
  try writer.finish()
}
SWIFT
}

# The files of each format, and a text that must be in each.
expected() {
  cat << 'FILES'
json.json|"image": "sub/b.png", "width": 100, "height": 80
jsonl.json|"image": "a.jpg", "width": 640, "height": 480
coco.json|"name": "dog"
coco-results.json|"bbox"
voc/Annotations/a.xml|<name>cat</name>
voc/Annotations/sub/b.xml|<name>dog</name>
voc/Annotations/empty.xml|<width>32</width>
yolo/data.yaml|"cat"
yolo/classes.txt|dog
yolo/labels/a.txt|0 0.094141 0.250000 0.157031 0.416667
yolo/labels/sub/b.txt|1 0.
FILES
}

# Prints the symbols of a program that belong to networks, kernels, circles or weights.
heavy_symbols() {
  nm --format=posix "$1" | awk '{ print $1 }' | swift demangle --compact |
    grep -E "(^|[^A-Za-z0-9_.])($MODULES)[.]|^($C_SYMBOLS)\$" || true
}

check_symbols() {
  local found libraries
  [[ $(nm "$1" 2> /dev/null | wc -l) -gt 0 ]] || { echo "$1 has no symbols to look at" >&2; return 1; }
  found=$(heavy_symbols "$1")
  if [[ -n $found ]]; then
    echo "$1 holds $(wc -l <<< "$found") symbols of networks, kernels, circles or weights:" >&2
    head -5 <<< "$found" >&2
    return 1
  fi
  libraries=$(readelf --dynamic "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\].*/\1/p')
  if grep -i blas <<< "$libraries" >&2; then
    echo "$1 needs that library" >&2
    return 1
  fi
  if ! grep -q libswiftCore <<< "$libraries"; then
    echo "$1 holds the Swift runtime, and its size says nothing" >&2
    return 1
  fi
}

check_size() {
  local size
  strip -o "$1.stripped" "$1"
  size=$(stat -c %s "$1.stripped")
  if [[ $size -ge $LIMIT ]]; then
    echo "$1 has $size bytes stripped, $LIMIT or more" >&2
    return 1
  fi
  echo "$1: $size bytes stripped"
}

# The checks must pass a small program, and refuse each of the others.
self_test() {
  local folder=$scratch/self-test module code
  rm -rf "$folder"
  mkdir -p "$folder"
  cd "$folder"
  echo 'struct Circles { var Networks = 1 }; print(Circles().Networks)' > good.swift
  swiftc -O -module-name Good good.swift -o good
  check_symbols good || fail "refuses a small program for its symbols"
  check_size good > /dev/null || fail "refuses a small program for its size"
  while IFS='|' read -r module code; do
    echo "$code" > bad.swift
    swiftc -O -module-name "$module" bad.swift -o bad
    if check_symbols bad 2> /dev/null; then fail "does not refuse '$code' in $module"; fi
  done << 'CASES'
Networks|final class Network { var a = 1 }; print(Network().a)
KernelsAVX512Dot|final class Sum { var a = 1 }; print(Sum().a)
Annotate|@inline(never) public func f(_ a: Int) -> Int { a &* 3 }; print(f(1))
Small|@_cdecl("cblas_sgemm") public func f() {}; f()
Small|@_cdecl("limn_yolov5_weights") public func f() {}; f()
CASES
  echo 'print(1)' > bad.swift
  swiftc -O -static-stdlib bad.swift -o bad
  if check_symbols bad 2> /dev/null; then fail "does not refuse a program with the Swift runtime in it"; fi
  swiftc -O bad.swift -o bad
  strip bad
  if check_symbols bad 2> /dev/null; then fail "does not refuse a program without symbols"; fi
  head -c "$LIMIT" /dev/urandom > blob
  objcopy --add-section .blob=blob --set-section-flags .blob=alloc,readonly good big 2> /dev/null
  if check_size big 2> /dev/null; then fail "does not refuse $LIMIT bytes"; fi
}

if [[ ${1:-} == --self-test ]]; then
  self_test
  exit
fi

version=$(sed -nE 's/^ *static let version = "(.*)"$/\1/p' Sources/limn/Limn.swift)
if [[ -n $(git status --porcelain) ]]; then
  echo "check-converter: the library is that of HEAD; what is not committed is left out"
fi
# Nothing is kept between runs, as the tag moves with HEAD.
rm -rf "$scratch"
package=$scratch/package
mkdir -p "$package/Sources/converter" "$scratch/run"
git clone --quiet --no-local "file://$root" "$scratch/limn"
git -C "$scratch/limn" tag "$version"
program > "$package/Sources/converter/main.swift"
cat > "$package/Package.swift" << SWIFT
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "converter",
  dependencies: [.package(url: "file://$scratch/limn", exact: "$version", traits: [])],
  targets: [
    .executableTarget(
      name: "converter", dependencies: [.product(name: "Datasets", package: "limn")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ])
SWIFT

flags=(--package-path "$package" --scratch-path "$scratch/build" --security-path "$scratch/security")
swift build -c release "$@" "${flags[@]}"
converter=$(swift build -c release "$@" "${flags[@]}" --show-bin-path)/converter
check_symbols "$converter" || fail "the program holds what writing annotations does not need"
check_size "$converter" || fail "the program is too large"

(cd "$scratch/run" && timeout 60 "$converter.stripped") || fail "the program fails: exit status $?"
while IFS='|' read -r file text; do
  grep -qF -- "$text" "$scratch/run/$file" || fail "$file does not hold '$text'"
done < <(expected)
echo "check-converter: $(find "$scratch/run" -type f | wc -l) files of $(expected | wc -l) checked"
