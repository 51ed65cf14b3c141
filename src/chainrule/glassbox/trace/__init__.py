"""Every number of one step: rows forward, the loss, the errors backward, and the parameters before and after."""

from chainrule.glassbox.trace.comparison import Difference
from chainrule.glassbox.trace.named_numbers import Trace
from chainrule.glassbox.trace.quantity import Quantity
from chainrule.glassbox.trace.tracing import trace

__all__ = ["Difference", "Quantity", "Trace", "trace"]
