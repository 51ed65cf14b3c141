"""A moving average of the parameters: what is measured and kept is smoother than what moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout
from chainrule.optimizers.wrapper import Wrapper

__all__ = ["MovingAverage"]


@dataclass(frozen=True)
class MovingAverage(Wrapper):
    """An optimizer, and beside its parameters their average over the steps, which is what is measured and kept.

    In step t, average <- average + (1 - decay) / (1 - decay^t) * (theta - average). With one decay in all the steps, it
    is the sum over i <= t of decay^(t - i) * theta_i, divided by the sum of decay^(t - i); where a schedule changes the
    decay, the weights are no such powers. Polyak and Juditsky, "Acceleration of stochastic approximation by averaging",
    1992, average all steps alike; the exponential average, corrected so that the parameters before the first step have
    no share in it, is that of Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, section 7.2.
    Without the correction, a training of fewer than 1 / (1 - decay) steps would mostly keep the random numbers that it
    started from.

    Steps are taken from the parameters themselves, never from their average. The running statistics of batch norms are
    averaged with them, so that the two go together.

    Parameters
    ----------
    optimizer : StepOptimizer, type or str
        What moves the parameters, as an instance, a class or a name.
    decay : float
        Share of the average that a step keeps, in [0, 1); a schedule knows it as ``average_decay``. The average is over
        about the last 1 / (1 - decay) steps.

    Raises
    ------
    InvalidArgument, InvalidType
        If decay is out of its range, or the optimizer takes no steps or averages already.
    """

    name = "moving_average"

    decay: float = 0.999

    def __post_init__(self) -> None:
        self._check_settings(shares=("decay",))
        super().__post_init__()

    @property
    def own_values(self) -> dict[str, float]:
        return {"average_decay": self.decay}

    def field_of(self, name: str) -> str:
        return "decay"

    @property
    def formula(self) -> str:  # type: ignore[override]
        """The formula of the optimizer inside, and the average."""
        own = r"\bar\theta \leftarrow \bar\theta + \frac{1 - \delta}{1 - \delta^t} (\theta - \bar\theta)"
        return rf"{self.optimizer.formula}, \quad {own}"

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        remembered = super().start(theta, layout)
        if "average" in remembered:
            raise InvalidArgument(f"{self.optimizer!r} remembers an array named 'average', which would be overwritten.")
        return {**remembered, "average": theta.copy()}

    def step(
        self,
        theta: Array,
        gradient: Array,
        remembered: dict[str, Array],
        values: Sequence[float],
        number: int,
        layout: Layout,
    ) -> None:
        inside, (decay,) = self.split(values)
        self.optimizer.step(theta, gradient, remembered, inside, number, layout)
        _follow(remembered["average"], theta, decay, number)

    def averaged(self, theta: Array, remembered: dict[str, Array]) -> Array:
        return remembered["average"]

    def start_statistics(self, state: Array) -> dict[str, Array]:
        return {**super().start_statistics(state), "average_statistics": state.copy()}

    def follow_statistics(
        self, state: Array, remembered: dict[str, Array], values: Sequence[float], number: int
    ) -> None:
        super().follow_statistics(state, remembered, values, number)
        _, (decay,) = self.split(values)
        _follow(remembered["average_statistics"], state, decay, number)

    def averaged_statistics(self, state: Array, remembered: dict[str, Array]) -> Array:
        return remembered["average_statistics"]


def _follow(average: Array, array: Array, decay: float, number: int) -> None:
    average += (1 - decay) / (1 - decay ** (number + 1)) * (array - average)
