"""What options take, known without the catalogues and readers, which import NumPy: --help answers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.errors import InvalidArgument, nearest_names

__all__ = [
    "ACTIVATION_NAMES",
    "ENGINE_NAMES",
    "LOSS_NAMES",
    "MISSING_ENTRIES",
    "OPTIMIZER_NAMES",
    "SCHEDULE_NAMES",
    "one_of",
]

# a test holds these to the catalogues
OPTIMIZER_NAMES = (
    "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lbfgs", "adagrad", "nadam", "radam", "lion", "muon",
)  # fmt: skip
ACTIVATION_NAMES = (
    "identity", "relu", "leaky_relu", "elu", "selu", "softplus", "gelu", "gelu_tanh", "silu", "mish", "sigmoid", "tanh",
    "hard_sigmoid", "hard_tanh", "softmax", "exponential",
)  # fmt: skip
LOSS_NAMES = (
    "mse", "mae", "huber", "log_cosh", "quantile", "poisson", "binary_cross_entropy", "focal", "hinge", "cross_entropy",
)  # fmt: skip
SCHEDULE_NAMES = ("constant", "cosine", "flat_cosine", "cos_log", "one_cycle", "warm_up", "plateau")
ENGINE_NAMES = ("auto", "numpy", "compiled")
MISSING_ENTRIES = ("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "?")


def one_of(option: str, names: tuple[str, ...]) -> Callable[[Any, Any], None]:
    """The check of an option's value, before anything is read."""

    def check(kind: Any, value: Any) -> None:
        if value is not None and str(value).lower() not in names:
            raise InvalidArgument(f"{value!r} is not a name that {option} takes; {nearest_names(str(value), names)}")

    return check
