#!/usr/bin/env python3
"""Reads what Limn's writers wrote with other libraries and compares boxes and masks.

    python3 -m venv .venv && .venv/bin/pip install -r Tests/Readers/requirements.txt

    LIMN_READER_SAMPLES=out/readers swift test --filter ReaderSamples
    .venv/bin/python Tests/Readers/check_readers.py out/readers

or, on real pictures, through the command line (other arguments go to `limn detect`):

    .venv/bin/python Tests/Readers/check_readers.py out/readers --limn .build/release/limn IMAGES -w WEIGHTS

FOLDER holds json.json, coco.json, coco-results.json, voc1/, voc0/ and yolo/ of the same pictures. The truth is json.json
(boxes to 2 decimals). At least two readers a format must agree with it on pictures, labels and boxes. Pictures are made
blank where FOLDER/images lacks them: some readers want their size. FOLDER/masks, where it exists, holds the same of
pictures with masks, FOLDER/circles of pictures with circles. Prints a line a reader; exits 1 when one disagrees.
"""
import argparse
import contextlib
import io
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

JSON_ROUNDING = 0.005 + 1e-6
COCO_ROUNDING = JSON_ROUNDING + 0.0005
DATUMARO_ROUNDING = 0.01
SCORE_ROUNDING = 0.00005 + 1e-6


def stem(name):
    return os.path.splitext(name)[0]


def run_limn(limn, images, options, folder):
    formats = [("json", "json.json", []), ("coco", "coco.json", []), ("coco-results", "coco-results.json", []),
               ("voc", "voc1", []), ("voc", "voc0", ["--voc-base", "0"]), ("yolo", "yolo", [])]
    for name, output, extra in formats:
        subprocess.run([limn, "detect", images, "-f", name, "-o", str(folder / output), *extra, *options], check=True)
    skipped = shutil.ignore_patterns("*.json")
    shutil.copytree(images, folder / "images", dirs_exist_ok=True, ignore=skipped)


def make_images(folder, pictures):
    from PIL import Image

    for picture in pictures:
        path = folder / "images" / picture["image"]
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (picture["width"], picture["height"])).save(path)


class Readers:
    """Each method gives {stem: [(label, x1, y1, x2, y2, score or None)]}."""

    def __init__(self, folder):
        self.folder = folder

    def coco_pycocotools(self):
        from pycocotools.coco import COCO

        coco = COCO(str(self.folder / "coco.json"))
        return self._from_coco(coco, coco)

    def results_pycocotools(self):
        from pycocotools.coco import COCO

        truth = COCO(str(self.folder / "coco.json"))
        return self._from_coco(truth, truth.loadRes(str(self.folder / "coco-results.json")))

    def results_faster_coco_eval(self):
        from faster_coco_eval import COCO

        truth = COCO(str(self.folder / "coco.json"))
        return self._from_coco(truth, truth.loadRes(str(self.folder / "coco-results.json")))

    @staticmethod
    def _from_coco(truth, annotations):
        read = {}
        for image in truth.loadImgs(truth.getImgIds()):
            rows = read.setdefault(stem(image["file_name"]), [])
            for a in annotations.loadAnns(annotations.getAnnIds(imgIds=[image["id"]])):
                x, y, w, h = a["bbox"]
                # A dataset gives the pixels of what has a mask.
                assert (annotations is truth and a["segmentation"]) or math.isclose(a["area"], w * h, abs_tol=0.001), a
                rows.append((truth.cats[a["category_id"]]["name"], x, y, x + w, y + h, a["score"]))
        return read

    def coco_supervision(self):
        import supervision

        data = supervision.DetectionDataset.from_coco(
            images_directory_path=str(self.folder / "images"), annotations_path=str(self.folder / "coco.json"))
        return self._from_supervision(data)

    def voc1_supervision(self):
        import supervision

        data = supervision.DetectionDataset.from_pascal_voc(
            images_directory_path=str(self.folder / "images"),
            annotations_directory_path=str(self.folder / "voc1/Annotations"))
        return self._from_supervision(data)

    def yolo_supervision(self):
        import supervision

        data = supervision.DetectionDataset.from_yolo(
            images_directory_path=str(self.folder / "images"),
            annotations_directory_path=str(self.folder / "yolo/labels"),
            data_yaml_path=str(self.folder / "yolo/data.yaml"))
        return self._from_supervision(data)

    def _from_supervision(self, data):
        read = {}
        for path in data.image_paths:
            found = data.annotations[path]
            name = os.path.relpath(path, self.folder / "images")
            read[stem(name)] = [
                (data.classes[c], *map(float, box), None) for box, c in zip(found.xyxy, found.class_id)]
        return read

    def coco_datumaro(self):
        with tempfile.TemporaryDirectory() as layout:
            os.makedirs(f"{layout}/annotations")
            shutil.copy(self.folder / "coco.json", f"{layout}/annotations/instances_default.json")
            shutil.copytree(self.folder / "images", f"{layout}/images/default")
            return self._from_datumaro(layout, "coco_instances")

    def voc1_datumaro(self):
        return self._from_datumaro(self._with_images("voc1"), "voc_detection", coordinate_mode="voc-one-based")

    def voc0_datumaro(self):
        return self._from_datumaro(self._with_images("voc0"), "voc_detection")

    def _with_images(self, name):
        target = self.folder / name / "JPEGImages"
        if not target.exists():
            shutil.copytree(self.folder / "images", target)
        return str(self.folder / name)

    def yolo_datumaro(self):
        with tempfile.TemporaryDirectory() as layout:
            for part in ("images", "labels"):
                source = self.folder / ("images" if part == "images" else "yolo/labels")
                shutil.copytree(source, f"{layout}/{part}/train")
            shutil.copy(self.folder / "yolo/data.yaml", layout)
            return self._from_datumaro(layout, "yolo")

    @staticmethod
    def _from_datumaro(path, name, **options):
        import datumaro

        data = datumaro.Dataset.import_from(path, name, **options)
        labels = data.categories()[datumaro.AnnotationType.label]
        read = {}
        for item in data:
            boxes = [a for a in item.annotations if a.type == datumaro.AnnotationType.bbox]
            read[item.id] = [(labels[b.label].name, *b.points, None) for b in boxes]
        return read

    def voc0_globox(self):
        import globox

        return self._from_globox(globox.AnnotationSet.from_pascal_voc(self.folder / "voc0/Annotations", recursive=True))

    def coco_globox(self):
        import globox

        return self._from_globox(globox.AnnotationSet.from_coco(self.folder / "coco.json"))

    @staticmethod
    def _from_globox(annotations):
        return {
            stem(a.image_id): [(b.label, b.xmin, b.ymin, b.xmax, b.ymax, b.confidence) for b in a.boxes]
            for a in annotations
        }


