"""Trains the YOLOv5 on drawn scenes.

    train_yolov5.py SCENES OUTPUT [--steps 4000] [--minutes 55] [--start WEIGHTS --seed 8]

SCENES is a folder that `scenes.py` filled. OUTPUT gets `yolov5.pt`, the running mean of the weights, every 200 steps,
and `yolov5.log`.
"""

import argparse
import pathlib

import cv2
import numpy as np
import torch

import training
from crops import Crops
from objects import CLASSES
from yolov5 import STRIDES, YOLOv5
from yolov5_loss import loss

SEED = 7


def batch(crops, count):
    """Pictures `[N, 3, H, W]` from 0 to 1, and rows of picture, class, x, y, w, h in pixels."""
    pictures, rows = [], []
    for index in range(count):
        picture, boxes, labels, _ = next(crops)
        pictures.append(torch.from_numpy(picture))
        for (x1, y1, x2, y2), label in zip(boxes.tolist(), labels.tolist()):
            rows.append([index, label, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])
    x = torch.stack(pictures).permute(0, 3, 1, 2).float() / 255
    return x.contiguous(memory_format=torch.channels_last), torch.tensor(rows).view(-1, 6)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--minutes", type=float, default=1e9, help="lower the rate to its end by then, if earlier")
    parser.add_argument("--start", type=pathlib.Path, help="weights to go on from")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(arguments.seed)
    np.random.seed(arguments.seed)

    model = YOLOv5(len(CLASSES))
    if arguments.start:
        model.load_state_dict(torch.load(arguments.start, map_location="cpu"))
    model = model.to(memory_format=torch.channels_last).train()
    mean = training.Mean(model, 0.998)
    optimizer = torch.optim.AdamW(training.parameters(model, 0.02), betas=(0.9, 0.98))
    crops = Crops(arguments.scenes, arguments.size, arguments.seed)
    log = training.Log(arguments.output / "yolov5.log")
    parts = torch.zeros(3)
    for step in range(arguments.steps):
        # The share of the training that is done: by steps, or by time where that is short.
        done = max(step, int(arguments.steps * log.minutes() / arguments.minutes))
        if done >= arguments.steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = training.rate(done, arguments.steps, 150, arguments.rate)
        x, targets = batch(crops, arguments.batch)
        total, latest = loss(model(x), targets, model.anchors, STRIDES)
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        mean.update(model)
        parts = latest if step == 0 else parts * 0.98 + latest * 0.02
        if step % 100 == 99:
            box, objectness, label = parts.tolist()
            log.write(step=step + 1, images=(step + 1) * arguments.batch, rate=optimizer.param_groups[0]["lr"],
                      box=box, objectness=objectness, label=label)
        if step % 200 == 199:
            training.save(mean.model, arguments.output / "yolov5.pt")
    training.save(mean.model, arguments.output / "yolov5.pt")
    log.write(step=step + 1, end=True)


if __name__ == "__main__":
    main()
