"""The commands, in processes of their own, as a person runs them."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pexpect
import pytest

import chainrule
from chainrule.cli import main
from chainrule.cli.app import app
from chainrule.cli.train import train
from chainrule.data.example_sets import EXAMPLE_SETS

COMMANDS = ["train", "predict"]


def command(*arguments: str, check: bool = True, **options) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "chainrule", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=check, timeout=120, **options)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    done = command("train", "digits", "--epochs", "20", "--hidden", "12,8", "--seed", "3", cwd=folder)
    (folder / "output").write_text(done.stdout)
    (folder / "progress").write_text(done.stderr)
    return folder / "runs" / "digits-1"


def test_training_prints_what_it_does_and_what_came_of_it(run_folder):
    progress = (run_folder.parents[1] / "progress").read_text().splitlines()
    assert progress[0] == "digits: 1348 rows to learn from, 449 held out"
    assert progress[1].startswith("epoch 1/20  J ")
    assert progress[-2].startswith("epoch 20/20  J ")
    lines = (run_folder.parents[1] / "output").read_text().splitlines()
    assert lines[-4].startswith("accuracy on the held-out rows  0.9")
    assert lines[-3].startswith("accuracy on the training rows  ")
    assert lines[-2].startswith("time to train")
    assert lines[-1].split() == ["everything", "is", "in", "runs/digits-1"]
    table = lines
    assert table[0].split() == ["precision", "recall", "f1", "support"]
    assert [line.split()[0] for line in table[1:12]] == [*map(str, range(10)), "average"]


def test_a_run_folder_holds_model_settings_history_and_predictions(run_folder, digits):
    x, labels = digits
    settings = json.loads((run_folder / "settings.json").read_text())
    history = json.loads((run_folder / "history.json").read_text())
    network = chainrule.load(run_folder / "model.safetensors")
    with (run_folder / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert network.dimensions == (64, 12, 8, 10)
    assert (settings["seed"], settings["epochs"], settings["hidden"]) == (3, 20, [12, 8])
    assert history["epoch"] == list(range(1, 21))
    held_out = settings["held_out_rows"]
    assert [int(row["row"]) for row in rows] == held_out
    assert [int(row["label"]) for row in rows] == labels[held_out].tolist()
    outputs = np.array([[float(row[f"output_{c}"]) for c in range(10)] for row in rows], np.float32)
    np.testing.assert_array_equal(outputs, network.predict(x[held_out]))
    assert [int(row["predicted"]) for row in rows] == network.predict_classes(x[held_out]).tolist()
    shares = np.bincount(labels[held_out]) / np.bincount(labels)
    np.testing.assert_allclose(shares, 0.25, atol=0.005)  # stratified
    learned = np.setdiff1d(np.arange(len(x)), held_out)
    np.testing.assert_allclose(network.encoder.mean, x[learned].mean(axis=0))  # fitted on training rows alone


def test_predict_gives_the_predictions_of_the_run_bit_for_bit_in_a_new_process(run_folder):
    done = command("predict", str(run_folder))
    assert done.stdout == (run_folder / "predictions.csv").read_text()
    command("predict", str(run_folder), "--output", "again.csv")
    assert Path("again.csv").read_bytes() == (run_folder / "predictions.csv").read_bytes()


def test_json_is_one_object_and_progress_goes_to_standard_error():
    done = command("train", "iris", "--json", "--epochs", "5", "--hidden", "none", "--output", "here")
    result = json.loads(done.stdout)
    assert result["run"] == "here"
    assert result["hidden"] == []
    assert set(result["report"]) == {"setosa", "versicolor", "virginica", "average"}
    assert 0 <= result["held_out_accuracy"] <= 1
    assert done.stderr.startswith("iris: 112 rows to learn from, 38 held out\nepoch 1/5  J ")


def test_the_same_seed_makes_the_same_run_and_runs_never_replace_each_other():
    first, second = (command("train", "wine", "--epochs", "3") for _ in range(2))
    assert sorted(os.listdir("runs")) == ["wine-1", "wine-2"]
    for name in ("model.safetensors", "predictions.csv", "settings.json"):
        assert Path("runs/wine-1", name).read_bytes() == Path("runs/wine-2", name).read_bytes()
    assert "runs/wine-1" in first.stdout
    assert "runs/wine-2" in second.stdout


WRONG = {
    "unknown set": (["train", "digit"], "'digit' is not an example set; did you mean 'digits'?"),
    "epochs 0": (["train", "iris", "--epochs", "0"], "epochs must be at least 1, not 0."),
    "batch size 0": (["train", "iris", "--batch-size", "0"], "batch_size must be at least 1, not 0."),
    "rate": (["train", "iris", "--learning-rate", "-1"], "learning_rate must be a finite number above 0, not -1.0."),
    "seed": (["train", "iris", "--seed", "-1"], "seed must be at least 0, not -1."),
    "hidden": (["train", "iris", "--hidden", "8;4"], "--hidden takes the units of each hidden layer"),
    "hidden 0": (["train", "iris", "--hidden", "8,0"], "The dimension of layer 3 must be at least 1, not 0."),
    "diverging": (["train", "iris", "--learning-rate", "1e30", "--epochs", "9"], "Training diverged: "),
    "no run": (["predict", "runs/none"], "There is no run folder runs/none."),
    "no folder to write to": (["train", "iris", "--epochs", "1", "--output", "file/x"], "could not be made: "),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_one_sentence_and_exit_status_2(arguments, message):
    Path("file").write_text("")
    done = command(*arguments, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    sentence = done.stderr.splitlines()[-1]
    assert sentence.startswith("chainrule: ")
    assert message in sentence
    assert not Path("runs").exists()


def test_an_output_folder_that_exists_stays_as_it_is():
    Path("mine").mkdir()
    Path("mine/thesis.tex").write_text("precious")
    done = command("train", "iris", "--epochs", "1", "--output", "mine", check=False)
    assert done.returncode == 2
    assert "mine exists already" in done.stderr
    assert len(done.stderr.splitlines()) == 1  # it says so before the training, not after
    assert os.listdir("mine") == ["thesis.tex"]
    assert os.listdir() == ["mine"]


def damaged(run_folder, change):
    shutil.copytree(run_folder, "damaged")
    change(Path("damaged"))
    return command("predict", "damaged", check=False)


def set_setting(name, value):
    def change(folder):
        settings = json.loads((folder / "settings.json").read_text())
        (folder / "settings.json").write_text(json.dumps(settings | {name: value}))

    return change


def cut(name):
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:100])


DAMAGES = {
    "no model": (lambda folder: (folder / "model.safetensors").unlink(), "There is no model file"),
    "model cut": (cut("model.safetensors"), "is not a model file, or is damaged or incomplete"),
    "settings cut": (cut("settings.json"), "settings.json is damaged or incomplete"),
    "no settings": (lambda folder: (folder / "settings.json").unlink(), "is no run folder, or an incomplete one"),
    "newer": (set_setting("format_version", 99), "format version 99, and this chainrule reads up to 2"),
    "no rows": (set_setting("held_out_rows", None), "do not say which rows"),
    "rows beyond": (set_setting("held_out_rows", [1, 10**9]), "do not say which rows"),
    "other data": (set_setting("data", "iris"), "do not say which rows"),
    "unknown data": (set_setting("data", "x"), "'x' is not an example set"),
}


@pytest.mark.parametrize(("change", "message"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_run_is_one_sentence(run_folder, change, message):
    done = damaged(run_folder, change)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_ctrl_c_stops_the_training_and_keeps_the_run():
    line = [sys.executable, "-m", "chainrule", "train", "digits", "--epochs", "1000000", "--output", "kept"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not process.stderr.readline().startswith("epoch 1/"):
            pass
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped by Ctrl-C in epoch" in errors
    assert "accuracy on the held-out rows" in output
    assert command("predict", "kept").stdout == Path("kept/predictions.csv").read_text()


def test_a_terminal_shows_a_bar_and_then_the_report():
    line = ["-m", "chainrule", "train", "digits", "--epochs", "60"]
    child = pexpect.spawn(sys.executable, line, encoding="utf-8", timeout=60, dimensions=(40, 100))
    child.expect("━")
    child.expect("accuracy on the held-out rows")
    child.expect(pexpect.EOF)


def test_a_reader_that_goes_away_is_no_error(run_folder):
    line = f"{sys.executable} -m chainrule predict {run_folder} | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("row,label,predicted")
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments", [["tain"], ["train"], ["train", "iris", "--epochs", "x"], ["train", "iris", "--speed"]]
)
def test_a_command_line_that_cannot_be_understood_is_exit_status_2(arguments):
    done = command(*arguments, check=False)
    assert done.returncode == 2
    assert "Error" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_names_its_parameters(name):
    text = command(name, "--help").stdout
    assert f"Usage: chainrule {name}" in text
    assert "required" in text


def test_the_list_of_commands_is_complete_and_the_version_is_told():
    text = command("--help").stdout
    assert [name for name in app if not name.startswith("-")] == COMMANDS
    assert all(name in text for name in COMMANDS)
    assert command("--version").stdout.strip() == chainrule.__version__


def test_the_help_names_every_example_set():
    assert all(name in train.__doc__ for name in EXAMPLE_SETS)


@pytest.mark.parametrize(("package", "extra"), [("cyclopts", "cli"), ("sklearn", "sklearn")])
def test_a_missing_extra_is_one_line_that_names_it(package, extra):
    blocked = f"""
import sys
sys.modules[{package!r}] = None
sys.argv = ["chainrule", "train", "digits"]
from chainrule.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == f"chainrule: {package} is not installed; it comes with: pip install 'chainrule[{extra}]'\n"


def test_the_console_script_is_this_main():
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="chainrule")
    assert script.load() is main
