"""The kinds of pictures, as the command line names them."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["PictureKind"]

PictureKind: TypeAlias = Literal["curves", "confusion", "calibration", "predicted", "residuals", "weights"]
