"""The search for the mistakes that explain a gradient, layer by layer from the output back.

A layer's dw and db depend on its delta, and that on what came after it. So once the layers behind are explained, each
mistake of a layer is put in by itself, and what it gives compared with what the program claims, on the rows given and
on some more. A constant factor is free in each comparison, and explained afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.factor import Factor, factor_between, reasons_for
from chainrule.glassbox.gradient_check.mistakes import (
    Mistakes,
    bias_gradients,
    hidden_deltas,
    output_deltas,
    weight_gradients,
)
from chainrule.glassbox.gradient_check.one_pass import OnePass

__all__ = ["EXPLAINED", "LayerExplanation", "explained_layers", "multiple"]

EXPLAINED = 1e-6
"""A mistake explains an array if, put in, it gives every entry to this share of the array's largest."""

OF_SQUARED_ERROR = ("delta is a - y", "derivative of squared error")
"""Not mistakes where J is the squared error: its delta is a multiple of them, and rightly so."""

INDISTINGUISHABLE = EXPLAINED / 100
"""A mistake that changes delta by less than this share is none here: no comparison could tell it from what is right."""

UNNAMED = 20
"""How much less likely than a mistake a factor is that nothing explains."""


@dataclass(frozen=True, eq=False)
class LayerExplanation:
    """What explains dw[i] and db[i].

    Attributes
    ----------
    i : int
        Number of the arrays; the layer of the delta is i + 1.
    mistakes : Mistakes
        The simplest that explain them.
    deltas : tuple of array
        delta[i + 1] with these mistakes, without constant factors, for the rows given and for more.
    w_factor, b_factor : Factor or None
        What is left; None where the array is not changed at all, or has no entry to tell by.
    error : float
        The largest relative error that is left.
    never : tuple of str
        Arrays that the program never changes, though J depends on them.
    others : tuple of Mistakes
        Which explain the same numbers equally well.
    """

    i: int
    mistakes: Mistakes
    deltas: tuple[Array, Array]
    w_factor: Factor | None
    b_factor: Factor | None
    error: float
    never: tuple[str, ...] = ()
    others: tuple[Mistakes, ...] = ()


def explained_layers(passes: tuple[OnePass, OnePass], wrong: Collection[int] = ()) -> list[LayerExplanation]:
    """Explanations from the last w and b back to the first; fewer, if the search comes to one that nothing explains.

    Of the layers in `wrong` it is known already that their own derivative is wrong.
    """
    found: list[LayerExplanation] = []
    for i in range(passes[0].last - 1, 0, -1):
        above = found[-1] if found else None
        layer = _simplest(passes, i, above, i + 1 in wrong)
        if layer is None:
            break
        found.append(layer)
    return found


def _simplest(
    passes: tuple[OnePass, OnePass], i: int, above: LayerExplanation | None, known_wrong: bool
) -> LayerExplanation | None:
    if above is None:
        deltas = zip(output_deltas(passes[0]), output_deltas(passes[1]), strict=True)
    else:
        behind = above.deltas
        deltas = zip(
            hidden_deltas(passes[0], i + 1, behind[0]), hidden_deltas(passes[1], i + 1, behind[1]), strict=True
        )
    tried = [
        (_cost(layer, above, passes[0].k) - (known_wrong and layer.mistakes.derivative == "prime is wrong"), layer)
        for layer in _tried(passes, i, (((one[0], (one[1], two[1])) for one, two in deltas)))
    ]
    if not tried:
        return None
    lowest = min(cost for cost, _ in tried)
    best, *others = [layer for cost, layer in tried if cost == lowest]
    return replace(best, others=tuple(other.mistakes for other in others))


def _tried(
    passes: tuple[OnePass, OnePass], i: int, deltas: Iterable[tuple[Mistakes, tuple[Array, Array]]]
) -> Iterator[LayerExplanation]:
    """Every mistake that explains the arrays."""
    right: tuple[Array, Array] | None = None
    for mistakes, both in deltas:
        if right is None:
            right = both
        elif _is_right(mistakes, both, right):
            continue
        products = zip(
            weight_gradients(passes[0], i, mistakes, both[0]),
            weight_gradients(passes[1], i, mistakes, both[1]),
            strict=True,
        )
        for (with_product, dw), (_, dw_more) in products:
            sums = (bias_gradients(with_product, each) for each in both)
            for (with_sum, db), (_, db_more) in zip(*sums, strict=True):
                layer = _compared(passes, i, with_sum, both, (dw, dw_more), (db, db_more))
                if layer is not None:
                    yield layer


