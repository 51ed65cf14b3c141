"""Compiled loops around the expressions of activations, losses and optimizers, each called by its address.

Each takes whole numbers alone: addresses, in bytes, and counts. So all activations have one signature, likewise all
losses and all optimizers, and the program calls what the records of a job name without knowing it. Softmax and its
cross-entropy, whose numbers depend on all numbers of a row, are the only formulas that are written here again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit, types
from numba.np.unsafe.ndarray import to_fixed_tuple

from chainrule.engines.compiled.addresses import doubles_at, floats_at, job_at, layer_at, whole_numbers_at
from chainrule.engines.compiled.code_cache import compiled_function
from chainrule.engines.compiled.elementary_functions import elementary_functions
from chainrule.engines.compiled.layer_passes import Block
from chainrule.engines.compiled.products import product
from chainrule.engines.compiled.steps import gather, run_forward, run_steps, update_clipped, update_part
from chainrule.engines.compiled.typed_expression import split_rule, typed_expression
from chainrule.engines.compiled.vector_tiles import widest_vectors
from chainrule.functions.activations import Elementwise, Softmax
from chainrule.functions.activations.activation import Activation
from chainrule.functions.losses import CrossEntropy, Loss
from chainrule.functions.losses.loss import ElementwiseLoss
from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = [
    "activation_kernels",
    "forward_kernel",
    "gradient_kernel",
    "layer_kernel",
    "loss_kernel",
    "product_kernel",
    "step_kernels",
    "update_kernel",
]

LIKE: dict[type, Any] = {np.float32: np.empty(1, np.float32), np.float64: np.empty(1, np.float64)}


def activation_kernels(activation: Activation, number_type: type) -> tuple[int, int]:
    """The addresses of f(z, a, n, d, settings) and of f'(d_a, z, a, n, d, settings), which makes dJ/dz of dJ/da.

    Arrays have the shape (n, d); `settings` are numbers of float64.
    """
    if isinstance(activation, Softmax):
        names = _names(number_type)
        name = f"softmax_{number_type.__name__}"
        return _kernel(_softmax, f"f_{name}", 5, names), _kernel(_softmax_backward, f"backward_{name}", 6, names)
    assert isinstance(activation, Elementwise)
    return _elementwise_kernels(type(activation), len(activation.settings), number_type)


@cache
def _elementwise_kernels(kind: type[Elementwise], n_settings: int, number_type: type) -> tuple[int, int]:
    name = f"{kind.name}_{number_type.__name__}"
    f = _expression(kind.expression, ("z",), number_type)
    derivative = _expression(kind.derivative_expression, ("z", "a"), number_type)
    names = _names(number_type, N_SETTINGS=n_settings, f=f, derivative=derivative)
    return _kernel(_activate, f"f_{name}", 5, names), _kernel(_activate_backward, f"backward_{name}", 6, names)


def loss_kernel(loss: Loss, output: Activation, number_type: type) -> tuple[int, bool]:
    """The address of loss(y, z, a, shares, equal, n, k, settings, delta, J), and whether its delta is dJ/dz, or dJ/da.

    It adds the rows' losses, times their shares, which are `equal` (1) or not (0), to the number of float64 at J.
    `settings` has k numbers for each setting.
    """
    if isinstance(loss, CrossEntropy):
        return _kernel(_cross_entropy, f"loss_cross_entropy_{number_type.__name__}", 10, _names(number_type)), True
    assert isinstance(loss, ElementwiseLoss)
    on_logits, settings = output.name == loss.logit_output, loss.settings_for(LIKE[number_type])
    same = all(np.ndim(setting) == 0 for setting in settings)
    return _elementwise_loss_kernel(type(loss), on_logits, len(settings), same, number_type), on_logits


@cache
def _elementwise_loss_kernel(
    kind: type[ElementwiseLoss], on_logits: bool, n_settings: int, same_settings: bool, number_type: type
) -> int:
    name = f"{kind.name}_{n_settings}_{'same' if same_settings else 'own'}_{number_type.__name__}"
    if on_logits:
        value = _with_arguments(_expression(kind.logit_expression, ("y", "z"), number_type), "yz")
        derivative = _with_arguments(_expression(kind.logit_derivative_expression, ("y", "z", "a"), number_type), "yza")
    else:
        value = _with_arguments(_expression(kind.expression, ("y", "a"), number_type), "ya")
        derivative = _with_arguments(_expression(kind.derivative_expression, ("y", "a"), number_type), "ya")
    names = _names(
        number_type,
        N_SETTINGS=n_settings,
        MEAN=kind.reduction == "mean",
        SAME_SETTINGS=same_settings,
        value=value,
        derivative=derivative,
    )
    return _kernel(_loss, f"loss_{name}{'_on_logits' if on_logits else ''}", 10, names)


def update_kernel(optimizer: ElementwiseOptimizer, number_type: type) -> int:
    """The address of update(theta, gradient, remembered, offset, start, stop, number, values).

    It moves the parameters from `start` up to `stop`. `remembered` are the addresses of the arrays that the optimizer
    remembers, each `offset` bytes before that of this network; `values` the learning rate and the settings.
    """
    return _rule_kernel(type(optimizer), 1 + len(optimizer.scheduled), number_type)


@cache
def _rule_kernel(kind: type[ElementwiseOptimizer], n_values: int, number_type: type) -> int:
    elements = ("theta", "gradient", *kind.remembers)
    prepare, move = split_rule(kind.rule, elements, number_type, elementary_functions(number_type))
    names = _names(number_type, N_VALUES=n_values, prepare=_inlined(prepare), move=_inlined(move))
    template = (_update_0, _update_1, _update_2, _update_3)[len(kind.remembers)]
    return _kernel(template, f"update_{kind.name}_{number_type.__name__}", 8, names)


def product_kernel(number_type: type) -> int:
    """The address of `product`, whose arguments but the first it takes."""
    return _kernel(_product, f"product_{number_type.__name__}", 12, {"like": LIKE[number_type]})


def layer_kernel(layer_pass: Any, number_type: type) -> int:
    """The address of pass(job, layer, network, step, n_batch, position, first, n), of a function of `layer_passes`.

    The numbers behind the addresses of the two records are those of a `Block`.
    """
    names = {"like": LIKE[number_type], "layer_pass": layer_pass}
    return _kernel(_layer_pass, f"{layer_pass.__name__}_{number_type.__name__}", 8, names)


def gradient_kernel(layer_gradient: Any, number_type: type) -> int:
    """The same for a layer's gradient, with (gradient, start, stop, accumulate) behind."""
    names = {"like": LIKE[number_type], "layer_gradient": layer_gradient}
    return _kernel(_layer_gradient, f"{layer_gradient.__name__}_{number_type.__name__}", 12, names)


