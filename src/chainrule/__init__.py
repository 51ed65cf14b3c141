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
    from chainrule.estimators.classifier import MLPClassifier
    from chainrule.estimators.regressor import MLPRegressor
    from chainrule.estimators.table_encoder import TableEncoder
    from chainrule.functions import initializers
    from chainrule.functions.activations import (
        CustomActivation,
        Elu,
        Exponential,
        Gelu,
        GeluTanh,
        HardSigmoid,
        HardTanh,
        Identity,
        LeakyRelu,
        Mish,
        Relu,
        Selu,
        Sigmoid,
        Silu,
        Softmax,
        Softplus,
        Tanh,
    )
    from chainrule.functions.losses import (
        MAE,
        MSE,
        BinaryCrossEntropy,
        CrossEntropy,
        CustomLoss,
        Focal,
        Hinge,
        Huber,
        LogCosh,
        Poisson,
        Quantile,
    )
    from chainrule.glassbox.doctor import Doctor, diagnose
    from chainrule.glassbox.explain import explain
    from chainrule.glassbox.gradient_check import check_gradients
    from chainrule.glassbox.hand_check import check_answers, hand_check
    from chainrule.glassbox.paths import paths
    from chainrule.glassbox.step import step
    from chainrule.glassbox.trace import trace
    from chainrule.many_networks import fit_together
    from chainrule.model import Network, load
    from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual
    from chainrule.optimizers import (
        LBFGS,
        SGD,
        Adagrad,
        Adam,
        AdamW,
        Clip,
        Lion,
        Momentum,
        MovingAverage,
        Muon,
        NAdam,
        Nesterov,
        RAdam,
        RMSprop,
        schedules,
    )
    from chainrule.training.callback import Callback
    from chainrule.training.checkpoint import Checkpoint
    from chainrule.training.early_stopping import EarlyStopping
    from chainrule.training.json_lines_log import JsonLinesLog
    from chainrule.training.time_limit import TimeLimit

__all__ = [
    "LBFGS",
    "MAE",
    "MSE",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "BatchNorm",
    "BinaryCrossEntropy",
    "Callback",
    "ChainruleError",
    "Checkpoint",
    "Clip",
    "CrossEntropy",
    "CustomActivation",
    "CustomLoss",
    "Dense",
    "Doctor",
    "Dropout",
    "EarlyStopping",
    "Elu",
    "Exponential",
    "Focal",
    "Gelu",
    "GeluTanh",
    "HardSigmoid",
    "HardTanh",
    "Hinge",
    "Huber",
    "Identity",
    "JsonLinesLog",
    "LayerNorm",
    "LeakyRelu",
    "Lion",
    "LogCosh",
    "MLPClassifier",
    "MLPRegressor",
    "Mish",
    "Momentum",
    "MovingAverage",
    "Muon",
    "NAdam",
    "Nesterov",
    "Network",
    "Poisson",
    "Quantile",
    "RAdam",
    "RMSprop",
    "Relu",
    "Residual",
    "Selu",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Softplus",
    "Standardizer",
    "TableEncoder",
    "Tanh",
    "TimeLimit",
    "TrainingDiverged",
    "__version__",
    "check_answers",
    "check_gradients",
    "diagnose",
    "explain",
    "fit_together",
    "hand_check",
    "initializers",
    "load",
    "paths",
    "schedules",
    "step",
    "trace",
]

_HOMES = {
    "chainrule.data.standardizer": ("Standardizer",),
    "chainrule.errors": ("ChainruleError", "TrainingDiverged"),
    "chainrule.estimators.classifier": ("MLPClassifier",),
    "chainrule.estimators.regressor": ("MLPRegressor",),
    "chainrule.estimators.table_encoder": ("TableEncoder",),
    "chainrule.functions.activations": (
        "CustomActivation",
        "Elu",
        "Exponential",
        "Gelu",
        "GeluTanh",
        "HardSigmoid",
        "HardTanh",
        "Identity",
        "LeakyRelu",
        "Mish",
        "Relu",
        "Selu",
        "Sigmoid",
        "Silu",
        "Softmax",
        "Softplus",
        "Tanh",
    ),
    "chainrule.functions.losses": (
        "MAE",
        "MSE",
        "BinaryCrossEntropy",
        "CrossEntropy",
        "CustomLoss",
        "Focal",
        "Hinge",
        "Huber",
        "LogCosh",
        "Poisson",
        "Quantile",
    ),
    "chainrule.glassbox.doctor": ("Doctor", "diagnose"),
    "chainrule.glassbox.explain": ("explain",),
    "chainrule.glassbox.gradient_check": ("check_gradients",),
    "chainrule.glassbox.hand_check": ("check_answers", "hand_check"),
    "chainrule.glassbox.paths": ("paths",),
    "chainrule.glassbox.step": ("step",),
    "chainrule.glassbox.trace": ("trace",),
    "chainrule.many_networks": ("fit_together",),
    "chainrule.model": ("Network", "load"),
    "chainrule.network.layers": ("BatchNorm", "Dense", "Dropout", "LayerNorm", "Residual"),
    "chainrule.optimizers": (
        "LBFGS",
        "SGD",
        "Adagrad",
        "Adam",
        "AdamW",
        "Clip",
        "Lion",
        "Momentum",
        "MovingAverage",
        "Muon",
        "NAdam",
        "Nesterov",
        "RAdam",
        "RMSprop",
    ),
    "chainrule.training.callback": ("Callback",),
    "chainrule.training.checkpoint": ("Checkpoint",),
    "chainrule.training.early_stopping": ("EarlyStopping",),
    "chainrule.training.json_lines_log": ("JsonLinesLog",),
    "chainrule.training.time_limit": ("TimeLimit",),
}

_FOLDERS = {"initializers": "chainrule.functions.initializers", "schedules": "chainrule.optimizers.schedules"}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(importlib.import_module(module), name)
            globals()[name] = value  # found at once the next time
            return value
    if name in _FOLDERS:
        globals()[name] = importlib.import_module(_FOLDERS[name])
        return globals()[name]
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
