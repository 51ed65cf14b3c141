"""The doctor: what is wrong with a fit, the number that shows it, what to change, and what that change gave.

`diagnosis` is what a person calls; `case` is what is examined; `measurements` are the numbers; `rules` read them, one a
file; `causes` says what explains what; `reruns` try the remedies.
"""

from chainrule.glassbox.doctor.callback import Doctor
from chainrule.glassbox.doctor.diagnosis import Diagnosis
from chainrule.glassbox.doctor.examination import diagnose
from chainrule.glassbox.doctor.finding import Finding, Trial

__all__ = ["Diagnosis", "Doctor", "Finding", "Trial", "diagnose"]
