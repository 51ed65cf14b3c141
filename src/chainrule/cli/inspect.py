"""``chainrule inspect``: what is in a model."""

from __future__ import annotations

from pathlib import Path

from chainrule.cli.output import AsJson, Debug, print_result

__all__ = ["inspect"]


def inspect(run_or_model: Path, *, as_json: AsJson = False, debug: Debug = False) -> None:
    """Tell what is in a model.

    Its file with size, format and checksum; the layers and how many parameters each has; the target with its classes,
    or its units; what each column becomes; how it was trained, and what came of it; and figures of all weights. Of a
    file that is damaged, or no model, it says what is wrong.

    Parameters
    ----------
    run_or_model: Path
        A model file, a checkpoint or a run folder.
    """
    from chainrule.cli.model_description import description_text, model_description
    from chainrule.cli.run_or_model import open_run_or_model

    model = open_run_or_model(run_or_model)
    found = model_description(model)
    print_result(found, lambda: description_text(found, model), as_json)
