"""Damages model files in many ways and loads each, in a process of its own that watches its memory and itself.

``python -m tests.files.damaged_files MODEL NUMBER SEED`` prints a report as JSON; `test_damaged_files` reads it.
"""

from __future__ import annotations

import copy
import json
import random
import resource
import struct
import sys
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

import chainrule
from chainrule.data.tables import TableEncoding
from chainrule.errors import ChainruleError
from chainrule.files import model_file
from chainrule.files.model_file import METADATA_KEY, read_model_file
from chainrule.optimizers.schedules import Plateau
from chainrule.training.early_stopping import EarlyStopping
from tests.training import networks

HOSTILE: list[Any] = [
    None, True, False, 0, -1, 1, 10**12, 2**63, -(2**70), 10**400, 1e308, -0.0, 0.5, "", "x", "x" * 5000, "\x00", "nan",
    "../../etc/passwd", "__import__('os').system('false')", [], {}, [[]], [1, 2, 3], {"family": "layer"},
    {"family": "layer", "name": "dense", "n_in": 10**9, "n_out": 10**9},
    {"family": "layer", "name": "residual", "layers": []},
    {"family": "optimizer", "name": "sgd"}, {"__class__": "os.system"}, ["x"] * 1000,
]  # fmt: skip
EVENTS = (
    "exec",
    "compile",
    "os.system",
    "os.exec",
    "os.fork",
    "subprocess.Popen",
    "pickle.find_class",
    "socket.connect",
)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


# --- bytes -----------------------------------------------------------------------------------------------------


def flipped(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 50])):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def extended(content: bytes, rng: random.Random) -> bytes:
    return content + rng.randbytes(rng.choice([1, 8, 1000]))


def moved(content: bytes, rng: random.Random) -> bytes:
    a, b = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:a] + content[b:] + content[a:b]


def with_header_length(content: bytes, rng: random.Random) -> bytes:
    length = rng.choice([0, 1, 2**16, 2**31, 2**63 - 1, 2**64 - 1, len(content), len(content) - 7])
    return struct.pack("<Q", length) + content[8:]


# --- the header of safetensors ---------------------------------------------------------------------------------


def with_other_header(content: bytes, rng: random.Random) -> bytes:
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    name = rng.choice([key for key in header if key != "__metadata__"])
    entry = header[name]
    change = rng.randrange(8)
    if change == 0:
        entry["shape"] = rng.choice([[10**9, 10**9], [2**62], [-1], [0], [], [1.5], "x", [len(entry["shape"])] * 40])
    elif change == 1:
        entry["dtype"] = rng.choice(["F64", "F16", "BF16", "I64", "U8", "BOOL", "F8_E4M3", "X", 3, None])
    elif change == 2:
        entry["data_offsets"] = rng.choice([[0, 2**62], [-1, 5], [5, 0], [0], "x", [2**63, 2**63 + 1]])
    elif change == 3:
        header[rng.choice(["", "x" * 3000, "__class__", "w[1]", "training/theta"])] = header.pop(name)
    elif change == 4:
        del header[name]
    elif change == 5:
        header["__metadata__"] = rng.choice([{}, None, {"chainrule": ""}, {"chainrule": "x {}"}, {"other": "1"}, 3])
    elif change == 6:
        other = rng.choice([key for key in header if key != "__metadata__"])
        header[name], header[other] = header[other], header[name]
    else:
        header["__metadata__"] = {METADATA_KEY: f"{'0' * 64} {nested(100_000)}"}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


# --- what is described, with the right checksum ----------------------------------------------------------------


def places(data: Any) -> list[tuple[Any, ...]]:
    """The path of every value inside `data`, as deep as 20."""
    found: list[tuple[Any, ...]] = []
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        inside = [((*path, key), item) for key, item in items if len(path) < 20]
        found.extend(place for place, _ in inside)
        waiting.extend(inside)
    return found


def with_hostile_description(content: bytes, rng: random.Random) -> bytes:
    description, arrays = read_model_file("whole.safetensors")
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        *path, last = rng.choice(places(description))
        inside: Any = description
        for key in path:
            inside = inside[key]
        if rng.random() < 0.2:
            del inside[last]
        elif rng.random() < 0.1:
            inside[last] = json.loads(nested(rng.choice([100, 400])))
        else:
            inside[last] = copy.deepcopy(rng.choice(HOSTILE))
        if not places(description):
            break
    return packed(description, arrays)