def step_kernels(number_type: type, clipped: bool) -> tuple[int, int, int]:
    """The addresses of run(job), gather(job, ...) of a `Block` and update_part(job, network, step, start, stop)."""
    name, like = number_type.__name__, {"like": LIKE[number_type]}
    update = (_update_clipped, "update_clipped") if clipped else (_update_part, "update_part")
    return (
        _kernel(_run, f"run_{name}", 1, like),
        _kernel(_gather, f"gather_{name}", 7, like),
        _kernel(update[0], f"{update[1]}_{name}", 5, like),
    )


def forward_kernel(number_type: type) -> int:
    """The address of forward(job), which writes the outputs of rows."""
    return _kernel(_forward, f"forward_{number_type.__name__}", 1, {"like": LIKE[number_type]})


def _names(number_type: type, **names: Any) -> dict[str, Any]:
    return {"like": LIKE[number_type], "number": number_type, **elementary_functions(number_type), **names}


def _expression(expression: Callable[..., Any], elements: tuple[str, ...], number_type: type) -> Any:
    typed = typed_expression(expression, elements, number_type, elementary_functions(number_type))
    return _inlined(typed)


def _with_arguments(expression: Any, taken: str) -> Any:
    """The expression as a function of (y, z, a, settings), of which it takes some."""
    choices = {
        "ya": lambda y, z, a, settings: expression(*((y, a) + settings)),
        "yz": lambda y, z, a, settings: expression(*((y, z) + settings)),
        "yza": lambda y, z, a, settings: expression(*((y, z, a) + settings)),
    }
    return _inlined(choices[taken])


