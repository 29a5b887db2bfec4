"""Counts what Limn finds in photographs.

    count.py detect ../limn-yolov5.safetensors test_1.jpg=28 test_10.jpg=14 [--limn limn] [--confidence 0.4]

Each photograph may carry the true count of coins behind `=`. Prints a table in Markdown: the coins found, the
difference, and what else was found.
"""

import argparse
import collections
import json
import pathlib
import subprocess


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["detect", "segment"])
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("photos", nargs="+", metavar="PHOTO[=COUNT]")
    parser.add_argument("--limn", default="limn")
    parser.add_argument("--confidence", default="0.25")
    parser.add_argument("--label", default="coin")
    parser.add_argument("--options", default="", help="more options for Limn, in one text")
    arguments = parser.parse_args()
    print(f"| Photograph | {arguments.label}s | found | off by | else |\n|---|---|---|---|---|")
    for photo in arguments.photos:
        path, _, true = photo.partition("=")
        output = subprocess.run(
            [arguments.limn, arguments.command, path, "-w", str(arguments.weights), "-f", "json", "--quiet",
             "--confidence", arguments.confidence, *arguments.options.split()], check=True, capture_output=True).stdout
        found = collections.Counter(d["label"] for d in json.loads(output)[0]["detections"])
        count = found.pop(arguments.label, 0)
        off = f"{(count - int(true)) / int(true):+.0%}" if true and int(true) else ""
        rest = ", ".join(f"{n} {label}" for label, n in found.most_common())
        print(f"| {pathlib.Path(path).name} | {true} | {count} | {off} | {rest} |")


if __name__ == "__main__":
    main()
