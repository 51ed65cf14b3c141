"""What all commands have in common: their help, their pages, their sentences and exit statuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

import chainrule
from chainrule.cli import main
from chainrule.cli.app import app
from chainrule.cli.train import train
from chainrule.data.example_sets import EXAMPLE_SETS
from tests.cli.command_line import chainrule as chainrule_
from tests.cli.command_line import refused

COMMANDS = [
    "train",
    "resume",
    "runs",
    "evaluate",
    "predict",
    "inspect",
    "gradient-check",
    "hand-check",
    "trace",
    "explain",
    "step",
    "doctor",
    "plot",
    "museum",
    "worksheet",
]

DOCS = Path(__file__).parents[2] / "docs" / "commands"


def command(*arguments: str, check: bool = True, **options) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "chainrule", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=check, timeout=120, **options)


def test_a_terminal_shows_a_bar_and_then_the_report():
    line = ["-m", "chainrule", "train", "digits", "--epochs", "60"]
    child = pexpect.spawn(sys.executable, line, encoding="utf-8", timeout=60, dimensions=(60, 100))
    child.expect("━")
    child.expect("accuracy")
    child.expect(pexpect.EOF)


def test_a_reader_that_goes_away_is_no_error(digits_run):
    line = f"{sys.executable} -m chainrule predict {digits_run} | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("row,label,prediction")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tain"], 'Unknown command "tain". Did you mean "train"?'),
        (["train"], "requires an argument"),
        (["train", "iris", "--epochs", "x"], 'Invalid value for --epochs: unable to convert "x" into int.'),
        (["train", "iris", "--speed", "3"], "Unknown option: --speed."),
        (
            ["train", "iris", "--hidden", "8;4"],
            "--hidden takes the units of each hidden layer, such as 64,32 (or none)",
        ),
        (["train", "iris", "--kinds", "zip"], "--kinds takes columns and what they are, such as zip=category"),
        (["train", "iris", "--task", "ranking"], 'Choose from: "classification", "regression"'),
    ],
)
def test_a_command_line_that_cannot_be_understood_is_a_sentence_and_exit_status_2(arguments, message):
    sentence = refused(*arguments)
    assert message in sentence
    assert sentence.endswith("`chainrule --help` and `chainrule COMMAND --help` tell more.")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_names_its_parameters(name):
    text = chainrule_(name, "--help").out
    assert f"Usage: chainrule {name}" in text
    for names in options_of(name):
        assert all(option in text for option in names)


def test_the_list_of_commands_is_complete_and_the_version_is_told():
    text = command("--help").stdout
    assert sorted(name for name in app if not name.startswith("-")) == sorted(COMMANDS)
    assert all(name in text for name in COMMANDS)
    assert command("--version").stdout.strip() == chainrule.__version__


def options_of(name: str) -> list[tuple[str, ...]]:
    """The options of a command, each with the names that turn it on and off."""
    arguments = app[name].assemble_argument_collection(parse_docstring=True)
    named = [argument for argument in arguments if argument.show and argument.field_info.kind.name == "KEYWORD_ONLY"]
    return [tuple(n for n in argument.names if n.startswith("--")) for argument in named]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_a_command_shows_every_option_in_an_example(name):
    page = (DOCS / f"{name}.md").read_text()
    examples = "".join(re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL))
    lines = " ".join(line for line in examples.splitlines() if line.startswith("$ "))
    options = options_of(name)
    assert len(options) >= 2
    shown = [re.search(rf"(?<!\S)({'|'.join(names)})(?![\w-])", lines) is not None for names in options]
    assert [names for names, there in zip(options, shown, strict=True) if not there] == []


def test_the_help_names_every_example_set():
    assert all(name in train.__doc__ for name in EXAMPLE_SETS)


def test_help_imports_no_numbers():
    program = "import sys; sys.argv = ['chainrule', '--help']\nfrom chainrule.cli import main\n"
    check = "heavy = {'sklearn', 'polars', 'matplotlib', 'scipy'} & set(sys.modules); assert not heavy, heavy"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}try: main()\nexcept SystemExit: {check}"], capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_an_error_that_nobody_foresaw_is_one_sentence_and_debug_shows_where(monkeypatch):
    monkeypatch.setattr("chainrule.cli.training_run.prepared_training", lambda *_: 1 / 0)
    sentence = refused("train", "iris")
    assert sentence == "ZeroDivisionError: division by zero. This should not be; --debug shows where it is."
    done = chainrule_("train", "iris", "--debug", check=False)
    assert done.status == 2
    assert "Traceback (most recent call last):" in done.err
    assert done.err.splitlines()[-1] == f"chainrule: {sentence}"


@pytest.mark.parametrize(("setting", "value", "coloured"), [("NO_COLOR", "1", False), ("FORCE_COLOR", "1", True)])
def test_the_environment_decides_on_colours(digits_run, setting, value, coloured):
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")} | {setting: value}
    done = command("runs", str(digits_run), env=environment)
    assert ("\x1b[" in done.stdout) == coloured
    assert "\x1b[" not in command("runs", str(digits_run), env={**environment, "FORCE_COLOR": ""}).stdout


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
