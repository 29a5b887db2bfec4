#!/usr/bin/env python3
"""Breaks one line of a source file and asks whether the tests of its module notice.

    Scripts/mutate.py                      all mutations of Tests/Mutations.toml
    Scripts/mutate.py NAME ...             those whose names contain one of these words
    Scripts/mutate.py --file FILE[:LINE] --old OLD --new NEW     one mutation: OLD becomes NEW

The sources are copied to .build/mutations with only the targets that the module's tests need. They are changed, built
and tested there, so the tree itself never changes. A mutation is killed if a test fails, crashes or does not end. The
exit status is 1 if a mutation survived that the table does not explain, or one that it explains was killed.
"""
import argparse
import fcntl
import filecmp
import hashlib
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = ["Package.swift", "Package.resolved", "Sources", "Tests", "Weights"]

# Appended to the copy's manifest.
RESTRICTION = """
var needed: Set<String> = ["TESTS"]
var isGrowing = true
var needsPackages = false
while isGrowing {
  isGrowing = false
  for target in package.targets where needed.contains(target.name) {
    for dependency in target.dependencies {
      switch dependency {
      case .targetItem(let name, _), .byNameItem(let name, _): isGrowing = needed.insert(name).inserted || isGrowing
      default: needsPackages = true
      }
    }
  }
}
package.targets.removeAll { !needed.contains($0.name) }
package.products = []
if !needsPackages { package.dependencies = [] }
"""


class Problem(Exception):
    """A mutation that cannot be asked."""


def synchronise(source, target):
    """Makes `target` equal to `source`; files that are equal keep their times, so that they are not built again."""
    if not source.exists():
        return
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or not filecmp.cmp(source, target, shallow=False):
            shutil.copyfile(source, target)
        return
    target.mkdir(parents=True, exist_ok=True)
    names = {entry.name for entry in source.iterdir() if entry.name not in (".build", "__pycache__")}
    for entry in target.iterdir():
        if entry.name not in names:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in names:
        synchronise(source / name, target / name)


def mutated(text, mutation):
    """The text of a file with `old` replaced, which must occur once, or once in the given line."""
    old, new, line = mutation["old"], mutation["new"], mutation.get("line")
    if old == new:
        raise Problem("old and new are the same")
    lines = text.splitlines(keepends=True)
    if line is not None and not 0 < line <= len(lines):
        raise Problem(f"{mutation['file']} has {len(lines)} lines, not {line}")
    start, end = (0, len(lines)) if line is None else (line - 1, line)
    part = "".join(lines[start:end])
    if part.count(old) != 1:
        where = mutation["file"] + (f":{line}" if line else "")
        raise Problem(f"{where} contains {old!r} {part.count(old)} times, not once; "
                      + ("change old" if line else "name the line, or more of it"))
    return "".join(lines[:start]) + part.replace(old, new) + "".join(lines[end:])


