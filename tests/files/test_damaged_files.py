"""Whatever is in a file: it loads as what was saved, or there is a sentence; and nothing in it is ever run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule import Network
from chainrule.data.standardizer import Standardizer
from chainrule.data.tables import TableEncoding
from chainrule.optimizers.schedules import Plateau
from chainrule.training.checkpoint import Checkpoint
from chainrule.training.early_stopping import EarlyStopping
from tests.files.every_kind_of_column import TABLE
from tests.training.networks import fit, network, rows

MEGABYTE = 2**20


def damage(model, number, seed=1):
    done = subprocess.run(
        [sys.executable, "-m", "tests.files.damaged_files", str(model), str(number), str(seed)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def kept(kind):
    if kind == "network":
        x, y = rows()
        nn = network()
        nn.encoder, nn.classes = Standardizer.fitted(x), ["a", "b", "c"]
        nn.fit(x, y, epochs=1, verbose=False)
        nn.save("model.safetensors")
    elif kind == "table":
        encoding, numbers = TableEncoding.fitted(TABLE), np.arange(6.0)
        scaler = Standardizer.fitted(numbers[:, np.newaxis])
        sizes = (encoding.n_outputs, 3, 1)
        nn = Network(sizes, ("tanh", "identity"), seed=1, encoder=encoding, target_scaler=scaler, n_members=2)
        nn.notes = {"table": {"target": "price", "task": "regression"}}
        nn.fit(TABLE, numbers, epochs=1, verbose=False)
        nn.save("model.safetensors")
    else:
        callbacks = [Checkpoint("model.safetensors"), EarlyStopping(patience=None)]
        fit(network(), epochs=2, validation=rows(), callbacks=callbacks, learning_rate=Plateau(0.05, patience=1))
    return Path("model.safetensors").resolve()


@pytest.mark.parametrize("kind", ["network", "checkpoint", "table"])
def test_damaged_and_hostile_files_load_identically_or_are_refused(kind):
    report = damage(kept(kind), 1000)
    assert report["faults"] == []
    assert report["executed"] == []
    assert report["memory_growth"] < 2 * report["largest_file"] + 10 * MEGABYTE, report
    refused = sum(number for outcome, number in report["outcomes"].items() if outcome.endswith("refused"))
    assert refused > 700


def test_loading_takes_twice_the_files_size_at_most():
    Network((1000, 4000, 10), ("relu", "softmax"), seed=1).save("model.safetensors")  # 15 MiB
    size = Path("model.safetensors").stat().st_size
    code = (
        "import resource, chainrule\n"
        "chainrule.Network((2, 1), ('sigmoid',)).save('small.safetensors')\n"
        "chainrule.load('small.safetensors')\n"
        "peak = lambda: 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); network = chainrule.load('model.safetensors'); print(peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) < 2 * size + 10 * MEGABYTE


def test_the_test_itself_finds_what_it_looks_for(monkeypatch, tmp_path):
    """An exception that is none of chainrule's, and code that is run, are in the report."""
    sitecustomize = tmp_path / "sitecustomize.py"
    sitecustomize.write_text(
        "import chainrule.files.network_file as n\n"
        "original = n._classes\n"
        "def bad(names):\n"
        "    exec('1')\n"
        "    raise RuntimeError('a fault')\n"
        "import chainrule.data.standardizer as s\n"
        "before = s.Standardizer.__post_init__\n"
        "count = 0\n"
        "def later(self):\n"
        "    global count\n"
        "    count += 1\n"
        "    if count > 1: n._classes = bad\n"
        "    before(self)\n"
        "s.Standardizer.__post_init__ = later\n"
    )
    model = kept("network")
    done = subprocess.run(
        [sys.executable, "-m", "tests.files.damaged_files", str(model), "60", "1"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    report = json.loads(done.stdout)
    assert any("a fault" in fault for fault in report["faults"])
    assert any(event.startswith("exec") for event in report["executed"])


def test_arrays_of_a_file_are_not_shared_with_what_is_mapped():
    kept("network")
    import chainrule

    nn = chainrule.load("model.safetensors")
    Path("model.safetensors").write_bytes(b"")
    assert np.isfinite(nn.theta).all()
    nn.theta = nn.theta * 2
