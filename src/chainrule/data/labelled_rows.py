"""Rows with their targets and weights, checked and encoded: what a network learns from and is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.class_weights import class_weights
from chainrule.data.rows import as_numbers, checked_rows, checked_weights
from chainrule.data.standardizer import Standardizer
from chainrule.data.targets import encoded_targets
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.network.architecture import Architecture

__all__ = ["LabelledRows", "encoded_inputs"]


@dataclass(frozen=True)
class LabelledRows:
    """Rows in the form in which a network computes.

    Attributes
    ----------
    x : array of shape (n, d_1)
        Inputs, C-contiguous.
    y : array of shape (n, k)
        Targets, encoded.
    weights : array of shape (n,) or None
        Weights above 0 with mean 1; None for equal ones.
    """

    x: Array
    y: Array
    weights: Array | None = None

    @classmethod
    def checked(
        cls,
        x: Any,
        y: Any,
        sample_weight: Any,
        *,
        architecture: Architecture,
        loss: Loss,
        dtype: np.dtype[np.floating],
        encoder: Standardizer | None = None,
        class_weight: Any = None,
        classes: Sequence[str | int] | None = None,
    ) -> LabelledRows:
        """From what a person gives for this architecture and loss; nothing given is modified.

        A row's weight is its own times that of its class. Rows of weight 0 are left out first, then the others' weights
        are scaled to a mean of 1, so that a row of weight 0 is as good as absent.

        Raises
        ------
        InvalidArgument, InvalidType
            With what is wrong and where.
        """
        rows = encoded_inputs(x, architecture, dtype, encoder)
        targets = encoded_targets(y, loss, len(rows), architecture.n_out, dtype, classes)
        weights = None if sample_weight is None else checked_weights(sample_weight, len(rows))
        if class_weight is not None:
            weights = _times_class_weights(weights, class_weights(class_weight, targets, loss, classes, weights))
        if weights is None:
            return cls(rows, targets)
        weights = weights / weights.max()  # neither their sum nor their mean can overflow now
        kept = weights > np.finfo(dtype).tiny  # what is nothing in this dtype is as good as 0
        if not kept.all():
            rows, targets, weights = rows[kept], targets[kept], weights[kept]
        return cls(rows, targets, (weights / weights.mean()).astype(dtype))

    def __len__(self) -> int:
        return len(self.x)


def _times_class_weights(weights: Array | None, by_class: Array) -> Array:
    product = by_class / by_class.max() if by_class.any() else by_class
    if weights is not None:
        product = product * (weights / weights.max())
    if not product.any():
        raise InvalidArgument(
            "class_weight, times sample_weight where there is one, is 0 in every row, so no row is left to learn from."
        )
    return product


def encoded_inputs(
    x: Any, architecture: Architecture, dtype: np.dtype[np.floating], encoder: Standardizer | None
) -> Array:
    """Inputs checked and, where there is an encoder, passed through it, of shape (n, d_1).

    Raises
    ------
    InvalidArgument, InvalidType
        As in `checked_rows`.
    """
    if encoder is None:
        return checked_rows(x, architecture.n_in, dtype)
    # in float64 first: what a raw column of large, close numbers tells would be lost in float32
    encoded = encoder.transform(checked_rows(x, architecture.n_in, np.dtype(np.float64)))
    return as_numbers("x, encoded,", encoded, dtype)
