#!/usr/bin/env python3
"""Answers measure.py as limn-bench does, with ONNX Runtime inside: what tests the protocol without Limn."""

import argparse

import numpy as np

import checkpoint
import engines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["network"])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--size", type=int, nargs="+", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--precision")
    parser.add_argument("--serve", action="store_true", required=True)
    parser.add_argument("--wrong", action="store_true", help="gives a wrong output")
    arguments = parser.parse_args()
    engine = engines.OnnxRuntime(arguments.weights, arguments.size[0], arguments.size[-1], arguments.threads)
    while True:
        try:
            command, *paths = input().split()
        except EOFError:
            return
        if command == "check":
            tensors, _ = checkpoint.read_safetensors_file(paths[0])
            output = engine.output(tensors["input"][0])
            (output + 1 if arguments.wrong else output).astype("<f4").tofile(paths[1])
            print("ok", flush=True)
        elif command == "run":
            print(engine.seconds(), flush=True)
        else:
            print(f"error unknown command {command}", flush=True)


if __name__ == "__main__":
    main()
