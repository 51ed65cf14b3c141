"""Answer every short question, or those that are named: ``python -m benchmarks training_step``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks import accuracy, engine_paths, help_time, import_time, interval_coverage, train_csv, training_step
from benchmarks.record import write

QUESTIONS = {
    "training_step": training_step,
    "engine_paths": engine_paths,
    "import_time": import_time,
    "help_time": help_time,
    "train_csv": train_csv,
}
"""The module of each question; each has a `measure` and a `table`."""

NAMED_QUESTIONS = {"accuracy": accuracy, "interval_coverage": interval_coverage}
"""Those that take many minutes, or fetch tables, and are answered only when they are named."""


def main(names: Sequence[str]) -> int:
    """Measure, print and write down; the exit status."""
    every = QUESTIONS | NAMED_QUESTIONS
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"{', '.join(unknown)}: no such question. There are {', '.join(every)}.", file=sys.stderr)
        return 2
    for name in names or QUESTIONS:
        result = every[name].measure()
        print(every[name].table(result), flush=True)
        print(f"Written to benchmarks/results/{write(name, result).name}.\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
