"""The rules, one a file, in the order of causes: what comes first may explain what comes later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules.constant_output import constant_output
from chainrule.glassbox.doctor.rules.dead_units import dead_units
from chainrule.glassbox.doctor.rules.duplicated_rows import duplicated_rows
from chainrule.glassbox.doctor.rules.exploding import exploding
from chainrule.glassbox.doctor.rules.failing_step import failing_step
from chainrule.glassbox.doctor.rules.imbalanced_classes import imbalanced_classes
from chainrule.glassbox.doctor.rules.learning_rate_high import learning_rate_high
from chainrule.glassbox.doctor.rules.learning_rate_low import learning_rate_low
from chainrule.glassbox.doctor.rules.not_falling import not_falling
from chainrule.glassbox.doctor.rules.overfitting import overfitting
from chainrule.glassbox.doctor.rules.saturated_units import saturated_units
from chainrule.glassbox.doctor.rules.shuffled_labels import shuffled_labels
from chainrule.glassbox.doctor.rules.unscaled_inputs import unscaled_inputs
from chainrule.glassbox.doctor.rules.unscaled_targets import unscaled_targets
from chainrule.glassbox.doctor.rules.update_ratio import update_ratio
from chainrule.glassbox.doctor.rules.vanishing import vanishing
from chainrule.glassbox.doctor.rules.wrong_gradient import wrong_gradient
from chainrule.glassbox.doctor.rules.wrong_output import wrong_output

__all__ = ["OF_THE_PROGRAM", "OF_THE_RATE", "RULES", "WHERE_NOTHING_ELSE", "Rule"]

Rule: TypeAlias = Callable[[Measurements], Finding | None]
"""Reads measurements, and says what is wrong, if it is."""

OF_THE_PROGRAM: tuple[Rule, ...] = (failing_step, wrong_gradient)
"""Those of a learner's own code, which come first."""

OF_THE_RATE: frozenset[Rule] = frozenset({learning_rate_high, learning_rate_low})
"""Those that say nothing where the program is wrong: its steps are, at any length."""

RULES: tuple[Rule, ...] = (
    duplicated_rows,
    shuffled_labels,
    unscaled_inputs,
    unscaled_targets,
    wrong_output,
    saturated_units,
    dead_units,
    exploding,
    vanishing,
    learning_rate_high,
    learning_rate_low,
    imbalanced_classes,
    constant_output,
    update_ratio,
    overfitting,
)
"""All others."""

WHERE_NOTHING_ELSE: Rule = not_falling
"""The one that is asked where nothing else was found."""
