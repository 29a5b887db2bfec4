#!/usr/bin/env python3
"""Reads what Limn wrote as `yolo` as YOLOv5 6.0 to 7.0 and later, and Ultralytics, do before they train.

    check_yolo_trainers.py FOLDER --yolov5 CLONE --ultralytics SOURCES
    check_yolo_trainers.py --layouts --yolov5 CLONE --ultralytics SOURCES

FOLDER holds data.yaml, classes.txt, labels/ and the pictures in images/. CLONE is a git clone of ultralytics/yolov5
with its tags, SOURCES the folder that holds the package `ultralytics` (`pip download --no-deps ultralytics`,
unzipped). Each release's own functions are taken from there and run: check_dataset, the loader's search for pictures,
img2label_paths, verify_image_label, and what train.py and val.py make of names and nc; only what they need of PyTorch
and of the network is replaced. They run in an empty folder, as a trainer is started from its own. Every picture must
have its label file and be taken, and the names must be those of classes.txt. Prints a line a release; exits 1 when one
refuses.

--layouts writes data.yaml in several ways instead, and prints which release takes which.

Needs what requirements.txt beside it brings.
"""

import __future__
import argparse
import ast
import contextlib
import dataclasses
import glob
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import types
import zipfile

import numpy
import PIL.ExifTags
import PIL.Image
import PIL.ImageOps
import yaml

YOLOV5 = ["v6.0", "v6.1", "v6.2", "v7.0", "HEAD"]


class Refused(Exception):
    """Why a release does not take a dataset."""


class Unfamiliar(Exception):
    """Sources that are not as these checks know them."""


class Found(BaseException):
    """Leaves a loader with the pictures and label files that it found; no `except Exception` stops it."""


def definitions(source, *names):
    """The functions, classes, methods (`Class.method`) and assignments of these names, as a module of their own."""
    body, found = [], set()
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        defined = {getattr(node, "name", None), *(target.id for target in targets if isinstance(target, ast.Name))}
        if isinstance(node, ast.ClassDef):
            methods = {f"{node.name}.{item.name}": item for item in node.body if isinstance(item, ast.FunctionDef)}
            body += [methods[name] for name in names if name in methods]
            found |= methods.keys() & set(names)
        if defined & set(names):
            body.append(node)
            found |= defined & set(names)
    missing = set(names) - found
    if missing:
        raise Unfamiliar(f"the sources lack {', '.join(sorted(missing))}")
    return compile(ast.Module(body, []), "sources", "exec", flags=__future__.annotations.compiler_flag)


def statements(source, function, *names):
    """The statements at the head of a function that assign or assert something of these variables, in order."""
    def concerns(node):
        if isinstance(node, ast.Assign):
            return any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
        if isinstance(node, ast.Assert):
            used = {item.id for item in ast.walk(node.test) if isinstance(item, ast.Name)}
            return used <= {"len", *names}
        return isinstance(node, ast.If) and not node.orelse and all(concerns(item) for item in node.body)

    [body] = [node.body for node in ast.parse(source).body if getattr(node, "name", None) == function]
    return compile(ast.Module([node for node in body if concerns(node)], []), "sources", "exec")


def no_network(*_, **__):
    raise Refused("it wants to download")


def boxes_around(polygons):
    """The boxes of polygons as centre and size."""
    ends = [(polygon.min(0), polygon.max(0)) for polygon in polygons]
    return numpy.array([[*(low + high) / 2, *(high - low)] for low, high in ends])


class Silent:
    """A logger."""

    def info(self, *_):
        pass

    warning = error = info


def namespace(root):
    """What the functions of a trainer find around them."""
    return {
        "os": os, "re": re, "time": time, "glob": glob, "yaml": yaml, "np": numpy, "Path": pathlib.Path,
        "ZipFile": zipfile.ZipFile, "is_zipfile": zipfile.is_zipfile, "is_tarfile": tarfile.is_tarfile,
        "zipfile": zipfile, "Image": PIL.Image, "ImageOps": PIL.ImageOps, "ExifTags": PIL.ExifTags,
        "ROOT": root, "DATASETS_DIR": root.parent / "datasets",
        "SETTINGS_FILE": root / "settings.json", "LOGGER": Silent(), "emojis": str, "colorstr": lambda *text: text[-1],
        "clean_url": str, "is_ascii": lambda text: str(text).isascii(), "check_font": lambda *_, **__: None,
        "check_file": lambda file, **_: file, "check_file_speeds": lambda *_, **__: None, "download": no_network,
        "safe_download": no_network, "exif_size": lambda picture: picture.size, "segments2boxes": boxes_around,
    }


@dataclasses.dataclass
class Dataset:
    """What a trainer made of data.yaml: its names as it prints them, pictures and label files, and rows a file."""

    names: list
    pairs: list
    rows: list


def labels_of(pairs, verify):
    """The rows of each label file, as the trainer's own check counts them."""
    rows = []
    for picture, label in pairs:
        result = verify(picture, label)
        labels, corrupt, message = result[1], result[-2], result[-1]
        if corrupt:
            raise Refused(message)
        if message:
            raise Refused(f"it changes something: {message}")
        rows.append(len(labels))
    return rows


