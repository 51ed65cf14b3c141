"""Any number of a trace, explained: as symbols, as numbers, and by the line of code that computed it."""

from chainrule.glassbox.explain.code_line import CodeLine
from chainrule.glassbox.explain.explaining import explain
from chainrule.glassbox.explain.explanation import Explanation

__all__ = ["CodeLine", "Explanation", "explain"]
