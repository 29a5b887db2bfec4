"""Trains the Mask R-CNN on drawn scenes, on one core.

    train_maskrcnn.py SCENES OUTPUT [--steps 3000] [--minutes 60] [--start WEIGHTS]

SCENES is a folder that `scenes.py` filled. OUTPUT gets `maskrcnn.pt`, the running mean of the weights, every 200 steps,
and `maskrcnn.log`. Convolutions compute in bfloat16, which doubles the speed; the weights stay in float32.

A few boxes a picture teach slowly what the classes look like. So while it trains, a 1x1 convolution on the finest maps
of the pyramid is asked for the class of every cell; it is no part of the network that is exported.
"""

import argparse
import pathlib

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

import maskrcnn
import training
from crops import Crops
from objects import CLASSES

SEED = 11
# Boxes and masks are learnt sooner than classes.
CLASSIFIER = 2.0


def halved(module):
    """Makes a module compute in bfloat16 and answer in float32."""
    inner = module.forward

    def widened(value):
        if isinstance(value, dict):
            return {key: widened(v) for key, v in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(widened(v) for v in value)
        return value.float()

    def forward(*inputs):
        with torch.autocast("cpu", torch.bfloat16):
            return widened(inner(*inputs))

    module.forward = forward


class CellClasses(nn.Module):
    """The class of each cell of the pyramid's two finest maps."""

    def __init__(self, classes):
        super().__init__()
        self.score = nn.ModuleList(nn.Conv2d(maskrcnn.CHANNELS, classes, 1) for _ in range(2))
        self.weights = torch.tensor([0.3] + [1.0] * (classes - 1))

    def loss(self, features, targets):
        classes = torch.stack([
            (target["masks"] * target["labels"].to(torch.uint8)[:, None, None]).amax(0) for target in targets])
        total = 0
        for score, feature in zip(self.score, features.values()):
            step = classes.shape[-1] // feature.shape[-1]
            wanted = classes[:, step // 2 :: step, step // 2 :: step].long()
            total = total + functional.cross_entropy(score(feature), wanted, self.weights)
        return total


def batch(crops, count):
    """Pictures `[3, H, W]` from 0 to 1, and torchvision's targets; pictures without any object are passed over."""
    pictures, targets = [], []
    while len(pictures) < count:
        picture, boxes, labels, masks = next(crops)
        if len(boxes):
            pictures.append(torch.from_numpy(picture).permute(2, 0, 1).float() / 255)
            targets.append({"boxes": torch.from_numpy(boxes), "labels": torch.from_numpy(labels) + 1,
                            "masks": torch.from_numpy(masks)})
    return pictures, targets


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--minutes", type=float, default=1e9, help="lower the rate to its end by then, if earlier")
    parser.add_argument("--start", type=pathlib.Path, help="weights to go on from")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(SEED)
    np.random.seed(SEED)

    model = maskrcnn.build(
        len(CLASSES) + 1, min_size=arguments.size, max_size=arguments.size, rpn_pre_nms_top_n_train=400,
        rpn_post_nms_top_n_train=200, rpn_batch_size_per_image=128, box_batch_size_per_image=40)
    if arguments.start:
        model.load_state_dict(torch.load(arguments.start))
    cells = CellClasses(len(CLASSES) + 1)
    model = model.to(memory_format=torch.channels_last).train()
    mean = training.Mean(model, 0.997)
    for module in (model.backbone, model.rpn.head, model.roi_heads.box_head, model.roi_heads.mask_head):
        halved(module)
    pyramid = {}  # of the latest batch
    model.backbone.register_forward_hook(lambda module, inputs, maps: pyramid.update(maps))
    trained = nn.ModuleList([model, cells])
    optimizer = torch.optim.AdamW(training.parameters(trained, 0.02), betas=(0.9, 0.98))
    crops = Crops(arguments.scenes, arguments.size, SEED, masks=True)
    log = training.Log(arguments.output / "maskrcnn.log")
    means = {}
    for step in range(arguments.steps):
        # The share of the training that is done: by steps, or by time where that is short.
        done = max(step, int(arguments.steps * log.minutes() / arguments.minutes))
        if done >= arguments.steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = training.rate(done, arguments.steps, 200, arguments.rate)
        pictures, targets = batch(crops, arguments.batch)
        losses = model(pictures, targets)
        losses["loss_classifier"] = losses["loss_classifier"] * CLASSIFIER
        losses["loss_cells"] = cells.loss(pyramid, targets)
        optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 5.0)
        optimizer.step()
        mean.update(model)
        for name, value in losses.items():
            means[name] = 0.98 * means.get(name, value.item()) + 0.02 * value.item()
        if step % 100 == 99:
            log.write(step=step + 1, images=(step + 1) * arguments.batch, rate=optimizer.param_groups[0]["lr"], **means)
        if step % 200 == 199:
            training.save(mean.model, arguments.output / "maskrcnn.pt")
    training.save(mean.model, arguments.output / "maskrcnn.pt")
    log.write(step=step + 1, end=True)


if __name__ == "__main__":
    main()
