"""The layers, one a file."""

from chainrule.catalogue import Catalogue
from chainrule.network.layer import Layer
from chainrule.network.layers.batch_norm import BatchNorm
from chainrule.network.layers.dense import Dense
from chainrule.network.layers.dropout import Dropout
from chainrule.network.layers.layer_norm import LayerNorm
from chainrule.network.layers.residual import Residual

__all__ = ["LAYERS", "BatchNorm", "Dense", "Dropout", "LayerNorm", "Residual"]

LAYERS: Catalogue[Layer] = Catalogue(
    "layer",
    Layer,  # type: ignore[type-abstract]
    [BatchNorm, Dense, Dropout, LayerNorm, Residual],
)
"""Every layer by name."""
