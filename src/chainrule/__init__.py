"""chainrule: neural networks you can read, see and trust, in NumPy.

The public names below are loaded when they are first used, so that ``import chainrule`` costs next to nothing.
"""

from __future__ import annotations

import importlib

from chainrule.version import __version__

TYPE_CHECKING = False  # importing typing would cost more than all the rest; type checkers know this name too
if TYPE_CHECKING:
    from typing import Any

    from chainrule.data.standardizer import Standardizer
    from chainrule.errors import ChainruleError, TrainingDiverged
    from chainrule.functions.activations import Identity, Relu, Sigmoid, Softmax, Tanh
    from chainrule.functions.losses import MSE, BinaryCrossEntropy, CrossEntropy
    from chainrule.glassbox.gradient_check import check_gradients
    from chainrule.model import Network, load
    from chainrule.network.layers import BatchNorm, Dense, Dropout, Residual
    from chainrule.optimizers import SGD, Momentum
    from chainrule.training.callback import Callback

__all__ = [
    "MSE",
    "SGD",
    "BatchNorm",
    "BinaryCrossEntropy",
    "Callback",
    "ChainruleError",
    "CrossEntropy",
    "Dense",
    "Dropout",
    "Identity",
    "Momentum",
    "Network",
    "Relu",
    "Residual",
    "Sigmoid",
    "Softmax",
    "Standardizer",
    "Tanh",
    "TrainingDiverged",
    "__version__",
    "check_gradients",
    "load",
]

_HOMES = {
    "chainrule.data.standardizer": ("Standardizer",),
    "chainrule.errors": ("ChainruleError", "TrainingDiverged"),
    "chainrule.functions.activations": ("Identity", "Relu", "Sigmoid", "Softmax", "Tanh"),
    "chainrule.functions.losses": ("MSE", "BinaryCrossEntropy", "CrossEntropy"),
    "chainrule.glassbox.gradient_check": ("check_gradients",),
    "chainrule.model": ("Network", "load"),
    "chainrule.network.layers": ("BatchNorm", "Dense", "Dropout", "Residual"),
    "chainrule.optimizers": ("SGD", "Momentum"),
    "chainrule.training.callback": ("Callback",),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(importlib.import_module(module), name)
            globals()[name] = value  # found at once the next time
            return value
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
