"""What a newcomer types: what ends a training, how options are written, and what is said of a slip."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.cli import known_names
from chainrule.cli.network_for_table import SCHEDULES_BY_NAME
from chainrule.data.table_files.reading import MISSING
from chainrule.engines import ENGINE_NAMES
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.losses import LOSSES
from chainrule.optimizers import OPTIMIZERS
from tests.cli.command_line import chainrule, refused


def test_sigterm_ends_a_training_as_ctrl_c_does_with_everything_saved():
    line = [sys.executable, "-m", "chainrule", "train", "digits", "--epochs", "5000", "--no-early-stopping"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not process.stderr.readline().startswith("epoch 1/"):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "accuracy" in out
    results = json.loads(Path("runs/digits-1/results.json").read_text())
    assert results["state"] == "stopped"
    assert results["stopped"].startswith("Stopped by SIGTERM in epoch ")
    assert {"model.safetensors", "checkpoint.safetensors", "predictions.csv"} <= {
        file.name for file in Path("runs/digits-1").iterdir()
    }


def test_missing_takes_a_lone_hyphen_and_adds_to_the_entries_that_always_are():
    rows = "".join(f"{i},{'yes' if i % 2 else 'no'}\n" for i in range(40))
    Path("gaps.csv").write_text(f"a,b\n-,yes\nNA,no\nnone,yes\n{rows}")
    chainrule("train", "gaps.csv", "--target", "b", "--missing", "-,none", "--epochs", 1, "--output", "one")
    settings = json.loads(Path("one/settings.json").read_text())["options"]["missing"]
    assert {"NA", "-", "none"} <= set(settings)
    assert len(set(settings)) == len(settings)
    chainrule("train", "gaps.csv", "--target", "b", "--missing", "-", "--missing", "none", "--epochs", 1)
    chainrule("train", "--config", "one/settings.json", "--output", "two")
    assert json.loads(Path("two/settings.json").read_text())["options"]["missing"] == settings


def test_missing_without_an_entry_takes_no_option_for_one():
    assert "--missing takes entries" in refused("train", "gaps.csv", "--missing", "--target", "b")


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("train iris --hidden 64 32", "write --hidden 64,32."),
        ("train --hidden 64 32 iris", "write --hidden 64,32."),
        ("train iris --drop a b c --epochs 3", "write --drop a,b,c."),
        ("train churn.csv churn", "give the target with --target churn."),
        ("predict run a.csv b.csv", "'b.csv' is one argument too many: `chainrule predict` takes"),
    ],
)
def test_arguments_without_a_place_are_told_how_to_be_written(line, advice):
    sentence = refused(*line.split())
    assert advice in sentence
    assert "Unused" not in sentence


@pytest.mark.parametrize("command", ["predict", "evaluate", "inspect", "plot", "resume"])
def test_a_table_in_the_place_of_a_run_is_told_apart(command):
    Path("churn.csv").write_text("a,b\n1,2\n")
    sentence = refused(command, "churn.csv")
    assert sentence == (
        "churn.csv is a table: give the run or the model first, as in `chainrule predict RUN churn.csv`."
    )


@pytest.mark.parametrize("command", ["predict", "evaluate", "inspect", "plot", "resume"])
def test_a_run_without_its_folder_is_looked_for_in_runs(command):
    Path("runs/churn-1").mkdir(parents=True)
    assert refused(command, "churn-1").endswith("; did you mean runs/churn-1?")


@pytest.mark.parametrize(
    ("option", "value", "near"),
    [
        ("--optimizer", "adamm", "did you mean 'adam'"),
        ("--activation", "rel", "did you mean 'relu'"),
        ("--loss", "crossentropy", "did you mean 'cross_entropy'"),
        ("--schedule", "cosin", "did you mean 'cosine'"),
        ("--optimizer", "clip", "choose from adagrad, adam"),
    ],
)
def test_a_wrong_name_is_refused_before_the_table_is_read(option, value, near):
    sentence = refused("train", "not-there.csv", option, value)
    assert sentence.startswith(f"{value!r} is not a name that {option} takes; ")
    assert near in sentence


def test_the_names_that_options_take_are_those_of_the_catalogues():
    assert ACTIVATIONS.names == known_names.ACTIVATION_NAMES
    assert ENGINE_NAMES == known_names.ENGINE_NAMES
    assert LOSSES.names == known_names.LOSS_NAMES
    assert tuple(SCHEDULES_BY_NAME) == known_names.SCHEDULE_NAMES
    wrappers = {"clip", "moving_average"}  # which need an optimizer
    assert tuple(name for name in OPTIMIZERS.names if name not in wrappers) == known_names.OPTIMIZER_NAMES
    assert ("", *known_names.MISSING_ENTRIES) == MISSING
    text = " ".join(chainrule("train", "--help").out.replace("│", " ").split())
    for names in (known_names.OPTIMIZER_NAMES, known_names.LOSS_NAMES, known_names.SCHEDULE_NAMES):
        assert f"[choices: {', '.join(names)}]" in text


def test_the_help_of_a_training_imports_no_numbers():
    program = "import sys; sys.argv = ['chainrule', 'train', '--help']\nfrom chainrule.cli import main\n"
    check = "heavy = {'numpy', 'polars', 'sklearn'} & set(sys.modules); assert not heavy, heavy"
    line = [sys.executable, "-c", f"{program}try: main()\nexcept SystemExit: {check}"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_short_names_of_options():
    chainrule("train", "iris", "-t", "target", "--lr", "0.01", "--epochs", 1, "-o", "short")
    assert json.loads(Path("short/settings.json").read_text())["options"]["learning_rate"] == 0.01
    chainrule("predict", "short", "iris", "-o", "iris.csv")
    assert Path("iris.csv").exists()
    assert chainrule("evaluate", "short", "iris", "-t", "target", "--json").json["target"] == "target"


def test_a_section_of_a_config_file_is_taken():
    Path("c.toml").write_text('[train]\ntable = "iris"\nepochs = 1\nhidden = [4, 3]\n')
    chainrule("train", "--config", "c.toml", "--output", "run")
    options = json.loads(Path("run/settings.json").read_text())["options"]
    assert (options["epochs"], options["hidden"]) == (1, [4, 3])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[network]\nhidden = [3]", "c.toml has a section 'network': leave the section out, and keep its options."),
        ("[train]\nhiden = 3", "c.toml sets 'hiden', which is no option; did you mean 'hidden'?"),
        ("train = 3", "c.toml sets 'train' to 3: it can be a section, [train], with options in it."),
    ],
)
def test_a_config_file_with_what_is_no_option_says_what_to_change(text, sentence):
    Path("c.toml").write_text(text)
    assert refused("train", "iris", "--config", "c.toml").startswith(sentence)


@pytest.mark.parametrize("command", ["train", "resume", "runs", "evaluate", "predict", "inspect", "plot"])
def test_the_help_of_a_command_ends_with_an_example_and_has_nothing_empty(command):
    text = chainrule(command, "--help").out
    assert text.rstrip().splitlines()[-1].startswith(f"Example: chainrule {command} ")
    assert "[default: ]" not in " ".join(text.split())
    assert "ARGS" not in text


def test_without_a_command_the_help_comes_with_a_first_example():
    assert "Begin with: chainrule train digits" in chainrule().out


def test_make_help_lists_the_targets_and_installing_is_told():
    makefile = Path(__file__).parents[2] / "Makefile"
    line = ["make", "--no-print-directory", "-f", str(makefile)]
    text = subprocess.run([*line, "help"], capture_output=True, text=True, check=True, timeout=60).stdout
    targets = re.search(r"\.PHONY: (.*)", makefile.read_text())[1].split()
    assert sorted(each.split()[0] for each in text.splitlines()) == sorted(targets)
    assert (
        "echo 'installing chainrule"
        in makefile.read_text().partition("/.digits: $(BIN)/pip")[2].partition("pip install")[0]
    )
