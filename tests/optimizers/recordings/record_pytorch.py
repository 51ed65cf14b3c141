"""Write pytorch.json: what PyTorch's optimizers and schedulers do for 200 steps, for the tests to follow.

Run it where PyTorch is installed (it needs no chainrule): ``python record_pytorch.py``.

The network is 4-6-5-3 with tanh and squared error, in float64. 12 rows go in batches of 4, always in the same order.
Each case holds the description of the chainrule optimizer or schedule that is to do the same. Epsilons are large, so
that their place in the formula shows.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import torch
from torch.optim import lr_scheduler

STEPS, BATCH = 200, 4
KEPT = (1, 10, 50, 100, 200)
DIMENSIONS = (4, 6, 5, 3)
BETAS = {"beta1": 0.8, "beta2": 0.95}
EPSILON = 1e-3


def network(theta):
    """Linear layers whose weights are the transposed arrays of theta, w before b, layer by layer."""
    layers, start = [], 0
    for n_in, n_out in itertools.pairwise(DIMENSIONS):
        layer = torch.nn.Linear(n_in, n_out, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(theta[start : start + n_in * n_out].reshape(n_in, n_out).T))
            layer.bias.copy_(torch.tensor(theta[start + n_in * n_out : start + (n_in + 1) * n_out]))
        layers += [layer, torch.nn.Tanh()]
        start += (n_in + 1) * n_out
    return torch.nn.Sequential(*layers[:-1])


def flat(model):
    arrays = [array for layer in model[::2] for array in (layer.weight.T, layer.bias)]
    return torch.cat([array.reshape(-1) for array in arrays]).tolist()


def weights_and_biases(model):
    return [layer.weight for layer in model[::2]], [layer.bias for layer in model[::2]]


def adamw(model, rate, decay, weights=None):
    own, biases = weights_and_biases(model)
    groups = [
        {"params": own if weights is None else weights, "weight_decay": decay},
        {"params": biases, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=tuple(BETAS.values()), eps=EPSILON)


def muon(model):
    """Hidden matrices by Muon, which computes in bfloat16 unless this keeps it from doing so; the others by AdamW."""
    torch.Tensor.bfloat16 = lambda tensor: tensor.clone()
    first, hidden, last = weights_and_biases(model)[0]
    return [
        torch.optim.Muon([hidden], lr=0.02, weight_decay=0.1, momentum=0.9),
        adamw(model, 0.02 * 0.25, 0.1, [first, last]),
    ]


def on_all(optimizer, rate, **settings):
    return lambda model: [optimizer(model.parameters(), lr=rate, **settings)]


def described(name, **settings):
    return {"family": "optimizer", "name": name, **settings}


def clipped(method, bound):
    return lambda model: method(model.parameters(), bound)


betas = {"betas": tuple(BETAS.values()), "eps": EPSILON}
OPTIMIZERS = {
    "sgd": (0.1, described("sgd"), on_all(torch.optim.SGD, 0.1), None),
    "momentum": (0.05, described("momentum", momentum=0.8), on_all(torch.optim.SGD, 0.05, momentum=0.8), None),
    "nesterov": (
        0.05,
        described("nesterov", momentum=0.8),
        on_all(torch.optim.SGD, 0.05, momentum=0.8, nesterov=True),
        None,
    ),
    "rmsprop": (
        0.005,
        described("rmsprop", rho=0.8, epsilon=EPSILON),
        on_all(torch.optim.RMSprop, 0.005, alpha=0.8, eps=EPSILON),
        None,
    ),
    "adam": (0.01, described("adam", **BETAS, epsilon=EPSILON), on_all(torch.optim.Adam, 0.01, **betas), None),
    "adamw": (
        0.01,
        described("adamw", **BETAS, epsilon=EPSILON, decay=0.5),
        lambda model: [adamw(model, 0.01, 0.5)],
        None,
    ),
    "adagrad": (
        0.05,
        described("adagrad", epsilon=EPSILON),
        on_all(torch.optim.Adagrad, 0.05, eps=EPSILON),
        None,
    ),
    "nadam": (
        0.01,
        described("nadam", **BETAS, epsilon=EPSILON, momentum_decay=0.02),
        on_all(torch.optim.NAdam, 0.01, **betas, momentum_decay=0.02),
        None,
    ),
    "radam": (0.01, described("radam", **BETAS, epsilon=EPSILON), on_all(torch.optim.RAdam, 0.01, **betas), None),
    "muon": (
        0.02,
        described("muon", momentum=0.9, decay=0.1, adam_factor=0.25, **BETAS, epsilon=EPSILON),
        muon,
        None,
    ),
    "clip by norm": (
        0.05,
        described("clip", optimizer=described("momentum", momentum=0.8), norm=0.1),
        on_all(torch.optim.SGD, 0.05, momentum=0.8),
        clipped(torch.nn.utils.clip_grad_norm_, 0.1),
    ),
    "clip by value": (
        0.05,
        described("clip", optimizer=described("momentum", momentum=0.8), value=0.02),
        on_all(torch.optim.SGD, 0.05, momentum=0.8),
        clipped(torch.nn.utils.clip_grad_value_, 0.02),
    ),
}


def trained(x, y, theta, make, clip):
    model = network(theta)
    optimizers = make(model)
    kept = {}
    for step in range(STEPS):
        batch = slice(step * BATCH % len(x), step * BATCH % len(x) + BATCH)
        for optimizer in optimizers:
            optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x[batch]), y[batch]).backward()
        if clip is not None:
            clip(model)
        for optimizer in optimizers:
            optimizer.step()
        if step + 1 in KEPT:
            kept[str(step + 1)] = flat(model)
    return kept


def scheduled(name, **settings):
    return {"family": "schedule", "name": name, **settings}


PLATEAU = {"factor": 0.5, "patience": 3, "threshold": 0.01, "cooldown": 2}
EVERY_FALL = {"eps": 0.0}  # otherwise PyTorch leaves out falls by less than 1e-8
SCHEDULES = {
    "constant": (scheduled("constant", value=0.1), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    "step_decay": (
        scheduled("step_decay", initial=0.1, factor=0.5, every=30),
        lambda o: lr_scheduler.StepLR(o, 30, 0.5),
    ),
    "exponential": (scheduled("exponential", initial=0.1, factor=0.97), lambda o: lr_scheduler.ExponentialLR(o, 0.97)),
    "polynomial": (
        scheduled("polynomial", initial=0.1, power=2.0),
        lambda o: lr_scheduler.PolynomialLR(o, STEPS, power=2.0),
    ),
    "polynomial, straight": (
        scheduled("polynomial", initial=0.1, end=0.03),
        lambda o: lr_scheduler.LinearLR(o, 1.0, 0.3, STEPS),
    ),
    "cosine": (
        scheduled("cosine", initial=0.1, end=0.01),
        lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.01),
    ),
    "cosine, restarted": (
        scheduled("cosine", initial=0.1, end=0.001, period=30),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 30, eta_min=0.001),
    ),
    "cosine, growing": (
        scheduled("cosine", initial=0.1, end=0.001, period=10, growth=2),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 2, eta_min=0.001),
    ),
    "warm_up": (scheduled("warm_up", schedule=0.1), lambda o: lr_scheduler.LinearLR(o, 0.1, 1.0, 5)),
    "warm_up, exponential": (
        scheduled("warm_up", schedule=scheduled("exponential", initial=0.1, factor=0.97), epochs=20, start=0.2),
        lambda o: lr_scheduler.ChainedScheduler(
            [lr_scheduler.LinearLR(o, 0.2, 1.0, 20), lr_scheduler.ExponentialLR(o, 0.97)]
        ),
    ),
    "one_cycle": (
        scheduled("one_cycle", peak=0.1),
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, STEPS, cycle_momentum=False),
    ),
    "one_cycle, 0.4": (
        scheduled("one_cycle", peak=0.1, initial=0.02, final=0.002, rise=0.4),
        lambda o: lr_scheduler.OneCycleLR(
            o, 0.1, STEPS, pct_start=0.4, div_factor=5, final_div_factor=10, cycle_momentum=False
        ),
    ),
    "plateau": (
        scheduled("plateau", initial=0.1, monitor="J", minimum=0.002, **PLATEAU),
        lambda o: lr_scheduler.ReduceLROnPlateau(o, min_lr=0.002, **PLATEAU, **EVERY_FALL),
    ),
    "plateau, max": (
        scheduled("plateau", initial=0.1, monitor="J", mode="max", **PLATEAU),
        lambda o: lr_scheduler.ReduceLROnPlateau(o, "max", **PLATEAU, **EVERY_FALL),
    ),
}


def values(make, measured):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
    scheduler = make(optimizer)
    found = []
    for step in range(STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
            scheduler.step(measured[step])
        elif step + 1 < STEPS:
            scheduler.step()
    return found


def momenta():
    """OneCycleLR's momentum, which goes the other way than its rate."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, STEPS)
    found = []
    for step in range(STEPS):
        found.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        if step + 1 < STEPS:
            scheduler.step()
    return found


