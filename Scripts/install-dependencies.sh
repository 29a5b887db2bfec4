#!/usr/bin/env bash
# Installs the system libraries that Limn is built on, and curl, which fetches weights, where they are missing (Debian,
# Ubuntu).
set -euo pipefail

missing() {
  local package
  command -v pkg-config > /dev/null || echo pkg-config
  command -v curl > /dev/null || echo curl
  for package in openblas:libopenblas-dev libjpeg:libjpeg-dev libpng:libpng-dev; do
    pkg-config --exists "${package%%:*}" 2> /dev/null || echo "${package##*:}"
  done
}

if ! command -v swift > /dev/null; then
  echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2
  exit 1
fi

mapfile -t packages < <(missing)
if [[ ${#packages[@]} -eq 0 ]]; then
  exit 0
fi
if ! command -v apt-get > /dev/null; then
  echo "Please install with your package manager: ${packages[*]} (Debian's names)" >&2
  exit 1
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  as_root=(sudo)
fi
echo "Installing ${packages[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"

mapfile -t packages < <(missing)
if [[ ${#packages[@]} -ne 0 ]]; then
  echo "Still missing after installing: ${packages[*]}" >&2
  exit 1
fi
