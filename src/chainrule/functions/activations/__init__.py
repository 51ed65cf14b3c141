"""The activations: each f beside its derivative, in files by what kind they are."""

from chainrule.functions.activations.activation import Activation, ActivationLike, Elementwise, OutputRange
from chainrule.functions.activations.catalogue import ACTIVATIONS
from chainrule.functions.activations.custom import CustomActivation
from chainrule.functions.activations.exponential import Exponential
from chainrule.functions.activations.gated import Gelu, GeluTanh, Mish, Silu
from chainrule.functions.activations.identity import Identity
from chainrule.functions.activations.rectifiers import Elu, LeakyRelu, Relu, Selu, Softplus
from chainrule.functions.activations.sigmoids import HardSigmoid, HardTanh, Sigmoid, Tanh
from chainrule.functions.activations.softmax import Softmax

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "ActivationLike",
    "CustomActivation",
    "Elementwise",
    "Elu",
    "Exponential",
    "Gelu",
    "GeluTanh",
    "HardSigmoid",
    "HardTanh",
    "Identity",
    "LeakyRelu",
    "Mish",
    "OutputRange",
    "Relu",
    "Selu",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Softplus",
    "Tanh",
]
