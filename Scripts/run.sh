#!/usr/bin/env bash
# Runs `limn detect` on a photograph and keeps the picture with its boxes in out/.
# Usage: run.sh LIMN [WEIGHTS] [PHOTO]; what is not given is looked for in LIMN_DATA, or ../shared/data.
set -euo pipefail
cd "$(dirname "$0")/.."

limn=$1
data=${LIMN_DATA:-../shared/data}
weights=${2:-${LIMN_WEIGHTS:-}}
photo=${3:-}

if [[ -z $weights && -f $data/weights/yolov5n.pt ]]; then
  weights=$data/weights/yolov5n.pt
fi
if [[ -z $photo && -f $data/images/photos/bus.jpg ]]; then
  photo=$data/images/photos/bus.jpg
fi

photo=${photo:-Docs/images/cup.jpg}

if [[ -z $weights ]]; then
  cat >&2 << TEXT
Limn ships no weights yet, and none were found. Give yours:

    make run WEIGHTS=yolov5s.pt PHOTO=photo.jpg

Weights are any YOLOv5 n, s, m, l or x of releases 6.0 to 7.0, official or fine-tuned (Docs/weights.md). The official
ones, under AGPL-3.0, come with

    $limn weights fetch yolov5s && make run WEIGHTS=yolov5s

Meanwhile, this is what the kernels do on this CPU:

TEXT
  exec "$limn" kernels
fi

mkdir -p out
"$limn" detect "$photo" --weights "$weights" --overlay out
echo "The picture with its boxes is in out/." >&2
