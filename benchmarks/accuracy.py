"""How good are the default estimators on real tables, and how long do they take, beside scikit-learn's?

Every estimator has its library's defaults, and in front of it what somebody who knows it would put there. All see the
same folds and use one thread. ``python -m benchmarks.accuracy iris wine`` takes some tables only and writes nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, r2_score, root_mean_squared_error
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

import chainrule
from benchmarks.real_tables import TABLES, WHEELS, RealTable
from benchmarks.record import machine, versions
from benchmarks.rounds import Ratio, ratio
from chainrule.estimators.table_encoder import TableEncoder

__all__ = ["CLASSIFIERS", "REGRESSORS", "folds_of", "main", "measure", "result_of", "table"]

OURS, SAME_COLUMNS, PEER = "chainrule", "chainrule, same columns", "scikit-learn MLP"

Competitor: TypeAlias = Callable[[RealTable, int], Any]
"""An unfitted estimator for a table, given the seed."""

Figures: TypeAlias = dict[str, dict[str, list[float]]]
"""What was measured on a table: by competitor and by figure, a number for each fold."""

METRICS = {"classification": ("error", "log loss"), "regression": ("R2", "RMSE")}
HIGHER_IS_BETTER = {"R2"}
RANKED = {"error": "classification", "log loss": "classification", "R2": "regression"}
"""What is ranked; RMSE would rank as R2 does."""

N_FOLDS = 5
SMALL = 1_000
"""Tables of fewer rows are split anew `SMALL_REPEATS` times, since few rows make a coarse measure."""
SMALL_REPEATS = 4
SEED = 0


# --- who takes part ----------------------------------------------------------------------------------------------


def _standardised(real: RealTable) -> ColumnTransformer:
    """Numbers standardised and text one-hot: what scikit-learn's perceptron needs."""
    text = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer([("numbers", StandardScaler(), real.number_columns), ("text", text, real.text_columns)])


def _numbered(real: RealTable) -> ColumnTransformer:
    """Numbers as they are, and in front of them the text columns by numbers: what boosted trees need."""
    text = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    return ColumnTransformer([("text", text, real.text_columns), ("numbers", "passthrough", real.number_columns)])


def _encoded(model: type) -> Competitor:
    """An estimator of chainrule behind chainrule's encoder."""
    return lambda real, seed: make_pipeline(TableEncoder(), model(random_state=seed, n_threads=1))


def _on_standardised(model: type, **settings: Any) -> Competitor:
    return lambda real, seed: make_pipeline(_standardised(real), model(random_state=seed, **settings))


def _boosted(model: type) -> Competitor:
    return lambda real, seed: make_pipeline(
        _numbered(real), model(random_state=seed, categorical_features=list(range(len(real.text_columns))))
    )


def _scaled_targets(real: RealTable, seed: int) -> TransformedTargetRegressor:
    return TransformedTargetRegressor(_on_standardised(MLPRegressor)(real, seed), transformer=StandardScaler())


CLASSIFIERS: dict[str, Competitor] = {
    OURS: _encoded(chainrule.MLPClassifier),
    SAME_COLUMNS: _on_standardised(chainrule.MLPClassifier, n_threads=1),
    PEER: _on_standardised(MLPClassifier),
    "HistGradientBoosting": _boosted(HistGradientBoostingClassifier),
    "random forest": _on_standardised(RandomForestClassifier),
}

REGRESSORS: dict[str, Competitor] = {
    OURS: _encoded(chainrule.MLPRegressor),
    SAME_COLUMNS: _on_standardised(chainrule.MLPRegressor, n_threads=1),
    PEER: _on_standardised(MLPRegressor),
    f"{PEER}, targets scaled": _scaled_targets,
    "HistGradientBoosting": _boosted(HistGradientBoostingRegressor),
    "random forest": _on_standardised(RandomForestRegressor),
}

COMPETITORS = {"classification": CLASSIFIERS, "regression": REGRESSORS}


# --- measuring ---------------------------------------------------------------------------------------------------