def _inlined(function: Callable[..., Any]) -> Any:
    return njit(function, error_model="numpy", fastmath={"contract", "nsz"}, forceinline=True)


_COMPILED: dict[str, Any] = {}
"""The compiled kernels by name, which keeps their code in memory."""

_LOCK = threading.Lock()
"""One thread compiles at a time: of two that make a kernel of one name, the first's code would be lost in use."""


if hasattr(os, "register_at_fork"):  # a fork waits until nothing is being compiled: numba has locks of its own
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


def _kernel(template: Callable[..., None], name: str, n_arguments: int, names: Mapping[str, Any]) -> int:
    with _LOCK:
        if name not in _COMPILED:
            code = template.__code__.replace(co_name=name, co_qualname=name)
            function = FunctionType(code, {**globals(), **names}, name)
            signature, fastmath = types.void(*[types.int64] * n_arguments), {"contract", "reassoc", "nsz"}
            _COMPILED[name] = compiled_function(function, signature, error_model="numpy", fastmath=fastmath)
        return int(_COMPILED[name].address)


# A sum stands in a loop of its own, without any array that is written to: whether the compiler takes such a loop many
# numbers at a time may depend on where the arrays lie, and the last bits of a sum on that.
#
# Templates: each is compiled with the names `like`, `number`, the elementary functions and its expressions as globals.


def _activate(z_at: Any, a_at: Any, n: Any, d: Any, settings_at: Any) -> None:
    widest_vectors()
    z, a = floats_at(z_at, (n * d,), like), floats_at(a_at, (n * d,), like)
    settings = to_fixed_tuple(doubles_at(settings_at, N_SETTINGS), N_SETTINGS)
    for i in range(n * d):
        a[i] = f(*((z[i],) + settings))


def _activate_backward(d_at: Any, z_at: Any, a_at: Any, n: Any, d: Any, settings_at: Any) -> None:
    widest_vectors()
    delta = floats_at(d_at, (n * d,), like)
    z, a = floats_at(z_at, (n * d,), like), floats_at(a_at, (n * d,), like)
    settings = to_fixed_tuple(doubles_at(settings_at, N_SETTINGS), N_SETTINGS)
    for i in range(n * d):
        delta[i] *= derivative(*((z[i], a[i]) + settings))


def _softmax(z_at: Any, a_at: Any, n: Any, k: Any, settings_at: Any) -> None:
    z, a = floats_at(z_at, (n * k,), like), floats_at(a_at, (n * k,), like)
    for r in range(0, n * k, k):
        largest = z[r]
        for j in range(r + 1, r + k):
            if z[j] > largest:  # a NaN makes its row NaN anyway
                largest = z[j]
        for j in range(r, r + k):
            a[j] = z[j] - largest
    for i in range(n * k):  # all rows at once: a row alone is too short for vectors
        a[i] = exp(a[i])
    for r in range(0, n * k, k):
        total = number(0)
        for j in range(r, r + k):
            total += a[j]
        for j in range(r, r + k):
            a[j] /= total


def _softmax_backward(d_at: Any, z_at: Any, a_at: Any, n: Any, k: Any, settings_at: Any) -> None:
    delta, a = floats_at(d_at, (n, k), like), floats_at(a_at, (n, k), like)
    for r in range(n):
        along = number(0)
        for j in range(k):
            along += delta[r, j] * a[r, j]
        for j in range(k):
            delta[r, j] = a[r, j] * (delta[r, j] - along)


