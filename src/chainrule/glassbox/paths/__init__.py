"""What of an error reached this number, by which way: the strongest chains of the chain rule, and their shares."""

from chainrule.glassbox.paths.chain import Chain, Factor
from chainrule.glassbox.paths.following import paths
from chainrule.glassbox.paths.result import Paths

__all__ = ["Chain", "Factor", "Paths", "paths"]