class MaskReaders:
    """Each method gives {stem: [(label, mask)]}; its docstring says how far the reader's masks may differ."""

    def __init__(self, folder, truth, yolo="yolo", polygons_are_exact=True):
        self.folder = folder
        self.truth = truth
        self.yolo = folder / yolo
        self.polygons_are_exact = polygons_are_exact

    def coco_pycocotools(self):
        """exact"""
        return self._from_coco("coco.json")

    def polygons_pycocotools(self):
        """exact"""
        return self._from_coco("coco-polygons.json")

    def results_pycocotools(self):
        """exact"""
        return self._from_coco("coco.json", "coco-results.json")

    def results_faster_coco_eval(self):
        """exact"""
        return self._from_coco("coco.json", "coco-results.json", "faster_coco_eval")

    def _from_coco(self, dataset, results=None, module="pycocotools.coco"):
        import importlib

        coco = importlib.import_module(module).COCO(str(self.folder / dataset))
        annotations = coco.loadRes(str(self.folder / results)) if results else coco
        read = {}
        for image in coco.loadImgs(coco.getImgIds()):
            rows = read.setdefault(stem(image["file_name"]), [])
            for a in annotations.loadAnns(annotations.getAnnIds(imgIds=[image["id"]])):
                mask = annotations.annToMask(a).astype(bool)
                is_exact = self.polygons_are_exact or isinstance(a["segmentation"], dict)
                assert results or (a["iscrowd"] == 0 and (not is_exact or a["area"] == mask.sum())), a
                rows.append((coco.cats[a["category_id"]]["name"], mask))
        return read

    def coco_supervision(self):
        """exact"""
        return self._coco_supervision("coco.json")

    def polygons_supervision(self):
        """cv2: its polygons are drawn with their border"""
        return self._coco_supervision("coco-polygons.json")

    def _coco_supervision(self, name):
        import supervision

        return self._from_supervision(supervision.DetectionDataset.from_coco(
            images_directory_path=str(self.folder / "images"), annotations_path=str(self.folder / name),
            force_masks=True))

    def yolo_supervision(self):
        """cv2: its polygons are drawn with their border"""
        import supervision

        return self._from_supervision(supervision.DetectionDataset.from_yolo(
            images_directory_path=str(self.folder / "images"),
            annotations_directory_path=str(self.yolo / "labels"), data_yaml_path=str(self.yolo / "data.yaml"),
            force_masks=True))

    def _from_supervision(self, data):
        read = {}
        for path in data.image_paths:
            found = data.annotations[path]
            rows = read.setdefault(stem(os.path.relpath(path, self.folder / "images")), [])
            for index, c in enumerate(found.class_id if len(found) else []):
                rows.append((data.classes[c], found.mask[index]))
        return read

    def yolo_pycocotools(self):
        """exact"""
        from pycocotools import mask as coco

        names = (self.yolo / "classes.txt").read_text().splitlines()
        read = {}
        for name, picture in self.truth.items():
            height, width = picture["height"], picture["width"]
            rows = read.setdefault(name, [])
            for line in (self.yolo / "labels" / (name + ".txt")).read_text().splitlines():
                c, *numbers = line.split(" ")
                polygon = [float(v) * (width, height)[i % 2] for i, v in enumerate(numbers)]
                rows.append((names[int(c)], coco.decode(coco.frPyObjects([polygon], height, width))[..., 0] == 1))
        return read

    def yolo_globox(self):
        """box"""
        import globox

        annotations = globox.AnnotationSet.from_yolo_seg(
            self.yolo / "labels", image_folder=self.folder / "images", relative=True)
        names = (self.yolo / "classes.txt").read_text().splitlines()
        return {stem(a.image_id): [(names[int(b.label)], b) for b in a.boxes] for a in annotations}

    def coco_datumaro(self):
        """exact"""
        return self._coco_datumaro("coco.json")

    def polygons_datumaro(self):
        """exact"""
        return self._coco_datumaro("coco-polygons.json")

    def _coco_datumaro(self, name):
        with tempfile.TemporaryDirectory() as layout:
            os.makedirs(f"{layout}/annotations")
            shutil.copy(self.folder / name, f"{layout}/annotations/instances_default.json")
            shutil.copytree(self.folder / "images", f"{layout}/images/default")
            return self._from_datumaro(layout, "coco_instances")

    def voc_datumaro(self):
        """painted: the earlier mask covers the later"""
        shutil.copytree(self.folder / "images", self.folder / "voc/JPEGImages", dirs_exist_ok=True)
        read = self._from_datumaro(str(self.folder / "voc"), "voc_instance_segmentation")
        # Only pictures with masks are in the list.
        return {name: read.get(name, []) for name in self.truth} if set(read) <= set(self.truth) else read

    def _from_datumaro(self, path, name):
        import datumaro
        from pycocotools import mask as coco

        data = datumaro.Dataset.import_from(path, name)
        labels = data.categories()[datumaro.AnnotationType.label]
        read = {}
        for item in data:
            groups = {}
            for a in item.annotations:
                if a.type == datumaro.AnnotationType.mask:
                    mask = a.image.astype(bool)
                elif a.type == datumaro.AnnotationType.polygon:
                    size = (self.truth[item.id][side] for side in ("height", "width"))
                    mask = coco.decode(coco.frPyObjects([a.points], *size))[..., 0] == 1
                else:
                    continue
                key = (labels[a.label].name, a.group)
                groups[key] = groups[key] | mask if key in groups else mask
            read[item.id] = [(label, mask) for (label, _), mask in groups.items()]
        return read


