#!/usr/bin/env python3
"""Draws three small pictures and records what PyTorch and torchvision find in them with the weights that Limn ships.

    make_embedded.py              coins.png, mixed.png, dense.png and expected.json, beside this script
    make_embedded.py --records    expected.json only

Needs torch, torchvision and OpenCV (Debian 12: python3-torchvision, python3-opencv; recorded with torch 1.13.1 and
torchvision 0.14.1). The pictures come from the generator in Weights/train; they are kept without noise and in coarse
colours, to stay small as PNG, whose pixels are the same in every decoder. A picture is taken only if no decision about
it (a score at its threshold, two boxes that overlap just enough, a pixel of a mask) hangs on rounding.

`expected.json` explains itself under `about`.
"""

import json
import pathlib
import sys

import cv2
import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
WEIGHTS = HERE.parents[3] / "Weights"
sys.path.insert(0, str(WEIGHTS / "train"))

import maskrcnn  # noqa: E402
import networks  # noqa: E402
import reference  # noqa: E402
import scenes  # noqa: E402
from objects import CLASSES  # noqa: E402

WIDTH, HEIGHT = 480, 360
LARGEST = 60_000
SEED = 800_000
# What a picture must hold: classes, and the least and largest count of objects.
WANTED = {"coins": ({0}, 6, 14), "mixed": (set(range(6)), 7, 12), "dense": (set(range(6)), 20, 40)}

ABOUT = {
    "pictures": "PNG files beside this one; width and height in pixels",
    "yolov5": "limn-yolov5.safetensors by PyTorch in float32: letterbox 640 to the nearest multiple of 32, confidence "
              "0.25, IoU 0.45, the best class of each box",
    "maskrcnn": "limn-maskrcnn.safetensors by torchvision in float32: min_size and max_size as given, score above 0.05, "
                "IoU 0.5, at most 100",
    "detections": "by falling score: class (index of classes; the Mask R-CNN's own labels are one more), label, score, "
                  "box [x1, y1, x2, y2] in pixels of the picture",
    "mask": "COCO's compressed run lengths {size: [height, width], counts} of the pixels with a probability of at "
            "least 0.5, and their number as area",
}


def picture(index):
    """A drawn scene without noise, in 32 steps a channel, as BGR; and the labels of its objects."""
    image, owners, labels, areas = scenes.make(SEED, index, WIDTH, HEIGHT)
    _, labels, _ = scenes.instances(owners, labels, areas)
    image = cv2.bilateralFilter(cv2.medianBlur(image, 3), 7, 24, 3)
    return (image // 8 * 8 + 4).astype(np.uint8), labels


def run_lengths(mask):
    """The compressed counts of COCO's run-length encoding of a mask `[height, width]`."""
    flat = np.concatenate([[0], mask.astype(np.uint8).T.ravel(), [2]])
    edges = np.flatnonzero(np.diff(flat))
    counts = np.diff(np.concatenate([[0], edges])).tolist()
    text = []
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != (-1 if group & 0x10 else 0)
            text.append(chr((group | 0x20 if more else group) + 48))
    return "".join(text)


def rounded(values, digits):
    return [round(float(value), digits) for value in values]


class Recorder:
    def __init__(self):
        self.yolov5 = networks.load_yolov5(WEIGHTS / "limn-yolov5.safetensors")
        self.maskrcnn = networks.load_maskrcnn(WEIGHTS / "limn-maskrcnn.safetensors")

    def detections(self, image):
        return [
            {"class": int(row[5]), "label": CLASSES[int(row[5])], "score": round(float(row[4]), 6),
             "box": rounded(row[:4], 3)}
            for row in reference.detect(self.yolov5, image)]

    def segments(self, image):
        boxes, labels, scores, masks = reference.segment(self.maskrcnn, image)
        return [
            {"class": int(label) - 1, "label": CLASSES[int(label) - 1], "score": round(float(score), 6),
             "box": rounded(box, 3), "area": int(mask.sum()),
             "mask": {"size": list(mask.shape), "counts": run_lengths(mask.numpy())}}
            for box, label, score, mask in zip(boxes, labels, scores, masks)]

    def is_certain(self, image):
        """Whether slightly other thresholds and a slightly other picture leave the same detections, apart in score."""
        heads = self.maskrcnn.roi_heads
        found = []
        for change in (-1, 1):
            heads.score_thresh, heads.nms_thresh = 0.05 + 5e-4 * change, 0.5 + 2e-3 * change
            boxes, labels, _, _ = reference.segment(self.maskrcnn, image)
            rows = reference.detect(self.yolov5, image, confidence=0.25 + 5e-4 * change, iou=0.45 + 2e-3 * change)
            found.append((labels.tolist(), boxes.round().tolist(), rows[:, 5].tolist(), rows[:, :4].round().tolist()))
        heads.score_thresh, heads.nms_thresh = 0.05, 0.5
        return found[0] == found[1] and len(found[0][0]) < 80  # far from the limit of 100


def draw(recorder):
    """The first scenes of the seed that are small enough, hold what is wanted and are certain."""
    missing = dict(WANTED)
    for index in range(5000):
        image, labels = picture(index)
        for name, (classes, least, most) in list(missing.items()):
            if set(labels.tolist()) != classes or not least <= len(labels) <= most:
                continue
            data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()
            if len(data) < LARGEST and recorder.is_certain(np.ascontiguousarray(image[..., ::-1])):
                (HERE / f"{name}.png").write_bytes(data)
                print(f"{name}: scene {index}, {len(labels)} objects, {len(data)} bytes")
                del missing[name]
                break
        if not missing:
            return
    sys.exit(f"make_embedded: found no scene for {', '.join(missing)}")


def main():
    torch.set_num_threads(1)
    recorder = Recorder()
    if "--records" not in sys.argv:
        draw(recorder)
    pictures = []
    for name in WANTED:
        image = np.ascontiguousarray(cv2.imread(str(HERE / f"{name}.png"))[..., ::-1])
        record = {"file": f"{name}.png", "width": image.shape[1], "height": image.shape[0],
                  "yolov5": {"confidence": 0.25, "iou": 0.45, "size": 640, "detections": recorder.detections(image)},
                  "maskrcnn": {"confidence": 0.05, "iou": 0.5, "min_size": maskrcnn.MIN_SIZE,
                               "max_size": maskrcnn.MAX_SIZE, "detections": recorder.segments(image)}}
        pictures.append(record)
        print(name, len(record["yolov5"]["detections"]), len(record["maskrcnn"]["detections"]))
    versions = {"torch": torch.__version__, "torchvision": reference.torchvision.__version__, "opencv": cv2.__version__}
    lines = ",\n".join(json.dumps(record) for record in pictures)
    text = (f'{{"about": {json.dumps(ABOUT, indent=1)},\n"versions": {json.dumps(versions)},\n'
            f'"classes": {json.dumps(CLASSES)},\n"pictures": [\n{lines}\n]}}\n')
    json.loads(text)
    (HERE / "expected.json").write_text(text)


if __name__ == "__main__":
    main()
