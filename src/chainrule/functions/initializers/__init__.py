"""The initializers: how weights and biases start."""

from chainrule.functions.initializers.catalogue import INITIALIZERS, resolved_initializer
from chainrule.functions.initializers.fixed import Constant, Given
from chainrule.functions.initializers.initializer import Initializer, InitializerLike
from chainrule.functions.initializers.orthogonal import Orthogonal
from chainrule.functions.initializers.scaled import (
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Scaled,
    XavierNormal,
    XavierUniform,
)

__all__ = [
    "INITIALIZERS",
    "Constant",
    "Given",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "InitializerLike",
    "LecunNormal",
    "LecunUniform",
    "Orthogonal",
    "Scaled",
    "XavierNormal",
    "XavierUniform",
    "resolved_initializer",
]
