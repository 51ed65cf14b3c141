"""The gradient check: whether backpropagation is right, entry by entry, and if not, which mistake it is and where."""

from chainrule.glassbox.gradient_check.check import check_gradients
from chainrule.glassbox.gradient_check.finding import CodeLine, Finding
from chainrule.glassbox.gradient_check.result import AGREEMENT, ArrayCheck, GradientCheck

__all__ = ["AGREEMENT", "ArrayCheck", "CodeLine", "Finding", "GradientCheck", "check_gradients"]
