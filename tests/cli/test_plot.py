"""chainrule plot: the right pictures for every kind of model, in the right place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule import Network, Quantile
from chainrule.cli import pictures
from tests.cli.command_line import PENGUINS, chainrule, refused

KINDS = {
    "penguins": ["curves", "confusion", "calibration", "weights"],
    "diabetes": ["curves", "predicted", "residuals", "weights"],
    "digits_run": ["curves", "confusion", "calibration", "weights"],
}


@pytest.fixture
def calls(monkeypatch):
    """What the library is asked to draw, by the name of its function."""
    found = {}

    def noting(name, function):
        def call(*arguments, **settings):
            found[name] = (arguments, settings)
            return function(*arguments, **settings)

        return call

    for name in [name for name in vars(pictures) if name.startswith("plot_")]:
        monkeypatch.setattr(pictures, name, noting(name, getattr(pictures, name)))
    return found


@pytest.mark.parametrize("name", KINDS)
def test_without_a_kind_all_that_there_are_go_into_the_run_folder(name, request):
    run = request.getfixturevalue(name)
    before = set(os.listdir(run))
    lines = chainrule("plot", run).out.splitlines()
    assert [line.split() for line in lines] == [[kind, f"{run}/{kind}.png"] for kind in KINDS[name]]
    assert set(os.listdir(run)) - before == {f"{kind}.png" for kind in KINDS[name]}
    assert all((run / f"{kind}.png").read_bytes().startswith(b"\x89PNG") for kind in KINDS[name])


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_formats_and_files_by_name(penguins, ending, start):
    result = chainrule("plot", penguins, "curves", "--format", ending, "--json").json
    assert result == {"pictures": [{"kind": "curves", "file": f"penguins/curves.{ending}"}]}
    chainrule("plot", penguins, "curves", "--output", f"mine.{ending}")
    assert Path(f"mine.{ending}").read_bytes().startswith(start)
    assert Path(f"mine.{ending}").read_bytes() == (penguins / f"curves.{ending}").read_bytes()


def test_what_is_drawn_is_what_the_run_measured(penguins, calls):
    chainrule("plot", penguins)
    results = json.loads((penguins / "results.json").read_text())
    (counts, classes), settings = calls["plot_confusion_matrix"]
    assert counts.tolist() == results["held_out"]["confusion"]
    assert list(classes) == results["held_out"]["classes"]
    assert settings == {"name": "Species"}
    (history,), settings = calls["plot_learning_curves"]
    assert history == json.loads((penguins / "history.json").read_text())
    assert settings == {"best_epoch": results["best_epoch"], "loss": "cross entropy"}
    (truth, probabilities, _), _ = calls["plot_calibration"]
    assert len(truth) == len(probabilities) == results["held_out"]["rows"]
    _, settings = calls["plot_weights"]
    assert settings["image_shape"] is None
    assert "Island=Dream" in settings["inputs"]
    assert list(settings["outputs"]) == list(classes)


def test_the_first_layer_of_pictures_is_drawn_as_images_with_dropped_pixels_in_their_places(digits_run, calls):
    chainrule("plot", digits_run, "weights")
    (weights,), settings = calls["plot_weights"]
    assert settings["image_shape"] == (8, 8)
    assert weights[1].shape == (64, 15)
    from chainrule import load

    nn = load(digits_run / "model.safetensors")
    dropped = [i for i, column in enumerate(nn.encoder.columns) if column.name == "dropped"]
    assert 0 in dropped  # the corner is white in all rows
    assert not weights[1][dropped].any()
    kept = np.setdiff1d(np.arange(64), dropped)
    np.testing.assert_array_equal(weights[1][kept], nn.w[1])


def test_the_shape_of_images_can_be_given(digits_run, calls):
    chainrule("plot", digits_run, "weights", "--image", "4x16")
    assert calls["plot_weights"][1]["image_shape"] == (4, 16)
    assert "9 x 9 pixels have 81, and there are 64 inputs" in refused("plot", digits_run, "weights", "--image", "9x9")
    assert "--image takes height and width" in refused("plot", digits_run, "weights", "--image", "8")


def test_a_member_of_an_ensemble_can_be_chosen(diabetes, calls):
    from chainrule import load

    nn = load(diabetes / "model.safetensors")
    chainrule("plot", diabetes, "weights", "--member", 3)
    np.testing.assert_array_equal(calls["plot_weights"][0][0][1], nn.w[1][2])
    assert list(calls["plot_weights"][1]["outputs"]) == ["target"]
    assert "--member must be at most 3" in refused("plot", diabetes, "weights", "--member", 4)


def test_a_model_file_has_its_pictures_beside_it_and_needs_a_table_for_predictions(penguins, calls):
    model = penguins / "model.safetensors"
    done = chainrule("plot", model)
    assert done.out.split() == ["weights", "penguins/model-weights.png"]
    assert "curves is left out: there is no history" in done.err
    assert "confusion is left out: it needs rows whose target is known: give --table" in done.err
    assert "confusion cannot be drawn of penguins/model.safetensors: it needs rows" in refused(
        "plot", model, "confusion"
    )
    chainrule("plot", model, "confusion", "--table", PENGUINS)
    assert calls["plot_confusion_matrix"][0][0].sum() == 324
    assert (penguins / "model-confusion.png").exists()


def test_intervals_of_quantiles_are_drawn(rng, calls):
    x = rng.normal(size=(40, 1))
    nn = Network((1, 3), ("identity",), seed=1)
    nn.fit(x, x[:, 0], Quantile((0.1, 0.5, 0.9)), epochs=3, verbose=False)
    nn.save("q.safetensors")
    np.savez("t.npz", x=x, y=x[:, 0])
    chainrule("plot", "q.safetensors", "predicted", "--table", "t.npz")
    (truth, predicted), settings = calls["plot_predicted_against_true"]
    np.testing.assert_array_equal(np.column_stack([settings["lower"], predicted, settings["upper"]]), nn.predict(x))
    np.testing.assert_array_equal(truth, x[:, 0])


def test_pictures_that_make_no_sense_are_a_sentence(penguins, diabetes):
    assert "the network does not learn numbers" in refused("plot", penguins, "residuals")
    assert "the network does not learn classes" in refused("plot", diabetes, "confusion")
    assert "--output names one file: say which picture" in refused("plot", penguins, "--output", "a.png")
    assert "written as .png, .svg or .pdf" in refused("plot", penguins, "curves", "--output", "a.gif")
    assert "could not be written" in refused("plot", penguins, "curves", "--output", "none/a.png")
    assert "Invalid value" in refused("plot", penguins, "everything")
    assert "is no pixel: it does not hold numbers" in refused("plot", penguins, "weights", "--image", "9x9")


def test_a_killed_run_can_be_drawn(penguins):
    for name in ("model.safetensors", "results.json", "predictions.csv"):
        (penguins / name).unlink()
    assert [line.split()[0] for line in chainrule("plot", penguins).out.splitlines()] == KINDS["penguins"]


def test_a_full_disk_is_a_sentence_and_the_earlier_picture_stays(penguins):
    (penguins / "curves.png").write_text("earlier")
    code = """
