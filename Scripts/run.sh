#!/usr/bin/env bash
# Runs `limn detect` on a picture and keeps the picture with its boxes in out/.
# Usage: run.sh LIMN [WEIGHTS] [PHOTO]; by default the embedded weights and a drawn scene.
set -euo pipefail
cd "$(dirname "$0")/.."

limn=$1
weights=${2:-}
photo=${3:-Docs/images/scene.jpg}

mkdir -p out
"$limn" detect "$photo" ${weights:+--weights "$weights"} --output out/annotations.json --overlay out
if [[ -d $photo ]]; then pictures="out/"; else pictures="out/$(basename "$photo")"; fi
echo "The boxes are drawn in $pictures, and listed in out/annotations.json." >&2
