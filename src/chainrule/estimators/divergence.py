"""A fit whose numbers became NaN or infinite: an error, or a warning where early stopping has something better."""

from __future__ import annotations

from functools import partial

from chainrule.errors import TrainingDiverged
from chainrule.training.state import Best

__all__ = ["FitDiverged", "best_put_back"]

ADVICE = "The input data may contain large values and need to be preprocessed."


class FitDiverged(TrainingDiverged, ValueError):
    """`TrainingDiverged` as scikit-learn has it: a ValueError.

    Parameters
    ----------
    message : str
        The sentences.
    layer, epoch, batch : int
        As in `TrainingDiverged`.
    """

    @classmethod
    def of(cls, error: TrainingDiverged) -> FitDiverged:
        """The same, after scikit-learn's sentences."""
        message = f"Solver produced non-finite parameter weights. {ADVICE} {error}"
        return cls(message, layer=error.layer, epoch=error.epoch, batch=error.batch)

    def __reduce__(self) -> tuple[object, ...]:
        # Searches hand it on between processes by pickle, which gives positional arguments alone.
        rebuild = partial(FitDiverged, layer=self.layer, epoch=self.epoch, batch=self.batch)
        return rebuild, (str(self),)


def best_put_back(error: TrainingDiverged, best: Best) -> str:
    """The warning of an early stopping that ends by divergence."""
    return (
        f"{error} Early stopping puts those of epoch {best.epoch} in their place, whose validation score, "
        f"{best.value:.3g}, was the best. {ADVICE}"
    )
