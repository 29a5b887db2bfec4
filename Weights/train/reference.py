"""What PyTorch and torchvision compute of a picture with the weights that Limn ships, at Limn's defaults."""

import cv2
import numpy as np
import torch
import torchvision

import yolov5


def geometry(width, height, size):
    """Of the rectangular letterbox: scaled width and height, left and top padding, the target's width and height."""
    ratio = min(size / height, size / width)
    scaled = [max(1, int(round(side * ratio))) for side in (width, height)]
    padding = [int(np.mod(size - side, 32)) for side in scaled]
    before = [int(round(side / 2 - 0.1)) for side in padding]
    after = [int(round(side / 2 + 0.1)) for side in padding]
    return scaled + before + [side + b + a for side, b, a in zip(scaled, before, after)]


def letterbox(image, size):
    scaled_width, scaled_height, left, top, width, height = geometry(image.shape[1], image.shape[0], size)
    if (scaled_height, scaled_width) != image.shape[:2]:
        image = cv2.resize(image, (scaled_width, scaled_height), interpolation=cv2.INTER_LINEAR)
    return cv2.copyMakeBorder(
        image, top, height - scaled_height - top, left, width - scaled_width - left, cv2.BORDER_CONSTANT,
        value=(114, 114, 114))


def suppressed(prediction, confidence, iou, limit=1000):
    """Rows of x1, y1, x2, y2, score, class by falling score; the best class of each box."""
    prediction = prediction[prediction[:, 4] > confidence]
    corners = torch.cat((prediction[:, :2] - prediction[:, 2:4] / 2, prediction[:, :2] + prediction[:, 2:4] / 2), 1)
    scores, number = (prediction[:, 5:] * prediction[:, 4:5]).max(1)
    kept = scores > confidence
    boxes, scores, number = corners[kept], scores[kept], number[kept]
    kept = torchvision.ops.nms(boxes + number[:, None].float() * 7680, scores, iou)[:limit]
    return torch.cat((boxes[kept], scores[kept, None], number[kept, None].float()), 1)


def scaled_back(rows, target, source):
    """Boxes of a target `(height, width)` in pixels of the source, clipped."""
    rows = rows.clone()
    gain = min(target[0] / source[0], target[1] / source[1])
    rows[:, [0, 2]] -= (target[1] - source[1] * gain) / 2
    rows[:, [1, 3]] -= (target[0] - source[0] * gain) / 2
    rows[:, :4] /= gain
    rows[:, [0, 2]] = rows[:, [0, 2]].clamp(0, source[1])
    rows[:, [1, 3]] = rows[:, [1, 3]].clamp(0, source[0])
    return rows


@torch.no_grad()
def detect(model, image, size=640, confidence=0.25, iou=0.45):
    """The YOLOv5's detections of an RGB picture: rows of x1, y1, x2, y2, score, class."""
    boxed = letterbox(image, size)
    x = torch.from_numpy(boxed.astype(np.float32) / np.float32(255)).permute(2, 0, 1)[None]
    prediction = yolov5.decode(model(x), model.anchors)[0]
    return scaled_back(suppressed(prediction, confidence, iou), boxed.shape[:2], image.shape[:2])


@torch.no_grad()
def segment(model, image):
    """The Mask R-CNN's boxes, labels, scores and masks (of probabilities from 0.5) of an RGB picture."""
    found = model([torchvision.transforms.functional.to_tensor(image)])[0]
    return found["boxes"], found["labels"], found["scores"], found["masks"][:, 0] >= 0.5
