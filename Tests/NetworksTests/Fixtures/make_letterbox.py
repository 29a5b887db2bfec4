"""Makes the letterbox fixtures: geometry over many sizes, pixels of small pictures, and boxes taken back.

    python3 make_letterbox.py

Needs torch, numpy and OpenCV. Restates `letterbox` (utils/augmentations.py) and `scale_boxes` (utils/general.py) of the
YOLOv5 repository, release 7.0; where a side would be scaled to nothing, at which the repository fails, it is 1 pixel.
"""

import json
import struct
from pathlib import Path

import cv2
import numpy as np
import torch

HERE = Path(__file__).parent


def geometry(width, height, size, square):
    """Scaled width and height, left and top padding, and the target's width and height."""
    ratio = min(size / height, size / width)
    scaled = [max(1, int(round(side * ratio))) for side in (width, height)]
    padding = [size - side for side in scaled]
    if not square:
        padding = [int(np.mod(side, 32)) for side in padding]
    before = [int(round(side / 2 - 0.1)) for side in padding]
    after = [int(round(side / 2 + 0.1)) for side in padding]
    target = [side + b + a for side, b, a in zip(scaled, before, after)]
    return scaled + before + target


def letterbox(image, size, square):
    scaled_width, scaled_height, left, top, width, height = geometry(image.shape[1], image.shape[0], size, square)
    if (scaled_height, scaled_width) != image.shape[:2]:
        image = cv2.resize(image, (scaled_width, scaled_height), interpolation=cv2.INTER_LINEAR)
    return cv2.copyMakeBorder(
        image, top, height - scaled_height - top, left, width - scaled_width - left, cv2.BORDER_CONSTANT,
        value=(114, 114, 114))


def scale_boxes(target, boxes, source):
    """Boxes of a target `(height, width)` in pixels of a source `(height, width)`, clipped."""
    gain = min(target[0] / source[0], target[1] / source[1])
    boxes[:, [0, 2]] -= (target[1] - source[1] * gain) / 2
    boxes[:, [1, 3]] -= (target[0] - source[0] * gain) / 2
    boxes /= gain
    boxes[:, [0, 2]] = boxes[:, [0, 2]].clamp(0, source[1])
    boxes[:, [1, 3]] = boxes[:, [1, 3]].clamp(0, source[0])
    return boxes


def sizes():
    edges = [(1, 1), (1, 4000), (4000, 1), (2, 3), (640, 640), (641, 480), (639, 480), (640, 1), (1, 640), (32, 32),
             (1280, 1280), (1280, 720), (720, 1280), (1920, 1080), (810, 1080), (4032, 3024), (65535, 2), (3, 30000),
             (608, 608), (640, 608), (640, 609), (640, 607), (1281, 641), (999, 1000), (1000, 999), (12, 7)]
    random = np.random.RandomState(3)
    some = [tuple(int(v) for v in random.randint(1, 2500, 2)) for _ in range(120)]
    # Heights whose scaled value ends in exactly one half, and in a padding that is odd, even, and a multiple of 64.
    halves = [(1280, height) for height in range(1, 80, 2)] + [(256, height) for height in range(101, 121)]
    return edges + some + halves


def main():
    rows = [
        [width, height, size, int(square)] + geometry(width, height, size, square)
        for width, height in sizes()
        for size, square in ((640, False), (640, True), (96, False))
    ]
    random = np.random.RandomState(4)
    boxes = []
    for width, height, size, square in ((810, 1080, 640, 0), (810, 1080, 640, 1), (75, 49, 96, 0), (4000, 1, 640, 0),
                                        (1, 1, 32, 1), (641, 480, 640, 0), (3, 30000, 640, 0), (640, 640, 640, 0)):
        target = geometry(width, height, size, square)[4:]
        corners = random.uniform(-50, max(target) + 50, (12, 4)).astype(np.float32)
        corners = np.concatenate((np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])), 1)
        back = scale_boxes(target[::-1], torch.from_numpy(corners.copy()), (height, width)).numpy()
        exact = lambda array: [[float(f"{value:.9g}") for value in row] for row in array]
        boxes.append({"size": [width, height, size, square], "boxes": exact(corners), "scaledBack": exact(back)})
    (HERE / "letterbox.json").write_text(
        json.dumps({"geometry": rows, "boxes": boxes}, separators=(",", ":")).replace("],[", "],\n[") + "\n")

    tensors = {}
    for width, height in ((19, 12), (32, 24), (64, 48), (45, 32), (5, 50)):
        image = random.randint(0, 256, (height, width, 3)).astype(np.uint8)
        tensors[f"{width}x{height}"] = image
        for square in (0, 1):
            tensors[f"{width}x{height}.{square}"] = letterbox(image, 32, square)
    header, offset, blobs = {}, 0, []
    for name, array in tensors.items():
        blob = array.tobytes()
        header[name] = {"dtype": "U8", "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / "letterbox.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


main()
