"""Answer every short question, or those that are named: ``python -m benchmarks training``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib import import_module

from benchmarks.record import write

QUESTIONS = (
    "training",
    "prediction",
    "memory",
    "first_result",
    "compile_time",
    "many_networks",
    "import_time",
    "help_time",
    "train_csv",
    "engine_paths",
    "trace",
    "targets",
)
"""Each is a module with a `measure` and a `table`, and where it has a picture a `draw`."""

NAMED_QUESTIONS = ("accuracy", "interval_coverage", "scaling", "tricks", "threads")
"""Those that take many minutes, or fetch tables, and are answered only when they are named."""


def main(names: Sequence[str]) -> int:
    """Measure, print and write down; the exit status."""
    unknown = [name for name in names if name not in QUESTIONS + NAMED_QUESTIONS]
    if unknown:
        every = ", ".join(QUESTIONS + NAMED_QUESTIONS)
        print(f"{', '.join(unknown)}: no such question. There are {every}.", file=sys.stderr)
        return 2
    for name in names or QUESTIONS:
        began = time.perf_counter()
        question = import_module(f"benchmarks.{name}")
        result = question.measure()
        print(question.table(result), flush=True)
        written = [f"benchmarks/results/{write(name, result).name}"]
        if hasattr(question, "draw"):
            written.append(f"docs/_static/{question.draw(result).name}")
        print(f"Written in {time.perf_counter() - began:.0f} s to {' and '.join(written)}.\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
