"""What is in a model, as data and as text."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.cli.output import coloured
from chainrule.cli.predicted_columns import class_names, task_of
from chainrule.cli.run_or_model import RunOrModel
from chainrule.data.encoder import Encoder
from chainrule.data.rows import counted
from chainrule.data.standardizer import Standardizer
from chainrule.data.tables import TableEncoding
from chainrule.errors import FileMissing
from chainrule.files.descriptions import to_data
from chainrule.files.model_file import read_model_file
from chainrule.files.run_folder import HISTORY_FILE, RESULTS_FILE
from chainrule.functions.arrays import Array
from chainrule.model import Network
from chainrule.network.architecture import walk
from chainrule.network.layers import Dense

__all__ = ["description_text", "model_description"]

MOST_CLASSES_SHOWN = 30


def model_description(model: RunOrModel) -> dict[str, Any]:
    """Everything that a model file tells, and its run folder, where there is one.

    Returns
    -------
    dict
        ``file``, ``network``, ``target``, ``encoder``, ``training`` and ``arrays``, as data that JSON can hold.
    """
    network = model.network
    return {
        "file": _file(model.file),
        "run": None if model.run is None else {"folder": str(model.run.path), "state": model.run.state()},
        "network": _network(network),
        "target": _target(network),
        "encoder": _encoder(network.encoder),
        "training": _training(model),
        "arrays": [_array(name, array) for name, array in _arrays(network).items()],
        "notes": network.notes,
    }


def _file(path: Path) -> dict[str, Any]:
    description, _ = read_model_file(path)
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "path": str(path),
        "bytes": os.path.getsize(path),
        "sha256": checksum,
        "format_version": description["format_version"],
        "written_by": f"chainrule {description.get('chainrule', 'of an unknown version')}",
    }


def _network(network: Network) -> dict[str, Any]:
    numbers = {layer.label: i for i, layer in network.architecture.dense_layers.items()}
    return {
        "inputs": network.architecture.n_in,
        "outputs": network.architecture.n_out,
        "parameters": int(network.theta.shape[-1]),
        "members": network.n_members,
        "dtype": str(network.dtype),
        "seed": network.seed,
        "layers": [_layer(layer, numbers) for layer in walk(network.architecture.layers)],
    }


def _layer(layer: Any, numbers: Mapping[str, int]) -> dict[str, Any]:
    found = {"label": layer.label, "kind": layer.name}
    if isinstance(layer, Dense):
        found |= {"number": numbers[layer.label], "inputs": layer.n_in, "outputs": layer.n_out}
        found |= {"activation": layer.activation.name}
    elif not layer.inside:
        settings = to_data(layer)
        found |= {name: value for name, value in settings.items() if isinstance(value, int | float)}
    return found


def _target(network: Network) -> dict[str, Any]:
    known = network.notes.get("table", {})
    found: dict[str, Any] = {"name": known.get("target"), "task": task_of(network)}
    if found["task"] == "classification":
        found["classes"] = list(class_names(network))
    scaler = network.target_scaler
    if scaler is not None:
        found |= {"mean": list(scaler.mean), "deviation": list(scaler.deviation)}
    found["loss"] = None if network.loss is None else network.loss.name
    return found


def _encoder(encoder: Encoder | None) -> dict[str, Any] | None:
    if encoder is None:
        return None
    found: dict[str, Any] = {"kind": encoder.name, "columns": encoder.n_columns, "outputs": encoder.n_outputs}
    if isinstance(encoder, TableEncoding):
        found["by_column"] = [
            {"column": each.column, "kind": each.name, "outputs": each.n_outputs, "becomes": each.becomes}
            for each in encoder.columns
        ]
    elif isinstance(encoder, Standardizer):
        found |= {"mean": list(encoder.mean), "deviation": list(encoder.deviation)}
    return found


def _training(model: RunOrModel) -> dict[str, Any] | None:
    """What is known of the training: from the file, where it is a checkpoint, and from the run folder."""
    training, found = model.network.training, {}
    if training is not None:
        found = {"epochs": training.epoch, "steps": training.variables.step, "stopped": training.history.stopped}
        found |= {name: value for name, value in training.recipe.items() if name != "epochs"}
        found |= {"best_epoch": None if training.best is None else training.best.epoch}
        found |= {"last": training.history.last()}
    if model.run is None:
        return found or None
    results, settings = _read(model, RESULTS_FILE), model.run.settings
    found |= {name: results[name] for name in ("epochs", "best_epoch", "stopped", "seconds") if name in results}
    chosen = ("optimizer", "learning_rate", "schedule", "batch_size", "l2")
    options = settings.get("options")
    if isinstance(options, dict):
        found = {name: options[name] for name in chosen if options.get(name) is not None} | found
    history = _read(model, HISTORY_FILE)
    last = {name: column[-1] for name, column in history.items() if isinstance(column, list) and column}
    found |= {"table": settings.get("table"), **({"last": last} if last else {})}
    return found | ({"held_out": _summary(results["held_out"])} if "held_out" in results else {})


def _summary(held_out: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held_out.items() if isinstance(value, int | float)}


def _read(model: RunOrModel, name: str) -> dict[str, Any]:
    assert model.run is not None
    try:
        return model.run.read(name)
    except FileMissing:
        return {}  # the training goes on, or was ended from outside


def _arrays(network: Network) -> dict[str, Array]:
    """Every array of parameters and running statistics, by name."""
    architecture = network.architecture
    parameters = {slot.name: slot.view(network.theta) for slot in architecture.parameters}
    return parameters | {slot.name: slot.view(network.state) for slot in architecture.statistics}


def _array(name: str, array: Array) -> dict[str, Any]:
    numbers = array.astype(np.float64)
    figures: dict[str, Any] = {"name": name, "shape": list(array.shape)}
    if not array.size:
        return figures
    return figures | {
        "mean": float(numbers.mean()),
        "deviation": float(numbers.std()),
        "smallest": float(numbers.min()),
        "largest": float(numbers.max()),
        "zeros": float(np.mean(numbers == 0)),
        "not_finite": int((~np.isfinite(numbers)).sum()),
    }


# --- as text -------------------------------------------------------------------------------------------------


def description_text(found: Mapping[str, Any], model: RunOrModel) -> str:
    """The description for people."""
    sections = [
        ("File", _file_lines(found)),
        ("Network", str(model.network).splitlines()),
        ("Target", _target_lines(found["target"])),
        ("Encoder", _encoder_lines(found["encoder"], model.network.encoder)),
        ("Training", _training_lines(found["training"])),
        ("Numbers", _array_lines(found["arrays"])),
    ]
    shown = [[coloured(heading, "bold"), *(f"  {line}" for line in lines)] for heading, lines in sections if lines]
    return "\n\n".join("\n".join(lines) for lines in shown)


def _file_lines(found: Mapping[str, Any]) -> list[str]:
    file, run = found["file"], found["run"]
    lines = [] if run is None else [f"run      {run['folder']} ({run['state']})"]
    return [
        *lines,
        f"model    {file['path']}",
        f"size     {file['bytes']:,} bytes",
        f"format   version {file['format_version']}, written by {file['written_by']}",
        f"sha256   {file['sha256']}",
    ]


def _target_lines(target: Mapping[str, Any]) -> list[str]:
    name = "not named" if target["name"] is None else target["name"]
    lines = [f"name     {name}", f"task     {target['task']}"]
    if "classes" in target:
        names = [str(each) for each in target["classes"]]
        more = f" and {len(names) - MOST_CLASSES_SHOWN} more" if len(names) > MOST_CLASSES_SHOWN else ""
        lines.append(f"classes  {', '.join(names[:MOST_CLASSES_SHOWN])}{more}")
    if "mean" in target:
        pairs = zip(target["mean"], target["deviation"], strict=True)
        scaled = ", ".join(f"(y - {mean:g}) / {deviation:g}" for mean, deviation in pairs)
        lines.append(f"learned  as {scaled}, and predicted in its own units")
    return [*lines, f"loss     {target['loss'] or 'none yet: the network has learned nothing'}"]


def _encoder_lines(found: Mapping[str, Any] | None, encoder: Encoder | None) -> list[str]:
    if found is None:
        return ["none: the network takes numbers as they are"]
    sizes = f"{counted(found['columns'], 'column')} as {counted(found['outputs'], 'number')}"
    if isinstance(encoder, TableEncoding):
        return [sizes, *str(encoder).splitlines()]
    return [
        f"{found['kind']}: {sizes}, each (x - mean) / deviation" if "mean" in found else f"{found['kind']}: {sizes}"
    ]


def _training_lines(training: Mapping[str, Any] | None) -> list[str]:
    if training is None:
        return ["the file holds none; `chainrule inspect` of the run folder, or of a checkpoint, tells more"]
    rows: list[tuple[str, str]] = []
    for name, value in training.items():
        if isinstance(value, Mapping):
            figures = ", ".join(f"{each} {_number(number)}" for each, number in value.items())
            rows.append((f"{name.replace('_', ' ')}{' epoch' if name == 'last' else ''}", figures))
        elif name == "table":
            rows.append((name, _nearer(str(value))))
        elif value not in (None, ""):
            rows.append((name.replace("_", " "), _number(value)))
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows]


def _nearer(path: str) -> str:
    """A path below the working folder as seen from there."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _array_lines(arrays: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = ("mean", "deviation", "smallest", "largest")
    rows = [("array", "shape", *columns, "zeros")]
    for array in arrays:
        figures = [f"{array[column]:.4g}" if column in array else "-" for column in columns]
        zeros = f"{array['zeros']:.1%}" if "zeros" in array else "-"
        rows.append((array["name"], " x ".join(map(str, array["shape"])), *figures, zeros))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(
            f"{cell:<{width}}" if i < 2 else f"{cell:>{width}}"
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    bad = [array["name"] for array in arrays if array.get("not_finite")]
    return [*lines, *[f"{name} has numbers that are not finite: the network is of no use" for name in bad]]