def with_hostile_arrays(content: bytes, rng: random.Random) -> bytes:
    description, arrays = read_model_file("whole.safetensors")
    for name in rng.sample(sorted(arrays), min(len(arrays), rng.choice([1, 1, 2, 5]))):
        array = arrays[name]
        arrays[name] = rng.choice([
            array.astype(np.float64), array.astype(np.float16), array.astype(np.int64), array.astype(bool),
            array.reshape(-1)[:-1], np.concatenate([array.reshape(-1), array.reshape(-1)]), array[np.newaxis],
            np.full_like(array, 10**9), np.full_like(array, -5), np.empty((0, 3), array.dtype), np.zeros(1),
        ])  # fmt: skip
        if rng.random() < 0.3:
            del arrays[name]
    return packed(description, arrays)


def packed(description: Any, arrays: dict[str, Any]) -> bytes:
    text = json.dumps(description)
    return bytes(save(arrays, {METADATA_KEY: f"{model_file._checksum(text, arrays)} {text}"}))


DAMAGED = [flipped, cut, extended, moved, with_header_length, with_other_header]
HOSTILE_WITH_CHECKSUM = [with_hostile_description, with_hostile_arrays]


def loaded_like(network: Any, original: Any) -> bool:
    same = network.architecture == original.architecture and np.array_equal(network.theta, original.theta)
    return bool(
        same and network.classes == original.classes and network.streams.positions() == original.streams.positions()
    )


def one_row(network: Any) -> Any:
    """What the network takes: a row of numbers, or of its table."""
    if not isinstance(network.encoder, TableEncoding):
        return np.zeros((1, network.architecture.n_in))
    cells = {"numeric": 1.5, "date": np.datetime64("2020-02-03"), "boolean": True}
    return {column.column: [cells.get(column.name, "b")] for column in network.encoder.columns}


def go_on(network: Any) -> None:
    """Two more epochs of what `networks.fit` began."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of settings that differ
        epochs = min(network.training.epoch + 2, 10)
        networks.fit(
            network,
            epochs=epochs,
            learning_rate=Plateau(0.05, patience=1),
            validation=networks.rows(),
            callbacks=[EarlyStopping(patience=None)],
            resume=True,
        )


def main(model: str, number: int, seed: int) -> dict[str, Any]:
    content = Path(model).read_bytes()
    Path("whole.safetensors").write_bytes(content)
    original = chainrule.load("whole.safetensors")
    original.predict(one_row(original))
    if original.training is not None:
        go_on(chainrule.load("whole.safetensors"))  # what is loaded when it is first used is loaded now
    rng, outcomes, faults, executed = random.Random(seed), Counter[str](), [], []
    watching = False

    def watch(event: str, args: Any) -> None:
        if watching and event.startswith(EVENTS):
            executed.append(f"{event} {str(args)[:200]}")

    sys.addaudithook(watch)
    before, largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, len(content)
    most = 0
    for i in range(number):
        way = rng.choice([*DAMAGED, *HOSTILE_WITH_CHECKSUM])
        damaged = way(content, rng)
        largest = max(largest, len(damaged))
        Path("damaged.safetensors").write_bytes(damaged)
        reached = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        watching = True
        try:
            network = chainrule.load("damaged.safetensors")
            outcome = "identical" if loaded_like(network, original) else "another network"
            if outcome == "another network" and way in DAMAGED:
                faults.append(f"{i} {way.__name__}: a damaged file was loaded as something else")
            network.predict(one_row(original if network.encoder is None else network))
            watching = False
            if network.training is not None and not isinstance(network.encoder, TableEncoding):
                go_on(network)
        except ChainruleError as error:
            outcome = "refused"
            if not str(error).strip() or len(str(error)) > 3000:
                faults.append(f"{i} {way.__name__}: no sentence, but {len(str(error))} characters")
        except BaseException:
            watching, outcome = False, "fault"
            faults.append(f"{i} {way.__name__}: {traceback.format_exc()[-1500:]}")
        watching = False
        most = max(most, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - reached)
        outcomes[f"{way.__name__}: {outcome}"] += 1
    return {
        "outcomes": outcomes,
        "faults": faults[:5],
        "executed": executed[:5],
        "memory_growth": 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before),
        "most_for_one_file": 1024 * most,
        "largest_file": largest,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
