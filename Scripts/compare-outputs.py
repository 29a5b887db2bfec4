#!/usr/bin/env python3
"""Compares what two builds of limn write: standard output, exit codes and every file, byte for byte.

    compare-outputs.py LEFT RIGHT [--data FOLDER] [--only REGEX] [--expect FILE] [--keep FOLDER] [--words] [--list]

LEFT and RIGHT are the commands, FOLDER the test data (LIMN_DATA, else ../shared/data). Each case runs in an empty
folder with both, one after the other. Standard error is compared too, but told apart, as sentences may be improved: it
counts with --words only. `kernels` prints timings and is left out, as is whatever needs a network.

A line of the --expect file is `REGEX # REASON`, the expression searched in `COMMAND LINE: WHAT`, as a difference is
printed. The exit code is 1 when something differs that no line expects.
"""

import argparse
import dataclasses
import itertools
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TIME_LIMIT = 300
DATA = "DATA"  # what command lines say for the folder of test data; a link of that name leads there

EXTENSIONS = {"json": ".json", "jsonl": ".jsonl", "coco": ".json", "coco-results": ".json"}
FORMATS = [*(("-f", name) for name in EXTENSIONS), ("-f", "voc"), ("-f", "voc", "--voc-base", "0"), ("-f", "yolo")]
POLYGON_FORMATS = [format for format in FORMATS if format[1] != "voc"]

YOLO = f"{DATA}/weights/yolov5n.pt"
WIDENED = f"{DATA}/weights/yolov5s-widened.pt"
CUSTOM = [f"{DATA}/weights/custom/duckie_4cls_v70.pt", f"{DATA}/weights/custom/ppe_helmet_vest_2cls_v61.pt"]
MASKS = f"{DATA}/weights/maskrcnn_resnet50_fpn_v2_overfit8_fp16.pth"
REFUSED = [
    f"{DATA}/weights/unsupported/yolov5n_truncated_prefix_of_official.pt",
    f"{DATA}/weights/unsupported/yolov5n_cbam_4cls_unsupported_arch.pt",
    f"{DATA}/weights/ultralytics/yolov8n.pt",
    f"{DATA}/weights/ultralytics/yolo11n-seg.pt",
    f"{DATA}/cases/fp32_after_inference.pt",
    f"{DATA}/README.md",
    "missing.pt",
]
PHOTOS = f"{DATA}/images/photos"
COCO = f"{DATA}/images/coco64"
COINS = f"{DATA}/images/coins"
PNG = f"{DATA}/images/png"
JPEG = f"{DATA}/images/jpeg"
EXIF = f"{DATA}/images/exif"
BUS, DUCK, ZIDANE = (f"{PHOTOS}/{name}.jpg" for name in ("bus", "duckie", "zidane"))
SMALL_COINS = [f"{COINS}/skimage_coins.png", f"{COINS}/smarties.png"]
BROKEN = f"{PNG}/corrupt/xc1n0g08.png"


@dataclasses.dataclass
class Step:
    """A run of limn."""

    arguments: tuple
    stdin: str = ""
    environment: dict = dataclasses.field(default_factory=dict)

    @property
    def line(self):
        words = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        words += ["limn", *(shlex.quote(str(argument)) for argument in self.arguments)]
        return " ".join(words) + (f" <<< ${self.stdin!r}" if self.stdin else "")


@dataclasses.dataclass
class Case:
    """Runs in one folder, which first holds the copies: names to files or folders of the data, or to text."""

    steps: list
    copies: dict = dataclasses.field(default_factory=dict)

    @property
    def line(self):
        return "; ".join(step.line for step in self.steps)


def case(*arguments, stdin="", environment=None, copies=None):
    return Case([Step(arguments, stdin, environment or {})], copies or {})


def target(format):
    """Where a format of one document or of a file a picture is written."""
    return "out" + EXTENSIONS.get(format[1], "")


