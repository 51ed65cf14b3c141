"""What a set of worksheets is made from is filled in sensibly, and what makes no sense is refused with a sentence."""

from __future__ import annotations

import pytest

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.worksheets import worksheet
from chainrule.glassbox.worksheets.settings import MOST_QUESTIONS, worksheet_settings


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, ((2, 3, 1), ("relu", "identity"), "mse")),
        ({"level": "hard"}, ((2, 2, 1), ("relu", "identity"), "mse")),
        ({"level": 4}, ((2, 2, 2, 1), ("relu", "relu", "identity"), "mse")),
        ({"activation": "tanh"}, ((2, 3, 1), ("tanh", "identity"), "mse")),
        ({"activation": "relu,sigmoid"}, ((2, 3, 1), ("relu", "sigmoid"), "binary_cross_entropy")),
        ({"activation": ["relu", "sigmoid"], "loss": "mse"}, ((2, 3, 1), ("relu", "sigmoid"), "mse")),
        ({"loss": "binary_cross_entropy"}, ((2, 3, 1), ("relu", "sigmoid"), "binary_cross_entropy")),
        ({"loss": "cross_entropy"}, ((2, 3, 2), ("relu", "softmax"), "cross_entropy")),
        ({"activation": "relu,softmax"}, ((2, 3, 2), ("relu", "softmax"), "cross_entropy")),
        ({"dimensions": (3, 2, 2)}, ((3, 2, 2), ("relu", "identity"), "mse")),
    ],
)
def test_what_is_not_said_is_what_goes_with_the_rest(given, wanted):
    settings = worksheet_settings(**given)
    assert (settings.dimensions, settings.activations, settings.loss) == wanted


@pytest.mark.parametrize(("level", "number"), [("easy", 1), ("medium", 2), ("hard", 3), ("deep", 4)])
def test_a_level_has_a_name_and_a_number(level, number):
    assert worksheet_settings(level=level) == worksheet_settings(level=number) == worksheet_settings(level=str(number))


def test_what_each_level_asks():
    asked = {
        level: [name for step in worksheet_settings(level=level).steps for name in step.arrays]
        for level in (1, 2, 3, 4)
    }
    assert asked[1] == ["z[2]", "a[2]", "z[3]", "a[3]"]
    assert asked[2] == [*asked[1], "loss", "delta[3]", "delta[2]"]
    assert asked[3][7:] == ["dw[2]", "db[2]", "dw[1]", "db[1]", "new w[1]", "new b[1]", "new w[2]", "new b[2]"]
    assert "delta[4]" in asked[4]
    assert not [name for name in asked[4] if name.startswith("new")]
    assert "J" in [name for step in worksheet_settings(rows=2).steps for name in step.arrays]


def test_the_number_of_blanks_is_that_of_the_sheet():
    for given in ({"level": 1}, {"level": 3}, {"level": 4}, {"rows": 2, "level": 3}, {"loss": "cross_entropy"}):
        sheets = worksheet(**given)
        assert sheets.settings.n_questions == len(sheets.sheets[0].questions)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"level": "hrd"}, "'hrd' is no level; did you mean 'hard'?"),
        ({"level": 5}, "The numbers 1 to 4"),
        ({"students": 0}, "students must be at least 1"),
        ({"students": 3, "names": ["A", "B"]}, "2 names for 3 students"),
        ({"names": ["Ada", "ada"]}, "'Ada' is there twice"),
        ({"names": ["7"]}, "is a number"),
        ({"names": [" "]}, "is no name"),
        ({"names": ["a\x1b[2J"]}, "is no name"),
        ({"names": ["x" * 61]}, "is no name"),
        ({"dimensions": (2, 1)}, "2 layers; a worksheet has 3 to 5"),
        ({"dimensions": (2, 9, 1)}, "must be at most 4"),
        ({"activation": "gelu"}, "'gelu' is no activation for a hidden layer"),
        ({"activation": "relu,relu,identity"}, "names 3, and there are 2 layers"),
        ({"activation": "softmax,identity"}, "'softmax' is no activation for a hidden layer"),
        ({"activation": "relu,relu"}, "take identity"),
        ({"activation": "relu,identity", "loss": "cross_entropy"}, "goes with softmax"),
        ({"activation": "relu,softmax", "loss": "mse"}, "goes with the loss cross_entropy"),
        ({"loss": "cross_entropy", "dimensions": (2, 2, 1)}, "A softmax needs two outputs"),
        ({"loss": "hinge"}, "'hinge' is no loss of a worksheet"),
        ({"rows": 5}, "rows must be at most 4"),
        ({"dimensions": (4, 4, 4, 4), "level": "hard"}, f"{MOST_QUESTIONS} fit on two pages"),
        ({"seed": -1}, "seed must be at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused(given, sentence):
    with pytest.raises(InvalidArgument) as error:
        worksheet_settings(**given)
    assert sentence in str(error.value)


@pytest.mark.parametrize("given", [{"names": "Ada"}, {"names": [1]}, {"seed": 1.5}, {"dimensions": (2, 2.5, 1)}])
def test_what_is_of_the_wrong_kind_is_refused(given):
    with pytest.raises(InvalidType):
        worksheet_settings(**given)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"dimensions": 3}, "dimensions is a list of whole numbers"),
        ({"dimensions": "2,3,1"}, "dimensions is a list of whole numbers"),
        ({"activation": 3}, "activation is a name, or a list of names, not 3"),
        ({"activation": ["relu", 3]}, "activation is a name, or a list of names"),
        ({"names": 3}, "names is a list of texts"),
        ({"names": None}, "names is a list of texts"),
    ],
)
def test_settings_of_another_type_are_refused_in_a_sentence(wrong, sentence):
    with pytest.raises(InvalidType, match=sentence):
        worksheet_settings(**wrong)
