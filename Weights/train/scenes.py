"""Draws scenes: objects on a background, photographed; and knows what is where.

    scenes.py FOLDER [--count 3000] [--seed 1] [--size 512]    a training set, as three arrays
    scenes.py FOLDER --pictures [--count 200] [--seed 900000]  pictures and truth.json in COCO's format

Scene number i of seed s is always the same, whatever else is drawn.
"""

import argparse
import json
import multiprocessing
import pathlib

import cv2
import numpy as np

import backgrounds
import objects
from objects import CLASSES

# An object of which less is visible is not asked for.
LEAST_VISIBLE = 0.25


class Scene:
    """A picture in the making and the owner of each pixel: 0 the background, k the object `labels[k - 1]`."""

    def __init__(self, random, image):
        height, width = image.shape[:2]
        self.random, self.image = random, image
        self.width, self.height = width, height
        self.owners = np.zeros((height, width), np.uint8)
        self.labels = []  # indices of CLASSES
        self.areas = []  # pixels of each before others covered it
        self.circles = []  # centre and radius of all that lies there
        direction, lift = random.uniform(0, 6.28), random.uniform(0.6, 1.4)
        light = np.array([np.cos(direction), np.sin(direction), lift])
        self.light = (light / np.linalg.norm(light)).astype(np.float32)
        # The camera looks from above, or somewhat from the side.
        self.squash = 1 - max(0, random.normal(0, 0.13)) if random.uniform() < 0.5 else 1.0
        self.squash = max(self.squash, 0.68)
        self.shadow = random.uniform(0.15, 0.7), random.uniform(0.01, 0.14), random.uniform(0.02, 0.12)

    def has_room(self, x, y, radius, closeness):
        """Whether nothing lies nearer than `closeness` times the sum of the radii."""
        for cx, cy, cr in self.circles:
            if np.hypot(cx - x, (cy - y) / self.squash) < closeness * (cr + radius):
                return False
        return True

    def place(self, name, x, y, radius):
        """Draws an object with its shadow."""
        random = self.random
        n = int(np.clip(radius * 2.6, 28, 300))
        colour, alpha = objects.DRAW[name](random, n, self.light)
        angle = random.uniform(0, 2 * np.pi) if name != "coin" else random.normal(0, 0.3)
        c, s = np.cos(angle), np.sin(angle)
        scale = 2 * radius / objects.EXTENT / n
        turn = np.array([[c, -s], [s, c]]) * scale
        matrix = np.array([[1, 0], [0, self.squash]]) @ turn
        reach = int(radius * 1.3) + 6
        left, top = int(x) - reach, int(y) - reach
        side = 2 * reach + 1
        offset = np.array([x - left, y - top]) - matrix @ np.array([(n - 1) / 2, (n - 1) / 2])
        affine = np.concatenate([matrix, offset[:, None]], 1)
        alpha = cv2.warpAffine(np.ascontiguousarray(alpha, np.float32), affine, (side, side), flags=cv2.INTER_LINEAR)
        colour = cv2.warpAffine(
            np.ascontiguousarray(colour, np.float32), affine, (side, side), flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE)
        x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + side, self.width), min(top + side, self.height)
        if x1 >= x2 or y1 >= y2:
            return
        part = slice(y1 - top, y2 - top), slice(x1 - left, x2 - left)
        area = slice(y1, y2), slice(x1, x2)

        depth, far, soft = self.shadow
        thick = random.uniform(0.5, 1.3) * radius
        shift = np.float32([[1, 0, -self.light[0] * far * thick], [0, 1, -self.light[1] * far * thick]])
        shadow = cv2.warpAffine(alpha, shift, (side, side))
        shadow = cv2.GaussianBlur(shadow, (0, 0), max(0.6, soft * thick))
        below = self.image[area] * (1 - depth * shadow[part][..., None])
        cover = alpha[part][..., None]
        self.image[area] = below * (1 - cover) + np.clip(colour[part], 0, 255) * cover
        solid = alpha[part] > 0.5
        if name in CLASSES:
            self.labels.append(CLASSES.index(name))
            self.areas.append(int((alpha > 0.5).sum()))
            self.owners[area][solid] = len(self.labels)
        else:
            self.owners[area][solid] = 0
        self.circles.append((x, y, radius))

    def scatter(self, names, radii, closeness):
        """Places objects at random where there is room, the larger ones first."""
        margin = 0.3 if self.random.uniform() < 0.7 else -0.7
        middle, spread = self.random.uniform(0.35, 0.65, 2), self.random.uniform(0.16, 0.4)
        gathered = self.random.uniform() < 0.35
        order = self.random.permutation(len(radii)) if self.random.uniform() < 0.5 else np.argsort(radii)[::-1]
        for index in order:
            if len(self.labels) >= 250:
                break
            radius = radii[index]
            for _ in range(30):
                if gathered:
                    x, y = self.random.normal(middle, spread, 2) * (self.width, self.height)
                else:
                    x = self.random.uniform(radius * margin, self.width - radius * margin)
                    y = self.random.uniform(radius * margin, self.height - radius * margin)
                if not (0 <= x < self.width and 0 <= y < self.height):
                    continue
                if self.has_room(x, y, radius, closeness):
                    self.place(names[index], x, y, radius)
                    break

    def touch(self, names, radii, closeness):
        """Places objects beside one another: each touches one that lies there, as coins poured on a table."""
        for index in self.random.permutation(len(radii)):
            radius = radii[index]
            for _ in range(40):
                if self.circles and self.random.uniform() < 0.8:
                    cx, cy, cr = self.circles[self.random.randint(len(self.circles))]
                    angle = self.random.uniform(0, 2 * np.pi)
                    away = (cr + radius) * self.random.uniform(closeness, 1.12)
                    x, y = cx + np.cos(angle) * away, cy + np.sin(angle) * away * self.squash
                else:
                    x, y = self.random.uniform(0, 1, 2) * (self.width, self.height)
                inside = radius * 0.5 < x < self.width - radius * 0.5 and radius * 0.5 < y < self.height - radius * 0.5
                if inside and self.has_room(x, y, radius, closeness):
                    self.place(names[index], x, y, radius)
                    break

    def coins(self):
        """Nothing but coins, few or many, of a few denominations."""
        random = self.random
        count = int(np.exp(random.uniform(np.log(2), np.log(75))))
        room = np.sqrt(self.width * self.height / count)
        base = np.clip(room * random.uniform(0.13, 0.44), 7, 130)
        sizes = base * random.uniform(0.68, 1.3, random.randint(1, 8))
        radii = np.maximum(random.choice(sizes, count) * random.uniform(0.97, 1.03, count), 7.5)
        names = ["coin"] * count
        if random.uniform() < 0.2:
            names = [random.choice(CLASSES + ["distractor"]) if random.uniform() < 0.15 else "coin" for _ in names]
        closeness = random.uniform(0.98, 1.05) if random.uniform() < 0.7 else random.uniform(0.7, 0.98)
        (self.touch if random.uniform() < 0.45 else self.scatter)(names, radii, closeness)

    def mixture(self):
        random = self.random
        count = int(np.exp(random.uniform(np.log(4), np.log(45))))
        room = np.sqrt(self.width * self.height / count)
        radii = np.exp(random.uniform(np.log(9), np.log(np.clip(room * 0.6, 14, 150)), count))
        few = list(random.choice(CLASSES, random.randint(1, 7), replace=False))
        wanted = few if random.uniform() < 0.4 else CLASSES
        names = [random.choice(wanted) if random.uniform() < 0.86 else "distractor" for _ in range(count)]
        closeness = random.uniform(0.95, 1.1) if random.uniform() < 0.55 else random.uniform(0.68, 0.95)
        (self.touch if random.uniform() < 0.2 else self.scatter)(names, radii, closeness)

    def photograph(self):
        """Light, lens, sensor and compression; returns uint8 BGR."""
        random, image = self.random, self.image
        y, x = np.mgrid[: self.height, : self.width].astype(np.float32)
        if random.uniform() < 0.7:
            angle, fall = random.uniform(0, 6.28), random.uniform(0, 0.45)
            t = (x / self.width - 0.5) * np.cos(angle) + (y / self.height - 0.5) * np.sin(angle)
            image = image * (1 + fall * t)[..., None]
        if random.uniform() < 0.4:
            cx, cy = random.uniform(0.2, 0.8, 2) * (self.width, self.height)
            distance = ((x - cx) / self.width) ** 2 + ((y - cy) / self.height) ** 2
            image = image * (1 - random.uniform(0.1, 0.8) * distance)[..., None]
        image = image * random.uniform(0.65, 1.15) * (1 + random.normal(0, 0.05, 3).astype(np.float32))
        if random.uniform() < 0.12:
            grey = image @ np.float32([0.114, 0.587, 0.299])
            image = np.repeat(grey[..., None], 3, 2)
        if random.uniform() < 0.5:
            image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.3, 1.3))
        image = 255 * np.clip(image / 255, 0, 1) ** np.float32(random.uniform(0.75, 1.3))
        if random.uniform() < 0.6:
            image = image + random.normal(0, random.uniform(0.5, 9), image.shape).astype(np.float32)
        image = np.clip(np.round(image), 0, 255).astype(np.uint8)
        if random.uniform() < 0.5:
            quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.randint(35, 96))]
            image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR)
        return image


