"""What a visit shows, in sentences that are made from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.glassbox.gradient_check import AGREEMENT
from chainrule.glassbox.gradient_check.sentences import and_joined

if TYPE_CHECKING:
    from chainrule.glassbox.museum.visit import Visit

__all__ = ["verdict"]


def verdict(visit: Visit) -> tuple[str, ...]:
    """What the mistake did, what the gradient check says of it, and what to do."""
    return (*_of_accuracy(visit), *_of_warnings(visit), *_of_check(visit), visit.room.lesson)


def _of_accuracy(visit: Visit) -> list[str]:
    wrong, right = visit.programs[0].training, visit.programs[-1].training
    if len(visit.programs) == 1:
        return ["The program is the same; what is said of it is not."]
    if wrong.stopped:
        return [f"It stops before the first step: {wrong.stopped}."]
    if len(visit.programs) > 2:
        each = [f"{p.program.label} {100 * p.training.held_out[-1]:.1f} %" for p in visit.programs]
        return [f"Of the held-out rows, each program recognises: {'; '.join(each)}."]
    shown, lost = visit.recipe.measure, right.held_out[-1] - wrong.held_out[-1]
    if shown == "accuracy":
        pair = f"{100 * wrong.held_out[-1]:.1f} % of the held-out rows, and {100 * right.held_out[-1]:.1f} % without it"
        by = f"{abs(100 * lost):.1f} points"
    else:
        pair = f"an R2 of {wrong.held_out[-1]:.3f} on the held-out rows, and {right.held_out[-1]:.3f} without it"
        by = f"{abs(lost):.3f}"
    end = {
        "none": f"here it does no harm that the {shown} shows.",
        "costs": f"it costs {by}.",
        "helps": f"it helps by {by}, and is a mistake still.",
    }
    return [f"With the mistake, {pair}: {end[visit.effect]}"]


def _of_warnings(visit: Visit) -> list[str]:
    warned = visit.programs[0].training.warned
    if not warned:
        return []
    return [f"NumPy warned of the wrong program: {'; '.join(warned)}."]


def _of_check(visit: Visit) -> list[str]:
    wrong, right = visit.checks[0], visit.checks[-1]
    if wrong.check is None:
        return [f"The gradient check says why before anything is trained: {wrong.stopped}"]
    if not wrong.fails_at:
        return [f"The gradient check cannot see it: every relative error is below {AGREEMENT:g}. {visit.room.unseen}"]
    places = [f"{name} ({wrong.errors[name]:.1e})" for name in wrong.fails_at]
    passes = max(right.errors.values())
    end = (
        f"The right program passes, with at most {passes:.0e}."
        if passes < AGREEMENT
        else f"The right program fails as well, with {passes:.0e}: this should not be."
    )
    return [f"The gradient check sees it, at {and_joined(places)}. {end}"]