import resource, signal
from chainrule.cli import main
import matplotlib.figure
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
main()
"""
    line = [sys.executable, "-c", code, "plot", str(penguins), "curves"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert (
        "penguins/curves.png could not be written: File too large. What was there before is as it was." in done.stderr
    )
    assert (penguins / "curves.png").read_text() == "earlier"
    assert not list(penguins.glob(".*.part"))


def test_a_missing_matplotlib_is_one_line(penguins):
    code = """
import sys
sys.modules["matplotlib"] = None
from chainrule.cli import main
main()
"""
    line = [sys.executable, "-c", code, "plot", str(penguins)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "chainrule: matplotlib is not installed; it comes with: pip install 'chainrule[plot]'\n"


@pytest.mark.parametrize("output", ["tanh", "identity", "relu", "softplus", "sigmoid", "hard_sigmoid", "softmax"])
def test_a_calibration_is_drawn_where_the_outputs_are_probabilities_and_else_a_sentence(output):
    k = 2 if output == "softmax" else 1
    Network((2, k), (output,), seed=1, classes=["no", "yes"]).save("nn.safetensors")
    np.savez("t.npz", x=np.eye(2), y=["no", "yes"])
    arguments = ("plot", "nn.safetensors", "calibration", "--table", "t.npz")
    if output in ("sigmoid", "hard_sigmoid", "softmax"):
        chainrule(*arguments)
    else:
        assert "the outputs of the network are no probabilities" in refused(*arguments)
