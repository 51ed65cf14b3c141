"""``chainrule train``: learn an example set, test on held-out rows, and keep all of it in a run folder."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from chainrule.cli.report import report_table
from chainrule.errors import InvalidArgument

__all__ = ["train"]


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults were chosen on digits with seeds 11 to 26."""

    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    hidden: tuple[int, ...]
    momentum: float = 0.9
    l2: float = 2e-3
    held_out_share: float = 0.25


def train(
    data: str,
    *,
    seed: int = 1,
    epochs: int = 200,
    batch_size: int = 32,
    learning_rate: float = 0.05,
    hidden: str = "15",
    output: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Learn an example set and test on rows that were held out.

    Holds out a stratified quarter of the rows, standardises the columns by the others, trains a network with ReLU
    hidden layers and a softmax output on them (cross-entropy, momentum 0.9, l2 0.002), prints what it achieves on the
    held-out rows, and writes model, settings, history and predictions to a run folder.

    Parameters
    ----------
    data: str
        The example set: digits, iris, wine or breast_cancer.
    seed: int
        Makes the split, the starting weights and the shuffling repeatable.
    epochs: int
        How often every row is learned from.
    batch_size: int
        Rows of a step.
    learning_rate: float
        Size of a step.
    hidden: str
        Units of the hidden layers, such as 64,32; "none" for no hidden layer.
    output: Path
        The run folder to make; by default runs/DATA-1, or with the next free number.
    as_json: bool
        Print the results as one JSON object.
    """
    recipe = Recipe(seed, epochs, batch_size, learning_rate, _hidden_sizes(hidden))
    result = _train(data, recipe, output)
    print(json.dumps(result) if as_json else _report(result))
    return 130 if result["stopped"] else 0


def _train(data: str, recipe: Recipe, output: Path | None) -> dict[str, Any]:
    from chainrule.data.example_sets import load_example_set
    from chainrule.data.labels import numbered_labels
    from chainrule.data.split import stratified_split
    from chainrule.data.standardizer import Standardizer
    from chainrule.files.run_folder import check_place, numbered_folders, predictions_csv, write_run_folder
    from chainrule.model import Network
    from chainrule.optimizers import Momentum
    from chainrule.training.classification import classification_report
    from chainrule.training.progress import progress_for

    rows = load_example_set(data)
    y, classes = numbered_labels(rows.labels)
    names = classes.tolist()
    functions = (*["relu"] * len(recipe.hidden), "softmax")
    network = Network((rows.x.shape[1], *recipe.hidden, len(names)), functions, seed=recipe.seed, classes=names)
    learned, held_out = stratified_split(y, recipe.held_out_share, network.streams["split"])
    network.encoder = Standardizer.fitted(rows.x[learned])
    places = [output] if output else numbered_folders(Path("runs"), data)
    check_place(output or next(place for place in numbered_folders(Path("runs"), data) if not place.exists()))
    print(f"{data}: {len(learned)} rows to learn from, {len(held_out)} held out", file=sys.stderr, flush=True)

    began = time.perf_counter()
    history = network.fit(
        rows.x[learned],
        y[learned],
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        optimizer=Momentum(recipe.momentum),
        l2=recipe.l2,
        verbose=False,
        callbacks=[progress_for(sys.stderr)],
    )
    seconds = time.perf_counter() - began
    print(file=sys.stderr)  # a blank line between the progress and the results, where both are seen

    outputs = network.predict(rows.x[held_out])
    predicted = network.predict_classes(rows.x[held_out])
    predictions = predictions_csv(held_out, rows.labels[held_out], predicted, outputs, names)
    settings = {"data": data, **asdict(recipe), "held_out_rows": held_out.tolist()}
    folder = write_run_folder(places, network.save, settings, dict(history), predictions)
    return {
        "data": data,
        **asdict(recipe),
        "report": classification_report(y[held_out], outputs.argmax(axis=1), names),
        "training_accuracy": network.evaluate(rows.x[learned], y[learned])["accuracy"],
        "held_out_accuracy": network.evaluate(rows.x[held_out], y[held_out])["accuracy"],
        "seconds": seconds,
        "stopped": history.stopped,
        "run": str(folder),
    }


def _report(result: dict[str, Any]) -> str:
    return "\n".join(
        [
            report_table(result["report"]),
            "",
            f"accuracy on the held-out rows  {result['held_out_accuracy']:.4f}",
            f"accuracy on the training rows  {result['training_accuracy']:.4f}",
            f"time to train                  {result['seconds']:.2f} s",
            f"everything is in               {result['run']}",
        ]
    )


def _hidden_sizes(text: str) -> tuple[int, ...]:
    if text.strip().lower() in ("none", ""):
        return ()
    try:
        return tuple(int(size) for size in text.split(","))
    except ValueError:
        raise InvalidArgument(
            f"--hidden takes the units of each hidden layer, such as 64,32 (or none), not {text!r}."
        ) from None
