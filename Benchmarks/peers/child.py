"""limn-bench in a child process, which answers one line to each line it reads:

    check INPUT OUTPUT   infers what the safetensors file INPUT holds, writes the answer to OUTPUT as little-endian
                         float32; answers `ok`
    run                  infers the same input again; answers the seconds that took

A failure is answered with `error` and its reason.
"""

import contextlib
import json
import os
import shlex
import struct
import subprocess
import tempfile

import numpy as np


class EngineError(Exception):
    """An engine that could not be started or did not answer as agreed."""


class Child:
    """A child process started with `command`, the subcommand's `arguments` and `--serve`."""

    def __init__(self, command, arguments):
        self.folder = tempfile.TemporaryDirectory()
        line = [*shlex.split(command), *arguments, "--serve"]
        try:
            self.process = subprocess.Popen(
                line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        except OSError as error:
            raise EngineError(f"cannot start {line[0]}: {error.strerror}") from error

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise EngineError(f"limn-bench ended with {self.process.wait()} when asked to {line.split()[0]}")
        if answer.startswith("error"):
            raise EngineError(f"limn-bench: {answer}")
        return answer

    def check(self, tensors):
        """The numbers that the child answers to these tensors."""
        source, target = (os.path.join(self.folder.name, name) for name in ("input.safetensors", "output.f32"))
        write_safetensors(source, tensors)
        answer = self.ask(f"check {source} {target}")
        if answer != "ok":
            raise EngineError(f"limn-bench answered {answer!r} to check")
        return np.fromfile(target, "<f4")

    def seconds(self):
        answer = self.ask("run")
        try:
            return float(answer)
        except ValueError:
            raise EngineError(f"limn-bench answered {answer!r} to run") from None

    def close(self):
        with contextlib.suppress(BrokenPipeError):  # a line may be left that a child which ended did not read
            self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        self.folder.cleanup()


def write_safetensors(path, tensors):
    """Writes float32 arrays as a safetensors file."""
    header, offset = {}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.astype("<f4").tobytes())
