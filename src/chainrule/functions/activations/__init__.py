"""The activations: each f beside its derivative, in files by what kind they are."""

from chainrule.catalogue import Catalogue
from chainrule.functions.activations.activation import Activation, ActivationLike, Elementwise, OutputRange
from chainrule.functions.activations.identity import Identity
from chainrule.functions.activations.rectifiers import Relu
from chainrule.functions.activations.sigmoids import Sigmoid, Tanh
from chainrule.functions.activations.softmax import Softmax

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "ActivationLike",
    "Elementwise",
    "Identity",
    "OutputRange",
    "Relu",
    "Sigmoid",
    "Softmax",
    "Tanh",
]

# The catalogue only asks for classes that can be made; the abstract base is what they share.
ACTIVATIONS: Catalogue[Activation] = Catalogue(
    "activation",
    Activation,  # type: ignore[type-abstract]
    [Identity, Relu, Sigmoid, Softmax, Tanh],
)
"""Every activation by name."""
