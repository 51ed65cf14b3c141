"""PyTorch: the eager loop with the fused optimizer, and the same with its forward pass and loss compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.competitors import Job
from benchmarks.workload import Setting, Workload

__all__ = ["prediction", "training"]

GATHERED_BYTES = 1 << 26
"""Up to so many bytes, an epoch's rows are gathered at once: that costs less than a gather for each batch."""


def training(workload: Workload, setting: Setting) -> Job:
    """Shuffle, forward, backward, step."""
    import torch
    from torch import nn

    torch.set_num_threads(setting.threads)
    x, y = map(torch.from_numpy, workload.rows())
    loss_of = nn.CrossEntropyLoss() if workload.target == "classes" else nn.MSELoss()
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[workload.optimizer]
    model = new_model(workload)

    def value(batch_x: Any, batch_y: Any) -> Any:
        return loss_of(model(batch_x), batch_y)

    if setting.variant == "compiled":
        value = torch.compile(value, dynamic=False)

    def train(epochs: int) -> int:
        for layer in model[::2]:
            layer.reset_parameters()
        optimizer = kind(model.parameters(), workload.learning_rate, fused=True)
        steps, total = 0, torch.zeros(())
        for _ in range(epochs):
            for batch_x, batch_y in batches(torch, x, y, workload.batch_size):
                optimizer.zero_grad(set_to_none=True)
                J = value(batch_x, batch_y)
                J.backward()
                optimizer.step()
                total += J.detach()
                steps += 1
            total.item()
        return steps

    return train


def batches(torch: Any, x: Any, y: Any, batch_size: int) -> Any:
    """An epoch's batches, in a new order."""
    order = torch.randperm(len(x))
    if x.nbytes <= GATHERED_BYTES:
        return zip(x[order].split(batch_size), y[order].split(batch_size), strict=True)
    return ((x[rows], y[rows]) for rows in order.split(batch_size))


def prediction(workload: Workload, n_rows: int, setting: Setting) -> Job:
    """The model and a softmax, in inference mode."""
    import torch

    torch.set_num_threads(setting.threads)
    model = new_model(workload).append(torch.nn.Softmax(dim=1)).eval()
    x = np.random.default_rng(1).standard_normal((n_rows, workload.dimensions[0]), dtype=np.float32)

    def predict(times: int) -> int:
        with torch.inference_mode():
            for _ in range(times):
                a = model(torch.from_numpy(x)).numpy()
        assert a.shape == (n_rows, workload.dimensions[-1])
        return times

    return predict


def new_model(workload: Workload) -> Any:
    """The layers, without an activation of the output."""
    from torch import nn

    between = {"relu": nn.ReLU, "tanh": nn.Tanh}[workload.activation]
    layers: list[Any] = []
    for n_in, n_out in zip(workload.dimensions[:-1], workload.dimensions[1:], strict=True):
        layers += [nn.Linear(n_in, n_out), between()]
    return nn.Sequential(*layers[:-1])
