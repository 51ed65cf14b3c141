"""The mistakes, one or one family a file, and the catalogue of all."""

from chainrule.glassbox.hand_check.mistakes.catalogue import MISTAKES
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake

__all__ = ["MISTAKES", "Mistake"]
