"""A network as a model file: its architecture, numbers, random streams, loss, encoder, classes, training and notes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from chainrule.data.encoder import Encoder
from chainrule.data.standardizer import Standardizer
from chainrule.errors import WRONG_DATA, FileFormatError
from chainrule.files.descriptions import from_data, to_data
from chainrule.files.model_file import read_model_file, write_model_file
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.network.architecture import Architecture
from chainrule.network.layout import Layout
from chainrule.streams import Streams
from chainrule.version import __version__

__all__ = ["NetworkParts", "TrainingParts", "read_network", "write_network"]

TRAINING = "training/"
"""What the names of a training's arrays begin with; those that the network has already are not written twice."""


class TrainingParts(NamedTuple):
    """The state of a training: data that JSON can hold, and arrays by name, ``theta`` and ``state`` among them."""

    description: Mapping[str, Any]
    arrays: Mapping[str, Array]


class NetworkParts(NamedTuple):
    """What makes a network: everything that `write_network` keeps.

    theta has the shape (P,), or (K, P) for an ensemble of K members. The notes are data that JSON can hold and that
    nothing in the computing depends on.
    """

    architecture: Architecture
    theta: Array
    state: Array
    streams: Streams
    loss: Loss | None
    encoder: Encoder | None
    classes: tuple[str | int, ...] | None
    training: TrainingParts | None = None
    target_scaler: Standardizer | None = None
    notes: Mapping[str, Any] = MappingProxyType({})


def write_network(path: str | os.PathLike[str], parts: NetworkParts) -> None:
    """Write a network to a file, whole or not at all.

    Raises
    ------
    FileNotWritten
        With the reason; a file that was there is as it was.
    FileFormatError
        If it has something of a person's own, which a file cannot hold.
    """
    description = {
        "chainrule": __version__,
        "kind": "network",
        "layers": to_data(parts.architecture.layers),
        "seed": str(parts.streams.seed),  # up to 128 bits, more than many readers of JSON can hold as a number
        "streams": parts.streams.positions(),
        "loss": to_data(parts.loss),
        "encoder": to_data(parts.encoder),
        "target_scaler": to_data(parts.target_scaler),
        "n_members": parts.theta.shape[0] if parts.theta.ndim == 2 else None,
        "classes": parts.classes,
        "notes": dict(parts.notes),
        "training": None if parts.training is None else parts.training.description,
    }
    arrays = _named(parts.architecture.parameters, parts.theta) | _named(parts.architecture.statistics, parts.state)
    write_model_file(path, description, arrays | _training_arrays(parts))


def read_network(path: str | os.PathLike[str]) -> NetworkParts:
    """The network in a file.

    Raises
    ------
    FileMissing
        If there is no such file.
    FileFormatError
        If it is damaged, incomplete, something else or of a newer format.
    """
    description, arrays = read_model_file(path)
    try:
        return _parts(description, arrays)
    except FileFormatError as error:
        raise FileFormatError(f"{path} cannot be read: {str(error)[:300]}") from None
    except WRONG_DATA as error:
        raise FileFormatError(f"{path} is incomplete or damaged: {repr(error)[:300]}") from None


def _parts(description: dict[str, Any], arrays: dict[str, Array]) -> NetworkParts:
    layers = description["layers"]
    if not isinstance(layers, list):
        raise FileFormatError("its layers are no list.")
    architecture = Architecture.of([from_data(layer, "layer") for layer in layers])
    of_training = {name: arrays.pop(name) for name in [*arrays] if name.startswith(TRAINING)}
    unknown = arrays.keys() - {slot.name for slot in (*architecture.parameters, *architecture.statistics)}
    if unknown:
        raise FileFormatError(f"it has arrays of no layer: {', '.join(sorted(unknown)[:3])}.")
    dtypes = {array.dtype for array in arrays.values()}
    if len(dtypes) != 1 or not dtypes <= {np.dtype(np.float32), np.dtype(np.float64)}:
        raise FileFormatError(f"its arrays must be all float32 or all float64, not {sorted(map(str, dtypes))}.")
    (dtype,) = dtypes
    streams = Streams(int(description["seed"]))
    streams.move_to(description["streams"])
    loss, encoder, classes = description["loss"], description["encoder"], description["classes"]
    target_scaler = description.get("target_scaler")  # of version 3, as the next two
    leading = _leading(description.get("n_members"))
    theta = _vector(architecture.parameters, arrays, leading, dtype)
    state = _vector(architecture.statistics, arrays, leading, dtype)
    return NetworkParts(
        architecture,
        theta,
        state,
        streams,
        None if loss is None else from_data(loss, "loss"),
        None if encoder is None else from_data(encoder, "encoder"),
        None if classes is None else _classes(classes),
        _training(description.get("training"), of_training, theta, state),  # version 1 had none
        None if target_scaler is None else _standardizer(target_scaler),
        _notes(description.get("notes", {})),
    )


def _training_arrays(parts: NetworkParts) -> dict[str, Array]:
    if parts.training is None:
        return {}
    own = {"theta": parts.theta, "state": parts.state}
    return {
        TRAINING + name: array
        for name, array in parts.training.arrays.items()
        if name not in own or not np.array_equal(array, own[name])
    }


def _training(description: Any, arrays: dict[str, Array], theta: Array, state: Array) -> TrainingParts | None:
    if description is None:
        return None
    if not isinstance(description, dict):
        raise FileFormatError("its training is no description of one.")
    own = {name.removeprefix(TRAINING): array for name, array in arrays.items()}
    for name, array in (("theta", theta), ("state", state)):
        if own.setdefault(name, array).dtype != theta.dtype:
            raise FileFormatError("its training has another dtype than its network.")
    return TrainingParts(description, own)


def _named(layout: Layout, vector: Array) -> dict[str, Array]:
    return {slot.name: slot.view(vector) for slot in layout}


def _vector(layout: Layout, arrays: dict[str, Array], leading: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
    parts = [np.empty((*leading, 0), dtype)]
    for slot in layout:
        array, shape = arrays.get(slot.name), (*leading, *slot.shape)
        if array is None or array.shape != shape:
            has = "is missing" if array is None else f"has the shape {array.shape}"
            raise FileFormatError(f"its array {slot.name} {has}, where the layers need {shape}.")
        parts.append(array.reshape(*leading, -1))
    return np.concatenate(parts, axis=-1)


def _leading(n_members: Any) -> tuple[int, ...]:
    """The leading axes of every array: one for the members of an ensemble."""
    if n_members is None:
        return ()
    if type(n_members) is not int or n_members < 1:
        raise FileFormatError(f"its number of members is {str(n_members)[:40]}.")
    return (n_members,)


def _standardizer(data: Any) -> Standardizer:
    scaler = from_data(data, "encoder")
    if not isinstance(scaler, Standardizer):
        raise FileFormatError("the scaler of its targets is no Standardizer.")
    return scaler


def _notes(notes: Any) -> dict[str, Any]:
    if not isinstance(notes, dict):
        raise FileFormatError("its notes are no mapping.")
    return notes


def _classes(names: Any) -> tuple[str | int, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise FileFormatError("its classes are no list of names or numbers.")
    return tuple(names)
