"""Your own number for anything in a step: right, or wrong with the mistake that gives it."""

from chainrule.glassbox.hand_check.check import check_answers, hand_check
from chainrule.glassbox.hand_check.result import FoundMistake, HandCheck

__all__ = ["FoundMistake", "HandCheck", "check_answers", "hand_check"]
