"""What a rerun does otherwise than the fit that is examined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.losses import Loss
from chainrule.network.layer import Layer

__all__ = ["Change"]


@dataclass(frozen=True)
class Change:
    """A change of a fit; nothing is changed by default.

    Attributes
    ----------
    text : str
        What a person would type; no two changes of a case share one.
    rate_factor : float
        By what the learning rate is multiplied.
    layers : tuple of Layer or None
        Other layers.
    loss : Loss or None
        Another loss.
    as_classes : bool
        Whether whole numbers in y are learned as classes.
    standardized_inputs, standardized_targets : bool
        Whether the columns of x, or of y, are brought to mean 0 and standard deviation 1.
    balanced : bool
        Whether each class counts alike, however many rows it has.
    without_penalty : bool
        Whether the L1 and L2 terms are left out.
    early_stopping : bool
        Whether the parameters with the lowest J on the held-out rows are the result.
    left_out : frozenset of int
        Training rows, counted from 0, that are left out.
    fresh_weights : bool
        Whether the weights are drawn anew in the usual way; for a network written as in the post.
    """

    text: str = ""
    rate_factor: float = 1.0
    layers: tuple[Layer, ...] | None = None
    loss: Loss | None = None
    as_classes: bool = False
    standardized_inputs: bool = False
    standardized_targets: bool = False
    balanced: bool = False
    without_penalty: bool = False
    early_stopping: bool = False
    left_out: frozenset[int] = frozenset()
    fresh_weights: bool = False

    @property
    def suits_any_fit(self) -> bool:
        """Whether it is of the rows, the learning rate or the start alone, which a fit as in the post can be given."""
        of_chainrule = self.layers, self.loss, self.as_classes, self.balanced, self.without_penalty, self.early_stopping
        return not any(of_chainrule)

    def kept(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """The numbers of the rows, of n, that are not left out."""
        return np.array([row for row in range(n) if row not in self.left_out], np.intp)