def make(seed, index, width, height):
    """Scene `index` of `seed`: the picture (uint8 BGR), the owners of its pixels, and of each owner class and area."""
    random = np.random.RandomState([seed, index])
    kind = random.uniform()
    if kind < 0.24 and random.uniform() < 0.5:  # coins on a table: mostly on a sheet of paper
        scene = Scene(random, np.clip(backgrounds.paper(random, width, height), 0, 255).astype(np.float32))
        scene.shadow = random.uniform(0.1, 0.5), random.uniform(0.01, 0.06), random.uniform(0.02, 0.08)
    else:
        scene = Scene(random, backgrounds.background(random, width, height))
    if kind < 0.24:
        scene.coins()
    elif kind < 0.97:
        scene.mixture()
    else:  # nothing to find
        count = random.randint(0, 8)
        scene.scatter(["distractor"] * count, random.uniform(8, 60, count), 1)
    image = scene.photograph()
    return image, scene.owners, np.array(scene.labels, np.int64), np.array(scene.areas, np.int64)


def instances(owners, labels, areas, least=LEAST_VISIBLE):
    """What of a scene, or of a part of it, is asked for: boxes [N, 4] of x1 y1 x2 y2, labels [N], owners [N]."""
    counts = np.bincount(owners.ravel(), minlength=len(labels) + 1)[1:]
    kept = np.flatnonzero((counts >= np.maximum(areas * least, 16)))
    boxes = np.zeros((len(kept), 4), np.float32)
    for row, index in enumerate(kept):
        mask = owners == index + 1
        columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
        boxes[row] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes, labels[kept], kept + 1