def _compared(
    passes: tuple[OnePass, OnePass],
    i: int,
    mistakes: Mistakes,
    deltas: tuple[Array, Array],
    dws: tuple[Array, Array],
    dbs: tuple[Array, Array],
) -> LayerExplanation | None:
    candidates = {f"w[{i}]": dws, f"b[{i}]": dbs}
    factors: dict[str, Factor | None] = {}
    worst, never = 0.0, []
    for name, (given, more) in candidates.items():
        factors[name] = None
        if name not in passes[0].claimed:
            continue
        if mistakes.bias and name[0] == "b" and all(map(_sums_to_nothing, passes, (name, name), deltas)):
            continue  # as behind a softmax: all that is left is rounding, of which there is no factor
        c, error = multiple(passes[0].claimed[name], given)
        c_more, error_more = multiple(passes[1].claimed[name], more)
        if not (error <= EXPLAINED and error_more <= EXPLAINED):  # NaN is no explanation either
            return None
        worst = max(worst, error, error_more)
        if c == 0 and c_more == 0:
            if np.abs(given).max() > 0:
                never.append(name)
        elif c != 0 and c_more != 0:
            factors[name] = factor_between(c, c_more, passes[0].n, passes[1].n)
        elif c != 0 or c_more != 0:  # all are 0 on some of the rows, as of dead units
            factors[name] = Factor(c or c_more, 0, c or c_more)
    return LayerExplanation(i, mistakes, deltas, factors[f"w[{i}]"], factors[f"b[{i}]"], worst, tuple(never))


def _sums_to_nothing(rows: OnePass, name: str, delta: Array) -> bool:
    """Whether all of delta adds up to next to nothing beside its columns, and the claimed array is as small."""
    columns = float(np.abs(delta.sum(axis=0)).max())
    claimed = float(np.abs(np.nan_to_num(rows.claimed[name])).max())
    return max(abs(float(delta.sum())), claimed) <= EXPLAINED * columns


def multiple(claimed: Array, candidate: Array) -> tuple[float, float]:
    """The c for which c times the candidate is nearest to what is claimed, and the relative error that is left."""
    known = np.isfinite(claimed)
    claimed, candidate = claimed[known], candidate.reshape(claimed.shape)[known]
    largest, squares = np.abs(claimed).max(initial=0.0), float(candidate @ candidate)
    if largest == 0:
        return 0.0, 0.0
    if squares == 0:
        return 0.0, 1.0
    c = float(claimed @ candidate) / squares
    return c, float(np.abs(claimed - c * candidate).max() / largest)


def _is_right(mistakes: Mistakes, both: tuple[Array, Array], right: tuple[Array, Array]) -> bool:
    """Whether a mistake makes no difference here, such as a derivative forgotten that is 1 everywhere."""
    fits = [multiple(one.ravel(), other.ravel()) for one, other in zip(both, right, strict=True)]
    if not all(error < INDISTINGUISHABLE for _, error in fits):
        return False
    return mistakes.derivative in OF_SQUARED_ERROR or all(abs(c - 1) < EXPLAINED for c, _ in fits)


def _cost(layer: LayerExplanation, above: LayerExplanation | None, k: int) -> int:
    """How many things would have gone wrong; that the factors are those of the layer above costs nothing."""
    behind = (None, None) if above is None else (above.w_factor, above.b_factor)
    factors = [
        own if known is None else own.over(known)
        for own, known in zip((layer.w_factor, layer.b_factor), behind, strict=True)
        if own is not None
    ]
    if len(factors) == 2:  # what both have is one thing
        factors[1] = factors[1].over(factors[0])
    cost = layer.mistakes.number + len(layer.never)
    for factor in factors:
        if not factor.is_one:
            reasons = reasons_for(factor, k)
            cost += reasons[0].complexity if reasons else UNNAMED
    return cost