def measure(names: Iterable[str] = TABLES, folder: Path = WHEELS) -> dict[str, Any]:
    """Fit every competitor on every fold of every table."""
    tables: dict[str, dict[str, Any]] = {}
    with threadpool_limits(1):
        for name in names:
            real = TABLES[name](folder)
            figures = measure_table(real, COMPETITORS[real.task])
            shape = {"rows": real.x.height, "columns": real.x.width, "of text": len(real.text_columns)}
            tables[name] = {"task": real.task, **shape, "figures": figures}
            print(f"{name}: {_summary(figures, METRICS[real.task][0])}", file=sys.stderr, flush=True)
    return result_of(tables)


def measure_table(real: RealTable, competitors: Mapping[str, Competitor]) -> Figures:
    """All folds of one table; every second fold goes through the competitors backwards."""
    names = (*METRICS[real.task], "fit seconds")
    figures: Figures = {competitor: {name: [] for name in names} for competitor in competitors}
    for number, (learned, held_out) in enumerate(folds_of(real)):
        for competitor in competitors if number % 2 == 0 else reversed(competitors):
            model = competitors[competitor](real, SEED + number)
            seconds = _fit_seconds(model, real, learned)
            for name, value in {**_scores(model, real, held_out), "fit seconds": seconds}.items():
                figures[competitor][name].append(value)
    return figures


def folds_of(real: RealTable) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The rows to learn from and those held out, the same for all competitors; classes keep their shares."""
    splitter = RepeatedStratifiedKFold if real.task == "classification" else RepeatedKFold
    repeats = SMALL_REPEATS if real.x.height < SMALL else 1
    folds: Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]
    folds = splitter(n_splits=N_FOLDS, n_repeats=repeats, random_state=SEED).split(np.empty(real.x.height), real.y)
    return folds


def _fit_seconds(model: Any, real: RealTable, rows: NDArray[np.int64]) -> float:
    x, y = real.x[rows], real.y[rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # to end after max_iter is what the default does
        began = time.perf_counter()
        model.fit(x, y)
        return time.perf_counter() - began


def _scores(model: Any, real: RealTable, rows: NDArray[np.int64]) -> dict[str, float]:
    x, y = real.x[rows], real.y[rows]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Found unknown categories")  # they are to be ignored
        if real.task == "regression":
            predicted = model.predict(x)
            return {"R2": float(r2_score(y, predicted)), "RMSE": float(root_mean_squared_error(y, predicted))}
        probabilities = model.predict_proba(x)
    error = float((model.classes_[probabilities.argmax(axis=1)] != y).mean())
    return {"error": error, "log loss": float(log_loss(y, probabilities, labels=model.classes_))}


def _summary(figures: Figures, name: str) -> str:
    return ", ".join(f"{competitor} {statistics.mean(of[name]):.4f}" for competitor, of in figures.items())


# --- what the figures say ----------------------------------------------------------------------------------------


def result_of(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is written down: every fold's figures, what they say, and where they come from."""
    return {
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", "scikit-learn", "polars"]),
        "threads": 1,
        "folds": {"number": N_FOLDS, f"repeats below {SMALL} rows": SMALL_REPEATS, "seed": SEED},
        "mean rank": {name: _mean_ranks(tables, name) for name in RANKED},
        "better than the others": {name: _wins(tables, name) for name in RANKED},
        "fit seconds": _times(tables),
        "tables": dict(tables),
    }


def _means(tables: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, dict[str, float]]:
    """By table, then by competitor: the mean over the folds."""
    return {
        called: {competitor: statistics.mean(of[name]) for competitor, of in facts["figures"].items()}
        for called, facts in tables.items()
        if facts["task"] == RANKED[name]
    }


def _mean_ranks(tables: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, float]:
    """1 is the best; equal figures share their ranks."""
    sign = -1 if name in HIGHER_IS_BETTER else 1
    ranks: dict[str, list[float]] = {}
    for means in _means(tables, name).values():
        for competitor, rank in zip(means, rankdata([sign * mean for mean in means.values()]), strict=True):
            ranks.setdefault(competitor, []).append(float(rank))
    return {competitor: statistics.mean(of) for competitor, of in ranks.items()}


