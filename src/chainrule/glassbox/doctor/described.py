"""Optimizers and schedules, made anew from what a training's recipe says of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.optimizers import OPTIMIZERS, schedules

__all__ = ["described"]

KNOWN: Mapping[str, type[Any]] = {
    **{member.__name__: member for member in OPTIMIZERS},
    **{name: getattr(schedules, name) for name in schedules.__all__ if isinstance(getattr(schedules, name), type)},
}
"""What may be made, by name."""


def described(text: str | None) -> Any:
    """The object of which `text` is the repr, such as ``"Adam(beta1=0.9, beta2=0.999, epsilon=1e-08)"``, or the number.

    Nothing is carried out but calls of optimizers and schedules with numbers, strings, or each other.

    Returns
    -------
    Optimizer, Schedule, float or None
        None for no text, or one that describes something else.
    """
    if text is None:
        return None
    try:
        return _made(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, TypeError, InvalidArgument, InvalidType):  # a custom one, or a text cut short
        return None


def _made(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KNOWN:
        settings = {str(each.arg): _made(each.value) for each in node.keywords}
        return KNOWN[node.func.id](*(_made(each) for each in node.args), **settings)
    return ast.literal_eval(node)
