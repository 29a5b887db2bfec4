"""Detections of photographs, to compare engines that round differently: by the objects that they find."""

import pathlib

import numpy as np

CONFIDENCE, OVERLAP = 0.25, 0.45
CLEAR = 0.4
# Of the clear detections of float32 that a precision must find, class and place, and of its own that float32 must
# have: bfloat16 has 8 bits of precision and int8 at most 8, so scores near the threshold cross it.
FOUND = {"bfloat16": 0.93, "int8": 0.85}
SAME_PLACE = 0.7


def letterboxed(path, height, width):
    """A photograph [3, height, width], RGB from 0 to 1, fitted into the size between grey bars."""
    import cv2

    picture = cv2.imread(str(path))
    if picture is None:
        raise OSError(f"cannot read {path}")
    scale = min(height / picture.shape[0], width / picture.shape[1])
    rows, columns = round(picture.shape[0] * scale), round(picture.shape[1] * scale)
    canvas = np.full((height, width, 3), 114, np.uint8)
    top, left = (height - rows) // 2, (width - columns) // 2
    canvas[top:top + rows, left:left + columns] = cv2.resize(picture, (columns, rows))
    return np.ascontiguousarray(canvas[..., ::-1].transpose(2, 0, 1), np.float32) / 255


def photographs(folder):
    """The pictures of a folder by name."""
    return sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png"))


def overlaps(box, boxes):
    corner = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = np.clip(corner, 0, None).prod(1)
    return shared / ((box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1) - shared)


def detections(output):
    """Rows of x1 y1 x2 y2 score class of an output [boxes, 5 + classes], by falling score."""
    classes = output[:, 5:].argmax(1)
    scores = output[:, 4] * output[np.arange(len(output)), 5 + classes]
    kept = scores > CONFIDENCE
    centre, size = output[kept, :2], output[kept, 2:4]
    rows = np.concatenate(
        [centre - size / 2, centre + size / 2, scores[kept, None], classes[kept, None]], 1, dtype=np.float64)
    rows = rows[(-rows[:, 4]).argsort(kind="stable")]
    result = []
    while len(rows):
        result.append(rows[0])
        same = (rows[:, 5] == rows[0, 5]) & (overlaps(rows[0, :4], rows[:, :4]) > OVERLAP)
        same[0] = True
        rows = rows[~same]
    return np.array(result).reshape(-1, 6)


def found(wanted, rows):
    """How many clear detections of `wanted` are among `rows`, each once, and how many there are."""
    free = np.ones(len(rows), bool)
    clear = wanted[wanted[:, 4] > CLEAR]
    count = 0
    for row in clear:
        near = free & (rows[:, 5] == row[5]) if len(rows) else free
        near = np.flatnonzero(near)
        shared = overlaps(row[:4], rows[near, :4])
        if len(near) and shared.max() > SAME_PLACE:
            free[near[shared.argmax()]] = False
            count += 1
    return count, len(clear)
