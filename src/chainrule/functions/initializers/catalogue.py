"""Every initializer by name, and what a person gives turned into one."""

from __future__ import annotations

import numpy as np

from chainrule.catalogue import Catalogue
from chainrule.functions.initializers.fixed import Constant, Given
from chainrule.functions.initializers.initializer import Initializer, InitializerLike
from chainrule.functions.initializers.orthogonal import Orthogonal
from chainrule.functions.initializers.scaled import (
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    XavierNormal,
    XavierUniform,
)

__all__ = ["INITIALIZERS", "resolved_initializer"]

INITIALIZERS: Catalogue[Initializer] = Catalogue(
    "initializer",
    Initializer,  # type: ignore[type-abstract]
    [HeNormal, HeUniform, LecunNormal, LecunUniform, XavierNormal, XavierUniform, Orthogonal, Constant, Given],
)
"""Every initializer by name."""


def resolved_initializer(given: InitializerLike) -> Initializer:
    """An initializer from a class, an instance, a name or an array of starting numbers.

    Raises
    ------
    InvalidArgument, InvalidType
        For an unknown name, and for what is no initializer.
    """
    return Given(given) if isinstance(given, np.ndarray) else INITIALIZERS.resolve(given)
