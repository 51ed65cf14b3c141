"""Threads that do one training step together meet here, several times a step."""

from __future__ import annotations

from typing import Any

from numba import njit

from chainrule.engines.compiled.addresses import add_atomically, call, load_atomically

__all__ = ["share", "wait"]

SPINS = 4000
"""Looks at the counter, a few microseconds in all, before the core is offered to others."""


@njit
def wait(job: Any) -> None:
    """Go on when all threads of the job have come here.

    The barrier is two numbers: how many threads have come, and how many times all had.
    """
    if job.n_threads == 1:
        return
    times = job.barrier + 64  # in a cache line of its own
    before = load_atomically(times)
    if add_atomically(job.barrier, 1) == job.n_threads - 1:
        add_atomically(job.barrier, -job.n_threads)
        add_atomically(times, 1)
        return
    spins = 0
    while load_atomically(times) == before:
        spins += 1
        if spins > SPINS:
            call(job.yield_core, (0,))


@njit
def share(job: Any, n: Any, grain: Any) -> Any:
    """From where to where in n the thread works: equal parts but for the last, each a multiple of the grain."""
    if job.n_threads == 1:
        return 0, n
    grains = (n + grain - 1) // grain
    first = grains * job.thread // job.n_threads * grain
    last = grains * (job.thread + 1) // job.n_threads * grain
    return min(first, n), min(last, n)
