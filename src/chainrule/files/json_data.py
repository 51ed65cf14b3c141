"""What a program has, as data that JSON can hold."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["json_data"]


def json_data(value: Any) -> Any:
    """The same as dicts, lists, strings and numbers; numbers that are not finite become None, JSON's null."""
    if isinstance(value, Mapping):
        return {str(key): json_data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [json_data(each) for each in value]
    if isinstance(value, np.ndarray | np.generic):
        return json_data(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, os.PathLike) else value