class Copy:
    """A copy of the package with one test target, and what it needs."""

    def __init__(self, root, tests):
        self.root, self.tests = root, tests
        self.folder = root / ".build/mutations" / tests
        self.log = self.folder / "log.txt"
        self.environment = dict(os.environ, SWIFT_BACKTRACE="enable=no")
        self.environment.setdefault("LIMN_DATA", str(root.parent / "shared/data"))

    def prepare(self):
        """Copies, builds and runs the tests unchanged: they must pass, and that tells how long they take."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.folder / "lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.log.write_text("")
        self.copy()
        if self.build() is not None:
            raise Problem(f"{self.tests} does not build even unchanged; see {self.log}")
        self.original = self.program()
        start = time.monotonic()
        verdict = self.run(3600)
        if verdict is not None:
            raise Problem(f"{self.tests} does not pass even unchanged: {verdict}")
        self.limit = 20 + 5 * (time.monotonic() - start)

    def copy(self):
        for part in PARTS:
            if part != "Package.swift":
                synchronise(self.root / part, self.folder / part)
        manifest = (self.root / "Package.swift").read_text() + RESTRICTION.replace("TESTS", self.tests)
        path = self.folder / "Package.swift"
        if not path.exists() or path.read_text() != manifest:
            path.write_text(manifest)

    def ask(self, mutation):
        """The verdict on one mutation."""
        path = self.folder / mutation["file"]
        original = path.read_text()
        path.write_text(mutated(original, mutation))
        self.touch(mutation["file"])
        try:
            # SwiftPM sometimes overlooks a change so soon after another.
            for _ in range(3):
                if self.build() is not None:
                    return "did not compile", ""
                if self.is_built(path):
                    break
                time.sleep(1)
                path.touch()
            if not self.is_built(path) or self.program() == self.original:
                return "survived", "the program is the same"
            verdict = self.run(self.limit)
            return ("survived", "") if verdict is None else ("killed", verdict)
        finally:
            path.write_text(original)
            self.touch(mutation["file"])

    def touch(self, file):
        """SwiftPM does not rebuild what has inlined a kernel, or imports a C header."""
        module = self.folder / "Sources" / file.split("/")[1]
        if file.split("/")[0] == "Sources" and (module.name == "Kernels" or not list(module.rglob("*.swift"))):
            for path in (self.folder / "Sources").rglob("*.swift"):
                if re.search(rf"^import {module.name}$", path.read_text(), re.MULTILINE):
                    path.touch()

    def is_built(self, path):
        """Whether the object of a source file, and the tests, are newer than the file."""
        module = path.relative_to(self.folder).parts[1]
        folder = self.folder / ".build/debug"
        objects = list((folder / f"{module}.build").rglob(path.name + ".o"))
        return all(built.stat().st_mtime > path.stat().st_mtime for built in [*objects, *self.programs()])

    def build(self):
        command = ["swift", "build", "--build-tests", "--package-path", self.folder]
        return self.execute(command, 3600, lambda line: None)

    def run(self, limit):
        """None if all tests pass, else the first failure. The rest is not waited for."""
        passed = []

        def failure(line):
            if found := re.search(r"Test run with (\d+) tests?", line):
                passed.append(int(found[1]))
            found = re.search(r"✘ Test (\w+).* recorded an issue", line)
            return found and "by " + found[1]

        # Not by `swift test`, whose child outlives it.
        verdict = self.execute([*self.programs(), "--testing-library", "swift-testing"], limit, failure)
        if verdict is None and sum(passed) == 0:
            return "no test ran"
        return verdict

    def programs(self):
        """The program of the tests, one."""
        return list((self.folder / ".build/debug").glob("*.xctest"))

    def program(self):
        digest = hashlib.sha256()
        for path in self.programs():
            digest.update(path.read_bytes())
        return digest.digest()

    def execute(self, command, limit, failure):
        """None if a command succeeds, else the first failure that `failure` sees in a line, or how it ended."""
        with open(self.log, "ab") as log, subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=self.environment, start_new_session=True) as process:
            end = time.monotonic() + limit
            pending = b""
            try:
                while time.monotonic() < end:
                    if not select.select([process.stdout], [], [], 0.2)[0]:
                        continue
                    chunk = os.read(process.stdout.fileno(), 1 << 16)
                    log.write(chunk)
                    *lines, pending = (pending + chunk).split(b"\n")
                    for line in lines:
                        if found := failure(re.sub(r"\x1b\[\d+m", "", line.decode(errors="replace"))):
                            return found
                    if not chunk:
                        status = process.wait()
                        return None if status == 0 else f"by status {status}"
                return f"not finished after {limit:.0f} s"
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def tests_of(mutation, root):
    """The test target that should notice."""
    if "tests" in mutation:
        return mutation["tests"]
    module = mutation["file"].split("/")[1]
    for tests in [module + "Tests", "TensorTests"]:
        if (root / "Tests" / tests).is_dir() and (tests != "TensorTests" or re.match("Tensor|Kernels|CIntr", module)):
            return tests
    raise Problem(f"{module} has no tests of its own; name the target: tests = …")


def ask_all(mutations, root, out=sys.stdout):
    """Asks all mutations and prints the verdicts; the number of those that are not as they should be."""
    cpu = pathlib.Path("/proc/cpuinfo")
    flags = set(cpu.read_text().split()) if cpu.exists() else set()
    wrong = 0
    copies = {}
    for mutation in sorted(mutations, key=lambda m: tests_of(m, root)):
        tests = tests_of(mutation, root)
        if mutation.get("needs", "fpu") not in flags | {"fpu"}:
            print(f"{'skipped':16} {mutation['name']}: the CPU has no {mutation['needs']}", file=out, flush=True)
            continue
        if tests not in copies:
            copies[tests] = Copy(root, tests)
            start = time.monotonic()
            copies[tests].prepare()
            print(f"{tests} pass unchanged ({time.monotonic() - start:.0f} s)", file=out, flush=True)
        start = time.monotonic()
        try:
            verdict, detail = copies[tests].ask(mutation)
        except Problem as problem:
            verdict, detail = "cannot be asked", str(problem)
        explained = mutation.get("survives")
        if verdict == "survived" and explained:
            detail = f"{explained}{'; ' * bool(detail)}{detail}"
        elif verdict != "killed" or explained:
            wrong += 1
            verdict = verdict.upper()
        print(f"{verdict:16} {mutation['name']}{': ' * bool(detail)}{detail} ({time.monotonic() - start:.0f} s)",
              file=out, flush=True)
    return wrong


SELF_TEST = {
    "Package.swift": """// swift-tools-version: 6.0