def main():
    rng = np.random.default_rng(7)
    size = sum((a + 1) * b for a, b in itertools.pairwise(DIMENSIONS))
    x, y = rng.normal(size=(12, 4)).round(6), rng.normal(size=(12, 3)).round(6)
    theta = (0.5 * rng.normal(size=size)).round(6)
    measured = (np.exp(-np.arange(STEPS) / 40) + 0.03 * rng.normal(size=STEPS)).round(6).tolist()
    tensors = torch.tensor(x), torch.tensor(y)
    recording = {
        "torch": torch.__version__,
        "x": x.tolist(),
        "y": y.tolist(),
        "theta": theta.tolist(),
        "measured": measured,
        "optimizers": {
            case: {"learning_rate": rate, "optimizer": description, "theta": trained(*tensors, theta, make, clip)}
            for case, (rate, description, make, clip) in OPTIMIZERS.items()
        },
        "schedules": {
            case: {"schedule": description, "values": values(make, measured)}
            for case, (description, make) in SCHEDULES.items()
        },
    }
    recording["schedules"]["one_cycle, momentum"] = {
        "schedule": scheduled("one_cycle", peak=0.85, initial=0.95, final=0.95),
        "values": momenta(),
    }
    path = Path(__file__).with_name("pytorch.json")
    path.write_text(json.dumps(recording, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
