"""Write pytorch.json: values and gradients of activations and losses as PyTorch computes them, in float64.

Run with PyTorch installed, from this folder; the tests read the recording alone.
"""

from __future__ import annotations

import json

import torch
from torch.nn import functional

ACTIVATIONS = {
    "identity": lambda z: z * 1,
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "leaky_relu slope=0.3": lambda z: functional.leaky_relu(z, 0.3),
    "elu": functional.elu,
    "elu alpha=0.5": lambda z: functional.elu(z, 0.5),
    "selu": functional.selu,
    "softplus": lambda z: functional.softplus(z, threshold=1000),
    "gelu": functional.gelu,
    "gelu_tanh": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "mish": functional.mish,
    "sigmoid": functional.sigmoid,
    "tanh": functional.tanh,
    # functional.hardsigmoid has the same values, but its gradient is float32's 1/6, also in float64
    "hard_sigmoid": lambda z: functional.relu6(z + 3) / 6,
    "hard_tanh": functional.hardtanh,
    "softmax": lambda z: functional.softmax(z, dim=-1),
    "exponential": torch.exp,
}


def by_output(loss):
    """The loss of each row as the mean over its outputs, from a function that gives one number for each output."""
    return lambda y, z: loss(z, y, reduction="none").mean(dim=1)


def summed(loss):
    return lambda y, z: loss(z, y, reduction="none").sum(dim=1)


def focal(y, z, gamma, alpha):
    p = torch.sigmoid(z)
    p_right = p * y + (1 - p) * (1 - y)
    weight = alpha * y + (1 - alpha) * (1 - y)
    ordinary = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    return (weight * (1 - p_right) ** gamma * ordinary).sum(dim=1)


def pinball(y, z, level):
    error = y - z
    return torch.where(error > 0, level * error, (level - 1) * error).mean(dim=1)


# from the logits z where PyTorch has it so, and from the output of the default activation otherwise
LOSSES = {
    "mse": by_output(functional.mse_loss),
    "mae": by_output(functional.l1_loss),
    "huber": by_output(functional.huber_loss),
    "huber threshold=0.3": lambda y, z: functional.huber_loss(z, y, delta=0.3, reduction="none").mean(dim=1),
    "log_cosh": lambda y, z: torch.log(torch.cosh(z - y)).mean(dim=1),
    "quantile": lambda y, z: pinball(y, z, 0.5),
    "quantile levels=0.2": lambda y, z: pinball(y, z, 0.2),
    "poisson": lambda y, z: functional.poisson_nll_loss(z, y, log_input=True, reduction="none").sum(dim=1),
    "binary_cross_entropy": summed(functional.binary_cross_entropy_with_logits),
    "focal": lambda y, z: focal(y, z, 2.0, 0.25),
    "focal gamma=0.5 alpha=0.7": lambda y, z: focal(y, z, 0.5, 0.7),
    "hinge": lambda y, z: functional.relu(1 - (2 * y - 1) * z).mean(dim=1),
    "cross_entropy": lambda y, z: functional.cross_entropy(z, y.argmax(dim=1), reduction="none"),
    "cross_entropy label_smoothing=0.1": lambda y, z: functional.cross_entropy(
        z, y.argmax(dim=1), reduction="none", label_smoothing=0.1
    ),
}
COUNTS, LABELS, ZERO_ONE = ("poisson",), ("cross_entropy",), ("binary_cross_entropy", "focal", "hinge")


def activation(f, z):
    z = z.clone().requires_grad_()
    upstream = torch.linspace(0.5, 1.5, z.numel(), dtype=torch.float64).reshape(z.shape)
    a = f(z)
    (a * upstream).sum().backward()
    return {"a": a.tolist(), "backward": z.grad.tolist()}


def loss(name, f, generator):
    z = torch.randn(6, 3, dtype=torch.float64, generator=generator) * 2
    kind = name.split()[0]
    if kind in COUNTS:
        y = torch.poisson(torch.full((6, 3), 2.0, dtype=torch.float64), generator=generator)
    elif kind in LABELS:
        y = functional.one_hot(torch.randint(0, 3, (6,), generator=generator), 3).double()
    elif kind in ZERO_ONE:
        y = torch.randint(0, 2, (6, 3), generator=generator).double()
    else:
        y = torch.randn(6, 3, dtype=torch.float64, generator=generator)
    leaf = z.clone().requires_grad_()
    rows = f(y, leaf)
    rows.sum().backward()
    return {"y": y.tolist(), "z": z.tolist(), "rows": rows.tolist(), "delta": leaf.grad.tolist()}


def main():
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    away_from_corners = torch.linspace(-12, 12, 96, dtype=torch.float64) + 0.01
    z = away_from_corners.reshape(24, 4)
    recording = {
        "made_with": f"torch {torch.__version__}",
        "z": z.tolist(),
        "activations": {name: activation(f, z) for name, f in ACTIVATIONS.items()},
        "losses": {name: loss(name, f, generator) for name, f in LOSSES.items()},
    }
    with open("pytorch.json", "w") as file:
        json.dump(recording, file, indent=0)
        file.write("\n")


if __name__ == "__main__":
    main()
