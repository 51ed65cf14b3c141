"""Descriptions (layers, activations, losses, ...) as plain data, and back.

A description becomes ``{"family": "layer", "name": "dropout", "rate": 0.2, ...}``. Only members of the catalogues below
can be read back, by their own constructors with their own checks: a file can name what chainrule has, and nothing else.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from chainrule.catalogue import Catalogue
from chainrule.data.encoder import Encoder
from chainrule.data.standardizer import Standardizer
from chainrule.errors import WRONG_DATA, FileFormatError
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.initializers import INITIALIZERS
from chainrule.functions.losses import LOSSES
from chainrule.network.layers import LAYERS
from chainrule.optimizers import OPTIMIZERS

__all__ = ["families", "from_data", "to_data"]


@cache
def families() -> dict[str, Catalogue[Any]]:
    """The catalogues whose members files may hold, by family.

    Tables are imported here, when a file is first read or written: a network of numbers does without them.
    """
    from chainrule.data.tables import COLUMN_ENCODERS, TableEncoding

    encoders: Catalogue[Encoder] = Catalogue("encoder", Encoder, [Standardizer, TableEncoding])  # type: ignore[type-abstract]
    catalogues = (ACTIVATIONS, COLUMN_ENCODERS, encoders, INITIALIZERS, LAYERS, LOSSES, OPTIMIZERS)
    return {catalogue.family: catalogue for catalogue in catalogues}


def to_data(value: Any) -> Any:
    """A description, or a tuple of them, as dicts, lists, strings and numbers.

    Raises
    ------
    FileFormatError
        If it is of no catalogue, such as a person's own activation.
    """
    if isinstance(value, tuple | list):
        return [to_data(item) for item in value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    for family, catalogue in families().items():
        if type(value) in catalogue:
            kept = [field.name for field in fields(value) if field.metadata.get("kept", True)]
            settings = {name: to_data(getattr(value, name)) for name in kept}
            return {"family": family, "name": catalogue.name_of(value), **settings}
    raise FileFormatError(f"{value!r} cannot be kept in a file: it is not of chainrule's own catalogues.")


def from_data(data: Any, family: str) -> Any:
    """The description that `data` tells of.

    Raises
    ------
    FileFormatError
        If it is not one of this family, or its settings are missing, unknown or refused.
    """
    if not isinstance(data, dict) or data.get("family") != family:
        raise FileFormatError(f"A description of the family {family!r} was expected, not {str(data)[:80]!r}.")
    catalogue = families()[family]
    settings = {key: _setting(value) for key, value in data.items() if key not in ("family", "name")}
    try:
        return catalogue[data["name"]](**settings)
    except WRONG_DATA as error:
        raise FileFormatError(f"The {family} {str(data.get('name'))[:40]!r} cannot be made: {error}") from None


def _setting(value: Any) -> Any:
    if isinstance(value, dict):
        family = value.get("family")
        if not isinstance(family, str) or family not in families():
            raise FileFormatError(f"{str(family)[:40]!r} is not a family of descriptions.")
        return from_data(value, family)
    if isinstance(value, list):
        return tuple(_setting(item) for item in value)
    return value