def to_files(*arguments, formats=FORMATS, **options):
    return [case(*arguments, *format, "-o", target(format), **options) for format in formats]


def to_output(*arguments, formats=FORMATS, **options):
    """To standard output: the formats of a file a picture refuse it."""
    return [case(*arguments, *format, **options) for format in formats]


def each(common, variants):
    return [case(*common, *variant.split()) for variant in variants]


def first(data, count):
    """The first pictures of coco64."""
    names = sorted(path.name for path in (data / "images/coco64").glob("*.jpg"))[:count]
    return [f"{COCO}/{name}" for name in names]


def detect_cases(data):
    yield from to_files("detect", PHOTOS)
    yield from to_output("detect", PHOTOS)
    yield case("detect", PHOTOS, COINS, "-f", "coco", "--overlay", "overlay")
    yield from to_files("detect", "-w", YOLO, COCO)
    yield from to_output("detect", "-w", YOLO, COCO)
    yield from to_files("detect", "-w", YOLO, PHOTOS, "--overlay", "overlay")
    yield case("detect", "-w", YOLO, COCO, "-f", "jsonl", "--overlay", "overlay")
    yield case("detect", "-w", YOLO, COCO, "-f", "coco-results", "--confidence", "0.001", "--iou", "0.6",
               "--max-detections", "300", "--multi-label")
    yield from to_files("detect", "-w", WIDENED, PHOTOS)
    yield case("detect", "-w", WIDENED, COCO, "-f", "coco")
    for weights in CUSTOM:
        yield from to_files("detect", "-w", weights, PHOTOS, "--confidence", "0.1")
        yield case("detect", "-w", weights, DUCK, "--overlay", "overlay")
    for folder, weights in itertools.product((PNG, JPEG, EXIF), ((), ("-w", YOLO))):
        yield case("detect", *weights, folder, "--overlay", "overlay", "-f", "jsonl")
    for folder in (PNG, JPEG, EXIF):
        yield case("detect", "-w", YOLO, folder, "--confidence", "0.01", "-f", "yolo", "-o", "out")
        yield case("detect", "-w", YOLO, folder, "--confidence", "0.01", "-f", "voc", "-o", "out")
    yield from each(("detect", "-w", YOLO, PHOTOS), [
        "--classes person", "--classes person,bus --classes 27", "--classes PERSON", "--classes 900",
        "--classes unheard", "--classes ,", "--exclude person", "--exclude 0,5", "--classes person --exclude person",
        "--agnostic --confidence 0.01", "--multi-label --confidence 0.01", "--multi-label --agnostic", "--size 320",
        "--size 641", "--size 1280", "--size 0", "--size 5000", "--square", "--size 320 --square",
        "--size 320 --fast-decode", "--size 96 --fast-decode", "--size 96 --fast-decode --square", "--confidence 0.001",
        "--confidence 0.9", "--confidence 2", "--iou 0.1", "--iou 0.9", "--iou -1", "--max-detections 1",
        "--max-detections 3 --confidence 0.001", "--max-detections 0", "--threads 1", "--threads 0", "--quiet",
        "-f nothing", "--precision int8", "--precision half", "--voc-base 2", "-o -", "--fast-decode", "--unheard"])
    for weights, pictures in (((), PHOTOS), (("-w", YOLO), PHOTOS), (("-w", WIDENED), PHOTOS), (("-w", YOLO), COCO)):
        yield case("detect", *weights, pictures, "--precision", "bfloat16", "--confidence", "0.05")
    for level, precision in itertools.product(("baseline", "avx2", "avx512", "unheard"), ("float32", "bfloat16")):
        yield case("detect", "-w", YOLO, PHOTOS, "--precision", precision, environment={"LIMN_LEVEL": level})
    for weights in [*REFUSED, MASKS]:
        yield case("detect", "-w", weights, BUS)
    yield case("detect", BUS, environment={"LIMN_WEIGHTS": YOLO})
    yield case("detect", "-w", "yolov5n", BUS)
    yield case("detect", "-w", "yolov5n", BUS, environment={"LIMN_CACHE": "cache"},
               copies={"cache/yolov5n.pt": "weights/yolov5n.pt"})


