"""Do the prediction intervals of MLPRegressor hold what they promise, and what does calibration cost in width?

The default quantile network behind the encoder for tables, on the folds of the accuracy benchmark. Beside it the same
network without calibration: the interval between its learned quantiles, which all rows were free to teach.
"""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline

from benchmarks.accuracy import folds_of
from benchmarks.real_tables import TABLES, WHEELS, RealTable
from benchmarks.record import machine, versions
from chainrule import MLPRegressor
from chainrule.estimators.table_encoder import TableEncoder

__all__ = ["measure", "measure_table", "result_of", "table"]

REGRESSIONS = ("diabetes", "Wage", "Bikeshare")

COVERAGES = (0.8, 0.9)

LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)

CALIBRATED, LEARNED = "calibrated", "learned quantiles"


def measure(names: Sequence[str] = REGRESSIONS, folder: Path = WHEELS) -> dict[str, Any]:
    """Fit on every fold of every table, and see how many of the rows held out lie within."""
    return result_of({name: measure_table(TABLES[name](folder)) for name in names})


def measure_table(real: RealTable) -> dict[str, dict[str, dict[str, list[float]]]]:
    """By kind of interval and by promised coverage: the share held and the mean width, for each fold.

    The width is in standard deviations of the target.
    """
    figures: dict[str, dict[str, dict[str, list[float]]]] = {
        kind: {f"{coverage:g}": {"held": [], "width": []} for coverage in COVERAGES} for kind in (CALIBRATED, LEARNED)
    }
    for seed, (learned, held_out) in enumerate(folds_of(real)):
        x, y, target = real.x[held_out], real.y[learned], real.y[held_out]
        for kind, fraction in ((CALIBRATED, 0.2), (LEARNED, 0.0)):
            model = _model(seed, fraction)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # to end after max_iter is what the default does
                model.fit(real.x[learned], y)
            for coverage in COVERAGES:
                ends = _calibrated(model, x, coverage) if kind == CALIBRATED else _learned(model, x, coverage)
                low, high = ends.T
                of = figures[kind][f"{coverage:g}"]
                of["held"].append(float(np.mean((low <= target) & (target <= high))))
                of["width"].append(float(np.mean(high - low) / np.std(real.y)))
    return figures


def _model(seed: int, fraction: float) -> Any:
    regressor = MLPRegressor(
        "quantile", quantiles=LEVELS, calibration_fraction=fraction, random_state=seed, n_threads=1
    )
    return make_pipeline(TableEncoder(), regressor)


def _calibrated(model: Any, x: Any, coverage: float) -> NDArray[np.float64]:
    ends: NDArray[np.float64] = model[-1].predict_interval(model[:-1].transform(x), coverage)
    return ends


def _learned(model: Any, x: Any, coverage: float) -> NDArray[np.float64]:
    tail = round((1 - coverage) / 2, 12)
    quantiles: NDArray[np.float64] = model[-1].predict_quantiles(model[:-1].transform(x))
    return quantiles[:, [LEVELS.index(tail), LEVELS.index(round(1 - tail, 12))]]


def result_of(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is written down: every fold's figures, their means, and where they come from."""
    return {
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", "scikit-learn", "polars"]),
        "tables": {
            name: {
                kind: {
                    coverage: {
                        "mean held": statistics.mean(of["held"]),
                        "mean width": statistics.mean(of["width"]),
                        **of,
                    }
                    for coverage, of in by_coverage.items()
                }
                for kind, by_coverage in figures.items()
            }
            for name, figures in tables.items()
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """The result as lines of text."""
    lines = [f"{'':14}{'promised':>10}{'calibrated':>12}{'width':>8}{'learned':>12}{'width':>8}"]
    for name, kinds in result["tables"].items():
        for coverage in kinds[CALIBRATED]:
            row = [kinds[kind][coverage] for kind in (CALIBRATED, LEARNED)]
            figures = "".join(f"{of['mean held']:12.3f}{of['mean width']:8.2f}" for of in row)
            lines.append(f"{name:14}{float(coverage):10.2f}{figures}")
    return "\n".join(lines)