def _cross_entropy(
    y_at: Any,
    z_at: Any,
    a_at: Any,
    shares_at: Any,
    equal: Any,
    n: Any,
    k: Any,
    settings_at: Any,
    delta_at: Any,
    J_at: Any,
) -> None:
    y, z, a = floats_at(y_at, (n * k,), like), floats_at(z_at, (n * k,), like), floats_at(a_at, (n * k,), like)
    shares, delta = floats_at(shares_at, (n,), like), floats_at(delta_at, (n * k,), like)
    smoothing = doubles_at(settings_at, 1)[0]
    keep, spread = number(1 - smoothing), number(smoothing / k)
    J = 0.0
    for r in range(n):
        largest, likeliest = z[r * k], a[r * k]
        for j in range(r * k + 1, r * k + k):
            largest, likeliest = maximum(largest, z[j]), maximum(likeliest, a[j])
        total = number(0)
        for j in range(r * k, r * k + k):
            total += (keep * y[j] + spread) * (largest - z[j])
        J += (total - log(likeliest)) * shares[r]
    if equal:
        for i in range(n * k):
            delta[i] = (a[i] - (keep * y[i] + spread)) * shares[0]
    else:
        for r in range(n):
            for j in range(r * k, r * k + k):
                delta[j] = (a[j] - (keep * y[j] + spread)) * shares[r]
    doubles_at(J_at, 1)[0] += J


def _loss(
    y_at: Any,
    z_at: Any,
    a_at: Any,
    shares_at: Any,
    equal: Any,
    n: Any,
    k: Any,
    settings_at: Any,
    delta_at: Any,
    J_at: Any,
) -> None:
    widest_vectors()
    y, z, a = floats_at(y_at, (n * k,), like), floats_at(z_at, (n * k,), like), floats_at(a_at, (n * k,), like)
    shares, delta = floats_at(shares_at, (n,), like), floats_at(delta_at, (n * k,), like)
    settings = doubles_at(settings_at, N_SETTINGS * k).reshape(k, N_SETTINGS)
    part = 1 / k if MEAN else 1.0
    J = 0.0
    if equal and SAME_SETTINGS:  # all rows at once: a row alone is too short for vectors
        own, share, total = to_fixed_tuple(settings[0], N_SETTINGS), number(shares[0] * part), number(0)
        for i in range(n * k):
            total += number(value(y[i], z[i], a[i], own))
        for i in range(n * k):
            delta[i] = number(derivative(y[i], z[i], a[i], own)) * share
        J = np.float64(total) * share
    else:
        for r in range(n):
            share, total = number(shares[r] * part), number(0)
            for j in range(k):
                own, i = to_fixed_tuple(settings[j], N_SETTINGS), r * k + j
                total += number(value(y[i], z[i], a[i], own))
            for j in range(k):
                own, i = to_fixed_tuple(settings[j], N_SETTINGS), r * k + j
                delta[i] = number(derivative(y[i], z[i], a[i], own)) * share
            J += total * share
    doubles_at(J_at, 1)[0] += J


def _product(
    c: Any,
    c_row: Any,
    a: Any,
    a_row: Any,
    a_column: Any,
    b: Any,
    b_row: Any,
    m: Any,
    n: Any,
    k: Any,
    start: Any,
    start_row: Any,
) -> None:
    product(like, c, c_row, a, a_row, a_column, b, b_row, m, n, k, start, start_row)


# The parameters from `start` on are counted from 0: the compiler does not make vectors where a count may be negative.


def _update_0(
    theta_at: Any, gradient_at: Any, remembered: Any, offset: Any, start: Any, stop: Any, count: Any, values_at: Any
) -> None:
    n, moved = (stop - start,), start * like.itemsize
    theta, gradient = floats_at(theta_at + moved, n, like), floats_at(gradient_at + moved, n, like)
    numbers = prepare(*((np.float64(count),) + to_fixed_tuple(doubles_at(values_at, N_VALUES), N_VALUES)))
    for p in range(stop - start):
        theta[p] = move(theta[p], gradient[p], numbers)[0]


