"""Fifty healthy fits and six of each fault, on seeds on which nothing was chosen; a sample of them without ``--proof``."""

from __future__ import annotations

import pytest

from tests.glassbox.doctor.fits import FAULTS, HEALTHY, INSTANCES, REPORTING, faulty, healthy

MOST_ALARMS = 2
"""Of the healthy fits, so many may have a finding."""

LEAST_NAMED = 0.9
"""The share of the faulty fits in which the right kind must be named first."""


@pytest.mark.timeout(400)
def test_healthy_fits_are_left_in_peace(proof):
    numbers = range(HEALTHY) if proof else range(0, HEALTHY, 6)
    alarms = {f"{i}, {fit.name}": fit.diagnosis().kinds for i in numbers if (fit := healthy(REPORTING + i)).diagnosis()}
    assert len(alarms) <= (MOST_ALARMS if proof else 1), alarms


@pytest.mark.timeout(400)
def test_faults_are_named(proof):
    instances = range(INSTANCES) if proof else range(1)
    found = {(kind, i): faulty(kind, i, REPORTING).diagnosis().kinds for kind in FAULTS for i in instances}
    missed = {case: kinds for case, kinds in found.items() if kinds[:1] != (case[0],)}
    assert len(missed) <= (1 - (LEAST_NAMED if proof else 0.8)) * len(found), missed


def test_the_seeds_of_tuning_and_reporting_share_no_fit():
    from tests.glassbox.doctor.fits import TUNING

    assert TUNING + HEALTHY <= REPORTING
    assert (
        faulty("dead units", 0, TUNING).network.theta.tolist()
        != faulty("dead units", 0, REPORTING).network.theta.tolist()
    )
