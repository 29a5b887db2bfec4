#!/usr/bin/env bash
# Installs into an empty folder and runs the command as a machine without Swift would: an empty environment, another
# folder and, for root, a root file system that holds the libraries that the command names and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/destination/opt/limn
photo=$PWD/Docs/images/cup.jpg
version=$(sed -nE 's/^ *static let version = "(.*)"$/\1/p' Sources/limn/Limn.swift)

fail() {
  echo "check-install: $*" >&2
  exit 1
}

make install DESTDIR="$scratch/destination" PREFIX=/opt/limn
for file in bin/limn share/doc/limn/{LICENSE,WEIGHTS.md} share/man/man1/limn{,-detect,-weights-inspect}.1 \
  share/bash-completion/completions/limn share/zsh/site-functions/_limn share/fish/vendor_completions.d/limn.fish; do
  [[ -s $prefix/$file ]] || fail "$file is not installed"
done
bash -n "$prefix/share/bash-completion/completions/limn"
if command -v zsh > /dev/null; then zsh -n "$prefix/share/zsh/site-functions/_limn"; fi
if command -v fish > /dev/null; then fish -n "$prefix/share/fish/vendor_completions.d/limn.fish"; fi

# The libraries, by the names under which the loader asks for them.
libraries=$(ldd "$prefix/bin/limn")
echo "$libraries"
if grep -E 'libswift|Foundation|not found' <<< "$libraries"; then fail "the command needs more than the system has"; fi

cd "$scratch"
limn=(env -i "$prefix/bin/limn")
[[ $("${limn[@]}" --version) == "$version" ]] || fail "limn --version is not $version"
"${limn[@]}" detect "$photo" > detections.json
grep -q '"image": "cup.jpg", "width": 600, "height": 400' detections.json || fail "no detections: $(< detections.json)"

if [[ $(id -u) -eq 0 ]] && unshare --mount true 2> /dev/null; then
  mkdir -p root/proc
  install -D "$prefix/bin/limn" root/bin/limn
  install -m 644 "$photo" root/cup.jpg
  while read -r library; do
    install -D "$library" "root$library"
  done < <(grep -oE '/[^ ]+' <<< "$libraries")
  # Swift reads the arguments from /proc.
  # shellcheck disable=SC2016
  unshare --mount sh -c 'mount -t proc proc root/proc && exec env -i "$@"' \
    sh "$(command -v chroot)" root /bin/limn detect /cup.jpg > alone.json
  cmp detections.json alone.json || fail "alone in its root the command finds something else"
  echo "check-install: runs in a root of $(find root -xdev -type f | wc -l) files"
else
  echo "check-install: not root, the command was not run in a root of its own"
fi

make -C "$OLDPWD" uninstall DESTDIR="$scratch/destination" PREFIX=/opt/limn > /dev/null
left=$(find "$scratch/destination" -type f)
[[ -z $left ]] || fail "uninstall leaves $left"
echo "check-install: limn $version, $(stat -c %s "$OLDPWD/.build/stage/bin/limn") bytes, installs, runs without Swift, uninstalls"
