"""chainrule explain: the names, and how any number came about, as text, as data and in files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.command_line import PENGUINS, chainrule, refused


def test_without_a_quantity_it_lists_the_names_and_what_to_type_next(digits_run):
    text = chainrule("explain", digits_run).out
    assert "Rows 0 to 3 are rows " in text
    lines = {line.split()[0]: line for line in text.splitlines() if line}
    assert re.fullmatch(r"w\[1\] +\(\d+, 15\) +weights from layer 1 to 2", lines["w[1]"])
    assert re.fullmatch(r"delta\[2\] +\(4, 15\) +dJ/dz\[2\], the error of layer 2", lines["delta[2]"])
    assert re.fullmatch(r"J +one number +loss of the batch: their mean", lines["J"])
    last = text.splitlines()[-1]
    assert last == "Explain one number: chainrule explain digits 'delta[2][0,1]'"
    assert chainrule("explain", digits_run, "delta[2][0,1]").out.startswith("delta[2][0,1]\n")
    listed = chainrule("explain", digits_run, "--json").json["quantities"]
    assert {"name": "J", "shape": []} in listed
    assert {"name": "w[2]", "shape": [15, 10]} in listed


def test_every_listed_array_is_said_to_be_something(penguins):
    lines = chainrule("explain", penguins).out.partition("\n\n")[2].partition("\n\n")[0].splitlines()
    assert len(lines) > 20
    for line in lines:
        assert len(line.split("  ")) >= 3, line


def test_a_number_is_explained_as_symbols_numbers_and_result(digits_run):
    done = chainrule("explain", digits_run, "z[3][0,1]", "--terms", 3, "--digits", 4)
    lines = done.out.splitlines()
    assert lines[0] == "z[3][0,1]"
    assert lines[1].strip() == "z[3] = a[2] @ w[2] + b[2]"
    assert "smaller terms" in done.out
    assert "dense.py:" in done.out
    assert done.err.startswith("Rows 0 to 3 are rows ")
    below = chainrule("explain", digits_run, "z[3][0,1]", "--depth", 1).out
    assert "\n  a[2][0," in below


def test_the_inputs_that_occur_are_named(penguins):
    found = chainrule("explain", penguins, "z[2][0,1]", "--terms", 3, "--json").json
    used = [int(each) for each in re.findall(r"a\[1\]\[0,(\d+)\]", found["symbols"])]
    last = chainrule("explain", penguins, "z[2][0,1]", "--terms", 3).out.splitlines()[-1]
    named = ", ".join(f"{i} {found['inputs'][i]}" for i in used)
    assert last == f"Inputs: {named}."
    assert "Inputs:" not in chainrule("explain", penguins, "J").out


def test_as_data_it_has_every_part(digits_run):
    found = chainrule("explain", digits_run, "J", "-d", 1, "--json").json
    assert (found["quantity"], found["level"], found["given"]) == ("J", 0, False)
    assert found["symbols"] == "(loss[0] + loss[1] + loss[2] + loss[3]) / n"
    assert found["code"][0]["file"] == "chainrule/network/objective.py"
    assert [each["quantity"] for each in found["below"]] == [f"loss[{i}]" for i in range(4)]
    assert found["value"] == pytest.approx(sum(each["value"] for each in found["below"]) / 4, rel=1e-5)


@pytest.mark.parametrize(("ending", "beginning"), [("html", "<!DOCTYPE html>"), ("tex", "\\documentclass"), ("md", "# `J`"), ("txt", "J\n")])  # fmt: skip
def test_it_is_written_to_a_file(digits_run, ending, beginning):
    done = chainrule("explain", digits_run, "J", "--output", f"j.{ending}")
    assert done.out == f"j.{ending}\n"
    content = Path(f"j.{ending}").read_text()
    assert content.startswith(beginning)
    assert "a[3][0," in content or "a^{(3)}" in content or "msubsup" in content  # two levels, where nothing is said
    if ending == "html":
        assert "digits. Rows 0 to 3 are rows " in content
    shallow = chainrule("explain", digits_run, "J", "--output", f"s.{ending}", "--depth", 0, "--json")
    assert json.loads(shallow.out) == {"quantity": "J", "file": f"s.{ending}"}
    assert len(Path(f"s.{ending}").read_text()) < len(content)


def test_rows_of_another_table(penguins):
    done = chainrule("explain", penguins, "a[1][2,0]", PENGUINS, "--rows", "4,1,0")
    assert done.err.endswith(f"Rows 0 to 2 are rows 4, 1, 0 of {PENGUINS}.\n")
    assert "as the network takes it" in done.out
    assert "(3, 128)" in chainrule("explain", penguins, "--table", PENGUINS, "--rows", "0:3").out


def test_a_terminal_shows_names_in_bold_and_code_dim(digits_run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = chainrule("explain", digits_run, "J", "-d", 1).out
    assert "\x1b[1mJ\x1b[0m" in text
    assert "\x1b[1mloss[0]\x1b[0m" in text
    assert "\x1b[2mchainrule/network/objective.py" in text


def test_the_demo_is_explained_without_a_run():
    assert chainrule("explain", "demo").out.endswith("Explain one number: chainrule explain demo 'delta[2][0,1]'\n")
    done = chainrule("explain", "demo", "z[2][0,0]")
    assert done.out.startswith("z[2][0,0]\n")
    assert done.err == "A small network on the four rows of XOR, before its first step.\n"


WRONG = {
    "nonsense": (("what",), "'what' is not the name of a number in a trace; such are z[2][0,1]"),
    "very long": (("z[" + "9" * 5000 + "]",), "is not the name of a number in a trace"),
    "no such array": (("z[9][0,1]",), "There is no z[9] in this trace; did you mean 'z["),
    "no such entry": (("z[2][4,0]",), "z[2][4,0] is outside z[2], whose shape is (4, 15)"),
    "array": (("z[2]",), "name one number of it, such as z[2][0,0]"),
    "depth": (("J", "--depth", "-1"), "--depth"),
    "digits": (("J", "--digits", "18"), "--digits"),
    "terms": (("J", "--terms", "1"), "--terms"),
    "ending": (("J", "--output", "j.pdf"), "j.pdf ends in none of .html, .tex, .md, .txt"),
    "nothing to write": (("--output", "j.html"), "--output is for the explanation of one number"),
    "no folder": (("J", "--output", "no/j.html"), "could not be written"),
    "file": ((PENGUINS,), "is a file, and the name of a number comes before it"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_explained_is_a_sentence(digits_run, arguments, message):
    assert message in refused("explain", digits_run, *arguments)
