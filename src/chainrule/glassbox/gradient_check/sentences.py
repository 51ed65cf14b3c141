"""The mistakes of a gradient as sentences, in the post's notation."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.glassbox.gradient_check.factor import Factor, Reason

__all__ = ["MISTAKES", "REMEDIES", "and_joined", "factor_remedy", "factor_sentence", "mean_sentence"]

MISTAKES: dict[str, str] = {
    "derivative at a": "{delta} takes the derivative at a[{i}], where it belongs at z[{i}]: a = f(z) has been through "
    "f already, and f'(a) is another number than f'(z)",
    "derivative forgotten": "{delta} lacks f'(z[{i}]), the derivative of the activation of layer {i}",
    "derivative twice": "{delta} is multiplied by f'(z[{i}]) twice",
    "f in the place of f'": "{delta} is multiplied by f(z[{i}]), the value of layer {i}'s activation, where its "
    "derivative f'(z[{i}]) belongs: activation stands where prime belongs",
    "prime is wrong": "{delta} is made with the wrong derivative of layer {i}'s activation",
    "softmax diagonal only": "{delta} takes only a_j (1 - a_j) of the softmax's derivative. But each output depends on "
    "every z of its row: a_j (g_j - sum_m g_m a_m), with g = dJ/da",
    "delta is a - y": "{delta} is a - y up to a constant. That is what cross-entropy gives after a sigmoid or a "
    "softmax; J is another loss, whose dJ/da must be multiplied by f'(z)",
    "derivative of squared error": "{delta} is (a - y) f'(z) up to a constant, which belongs to the squared error. J "
    "is another loss, so the steps do not make smaller what is printed",
    "new weights": "{delta} comes back through w[{i}] as it is after the update. The chain rule is of the w[{i}] with "
    "which a[{after}] was computed",
    "w not transposed": "{delta} is delta[{after}] @ w[{i}], where delta[{after}] @ w[{i}].T belongs (w[{i}] is "
    "square, so the shapes do not tell)",
    "dropout mask forgotten": "{delta} goes back through dropout as if no unit had been dropped: the mask of the way "
    "forward belongs on the way back, too",
    "z in the place of a": "dw[{before}] is z[{before}].T @ delta[{i}], where a[{before}].T @ delta[{i}] belongs",
    "dw transposed": "dw[{before}] is delta[{i}].T @ a[{before}], the transpose of what it should be (w[{before}] is "
    "square, so the shapes do not tell)",
    "one sum for all biases": "db[{before}] is one number for all units of layer {i}, the sum of all of delta[{i}]. "
    "Each unit has a bias of its own, whose gradient is the sum over the rows of its own column",
}
"""By mistake, with the number i of the layer whose delta it is in, and those before and after."""

REMEDIES: dict[str, str] = {
    "derivative at a": "hand z[{i}] to the derivative in the place of a[{i}].",
    "derivative forgotten": "multiply by f'(z[{i}]).",
    "derivative twice": "multiply by f'(z[{i}]) once.",
    "f in the place of f'": "multiply by prime(z[{i}]) in the place of activation(z[{i}]).",
    "softmax diagonal only": "a * (g - (g * a).sum(axis=1, keepdims=True)).",
    "delta is a - y": "multiply dJ/da by f'(z[{i}]), or take the cross-entropy as the loss.",
    "derivative of squared error": "begin with dJ/da of the loss that is printed, or print the squared error.",
    "new weights": "compute every delta first, then update w and b.",
    "w not transposed": "np.dot(delta, w[{i}].T).",
    "dropout mask forgotten": "multiply by the mask that was drawn on the way forward.",
    "z in the place of a": "np.dot(a[{before}].T, delta).",
    "dw transposed": "np.dot(a[{before}].T, delta).",
    "one sum for all biases": "np.sum(delta, axis=0), the sum over the rows.",
}


def and_joined(names: Sequence[str]) -> str:
    """Such as ``w[1], w[2] and w[3]``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def factor_sentence(what: str, factor: Factor, reasons: Sequence[Reason], n: int, k: int) -> str:
    """Why something is a constant times what it should be."""
    if not reasons:
        power = "" if factor.power in (0, None) else f" (it grows as n^{factor.power})"
        return (
            f"{what} is {factor.value:.6g} times what it should be{power}. No usual factor: neither 2, n = {n}, "
            f"k = {k}, nor a product of these."
        )
    if [reason.name for reason in reasons] == ["-1"]:
        return f"{what} has the wrong sign: y - a stands where a - y belongs."
    named = " or ".join(reason.name for reason in reasons)
    same = f" (equal, for k = {k})" if len(reasons) > 1 else ""
    ways = "; or ".join(and_joined(_parts(reason, n, k)) for reason in reasons)
    return f"{what} is {named}{same} = {factor.value:.6g} times what it should be: {ways}."


def _parts(reason: Reason, n: int, k: int) -> list[str]:
    known = {
        ("rows", 1): f"the 1/n is missing (J is the mean over the {n} rows, and this their sum)",
        ("rows", -1): f"it is divided by the {n} rows once too often",
        ("outputs", 1): "the 1/k is missing"
        if k == 1
        else f"the 1/k is missing (J is the mean over the {k} outputs, too)",
        ("outputs", -1): "it is divided by k, the number of outputs, over which J is the sum"
        if k == 1
        else f"it is divided by the {k} outputs, over which J is the sum",
        ("twos", 1): "there is a 2 too many",
        ("twos", -1): "the 2 is missing, which the derivative of a square brings",
    }
    powers = (("rows", reason.rows), ("outputs", reason.outputs), ("twos", reason.twos))
    parts = [known[each] for each in powers if each in known]
    if abs(reason.rows) > 1:
        parts.append(f"n = {n} stands there to the power {reason.rows}")
    return parts + ["its sign is wrong"] * (reason.sign < 0)


def factor_remedy(reasons: Sequence[Reason]) -> str:
    """What to multiply by."""
    if not reasons:
        return ""
    return f"multiply by {' or '.join(reason.inverse.name for reason in reasons)}."


def mean_sentence(which: str, n: int, names: Sequence[str]) -> str:
    """That db, or dw, is averaged over the rows."""
    own, other, beside = ("db", "dw", "weights") if which == "b" else ("dw", "db", "biases")
    how = "is the mean over the rows of delta" if which == "b" else "is divided by the number of rows"
    effect = f"{and_joined(names)} move by steps {n} times too small beside the {beside}"
    if n == 1:
        effect = "with the one row given, this is the same, with n rows a step n times too small (seen with more rows)"
    return f"{own} {how}, where {other} is a sum over them: {effect}."