class YOLOv5:
    """A release of the repository."""

    def __init__(self, clone, release, package, root):
        self.name = f"YOLOv5 {release}"
        self.clone, self.release, self.package, self.root = clone, release, package, root

    def source(self, *paths):
        """The text of the first of these files that the release has."""
        for path in paths:
            shown = subprocess.run(
                ["git", "-C", self.clone, "show", f"{self.release}:{path}"], capture_output=True, check=False)
            if shown.returncode == 0:
                return shown.stdout.decode()
        raise Unfamiliar(f"{self.clone} has no {' or '.join(paths)} at {self.release}")

    def read(self, file):
        general, loaders = self.source("utils/general.py"), self.source("utils/dataloaders.py", "utils/datasets.py")
        here = namespace(self.root)
        exec(definitions(general, "check_dataset"), here)
        with contextlib.suppress(Unfamiliar):  # before 6.2 there is none
            exec(definitions(general, "yaml_load"), here)
        exec(definitions(
            loaders, "IMG_FORMATS", "HELP_URL", "verify_image_label", "LoadImagesAndLabels.__init__"), here)
        try:
            exec(definitions(loaders, "img2label_paths"), here)
        except Unfamiliar:  # after 7.0 it is the package's
            exec(definitions(self.package.source("data/utils.py"), "img2label_paths"), here)
        data = here["check_dataset"](str(file))
        training = {**here, "data_dict": data, "single_cls": False, "data": str(file)}
        exec(statements(self.source("train.py"), "train", "nc", "names"), training)
        validation = {**here, "model": types.SimpleNamespace(names=training["names"])}
        exec(statements(self.source("val.py"), "run", "names"), validation)
        pairs = self.pairs(here, data["train"])
        if self.pairs(here, data["val"]) != pairs:
            raise Refused("train and val differ")
        rows = labels_of(pairs, lambda picture, label: here["verify_image_label"]((picture, label, "")))
        if int(data["nc"]) != training["nc"]:
            raise Refused(f"nc is {data['nc']}")
        return Dataset([validation["names"][i] for i in range(training["nc"])], pairs, rows)

    @staticmethod
    def pairs(here, place):
        img2label_paths = here["img2label_paths"]

        def leave(pictures):
            raise Found(list(zip(pictures, img2label_paths(pictures))))

        here = {**here, "img2label_paths": leave}
        try:
            types.FunctionType(here["__init__"].__code__, here, argdefs=here["__init__"].__defaults__)(
                types.SimpleNamespace(), place)
        except Found as found:
            return found.args[0]
        raise Unfamiliar("the loader asked for no label files")


class Ultralytics:
    """The package."""

    def __init__(self, sources, root):
        self.sources, self.root = sources / "ultralytics", root
        [version] = re.findall(r'^__version__ = "(.*)"', self.source("__init__.py"), re.MULTILINE)
        self.name = f"Ultralytics {version}"

    def source(self, path):
        return (self.sources / path).read_text(encoding="utf-8")

    def read(self, file):
        here = namespace(self.root)
        exec(definitions(self.source("utils/__init__.py"), "YAML"), here)
        exec(definitions(self.source("nn/autobackend.py"), "check_class_names"), here)
        code = self.source("data/utils.py")
        exec(definitions(code, "IMG_FORMATS", "FORMATS_HELP_MSG", "VID_FORMATS", "HELP_URL", "DATASET_KEY_TYPES",
                         "check_det_dataset", "img2label_paths", "check_image", "verify_image_label"), here)
        exec(definitions(self.source("data/base.py"), "BaseDataset.get_img_files"), here)
        data = here["check_det_dataset"](str(file))
        loader = types.SimpleNamespace(fraction=1.0, prefix="")
        pairs = [list(zip(pictures, here["img2label_paths"](pictures))) for pictures in
                 (here["get_img_files"](loader, data[split]) for split in ("train", "val"))]
        if pairs[0] != pairs[1]:
            raise Refused("train and val differ")
        rows = labels_of(pairs[0], lambda picture, label: here["verify_image_label"](
            (picture, label, "", False, data["nc"], 0, 0, False)))
        return Dataset([data["names"][i] for i in range(data["nc"])], pairs[0], rows)


