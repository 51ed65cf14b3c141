"""The README's figures are those that were measured."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def result(question: str) -> dict:
    return json.loads((ROOT / "benchmarks" / "results" / f"{question}.json").read_text(encoding="utf-8"))


def times(row: dict) -> str:
    return f"{row['median']:.1f}" if row["median"] < 10 else f"{row['median']:.0f}"


def test_the_table_of_speed_is_that_of_the_last_measurement():
    measured = result("training")
    assert f"on {measured['machine']['cores']} cores" in README
    for workload, row in measured["workloads"].items():
        ratios = row["ratios"]["chainrule, compiled"]
        cells = [times(ratios[name]) for name in ("scikit-learn", "PyTorch", "JAX", "chainrule, NumPy")]
        assert f"| {workload} | {' | '.join(cells)} |" in README, workload
    imports = result("import_time")["statements"]
    for statement in ("import chainrule", "from chainrule import Network"):
        assert f"`{statement}` {imports[statement]['ratio to numpy']['median']:.2f} times" in README


def test_the_three_commands_lead_from_a_table_to_predictions(tmp_path):
    shutil.copytree(ROOT / "examples" / "penguins", tmp_path / "examples" / "penguins")
    section = README.partition("## From a table to predictions")[2].partition("```console\n")[2].partition("```")[0]
    install, *commands = [line.removeprefix("$ ") for line in section.splitlines()]
    assert install == "pip install -e '.[all]'"
    assert len(commands) == 2
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for command in commands:
        subprocess.run(shlex.split(command), cwd=tmp_path, env=os.environ | {"PATH": path}, check=True, timeout=120)
    with (tmp_path / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert {row["prediction"].split()[0] for row in rows} == {"Adelie", "Chinstrap", "Gentoo"}


def test_the_table_of_quality_is_that_of_the_last_measurement():
    measured = result("accuracy")
    ranks, fits = measured["mean rank"], measured["fit seconds"]
    for name in ranks["error"]:
        figures = [f"{ranks[metric][name]:.2f}" for metric in ("error", "log loss", "R2")]
        row = f"| {name} | {' | '.join(figures)} | {fits[name]['total']:.1f} s |"
        assert f"{row} {fits[name]['ratio to chainrule']['median']:.1f} |" in README, row
    counts = [
        len(measured["better than the others"][metric]["chainrule"]["scikit-learn MLP"][side])
        for metric in ("error", "log loss", "R2")
        for side in ("better", "worse")
    ]
    words = " ".join(README.partition("Beside scikit-learn's perceptron")[2].partition("Same columns")[0].split())
    assert [int(number) for number in re.findall(r"\b\d+\b", words)] == counts
    assert len(measured["tables"]) == 13


def test_the_figures_of_the_command_line_are_those_of_the_last_measurement():
    help_time, csv_file = result("help_time")["lines"], result("train_csv")
    assert f"`chainrule --help` takes {help_time['chainrule --help']['median']:.0f} ms" in README
    ratio = csv_file["time to the end of the first epoch / (reading + epoch)"]["median"]
    assert f"first epoch after {ratio:.1f} times" in README
