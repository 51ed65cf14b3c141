"""Every activation by name."""

from __future__ import annotations

from chainrule.catalogue import Catalogue
from chainrule.functions.activations.activation import Activation
from chainrule.functions.activations.exponential import Exponential
from chainrule.functions.activations.gated import Gelu, GeluTanh, Mish, Silu
from chainrule.functions.activations.identity import Identity
from chainrule.functions.activations.rectifiers import Elu, LeakyRelu, Relu, Selu, Softplus
from chainrule.functions.activations.sigmoids import HardSigmoid, HardTanh, Sigmoid, Tanh
from chainrule.functions.activations.softmax import Softmax

__all__ = ["ACTIVATIONS"]

# The catalogue only asks for classes that can be made; the abstract base is what they share.
ACTIVATIONS: Catalogue[Activation] = Catalogue(
    "activation",
    Activation,  # type: ignore[type-abstract]
    [
        Identity,
        Relu,
        LeakyRelu,
        Elu,
        Selu,
        Softplus,
        Gelu,
        GeluTanh,
        Silu,
        Mish,
        Sigmoid,
        Tanh,
        HardSigmoid,
        HardTanh,
        Softmax,
        Exponential,
    ],
)
"""Every activation by name, with its relatives beside it."""
