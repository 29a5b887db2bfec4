"""Loads the networks, with weights from a training or from a file that Limn ships, and exports them.

    networks.py yolov5 RUN/yolov5.pt ../limn-yolov5.safetensors
    networks.py maskrcnn RUN/maskrcnn.pt ../limn-maskrcnn.safetensors
"""

import json
import sys

import torch

import maskrcnn
import weights
import yolov5
from objects import CLASSES

SHARED = {"license": "Apache-2.0"}
METADATA = {
    "yolov5": {
        "architecture": "yolov5", "names": json.dumps(CLASSES),
        "strides": json.dumps(yolov5.STRIDES, separators=(",", ":")),
        "epsilon": "0.001", "name": "limn-yolov5", **SHARED,
        "description": "Finds coins, discs, rectangles, triangles, stars and rings; trained on drawn scenes only."},
    "maskrcnn": {
        "architecture": "maskrcnn_resnet50_fpn_v2", "names": json.dumps(["__background__"] + CLASSES),
        "epsilon": "1e-05", "min_size": str(maskrcnn.MIN_SIZE), "max_size": str(maskrcnn.MAX_SIZE),
        "name": "limn-maskrcnn", **SHARED,
        "description": "Outlines coins, discs, rectangles, triangles, stars and rings; trained on drawn scenes only."},
}


def state_dict(path):
    return weights.read(path)[0] if str(path).endswith(".safetensors") else torch.load(path, map_location="cpu")


def filled(model, path):
    """The model with the file's weights, ready to predict."""
    missing, extra = model.load_state_dict(state_dict(path), strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or extra:
        raise ValueError(f"{path}: missing {missing}, left over {extra}")
    return model.eval()


def load_yolov5(path):
    return filled(yolov5.YOLOv5(len(CLASSES)), path)


def load_maskrcnn(path, **settings):
    return filled(maskrcnn.build(len(CLASSES) + 1, **settings), path)


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in METADATA:
        sys.exit(__doc__)
    _, kind, source, target = sys.argv
    model = {"yolov5": load_yolov5, "maskrcnn": load_maskrcnn}[kind](source)
    weights.write(target, model.state_dict(), METADATA[kind])


if __name__ == "__main__":
    main()