import PackageDescription
let package = Package(
  name: "sample",
  products: [.library(name: "Other", targets: ["Other"])],
  targets: [
    .target(name: "Sample"), .target(name: "Other"),
    .testTarget(name: "SampleTests", dependencies: ["Sample"]),
  ])
""",
    "Sources/Other/Other.swift": "this is not Swift, and not needed\n",
    "Sources/Sample/Sample.swift": """public func clamped(_ value: Int) -> Int {
  var value = value
  while value > 9 { value -= 1 }
  return value < 0 ? 0 : value
}
public func unseen() -> Int { 1 }
""",
    "Tests/SampleTests/SampleTests.swift": """import Sample
import Testing
@Test func clamps() {
  #expect([-3, 0, 5, 12].map(clamped) == [0, 0, 5, 9])
}
""",
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in SELF_TEST.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        cases = [
            ("9 {", "8 {", {}, "killed"), ("? 0", "? 1", {}, "killed"), ("-= 1", "+= .max", {}, "killed"),
            ("{ 1 }", "{ 2 }", {}, "SURVIVED"), ("{ 1 }", "{ 2 }", {"survives": "nobody calls it"}, "survived"),
            ("? 0", "? 1", {"survives": "it is said"}, "KILLED"),
            ("return value", "return valu", {}, "DID NOT COMPILE"), ("value", "x", {}, "CANNOT BE ASKED"),
            ("-= 1", "-= 1", {}, "CANNOT BE ASKED"), ("9 {", "8 {", {"line": 2}, "CANNOT BE ASKED"),
            ("-= 1", "-= 0", {}, "killed"), ("9 {", "8 {", {"needs": "no-such-flag"}, "skipped"),
        ]
        mutations = [
            dict(more, name=f"{index}", file="Sources/Sample/Sample.swift", old=old, new=new)
            for index, (old, new, more, _) in enumerate(cases)]
        report = root / "report"
        with open(report, "w") as out:
            wrong = ask_all(mutations, root, out)
        lines = report.read_text().splitlines()
        verdicts = [line[:16].strip() for line in lines[1:]]
        expected = [verdict for *_, verdict in cases]
        assert verdicts == expected, (verdicts, expected, lines)
        assert wrong == sum(verdict.isupper() for verdict in expected), wrong
        assert "by status -" in lines[3] and "not finished" in lines[-2], lines
        for name, text in SELF_TEST.items():
            assert (root / name).read_text() == text, f"{name} changed"
    print("mutate.py: the self-test passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--file", metavar="FILE[:LINE]")
    parser.add_argument("--old")
    parser.add_argument("--new")
    parser.add_argument("--tests", metavar="TARGET", help="the test target, if it is not the module's own")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    if arguments.file:
        if arguments.old is None or arguments.new is None:
            parser.error("--file needs --old and --new")
        file, _, line = arguments.file.partition(":")
        mutation = {"name": arguments.file, "file": file, "old": arguments.old, "new": arguments.new}
        mutation |= {"line": int(line)} if line else {}
        mutation |= {"tests": arguments.tests} if arguments.tests else {}
        mutations = [mutation]
    else:
        mutations = tomllib.loads((ROOT / "Tests/Mutations.toml").read_text())["mutation"]
        if arguments.names:
            mutations = [m for m in mutations if any(name in m["name"] for name in arguments.names)]
            if not mutations:
                parser.error("no mutation of Tests/Mutations.toml has such a name")
    try:
        sys.exit(1 if ask_all(mutations, ROOT) else 0)
    except Problem as problem:
        sys.exit(f"mutate.py: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
