"""How long until `chainrule train` has taken every row of a large CSV file once, and how much memory does it need?

Beside it stand its two parts: Polars reading the file, and the engine's epoch over the matrix that comes of it. Each
measurement is a new process. The time of the command runs from its start to the end of its first epoch, with starting
Python, encoding the columns, splitting and the validation in it; its memory is the peak until it has ended, with the
report on the held-out rows.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import machine, versions
from benchmarks.rounds import Ratio, ratio

__all__ = ["measure", "result_of", "table", "write_csv"]

ROWS, NUMERIC, LABELS = 1_000_000, 16, (4, 8, 16, 32)
"""Rows, columns of numbers, and for each column of text how many different texts it has."""

ROUNDS = 3

PEAK = """
def peak():
    # of this program alone; what getrusage tells begins with the program that started it
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
"""

READ = f"""
import json, sys, time
import polars
{PEAK}
began = time.perf_counter()
frame = polars.read_csv(sys.argv[1])
print(json.dumps({{"seconds": time.perf_counter() - began, "peak": peak()}}))
"""

TRAIN = f"""
import atexit, json, sys
from chainrule.cli import main
{PEAK}
atexit.register(lambda: print(json.dumps({{"peak": peak()}})))
main()
"""

EPOCH = """
import json, sys
import numpy as np
from chainrule import Network, load
rng = np.random.default_rng(1)
model = load(sys.argv[1])
n_rows, batch_size = int(sys.argv[2]), int(sys.argv[3])
network = Network(layers=model.architecture.layers, seed=1)
x = rng.random((n_rows, model.encoder.n_outputs), np.float32)
y = rng.integers(0, 2, n_rows).astype(np.float32)
history = network.fit(x, y, epochs=1, batch_size=batch_size, optimizer="adamw", verbose=False)
print(json.dumps({"seconds": history["seconds"][0]}))
"""


def measure(n_rounds: int = ROUNDS, rows: int = ROWS) -> dict[str, Any]:
    """Write the file, and measure everything on it in rounds; the first, not counted, leaves warm files behind."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "table.csv")
        write_csv(file, rows)
        figures: dict[str, list[dict[str, float]]] = {"read": [], "epoch": [], "train": []}
        for r in range(n_rounds + 1):
            train = _train(file, Path(folder, f"run-{r}"))
            read = _child([sys.executable, "-c", READ, str(file)])
            epoch = _child([sys.executable, "-c", EPOCH, *_epoch_arguments(Path(folder, f"run-{r}"))])
            for name, figure in (("read", read), ("epoch", epoch), ("train", train)):
                figures[name] += [figure] if r else []
        columns = _matrix_columns(Path(folder, "run-0"))
        return result_of(figures, rows, columns, file.stat().st_size)


def write_csv(file: Path, rows: int) -> None:
    """A table with 16 columns of numbers, 4 of text, and a class that depends on some of them."""
    import polars

    rng = np.random.default_rng(1)
    numbers = rng.normal(size=(NUMERIC, rows))
    codes = [rng.integers(0, k, rows) for k in LABELS]
    score = numbers[0] - numbers[1] * numbers[2] + (codes[0] % 2) + rng.normal(scale=0.5, size=rows)
    columns: dict[str, Any] = {f"number_{i}": column.round(4) for i, column in enumerate(numbers)}
    for k, code in zip(LABELS, codes, strict=True):
        columns[f"text_{k}"] = np.array([f"label {label}" for label in range(k)])[code]
    columns["bought"] = np.where(score > 0.5, "yes", "no")
    polars.DataFrame(columns).write_csv(file)


def _train(file: Path, run: Path) -> dict[str, float]:
    """The command for one epoch: seconds until that is over, and the peak memory of all of it."""
    line = [sys.executable, "-c", TRAIN, "train", str(file), "--target", "bought", "--epochs", "1"]
    began = time.perf_counter()
    with subprocess.Popen([*line, "--output", str(run)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        until = next((time.perf_counter() for text in process.stderr if text.startswith(b"epoch 1/1")), None)
        printed, _ = process.communicate()
    if process.returncode or until is None:
        raise RuntimeError(f"chainrule train ended with the status {process.returncode}.")
    return {"seconds": until - began, **json.loads(printed.splitlines()[-1])}


def _child(line: Sequence[str]) -> dict[str, float]:
    """What a program prints."""
    found: dict[str, float] = json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _epoch_arguments(run: Path) -> list[str]:
    from chainrule.cli.network_for_table import batch_size_for

    rows = json.loads((run / "results.json").read_text())["rows"]["train"]
    return [str(run / "model.safetensors"), str(rows), str(batch_size_for(rows))]


def _matrix_columns(run: Path) -> int:
    from chainrule import load

    encoder = load(run / "model.safetensors").encoder
    assert encoder is not None
    return encoder.n_outputs


def result_of(
    figures: Mapping[str, Sequence[Mapping[str, float]]], rows: int, columns: int, size: int
) -> dict[str, Any]:
    """What is written down: figures by round, what they say, and where they come from."""
    seconds = {name: [each["seconds"] for each in rounds] for name, rounds in figures.items()}
    parts = [read + epoch for read, epoch in zip(seconds["read"], seconds["epoch"], strict=True)]
    matrix = rows * columns * 4
    above = [train["peak"] - read["peak"] for train, read in zip(figures["train"], figures["read"], strict=True)]
    return {
        "rows": rows,
        "columns of the file": NUMERIC + len(LABELS) + 1,
        "columns of the matrix": columns,
        "bytes of the file": size,
        "bytes of the matrix in float32": matrix,
        "machine": machine(),
        "versions": versions(["numpy", "polars", "chainrule"]),
        "seconds": {name: {"median": statistics.median(rounds), "rounds": rounds} for name, rounds in seconds.items()},
        "time to the end of the first epoch / (reading + epoch)": ratio(seconds["train"], parts)._asdict(),
        "peak memory above Polars' / the matrix": ratio(above, [matrix] * len(above))._asdict(),
        "peak bytes": {name: [each["peak"] for each in figures[name]] for name in ("read", "train")},
    }


def table(result: Mapping[str, Any]) -> str:
    """A few lines for a terminal."""
    seconds = {name: row["median"] for name, row in result["seconds"].items()}
    time_ratio, memory_ratio = (
        Ratio(**result[name])
        for name in (
            "time to the end of the first epoch / (reading + epoch)",
            "peak memory above Polars' / the matrix",
        )
    )
    return "\n".join(
        [
            f"{result['rows']:,} rows, {result['bytes of the file'] / 1e6:.0f} MB of CSV, a matrix of "
            f"{result['columns of the matrix']} columns ({result['bytes of the matrix in float32'] / 1e6:.0f} MB)",
            f"Polars reads the file                    {seconds['read']:7.2f} s",
            f"the engine's epoch                       {seconds['epoch']:7.2f} s",
            f"chainrule train, to the end of epoch 1   {seconds['train']:7.2f} s",
            f"   times reading + epoch                 {time_ratio}",
            f"peak memory above Polars', in matrices   {memory_ratio}",
        ]
    )
