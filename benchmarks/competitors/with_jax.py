"""JAX: an epoch is one call of a jitted `lax.scan` over its batches, parameters and Adam's means donated."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.competitors import Job
from benchmarks.workload import Setting, Workload

__all__ = ["prediction", "training"]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


def training(workload: Workload, setting: Setting) -> Job:
    """Orders are drawn by NumPy, whose permutation costs less than JAX's sort; a short last batch follows the scan."""
    import jax
    import jax.numpy as jnp

    x, y = (jnp.asarray(rows) for rows in workload.rows())
    n_whole, batch_size = workload.n_rows // workload.batch_size, workload.batch_size
    step = jitted_step(workload)

    def epoch(carry: Any, x: Any, y: Any, order: Any) -> Any:
        whole = order[: n_whole * batch_size]
        stacked = (n_whole, batch_size)
        batches = x[whole].reshape(*stacked, -1), y[whole].reshape(*stacked, *y.shape[1:])
        carry, J = jax.lax.scan(step, carry, batches)
        total = J.sum()
        rest = order[n_whole * batch_size :]
        if len(rest):
            carry, last = step(carry, (x[rest], y[rest]))
            total += last
        return carry, total

    compiled = jax.jit(epoch, donate_argnums=0)
    rng = np.random.default_rng(1)

    def train(epochs: int) -> int:
        parameters = new_parameters(workload, rng)
        zeros = [(jnp.zeros_like(w), jnp.zeros_like(b)) for w, b in parameters]
        means = (zeros, jax.tree.map(jnp.copy, zeros)) if workload.optimizer == "adam" else ()
        carry = parameters, means, jnp.zeros((), jnp.int32)
        for _ in range(epochs):
            carry, total = compiled(carry, x, y, rng.permutation(workload.n_rows))
        float(total)
        return int(carry[2])

    return train


def jitted_step(workload: Workload) -> Any:
    """What `lax.scan` does with a batch: (parameters, means, steps done), batch -> the next ones, J."""
    import jax
    import jax.numpy as jnp

    between = {"relu": jax.nn.relu, "tanh": jnp.tanh}[workload.activation]
    rate = workload.learning_rate

    def value(parameters: Any, x: Any, y: Any) -> Any:
        z = logits(parameters, x, between)
        if workload.target == "values":
            return jnp.mean((z - y) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))

    def step(carry: Any, batch: Any) -> Any:
        parameters, means, done = carry
        J, gradient = jax.value_and_grad(value)(parameters, *batch)
        if not means:
            parameters = jax.tree.map(lambda p, g: p - rate * g, parameters, gradient)
            return (parameters, means, done + 1), J
        t = (done + 1).astype(jnp.float32)
        size, spread = rate / (1 - BETA_1**t), 1 / (1 - BETA_2**t)
        m = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, means[0], gradient)
        v = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, means[1], gradient)
        parameters = jax.tree.map(lambda p, m, v: p - size * m / (jnp.sqrt(v * spread) + EPSILON), parameters, m, v)
        return (parameters, (m, v), done + 1), J

    return step


def logits(parameters: Any, x: Any, between: Any) -> Any:
    """The last layer's z."""
    a = x
    for w, b in parameters[:-1]:
        a = between(a @ w + b)
    w, b = parameters[-1]
    return a @ w + b


def prediction(workload: Workload, n_rows: int, setting: Setting) -> Job:
    """One jitted function of the parameters and the rows."""
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(1)
    parameters = new_parameters(workload, rng)
    between = {"relu": jax.nn.relu, "tanh": jnp.tanh}[workload.activation]
    outputs = jax.jit(lambda parameters, x: jax.nn.softmax(logits(parameters, x, between)))
    x = rng.standard_normal((n_rows, workload.dimensions[0]), dtype=np.float32)

    def predict(times: int) -> int:
        for _ in range(times):
            a = np.asarray(outputs(parameters, x))
        assert a.shape == (n_rows, workload.dimensions[-1])
        return times

    return predict


def new_parameters(workload: Workload, rng: np.random.Generator) -> list[Any]:
    """Weights after He, and biases of 0."""
    import jax.numpy as jnp

    pairs = zip(workload.dimensions[:-1], workload.dimensions[1:], strict=True)
    return [
        (jnp.asarray(rng.normal(0, (2 / n_in) ** 0.5, (n_in, n_out)).astype(np.float32)), jnp.zeros(n_out))
        for n_in, n_out in pairs
    ]