def segment_cases(data):
    eight = ("--min-size", "256", "--max-size", "427", *first(data, 8))
    two = ("--min-size", "256", "--max-size", "427", *first(data, 2))
    yield from to_files("segment", PHOTOS, COINS, "--confidence", "0.3")
    yield from to_files("segment", PHOTOS, COINS, "--confidence", "0.3", "--polygons", formats=POLYGON_FORMATS)
    yield from to_output("segment", PHOTOS)
    yield case("segment", PHOTOS, COINS, "--overlay", "overlay")
    yield from to_files("segment", "-w", MASKS, *eight)
    yield from to_files("segment", "-w", MASKS, *eight, "--polygons", formats=POLYGON_FORMATS)
    yield case("segment", "-w", MASKS, *eight, "--overlay", "overlay", "--confidence", "0.5")
    yield from to_output("segment", "-w", MASKS, *two)
    yield from each(("segment", "-w", MASKS, *two), [
        "--confidence 0.9", "--iou 0.1", "--max-detections 1", "--max-detections 0", "--mask-threshold 0.9",
        "--mask-threshold 0", "--mask-threshold 2", "--classes person", "--exclude person", "--classes unheard",
        "--threads 1", "--precision bfloat16", "--precision int8"])
    yield case("segment", "-w", MASKS, BUS)
    yield from each(("segment", BUS), ["--min-size 0", "--min-size 300 --max-size 200", "--precision bfloat16"])
    for level in ("baseline", "avx2"):
        yield case("segment", PHOTOS, environment={"LIMN_LEVEL": level})
    yield case("segment", "-w", MASKS, *two, "--labels", "names.txt", "-f", "coco",
               copies={"names.txt": "".join(f"name {i}\n" for i in range(90))})
    yield case("segment", "-w", MASKS, *two, "--labels", "names.txt", copies={"names.txt": "one\ntwo\n"})
    for folder in (PNG, JPEG, EXIF):
        yield case("segment", folder, "--overlay", "overlay", "-f", "jsonl")
    for weights in [*REFUSED, YOLO]:
        yield case("segment", "-w", weights, BUS)


def circles_cases(_):
    reduced = ("circles", COINS, "--max-side", "1000", "--confidence", "0.3")
    yield from to_files(*reduced)
    yield from to_files(*reduced, "--polygons", formats=POLYGON_FORMATS)
    yield from to_output(*reduced)
    yield case(*reduced, "--overlay", "overlay", "--report")
    yield case("circles", COINS, "--report")
    yield from each(("circles", COINS), [
        "--fast-decode", "--fast-decode --max-side 1000", "--fast-decode --max-side 400", "--max-side 500 --report"])
    yield from each(("circles", *SMALL_COINS), [
        *(f"--blur {blur}" for blur in ("0", "1", "3", "5:1", "9:2", "31:5", "median:3", "median:5", "4", "median:7",
                                       "9:-1", "x")),
        "--min-radius 20", "--max-radius 40", "--min-radius 50 --max-radius 40", "--min-radius 0", "--min-distance 5",
        "--min-distance 0", "--edge-threshold 20", "--edge-threshold 0", "--votes 10", "--votes 100", "--votes 0",
        "--resolution 2", "--resolution 1.5", "--resolution 0.5", "--confidence 0.5", "--confidence 2",
        "--max-detections 5", "--max-detections 0", "--label disc", "--threads 1", "--overlay overlay",
        "--max-side 100", "--max-side 0", "--max-radius 5000"])
    for folder in (COCO, PNG, JPEG, EXIF):
        yield case("circles", folder, "-f", "jsonl", "--overlay", "overlay", "--confidence", "0.2")
    yield case("circles", f"{DATA}/cases/png-200MP-24KB.png", "--max-side", "1000")
    for level in ("baseline", "avx2", "avx512"):
        yield case("circles", *SMALL_COINS, environment={"LIMN_LEVEL": level})