def compare_masks(truth, read, how):
    """The least overlap of a mask and its reading."""
    import numpy
    from pycocotools import mask as coco

    assert set(read) == set(truth), f"pictures differ: {sorted(set(read) ^ set(truth))[:5]}"
    least = 1.0
    for name, picture in truth.items():
        rows = list(read[name])
        covered = numpy.zeros((picture["height"], picture["width"]), bool)
        assert how.startswith("painted") or len(rows) == len(picture["detections"]), f"{name}: {len(rows)} masks"
        for detection in picture["detections"]:
            want = coco.decode(detection["mask"]).astype(bool)
            if how.startswith("painted"):
                want, covered = want & ~covered, covered | want
                if not want.any():
                    continue
            found = [mask for label, mask in rows if label == detection["label"]]
            assert len(found) == 1, f"{name}: {len(found)} masks labelled {detection['label']}"
            mask = found[0]
            if how == "box":
                ys, xs = numpy.nonzero(want)
                edges = [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
                got = [mask.xmin, mask.ymin, mask.xmax, mask.ymax]
                assert numpy.abs(numpy.subtract(edges, got)).max() < 0.001, (name, detection["label"], edges, got)
            elif how.startswith("cv2"):
                grown = want.copy()
                grown[1:] |= want[:-1]
                grown[:, 1:] |= grown[:, :-1]
                # Bridges between parts are drawn one pixel wide.
                assert not (want & ~mask).any() and (mask & ~grown).sum() < 200, (name, detection["label"])
                least = min(least, (want & mask).sum() / (want | mask).sum())
            else:
                assert mask.shape == want.shape and (mask == want).all(), (name, detection["label"])
    return least


def check_masks(folder):
    """Whether every reader agrees on the masks."""
    pictures = json.loads((folder / "json.json").read_text())
    make_images(folder, pictures)
    truth = {stem(p["image"]): p for p in pictures}
    print(f"{len(pictures)} pictures, {sum(len(p['detections']) for p in pictures)} masks")
    readers = MaskReaders(folder, truth)
    agree = True
    for name in sorted(n for n in dir(readers) if not n.startswith("_") and callable(getattr(readers, n))):
        reader = getattr(readers, name)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                read = reader()
            least = compare_masks(truth, read, reader.__doc__)
            print(f"masks {name}: agrees ({reader.__doc__})" + (f", least overlap {least:.3f}" if least < 1 else ""))
        except Exception as error:  # every reader is to be tried
            agree = False
            print(f"masks {name}: {type(error).__name__}: {error}")
    with contextlib.redirect_stdout(io.StringIO()):
        check_perfect_score(folder, "segm")
    print("masks self-evaluation: holds")
    return agree


def compare_circles(truth, read, name):
    """How far a reader's pixels pass the circle, and how far pixels that it lacks lie within, at most."""
    import numpy

    assert set(read) == set(truth), f"pictures differ: {sorted(set(read) ^ set(truth))[:5]}"
    farthest = nearest = 0.0
    for picture in truth.values():
        rows = dict(read[stem(picture["image"])])
        assert set(rows) == {d["label"] for d in picture["detections"]}, (picture["image"], sorted(rows))
        ys, xs = numpy.mgrid[: picture["height"], : picture["width"]] + 0.5
        for detection in picture["detections"]:
            (x, y), radius = detection["circle"]["center"], detection["circle"]["radius"]
            found = rows[detection["label"]]
            if name == "yolo_globox":
                got = [found.xmin, found.ymin, found.xmax, found.ymax]
                assert numpy.abs(numpy.subtract(detection["box"], got)).max() < 0.02, (detection, got)
                continue
            beyond = numpy.hypot(xs - x, ys - y) - radius
            if name.startswith(("coco", "results")):
                assert (found == (beyond <= 0)).all(), detection
            farthest = max(farthest, beyond[found].max(initial=0))
            nearest = max(nearest, -beyond[~found].min(initial=0))
    return farthest, nearest


# The most of both, in pixels: polygons lie up to 0.25 within their circles. supervision draws them with OpenCV, in
# whole pixels and with their border.
POLYGON_LIMITS = {"pycocotools": (0.1, 0.3), "datumaro": (0.1, 0.3), "supervision": (1.5, 0.7)}


def check_circles(folder):
    """Whether every reader agrees on the circles' boxes, discs and polygons."""
    agree = check_boxes(folder, "circles ")
    pictures = json.loads((folder / "json.json").read_text())
    truth = {stem(p["image"]): p for p in pictures}
    readers = MaskReaders(folder, truth, yolo="yolo-polygons", polygons_are_exact=False)
    # VOC's images of masks hold no circles.
    for name in sorted(n for n in dir(readers) if n[0] != "_" and n[:3] != "voc" and callable(getattr(readers, n))):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                read = getattr(readers, name)()
            farthest, nearest = compare_circles(truth, read, name)
            if name.startswith(("polygons", "yolo")) and name != "yolo_globox":
                limits = POLYGON_LIMITS[name.split("_")[1]]
                assert farthest <= limits[0] and nearest <= limits[1], (farthest, nearest)
                print(f"circles {name}: agrees, {farthest:.2f} px beyond and {nearest:.2f} px within at most")
            else:
                print(f"circles {name}: agrees")
        except Exception as error:  # every reader is to be tried
            agree = False
            print(f"circles {name}: {type(error).__name__}: {error}")
    with contextlib.redirect_stdout(io.StringIO()):
        check_perfect_score(folder, "segm")
    for picture in pictures:
        rows = (folder / "yolo-polygons/labels" / (stem(picture["image"]) + ".txt")).read_text().splitlines()
        assert len(rows) == len(picture["detections"]), picture["image"]
        for row in rows:
            fields = row.split(" ")
            assert len(fields) >= 7 and len(fields) % 2 == 1, row
            assert all(0 <= float(v) <= 1 for v in fields[1:]), row
    print("circles yolo rules and self-evaluation: hold")
    return agree


def yolo_rules(folder, pictures, class_count):
    """The checks that Ultralytics makes of a label file, restated."""
    for picture in pictures:
        rows = (folder / "yolo/labels" / (stem(picture["image"]) + ".txt")).read_text().splitlines()
        assert len(rows) == len(picture["detections"]), picture["image"]
        for row in rows:
            fields = row.split(" ")
            assert len(fields) == 5 and 0 <= int(fields[0]) < class_count, row
            assert all(0 <= float(v) <= 1 for v in fields[1:]), row


def compare(truth, read, tolerance_of, rounded_outwards=False):
    assert set(read) == set(truth), f"pictures differ: {sorted(set(read) ^ set(truth))[:5]}"
    largest = 0.0
    for name, picture in truth.items():
        expected = [(d["label"], *d["box"], d["score"]) for d in picture["detections"]]
        rows = list(read[name])
        assert len(rows) == len(expected), f"{name}: {len(rows)} boxes, expected {len(expected)}"
        for want in expected:
            candidates = [r for r in rows if r[0] == want[0]]
            assert candidates, f"{name}: no box labelled {want[0]}"
            got = min(candidates, key=lambda r: sum(abs(a - b) for a, b in zip(r[1:5], want[1:5])))
            rows.remove(got)
            for index, (a, b) in enumerate(zip(got[1:5], want[1:5])):
                side = picture["width"] if index % 2 == 0 else picture["height"]
                if rounded_outwards:
                    outwards = b - a if index < 2 else a - b
                    assert a == int(a) and -JSON_ROUNDING <= outwards < 1 + JSON_ROUNDING, (name, got, want)
                else:
                    assert abs(a - b) <= tolerance_of(side), (name, got, want)
                largest = max(largest, abs(a - b))
            if got[5] is not None:
                assert abs(got[5] - want[5]) <= SCORE_ROUNDING, (name, got, want)
    return largest


def check_perfect_score(folder, kind="bbox"):
    """Results evaluated against the dataset of the same detections: every overlap is 1."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth = COCO(str(folder / "coco.json"))
    if not truth.anns:
        return
    evaluation = COCOeval(truth, truth.loadRes(str(folder / "coco-results.json")), kind)
    evaluation.params.maxDets = [1, 10, 100_000]
    evaluation.evaluate()
    for entry in filter(None, evaluation.evalImgs):
        if entry["aRng"] == evaluation.params.areaRng[0]:
            assert (entry["dtMatches"] > 0).all(), f"image {entry['image_id']}: a result matches no annotation"


def check_boxes(folder, prefix=""):
    """Whether every reader agrees on labels and boxes."""
    pictures = json.loads((folder / "json.json").read_text())
    make_images(folder, pictures)
    truth = {stem(p["image"]): p for p in pictures}
    print(f"{prefix}{len(pictures)} pictures, {sum(len(p['detections']) for p in pictures)} boxes")

    readers = Readers(folder)
    agree = True
    for name in sorted(n for n in dir(readers) if not n.startswith("_") and callable(getattr(readers, n))):
        outwards = name.startswith("voc")
        yolo = name.startswith("yolo")
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                read = getattr(readers, name)()
            extra = DATUMARO_ROUNDING if name.endswith("datumaro") else 0
            tolerance = lambda side: extra + (JSON_ROUNDING + 1e-6 * side if yolo else COCO_ROUNDING)
            largest = compare(truth, read, tolerance, outwards)
            print(f"{prefix}{name}: agrees, largest difference {largest:.4f} px")
        except Exception as error:  # every reader is to be tried
            agree = False
            print(f"{prefix}{name}: {type(error).__name__}: {error}")
    with contextlib.redirect_stdout(io.StringIO()):
        yolo_rules(folder, pictures, len((folder / "yolo/classes.txt").read_text().splitlines()))
        check_perfect_score(folder)
    print(f"{prefix}yolo rules and self-evaluation: hold")
    return agree


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--limn", nargs=2, metavar=("LIMN", "IMAGES"))
    arguments, options = parser.parse_known_args()
    folder = arguments.folder
    if arguments.limn:
        folder.mkdir(parents=True, exist_ok=True)
        run_limn(*arguments.limn, options, folder)
    failed = not check_boxes(folder)
    if (folder / "masks").exists():
        failed = not check_masks(folder / "masks") or failed
    if (folder / "circles").exists():
        failed = not check_circles(folder / "circles") or failed
    sys.exit(failed)


if __name__ == "__main__":
    main()
