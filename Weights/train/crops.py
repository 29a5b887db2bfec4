"""Square parts of the drawn scenes, at other scales, turned, mirrored and recoloured: what the networks train on."""

import json
import pathlib

import cv2
import numpy as np

import scenes

GREY = 114


class Crops:
    """An endless, seeded sequence of `(picture, boxes, labels, masks)` from a folder that `scenes.py` filled.

    `picture` is uint8 RGB `[size, size, 3]`, `boxes` float32 `[N, 4]` of x1 y1 x2 y2 in pixels, `masks` uint8
    `[N, size, size]`, or nothing where masks are not wanted.
    """

    def __init__(self, folder, size, seed, scales=(0.6, 1.6), masks=False):
        folder = pathlib.Path(folder)
        self.images = np.load(folder / "images.npy", mmap_mode="r")
        self.owners = np.load(folder / "owners.npy", mmap_mode="r")
        facts = json.loads((folder / "facts.json").read_text())
        self.labels = [np.array(labels, np.int64) for labels in facts["labels"]]
        self.areas = [np.array(areas, np.int64) for areas in facts["areas"]]
        self.size, self.scales, self.masks = size, scales, masks
        self.random = np.random.RandomState(seed)
        self.order = []

    def __iter__(self):
        return self

    def __next__(self):
        if not len(self.order):
            self.order = self.random.permutation(len(self.labels)).tolist()
        index = self.order.pop()
        scale = np.exp(self.random.uniform(*np.log(self.scales)))
        image, owners = self.part(self.images[index], self.owners[index], scale)
        turns, mirrored = self.random.randint(4), self.random.randint(2)
        image, owners = np.rot90(image, turns), np.rot90(owners, turns)
        if mirrored:
            image, owners = image[:, ::-1], owners[:, ::-1]
        boxes, labels, found = scenes.instances(owners, self.labels[index], self.areas[index] * scale**2)
        image = self.recoloured(np.ascontiguousarray(image))[..., ::-1]
        masks = np.stack([owners == owner for owner in found]).astype(np.uint8) if self.masks and len(found) else None
        return np.ascontiguousarray(image), boxes, labels, masks

    def part(self, image, owners, scale):
        """A window of the scene, resized to the size wanted; grey where the scene ends."""
        side = int(round(self.size / scale))
        height, width = owners.shape
        x = self.random.randint(min(0, width - side), max(0, width - side) + 1)
        y = self.random.randint(min(0, height - side), max(0, height - side) + 1)
        inside = slice(max(y, 0), min(y + side, height)), slice(max(x, 0), min(x + side, width))
        place = slice(inside[0].start - y, inside[0].stop - y), slice(inside[1].start - x, inside[1].stop - x)
        window = np.full((side, side, 3), GREY, np.uint8)
        window[place] = image[inside]
        owned = np.zeros((side, side), np.uint8)
        owned[place] = owners[inside]
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        return (cv2.resize(window, (self.size, self.size), interpolation=way),
                cv2.resize(owned, (self.size, self.size), interpolation=cv2.INTER_NEAREST))

    def recoloured(self, image):
        """Another exposure, contrast, white balance and saturation, through one table a channel."""
        random = self.random
        if random.uniform() < 0.3:
            return image
        levels = np.arange(256, dtype=np.float32) / 255
        gamma, gain, lift = random.uniform(0.75, 1.35), random.uniform(0.75, 1.2), random.uniform(-0.06, 0.06)
        balance = 1 + random.normal(0, 0.05, 3)
        table = np.stack([np.clip(levels**gamma * gain * b + lift, 0, 1) * 255 for b in balance], 1)
        image = cv2.LUT(image, table[None].astype(np.uint8))
        if random.uniform() < 0.4:
            grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
            keep = random.uniform(0, 1.3)
            image = cv2.addWeighted(image, keep, grey, 1 - keep, 0)
        return image