def input_cases(_):
    mixed = {"mixed/a.jpg": "images/photos/bus.jpg", "mixed/b.png": "images/png/corrupt/xc1n0g08.png",
             "mixed/c.jpg": "text", "mixed/d.jpg": "images/jpeg/truncated_jpeg.jpg", "mixed/e.txt": "text",
             "mixed/sub/a.jpg": "images/photos/duckie.jpg", "mixed/sub/1.png": "images/coins/smarties.png",
             "mixed/7.jpg": "images/photos/zidane.jpg", "mixed/.hidden.jpg": "images/photos/zidane.jpg"}
    for command in ("detect", "segment", "circles"):
        yield from to_files(command, "mixed", copies=mixed)
        yield from to_files(command, "mixed", "--fail-fast", copies=mixed)
        yield from to_output(command, "mixed", "--quiet", formats=FORMATS[:4], copies=mixed)
        yield case(command, "mixed", "--overlay", "overlay", copies=mixed)
    detect = ("detect", "-f", "jsonl")
    yield case(*detect, ZIDANE, BUS, DUCK)
    yield case(*detect, BUS, PHOTOS, BUS, ZIDANE)
    yield case(*detect, BUS, BROKEN, "missing.jpg", ZIDANE)
    yield case(*detect, BUS, BROKEN, "missing.jpg", ZIDANE, "--fail-fast")
    yield case(*detect, BROKEN)
    yield case(*detect, "missing.jpg")
    yield case(*detect, "mixed/e.txt", copies=mixed)
    yield case("detect")
    yield case(*detect, "empty", copies={"empty/.keep": ""})
    yield case(*detect, "-", stdin=f"{ZIDANE}\n\n{BUS}\r\nmissing.jpg\n{BROKEN}\n{PHOTOS}\n{DUCK}")
    yield case(*detect, "-")
    yield case(*detect, DUCK, "-", stdin=f"{BUS}\n{DUCK}\n")
    for format in FORMATS:
        yield case("detect", "-", *format, "-o", target(format), stdin=f"{BUS}\n{DUCK}\n{BROKEN}\n{ZIDANE}\n")
    same = {"in/a.jpg": "images/photos/bus.jpg", "in/a.png": "images/coins/smarties.png"}
    yield from to_files("detect", "in", copies=same)
    yield case("detect", "in", "--overlay", "in", copies=same)
    yield case("detect", "in", "-o", "in/a.jpg", copies=same)
    yield case("detect", "in", "-f", "yolo", "-o", "in", copies=same)
    yield case("detect", "in", "-f", "json", "-o", "no/such/folder.json", copies=same)
    for format in FORMATS:
        step = Step(("detect", PHOTOS, *format, "-o", target(format), "--overlay", "overlay"))
        yield Case([step, step])


def weights_cases(_):
    yield case("weights", "list")
    yield case("weights", "list", "--json")
    yield case("weights", "fetch", "unheard")
    yield case("weights", "fetch", "yolov5n", environment={"LIMN_CACHE": "cache"},
               copies={"cache/yolov5n.pt": "weights/yolov5n.pt"})
    for weights in [YOLO, WIDENED, *CUSTOM, MASKS, *REFUSED]:
        converted = "converted.safetensors"
        yield case("weights", "inspect", weights)
        yield Case([Step(("weights", "convert", weights, converted)), Step(("weights", "inspect", converted))])
    yield Case([Step(("weights", "convert", YOLO, "a.safetensors")),
                Step(("weights", "convert", "a.safetensors", "b.safetensors")),
                Step(("weights", "convert", "a.safetensors", "a.safetensors")),
                Step(("detect", "-w", "b.safetensors", PHOTOS))])
    yield case("weights", "convert", YOLO, "out.pt")
    for weights, images, options in (
            (YOLO, PHOTOS, ()), (WIDENED, COCO, ("--limit", "8", "--size", "320")), (CUSTOM[0], JPEG, ()),
            (MASKS, PHOTOS, ()), (YOLO, f"{PNG}/corrupt", ()), (YOLO, PHOTOS, ("--limit", "0")),
            (YOLO, PHOTOS, ("--size", "100"))):
        yield Case([Step(("weights", "quantize", weights, "--images", images, *options, "out.safetensors")),
                    Step(("weights", "inspect", "out.safetensors")),
                    Step(("detect", "-w", "out.safetensors", PHOTOS, "--precision", "int8"))])


