"""``chainrule predict``: the predictions of a run's network for its held-out rows, as a table."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["predict"]


def predict(run: Path, *, output: Path | None = None) -> None:
    """Predict the held-out rows of a run again, from its files.

    Prints the same table as the run's predictions.csv, bit for bit.

    Parameters
    ----------
    run: Path
        The run folder that `chainrule train` made.
    output: Path
        A file to write the table to instead.
    """
    import numpy as np

    from chainrule.data.example_sets import load_example_set
    from chainrule.data.labels import numbered_labels
    from chainrule.errors import FileFormatError
    from chainrule.files.run_folder import MODEL_FILE, predictions_csv, read_settings
    from chainrule.files.whole_file import write_whole
    from chainrule.model import load

    settings = read_settings(run)
    network = load(run / MODEL_FILE)
    rows = load_example_set(str(settings.get("data")))
    _, classes = numbered_labels(rows.labels)
    held_out = settings.get("held_out_rows")
    if not isinstance(held_out, list) or not all(type(i) is int and 0 <= i < len(rows.x) for i in held_out):
        raise FileFormatError(f"The settings of {run} do not say which rows of {rows.name} were held out.")
    chosen = np.array(held_out, np.intp)
    x = rows.x[chosen]
    table = predictions_csv(
        chosen, rows.labels[chosen], network.predict_classes(x), network.predict(x), classes.tolist()
    )
    if output is None:
        sys.stdout.write(table)
    else:
        write_whole(output, table.encode())
        print(f"{len(held_out)} predictions are in {output}")
