"""Rows with their targets and weights, checked and encoded: what a network learns from and is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.class_weights import class_weights
from chainrule.data.encoder import Encoder
from chainrule.data.rows import as_numbers, checked_inputs, checked_weights
from chainrule.data.standardizer import Standardizer
from chainrule.data.targets import encoded_targets, standardized_targets
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.network.architecture import Architecture
from chainrule.network.sparse_rows import Inputs, is_sparse, taken_rows

__all__ = ["EncodedRows", "LabelledRows", "encoded_inputs"]


@dataclass(frozen=True, eq=False, repr=False)
class EncodedRows:
    """Rows that have passed a network's encoder, to be given to it as often as wanted without passing again.

    Attributes
    ----------
    x : array of shape (n, d_1), or sparse rows
        What the network computes with.
    encoder : Encoder or None
        The encoder that they passed.
    """

    x: Inputs
    encoder: Encoder | None = None

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: Any) -> EncodedRows:
        """Some of the rows, by a slice, their numbers or a mask."""
        some = taken_rows(self.x, rows)
        if some.ndim != 2:
            raise InvalidType(f"Choose rows by a slice, an array of their numbers or a mask, not by {rows!r}.")
        return EncodedRows(some, self.encoder)

    def __repr__(self) -> str:
        return f"<EncodedRows: {self.x.shape[0]:,} rows of {self.x.shape[1]} numbers, {self.x.dtype}>"


@dataclass(frozen=True)
class LabelledRows:
    """Rows in the form in which a network computes.

    Attributes
    ----------
    x : array of shape (n, d_1), or sparse rows
        Inputs, C-contiguous.
    y : array of shape (n, k)
        Targets, encoded.
    weights : array of shape (n,) or None
        Weights above 0 with mean 1; None for equal ones.
    """

    x: Inputs
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
        encoder: Encoder | None = None,
        target_scaler: Standardizer | None = None,
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
        if target_scaler is not None:
            y = standardized_targets(y, loss, target_scaler)
        targets = encoded_targets(y, loss, len(rows), architecture.n_out, dtype, classes)
        weights = None if sample_weight is None else checked_weights(sample_weight, len(rows))
        if class_weight is not None:
            weights = _times_class_weights(weights, class_weights(class_weight, targets, loss, classes, weights))
        if weights is None:
            return cls(rows, targets)
        weights = weights / weights.max()  # neither their sum nor their mean can overflow now
        kept = weights > np.finfo(dtype).tiny  # what is nothing in this dtype is as good as 0
        if not kept.all():
            rows = taken_rows(rows, kept)
            targets, weights = targets[kept], weights[kept]
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


def encoded_inputs(x: Any, architecture: Architecture, dtype: np.dtype[np.floating], encoder: Encoder | None) -> Inputs:
    """Inputs checked and, where there is an encoder, passed through it, of shape (n, d_1).

    Raises
    ------
    InvalidArgument, InvalidType
        As in `checked_rows`, or if `x` was encoded for another network.
    """
    if isinstance(x, EncodedRows):
        return _encoded_before(x, architecture, dtype, encoder)
    if encoder is None:
        return checked_inputs(x, architecture.n_in, dtype)
    if is_sparse(x):
        raise InvalidType(
            "An encoder would make a sparse x dense. Leave the encoder out and scale the columns sparsely (for example "
            "by their largest absolute value), or give x.toarray()."
        )
    return as_numbers("x, encoded,", encoder.transform(x, dtype), dtype)


def _encoded_before(
    rows: EncodedRows, architecture: Architecture, dtype: np.dtype[np.floating], encoder: Encoder | None
) -> Inputs:
    if rows.encoder is not encoder and rows.encoder != encoder:
        raise InvalidArgument("These rows were encoded by another encoder than this network's: encode them again.")
    if (rows.x.shape[1], rows.x.dtype) != (architecture.n_in, dtype):
        raise InvalidArgument(
            f"These rows were encoded as {rows.x.shape[1]} numbers in {rows.x.dtype}, and this network takes "
            f"{architecture.n_in} in {dtype}: encode them with this network."
        )
    if len(rows) == 0:
        raise InvalidArgument("There are no encoded rows; there must be at least one.")
    return rows.x
