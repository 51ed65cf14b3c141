"""The learner's own network: a class with the post's w, b and activations, looked at without changing anything of it.

Whatever somebody typed in from the post may write to what it is given (the post's Relu does), or lack a part that the
post does not print. So its numbers are copied, its functions get copies, and what is missing or shared is said.
"""

from chainrule.glassbox.learner_network.activation import LearnerActivation
from chainrule.glassbox.learner_network.loss import LearnerLoss
from chainrule.glassbox.learner_network.network import LearnerNetwork, is_learner_network
from chainrule.glassbox.learner_network.step import LearnerStep

__all__ = ["LearnerActivation", "LearnerLoss", "LearnerNetwork", "LearnerStep", "is_learner_network"]
