"""Your own number for anything in a step: right, or wrong with the mistake that gives it."""

from chainrule.glassbox.hand_check.check import check_answers, hand_check
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.hand_check.likely_mistake import LikelyMistake, likely_mistake
from chainrule.glassbox.hand_check.result import FoundMistake, HandCheck

__all__ = [
    "FoundMistake",
    "GivenNumbers",
    "HandCheck",
    "LikelyMistake",
    "check_answers",
    "hand_check",
    "likely_mistake",
]
