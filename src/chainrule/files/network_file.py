"""A network as a model file: its architecture, numbers, random streams, loss, encoder and classes."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np

from chainrule.data.standardizer import Standardizer
from chainrule.errors import ChainruleError, FileFormatError
from chainrule.files.descriptions import from_data, to_data
from chainrule.files.model_file import read_model_file, write_model_file
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.network.architecture import Architecture
from chainrule.network.layout import Layout
from chainrule.streams import Streams
from chainrule.version import __version__

__all__ = ["NetworkParts", "read_network", "write_network"]


class NetworkParts(NamedTuple):
    """What makes a network: everything that `write_network` keeps."""

    architecture: Architecture
    theta: Array
    state: Array
    streams: Streams
    loss: Loss | None
    encoder: Standardizer | None
    classes: tuple[str | int, ...] | None


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
        "classes": parts.classes,
    }
    arrays = _named(parts.architecture.parameters, parts.theta) | _named(parts.architecture.statistics, parts.state)
    write_model_file(path, description, arrays)


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
        raise FileFormatError(f"{path} cannot be read: {error}") from None
    except (ChainruleError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise FileFormatError(f"{path} is incomplete or damaged: {error!r}") from None


def _parts(description: dict[str, Any], arrays: dict[str, Array]) -> NetworkParts:
    layers = description["layers"]
    if not isinstance(layers, list):
        raise FileFormatError("its layers are no list.")
    architecture = Architecture.of([from_data(layer, "layer") for layer in layers])
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
    return NetworkParts(
        architecture,
        _vector(architecture.parameters, arrays, dtype),
        _vector(architecture.statistics, arrays, dtype),
        streams,
        None if loss is None else from_data(loss, "loss"),
        None if encoder is None else from_data(encoder, "encoder"),
        None if classes is None else _classes(classes),
    )


def _named(layout: Layout, vector: Array) -> dict[str, Array]:
    return {slot.name: slot.view(vector) for slot in layout}


def _vector(layout: Layout, arrays: dict[str, Array], dtype: np.dtype[np.floating]) -> Array:
    parts = [np.empty(0, dtype)]
    for slot in layout:
        array = arrays.get(slot.name)
        if array is None or array.shape != slot.shape:
            has = "is missing" if array is None else f"has the shape {array.shape}"
            raise FileFormatError(f"its array {slot.name} {has}, where the layers need {slot.shape}.")
        parts.append(array.ravel())
    return np.concatenate(parts)


def _classes(names: Any) -> tuple[str | int, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise FileFormatError("its classes are no list of names or numbers.")
    return tuple(names)