def _wins(tables: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    """For each of our lines and each other competitor, the tables on which we are better, and on which worse."""
    sign = -1 if name in HIGHER_IS_BETTER else 1
    means = _means(tables, name)
    others = [other for other in next(iter(means.values()), {}) if other not in (OURS, SAME_COLUMNS)]

    def compared(own: str, other: str) -> dict[str, list[str]]:
        gains = {called: sign * (of[other] - of[own]) for called, of in means.items()}
        return {
            "better": [called for called, gain in gains.items() if gain > 0],
            "worse": [called for called, gain in gains.items() if gain < 0],
        }

    return {own: {other: compared(own, other) for other in others} for own in (OURS, SAME_COLUMNS)}


def _times(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A fit of every table: the sum of their medians and, fold by fold, the ratio to ours."""
    everywhere = [name for name in CLASSIFIERS if all(name in facts["figures"] for facts in tables.values())]
    seconds = {
        competitor: [facts["figures"][competitor]["fit seconds"] for facts in tables.values()]
        for competitor in everywhere
    }
    by_fold = {competitor: [sum(of[k] for of in each) for k in range(N_FOLDS)] for competitor, each in seconds.items()}
    return {
        competitor: {
            "total": sum(statistics.median(of) for of in each),
            "ratio to chainrule": ratio(by_fold[competitor], by_fold[OURS])._asdict(),
        }
        for competitor, each in seconds.items()
    }


# --- for a terminal ----------------------------------------------------------------------------------------------


def table(result: Mapping[str, Any]) -> str:
    """Ranks, wins and losses, times, and then every table."""
    return "\n\n".join(
        "\n".join(lines)
        for lines in (_rank_lines(result), _win_lines(result), _time_lines(result), *_figure_lines(result))
        if lines
    )


def _rank_lines(result: Mapping[str, Any]) -> list[str]:
    names = list(result["mean rank"])
    lines = [f"{'Mean rank (1 is the best)':32}" + "".join(f"{name:>10}" for name in names)]
    competitors = dict.fromkeys(competitor for ranks in result["mean rank"].values() for competitor in ranks)
    for competitor in competitors:
        ranks = (result["mean rank"][name].get(competitor) for name in names)
        lines.append(f"{competitor:32}" + "".join(f"{'-' if rank is None else f'{rank:.2f}':>10}" for rank in ranks))
    return lines


def _win_lines(result: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, of_ours in result["better than the others"].items():
        for own, of_others in of_ours.items():
            for other, tables in of_others.items():
                counts = f"better on {len(tables['better'])} tables, worse on {len(tables['worse'])}"
                worse = f": {', '.join(tables['worse'])}" if tables["worse"] else ""
                lines.append(f"{name}, {own} beside {other}: {counts}{worse}")
    return lines


def _time_lines(result: Mapping[str, Any]) -> list[str]:
    lines = [f"{'A fit of every table':32}{'seconds':>10}   times chainrule's (lowest to highest fold)"]
    for competitor, row in result["fit seconds"].items():
        lines.append(f"{competitor:32}{row['total']:10.2f}   {Ratio(**row['ratio to chainrule'])}")
    return lines


def _figure_lines(result: Mapping[str, Any]) -> Iterator[list[str]]:
    for task, names in METRICS.items():
        tables = {called: facts for called, facts in result["tables"].items() if facts["task"] == task}
        for name in (*names, "fit seconds") if tables else ():
            lines = [f"{f'{name}, {task}':32}" + "".join(f"{called[:13]:>15}" for called in tables)]
            for competitor in next(iter(tables.values()))["figures"]:
                figures = (facts["figures"][competitor][name] for facts in tables.values())
                lines.append(f"{competitor:32}" + "".join(f"{statistics.mean(of):15.4f}" for of in figures))
            yield lines


def main(arguments: Sequence[str]) -> int:
    """Some tables only, on the terminal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(TABLES)}; by default all")
    parser.add_argument("--folder", type=Path, default=WHEELS, help="where the wheels are kept")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.tables if name not in TABLES]
    if unknown:
        parser.error(f"{', '.join(unknown)}: no such table. There are {', '.join(TABLES)}.")
    print(table(measure(given.tables or TABLES, given.folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
