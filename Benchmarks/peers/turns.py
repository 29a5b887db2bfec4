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


def table(samples, threads, version):
    """The rows of one number of threads: milliseconds, and Limn's median over the other's.

    `version` gives the version of an engine by its name."""
    rows = []
    own = statistics.median(samples["limn"]) if "limn" in samples else None
    for name, values in samples.items():
        low, median, high = (1e3 * q for q in statistics.quantiles(values, n=4, method="inclusive"))
        ratio = f"{own / statistics.median(values):.3f}" if own and name != "limn" else ""
        rows.append(
            f"| {name} {version(name)} | {threads} | {1e3 * min(values):.1f} | {median:.1f} "
            f"| {low:.1f}-{high:.1f} | {ratio} |".replace("  |", " |"))
    return rows


def worst_ratio(samples):
    """Limn's median over another's, the largest of them; 0 without Limn or another."""
    if "limn" not in samples:
        return 0.0
    own = statistics.median(samples["limn"])
    return max((own / statistics.median(v) for name, v in samples.items() if name != "limn"), default=0.0)


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
        "| Engine | threads | best ms | median ms | quartiles ms | Limn's median / this |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "Answers compared before timing:",
        "",
        *(f"- {line}" for line in checks),
        "",
    ])


def conditions(rounds, pause, load):
    """How the turns were taken, for a report."""
    return (f"{rounds} rounds in turns, one untimed inference before each, {pause:g} s pause between turns, load "
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