def training_part(job):
    """Draws scenes first ..< last into the arrays of the folder."""
    folder, seed, size, first, last = job
    images = np.load(folder / "images.npy", mmap_mode="r+")
    owners = np.load(folder / "owners.npy", mmap_mode="r+")
    facts = []
    for index in range(first, last):
        images[index], owners[index], labels, areas = make(seed, index, size, size)
        facts.append((index, labels.tolist(), areas.tolist()))
    images.flush()
    owners.flush()
    return facts


def training_set(folder, seed, count, size, processes):
    folder.mkdir(parents=True, exist_ok=True)
    for name, shape in (("images", (count, size, size, 3)), ("owners", (count, size, size))):
        np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=np.uint8, shape=shape).flush()
    jobs = [(folder, seed, size, first, min(first + 20, count)) for first in range(0, count, 20)]
    facts = []
    with multiprocessing.Pool(processes) as pool:
        for part in pool.imap(training_part, jobs):
            facts += part
    facts.sort()
    text = json.dumps({"labels": [f[1] for f in facts], "areas": [f[2] for f in facts]})
    (folder / "facts.json").write_text(text)


def held_out_size(index):
    """Pictures of several formats."""
    return [(640, 480), (480, 640), (640, 640), (560, 420)][index % 4]


def picture_set(folder, seed, count):
    """PNG pictures, and the truth as a COCO data set with one category a class, numbered from 1."""
    from pycocotools import mask as coding

    folder.mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for index in range(count):
        image, owners, labels, areas = make(seed, index, *held_out_size(index))
        name = f"{index + 1:04d}.png"  # its number is its id
        cv2.imwrite(str(folder / name), image)
        images.append({"id": index + 1, "file_name": name, "width": image.shape[1], "height": image.shape[0]})
        for box, label, owner in zip(*instances(owners, labels, areas)):
            mask = coding.encode(np.asfortranarray((owners == owner).astype(np.uint8)))
            x1, y1, x2, y2 = box.tolist()
            annotations.append({
                "id": len(annotations) + 1, "image_id": index + 1, "category_id": int(label) + 1, "iscrowd": 0,
                "bbox": [x1, y1, x2 - x1, y2 - y1], "area": float(coding.area(mask)),
                "segmentation": {"size": mask["size"], "counts": mask["counts"].decode()}})
    categories = [{"id": k + 1, "name": name} for k, name in enumerate(CLASSES)]
    truth = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "truth.json").write_text(json.dumps(truth))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--pictures", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.pictures:
        picture_set(arguments.folder, arguments.seed or 900000, arguments.count or 200)
    else:
        training_set(arguments.folder, arguments.seed or 1, arguments.count or 3000, arguments.size,
                     arguments.processes)


if __name__ == "__main__":
    main()
