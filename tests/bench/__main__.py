"""Runs the benchmarks, and prints one JSON object a line as soon as it is known."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from importlib import import_module

from tests.bench.figures import Line

Bench = Callable[[bool], Iterator[Line]]
BENCHES = {  # in this order; a name, and where it is
    "first-frame": "opening:first_frame",
    "stall": "opening:stall",
    "ready": "opening:engine_ready",
    "keys": "keys:delays",
    "operation": "operation:steps",
    "back": "back:back",
    "watching": "watching:watching",
    "watched": "watched:watched",
    "training": "training:training",
    "nets": "nets:nets",
    "big": "big:big",
    "gpu": "gpu:gpu",
    "revival": "revival:revival",
    "memory": "memory:memory",
    "traffic": "traffic:traffic",
}


def bench(name: str) -> Bench:
    """The benchmark of that name."""
    module, _, function = BENCHES[name].partition(":")
    found: Bench = getattr(import_module(f"tests.bench.{module}"), function)
    return found


def main() -> None:
    """`script/bench [--only NAME]... [--quick]`"""
    parser = argparse.ArgumentParser(prog="script/bench", description="Ratios within one run; see docs/benchmarks.md.")
    parser.add_argument("--only", action="append", choices=tuple(BENCHES), metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds: to see that it works, not how fast")
    given = parser.parse_args()
    for name in given.only or BENCHES:
        for line in bench(name)(given.quick):
            print(line.as_json(name), flush=True)


if __name__ == "__main__":
    main()