@contextlib.contextmanager
def started_in(folder):
    before = pathlib.Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def check(trainer, folder, cwd):
    """What a trainer that is started in `cwd` reads from a dataset, in a sentence; Refused says what does not hold."""
    names = (folder / "classes.txt").read_text(encoding="utf-8").splitlines()
    pictures = {path.resolve() for path in (folder / "images").rglob("*") if path.is_file()}
    with started_in(cwd):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                dataset = trainer.read(folder / "data.yaml")
        except (Refused, Unfamiliar):
            raise
        except Exception as error:  # whatever the trainer's own code raises is its answer
            raise Refused(f"{type(error).__name__}: {error}".splitlines()[0]) from error
        if dataset.names != names:
            raise Refused(f"names are {dataset.names}, not {names}")
        if {pathlib.Path(picture).resolve() for picture, _ in dataset.pairs} != pictures:
            raise Refused(f"{len(dataset.pairs)} pictures, not the {len(pictures)} of images/")
        for (picture, label), rows in zip(dataset.pairs, dataset.rows):
            if not pathlib.Path(label).is_file():
                raise Refused(f"no labels for {picture}: {label}")
            written = len(pathlib.Path(label).read_text(encoding="utf-8").splitlines())
            if rows != written:
                raise Refused(f"{rows} rows of {label}, which has {written}")
    return f"{len(dataset.pairs)} pictures, {sum(dataset.rows)} rows, {len(names)} names"


def layouts(folder):
    """Ways to write data.yaml: what each is, and its text."""
    names = (folder / "classes.txt").read_text(encoding="utf-8").splitlines()
    as_list = "names:\n" + "".join(f"  - {json.dumps(name, ensure_ascii=False)}\n" for name in names)
    as_dict = "names:\n" + "".join(f"  {i}: {json.dumps(name, ensure_ascii=False)}\n" for i, name in enumerate(names))
    path, here = f"path: {json.dumps(str(folder), ensure_ascii=False)}\n", "path: .\n"
    splits, count = "train: images\nval: images\n", f"nc: {len(names)}\n"
    absolute = "".join(f"{split}: {json.dumps(f'{folder}/images', ensure_ascii=False)}\n" for split in ("train", "val"))
    return {
        "absolute path, nc, names as a list": path + splits + count + as_list,
        "absolute path, nc, names as a dict": path + splits + count + as_dict,
        "absolute path, no nc, list": path + splits + as_list,
        "absolute path, no nc, dict": path + splits + as_dict,
        "path: ., nc, list": here + splits + count + as_list,
        "no path, nc, list": splits + count + as_list,
        "no path, no nc, dict": splits + as_dict,
        "no path, absolute train and val, nc, list": absolute + count + as_list,
    }


def sample(folder):
    """A dataset as Limn lays it out, with names that YAML could misread."""
    names = [
        "cat", "no", "1", "1.0", "a: b", "#x", " é人😀", "'", '"', "null", "~", "- a", "{}", "\\n", "n01440764"]
    rows = {"a": "0 0.500000 0.500000 0.250000 0.250000\n14 0.100000 0.100000 0.100000 0.100000\n",
            "sub/b": "1 0.100000 0.100000 0.900000 0.100000 0.900000 0.900000 0.100000 0.900000\n", "empty": ""}
    for stem, text in rows.items():
        for path in (folder / "labels" / f"{stem}.txt", folder / "images" / f"{stem}.png"):
            path.parent.mkdir(parents=True, exist_ok=True)
        (folder / "labels" / f"{stem}.txt").write_text(text)
        PIL.Image.new("RGB", (64, 48)).save(folder / "images" / f"{stem}.png")
    (folder / "classes.txt").write_text("".join(name + "\n" for name in names), encoding="utf-8")


def compare_layouts(trainers, scratch):
    """Prints which trainer takes which layout, started elsewhere and in the dataset's folder; True if all take one."""
    folder, elsewhere = scratch / "dataset", scratch / "elsewhere"
    sample(folder)
    elsewhere.mkdir()
    taken = False
    for layout, text in layouts(folder).items():
        (folder / "data.yaml").write_text(text, encoding="utf-8")
        for place, cwd in (("elsewhere", elsewhere), ("in the folder", folder)):
            answers = {}
            for trainer in trainers:
                try:
                    check(trainer, folder, cwd)
                except Refused as refused:
                    answers[trainer.name] = str(refused).replace(str(scratch), "…")
            taken = taken or not answers
            print(f"{layout}, started {place}: {'some refuse' if answers else 'taken by all'}")
            for name, answer in answers.items():
                print(f"    {name}: {answer[:160]}")
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path, nargs="?")
    parser.add_argument("--yolov5", metavar="CLONE", required=True)
    parser.add_argument("--ultralytics", metavar="SOURCES", type=pathlib.Path, required=True)
    parser.add_argument("--layouts", action="store_true")
    arguments = parser.parse_args()
    if (arguments.folder is None) != arguments.layouts:
        parser.error("name either FOLDER or --layouts")
    with tempfile.TemporaryDirectory() as temporary:
        scratch = pathlib.Path(temporary)
        root, elsewhere = scratch / "trainer", scratch / "start"
        root.mkdir()
        elsewhere.mkdir()
        package = Ultralytics(arguments.ultralytics, root)
        trainers = [*(YOLOv5(arguments.yolov5, release, package, root) for release in YOLOV5), package]
        if arguments.layouts:
            return 0 if compare_layouts(trainers, scratch) else 1
        failures = 0
        for trainer in trainers:
            try:
                print(f"{trainer.name}: {check(trainer, arguments.folder.resolve(), elsewhere)}")
            except Refused as refused:
                failures += 1
                print(f"{trainer.name}: REFUSED: {refused}")
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