def _update_1(
    theta_at: Any, gradient_at: Any, remembered: Any, offset: Any, start: Any, stop: Any, count: Any, values_at: Any
) -> None:
    n, moved = (stop - start,), start * like.itemsize
    theta, gradient = floats_at(theta_at + moved, n, like), floats_at(gradient_at + moved, n, like)
    arrays = whole_numbers_at(remembered, 1)
    first = floats_at(arrays[0] + offset + moved, n, like)
    numbers = prepare(*((np.float64(count),) + to_fixed_tuple(doubles_at(values_at, N_VALUES), N_VALUES)))
    for p in range(stop - start):
        theta[p], first[p] = move(theta[p], gradient[p], first[p], numbers)


def _update_2(
    theta_at: Any, gradient_at: Any, remembered: Any, offset: Any, start: Any, stop: Any, count: Any, values_at: Any
) -> None:
    n, moved = (stop - start,), start * like.itemsize
    theta, gradient = floats_at(theta_at + moved, n, like), floats_at(gradient_at + moved, n, like)
    arrays = whole_numbers_at(remembered, 2)
    first = floats_at(arrays[0] + offset + moved, n, like)
    second = floats_at(arrays[1] + offset + moved, n, like)
    numbers = prepare(*((np.float64(count),) + to_fixed_tuple(doubles_at(values_at, N_VALUES), N_VALUES)))
    for p in range(stop - start):
        theta[p], first[p], second[p] = move(theta[p], gradient[p], first[p], second[p], numbers)


def _update_3(
    theta_at: Any, gradient_at: Any, remembered: Any, offset: Any, start: Any, stop: Any, count: Any, values_at: Any
) -> None:
    n, moved = (stop - start,), start * like.itemsize
    theta, gradient = floats_at(theta_at + moved, n, like), floats_at(gradient_at + moved, n, like)
    arrays = whole_numbers_at(remembered, 3)
    first = floats_at(arrays[0] + offset + moved, n, like)
    second = floats_at(arrays[1] + offset + moved, n, like)
    third = floats_at(arrays[2] + offset + moved, n, like)
    numbers = prepare(*((np.float64(count),) + to_fixed_tuple(doubles_at(values_at, N_VALUES), N_VALUES)))
    for p in range(stop - start):
        theta[p], first[p], second[p], third[p] = move(theta[p], gradient[p], first[p], second[p], third[p], numbers)


def _forward(job: Any) -> None:
    run_forward(job_at(job), like)


def _run(job: Any) -> None:
    run_steps(job_at(job), like)


def _gather(job: Any, network: Any, step: Any, n_batch: Any, position: Any, first: Any, n: Any) -> None:
    gather(job_at(job), Block(network, step, n_batch, position, first, n), like)


def _update_part(job: Any, network: Any, step: Any, start: Any, stop: Any) -> None:
    update_part(job_at(job), network, step, start, stop, like)


def _update_clipped(job: Any, network: Any, step: Any, start: Any, stop: Any) -> None:
    update_clipped(job_at(job), network, step, start, stop, like)


def _layer_pass(job: Any, layer: Any, network: Any, step: Any, n_batch: Any, position: Any, first: Any, n: Any) -> None:
    layer_pass(job_at(job), layer_at(layer), Block(network, step, n_batch, position, first, n), like)


def _layer_gradient(
    job: Any,
    layer: Any,
    network: Any,
    step: Any,
    n_batch: Any,
    position: Any,
    first: Any,
    n: Any,
    gradient: Any,
    start: Any,
    stop: Any,
    accumulate: Any,
) -> None:
    block = Block(network, step, n_batch, position, first, n)
    layer_gradient(job_at(job), layer_at(layer), gradient, block, start, stop, accumulate, like)