def word_cases(_):
    yield case("--version")
    yield case()
    yield case("unheard")
    for command in ("", "detect", "segment", "circles", "weights", "weights list", "weights fetch", "weights inspect",
                    "weights convert", "weights quantize", "kernels"):
        yield case("help", *command.split())


GROUPS = [detect_cases, segment_cases, circles_cases, input_cases, weights_cases, word_cases]


def prepare(folder, copies, data):
    """An empty folder with what a case finds there, and a link to the test data."""
    folder.mkdir(parents=True)
    (folder / DATA).symlink_to(data)
    for name, source in copies.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if "/" in source:
            shutil.copy(data / source, path)
            path.chmod(0o644)
        else:
            path.write_text(source)


def environment(extra):
    """The caller's without Limn's variables, but with a cache of weights that holds nothing."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LIMN_")}
    return {**inherited, "LIMN_CACHE": "no-cache", "LIMN_WEIGHTS_MIRROR": "http://127.0.0.1:9", **extra}


def run(command, steps, folder):
    """What the steps say and leave: {what: bytes}, with the words of standard error apart."""
    results, words = {}, {}
    for number, step in enumerate(steps, 1):
        place = f" of step {number}" if len(steps) > 1 else ""
        try:
            done = subprocess.run(
                [command, *step.arguments], cwd=folder, input=step.stdin.encode(), capture_output=True,
                env=environment(step.environment), timeout=TIME_LIMIT, check=False)
            code, output, errors = str(done.returncode), done.stdout, done.stderr
        except subprocess.TimeoutExpired as expired:
            code, output, errors = f"none in {TIME_LIMIT} s", expired.stdout or b"", expired.stderr or b""
        results[f"exit code{place}"] = code.encode()
        results[f"standard output{place}"] = output
        words[f"standard error{place}"] = errors
    return results, words, files(folder)


def files(folder):
    """What lies in a folder: bytes by path, and what kind of file each is, with its mode."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        name = str(path.relative_to(folder))
        if name == DATA or (folder / DATA) in path.parents:
            continue
        found[f"mode of {name}"] = stat.filemode(mode).encode()
        if stat.S_ISLNK(mode):
            found[name] = os.readlink(path).encode()
        elif stat.S_ISREG(mode):
            found[name] = path.read_bytes()
    return found


def difference(left, right):
    """Where two texts differ first, with what stands there; None where they are equal."""
    if left == right:
        return None
    if left is None or right is None:
        return "only right" if left is None else "only left"
    at = next((i for i, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))
    start = max(left.rfind(b"\n", 0, at) + 1, at - 30)
    line = left.count(b"\n", 0, at) + 1
    return f"byte {at}, line {line}: {excerpt(left, start)} / {excerpt(right, start)}"


def excerpt(text, start):
    return repr(text[start:start + 60].decode("utf-8", "backslashreplace"))


def differences(left, right):
    keys = [*left, *(key for key in right if key not in left)]
    found = ((key, difference(left.get(key), right.get(key))) for key in keys)
    return [(key, text) for key, text in found if text]


def read_expected(path):
    """Expressions with their reasons."""
    expected = []
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, separator, reason = line.rpartition(" # ")
        if not separator or not reason.strip():
            sys.exit(f"compare-outputs: {path}, line {number}: no reason after ` # `")
        expected.append((re.compile(pattern.strip()), reason.strip()))
    return expected


