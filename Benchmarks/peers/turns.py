"""Engines that take turns in one run, and the report of it: what all measurements share."""

import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def measure(running, rounds, pause):
    """Seconds of each engine, `rounds` each, taken in turns."""
    names = list(running)
    samples = {name: [] for name in names}
    for round in range(rounds):
        start = round % len(names)
        for name in names[start:] + names[:start]:
            time.sleep(pause)
            running[name].seconds()
            samples[name].append(running[name].seconds())
    return samples


# The head of the report's tables.
HEAD = (
    "| Engine | threads | best ms | median ms | quartiles ms | relative time (Limn ÷ other) |",
    "|---|---|---|---|---|---|",
)
PRECISIONS = ("float32", "bfloat16", "int8")


def precision_of(name):
    """What an engine of that name computes in: `-bf16` and `-int8` at its end say it."""
    return {"bf16": "bfloat16", "int8": "int8"}.get(name.rpartition("-")[2], "float32")


def own(name):
    """Limn's name in the precision of an engine of that name."""
    return {"float32": "limn", "bfloat16": "limn-bf16", "int8": "limn-int8"}[precision_of(name)]


def table(samples, threads, version):
    """The rows of one number of threads, by precision: milliseconds, and Limn's median over the other's.

    `version` gives the version of an engine by its name."""
    rows = []
    for name in sorted(samples, key=lambda name: PRECISIONS.index(precision_of(name))):
        values = samples[name]
        low, median, high = (1e3 * q for q in statistics.quantiles(values, n=4, method="inclusive"))
        ratio = ratio_of(samples, own(name), name)
        rows.append(
            f"| {name} {version(name)} | {threads} | {1e3 * min(values):.1f} | {median:.1f} "
            f"| {low:.1f}-{high:.1f} | {f'{ratio:.3f}' if ratio else ''} |".replace("  |", " |"))
    return rows


def ratio_of(samples, ours, theirs):
    """The median of one engine over another's; None where one was not measured or they are the same."""
    if ours == theirs or ours not in samples or theirs not in samples:
        return None
    return statistics.median(samples[ours]) / statistics.median(samples[theirs])


def worst_ratio(samples):
    """Limn's median over another's of the same precision, the largest of them; 0 without Limn or another."""
    ratios = (ratio_of(samples, own(name), name) for name in samples)
    return max((ratio for ratio in ratios if ratio), default=0.0)


def cpu():
    """The processor's name as the system gives it, with family and model, and its number of cores."""
    fields = {}
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            fields.setdefault(key.strip(), value.strip())
    except OSError:
        pass
    name = fields.get("model name") or platform.machine()
    detail = f" (family {fields['cpu family']}, model {fields['model']})" if "cpu family" in fields else ""
    return name, f"{name}{detail}, {len(os.sched_getaffinity(0))} cores, {platform.system()}"


def commit():
    """The commit that is measured, marked when files differ from it."""
    git = subprocess.run(
        ["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return git.stdout.strip() or "unknown"


def document(title, description, rows, checks):
    """The report: what was measured where, a table, and what was compared before."""
    return "\n".join([
        f"# {title}: {cpu()[0]}, {datetime.date.today()}",
        "",
        f"{cpu()[1]}. {description}",
        "",
        *HEAD,
        *rows,
        "",
        "Answers compared before timing:",
        "",
        *(f"- {line}" for line in checks),
        "",
    ])


def conditions(rounds, pause, load):
    """How the engines alternated, for a report."""
    return (f"{rounds} alternating rounds, one untimed inference before each, {pause:g} s pause between turns, load "
            f"{load:.2f} before.")


def publish(text, out, prefix=""):
    """Prints a report, and writes it to `out`, to the folder of results by CPU and date if None, nowhere if `-`."""
    print(text)
    if out == "-":
        return
    slug = re.sub(r"[^a-z0-9]+", "-", cpu()[0].lower()).strip("-")
    default = ROOT / "Benchmarks" / "results" / f"{prefix}{slug}-{datetime.date.today()}.md"
    write_whole(pathlib.Path(out) if out else default, text)


def write_whole(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(text)
    beside.replace(path)
