"""The explanation of a step as a walk: forward, loss, backward and update, one array at a time."""

from chainrule.glassbox.step.commands import Answer, answer
from chainrule.glassbox.step.screen import screen_text
from chainrule.glassbox.step.stepping import step
from chainrule.glassbox.step.walk import Walk

__all__ = ["Answer", "Walk", "answer", "screen_text", "step"]