def compare(case, left, right, data, scratch):
    """The differences of what is written, those of the words, and the number of files.

    Both sides run in a folder of one name, so that no path differs."""
    sides = []
    for side, command in (("left", left), ("right", right)):
        folder = scratch / "work"
        prepare(folder, case.copies, data)
        sides.append(run(command, case.steps, folder))
        folder.rename(scratch / side)
    (results, words, found), (other_results, other_words, other_found) = sides
    count = sum(not name.startswith("mode of ") for name in found) - len(case.copies)
    return (differences({**results, **found}, {**other_results, **other_found}),
            differences(words, other_words), count)


class Outcome:
    """What differed so far, against what is expected: pairs of an expression and a reason."""

    def __init__(self, expected):
        self.expected, self.met, self.unexpected, self.worded = expected, set(), [], []

    def add(self, case, counted, words):
        """Notes a case's differences and gives its state in a word."""
        reasons = []
        for what, text in counted:
            place = f"{case.line}: {what}"
            known = next((i for i, (regex, _) in enumerate(self.expected) if regex.search(place)), None)
            if known is None:
                self.unexpected.append(f"{place}: {text}")
                reasons.append(None)
            else:
                self.met.add(known)
                reasons.append(self.expected[known][1])
        self.worded += [f"{case.line}: {text}" for _, text in words[:1]]
        return "equal" if not counted else "DIFFERENT" if None in reasons else f"expected: {reasons[0]}"

    def report(self, complete):
        if self.worded:
            print(f"\nWords differ in {len(self.worded)}:\n" + "\n".join(self.worded))
        if self.unexpected:
            print(f"\nNot expected, {len(self.unexpected)}:\n" + "\n".join(self.unexpected))
        for i, (regex, reason) in enumerate(self.expected):
            if complete and i not in self.met:
                print(f"\nExpected and not met: {regex.pattern} # {reason}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("left", metavar="LEFT", type=pathlib.Path)
    parser.add_argument("right", metavar="RIGHT", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("LIMN_DATA") or ROOT.parent / "shared/data"))
    parser.add_argument("--only", metavar="REGEX", default="", help="only command lines in which it is found")
    parser.add_argument("--expect", metavar="FILE", help="differences that are meant, with reasons")
    parser.add_argument("--keep", metavar="FOLDER", type=pathlib.Path, help="keeps what differs, left/ and right/")
    parser.add_argument("--words", action="store_true", help="standard error counts too")
    parser.add_argument("--list", action="store_true", help="prints the command lines and runs nothing")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    data = arguments.data.resolve()
    if not data.is_dir():
        sys.exit(f"compare-outputs: no test data in {data}; name them by --data or LIMN_DATA")
    cases = [case for group in GROUPS for case in group(data) if re.search(arguments.only, case.line)]
    if arguments.list:
        print("\n".join(case.line for case in cases))
        return 0
    commands = [path.resolve() for path in (arguments.left, arguments.right)]
    expected = read_expected(arguments.expect) if arguments.expect else []
    outcome = Outcome(expected)
    start = time.monotonic()
    print("| result | files | command line | first difference: left / right |\n|---|---|---|---|")
    for number, case in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            scratch = pathlib.Path(folder)
            found, words, count = compare(case, *commands, data, scratch)
            if (found or words) and arguments.keep:
                kept = arguments.keep / str(number)
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(scratch, kept, symlinks=True)
        state = outcome.add(case, found + words if arguments.words else found, words)
        detail = f"{found[0][0]}: {found[0][1]}" if found else "words differ" if words else ""
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        print(f"| {state} | {count} | `{case.line}` | {detail}{more} |", flush=True)
    outcome.report(complete=not arguments.only)
    print(f"\n{len(cases)} cases, {len(outcome.unexpected)} unexpected differences, words differ in "
          f"{len(outcome.worded)}, {time.monotonic() - start:.0f} s")
    return 1 if outcome.unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
