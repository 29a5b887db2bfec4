#!/usr/bin/env bash
# Puts the files that the documents speak of into a folder: photographs, and the embedded weights in the place of weights
# that a reader has trained. Limn tells a format by the content, not by the name.
# Usage: example-files.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p "$1/photos" "$1/dataset/images"
cp Docs/images/coins.jpg "$1/coins.jpg"
cp Docs/images/scene.jpg "$1/photo.jpg"
cp Docs/images/{coins,cup}.jpg "$1/photos"
cp Docs/images/{coins,cup}.jpg "$1/dataset/images"
cp Weights/limn-yolov5.safetensors "$1/best.pt"
cp Weights/limn-maskrcnn.safetensors "$1/masks.pth"
