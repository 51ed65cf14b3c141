"""What is saved comes back, what is damaged is refused, and nothing saved is lost."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import chainrule
from chainrule import Adam, BatchNorm, ChainruleError, CrossEntropy, Dense, Dropout, MovingAverage, Network, Residual
from chainrule.data.standardizer import Standardizer
from chainrule.data.tables import TableEncoding
from chainrule.errors import FileFormatError, FileMissing, FileNotWritten
from chainrule.files.descriptions import families, from_data, to_data
from chainrule.files.model_file import FORMAT_VERSION, read_model_file, write_model_file
from chainrule.files.whole_file import write_whole
from chainrule.functions.initializers import Constant, Given
from chainrule.functions.losses import Quantile
from chainrule.optimizers import SGD, Clip
from tests.files.every_kind_of_column import TABLE

ENCODING = TableEncoding.fitted(TABLE)


@pytest.fixture
def fitted(rng):
    nn = Network(
        layers=[
            Dense(4, 6, "relu"),
            BatchNorm(),
            Dropout(0.2),
            Residual([Dense(6, 6, "tanh")]),
            Dense(6, 3, "softmax"),
        ],
        seed=2**100,
        encoder=Standardizer((0.5,) * 4, (2,) * 4),
        classes=["a", "b", "ß"],
    )
    nn.fit(rng.normal(size=(40, 4)), rng.integers(0, 3, 40), epochs=2, verbose=False)
    return nn


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loaded_network_is_the_saved_one_bit_for_bit_and_learns_on_alike(fitted, rng, dtype):
    nn = fitted.astype(dtype)
    nn.save("model.safetensors")
    loaded = chainrule.load("model.safetensors")
    x, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    np.testing.assert_array_equal(loaded.predict(x), nn.predict(x))
    assert loaded.predict_classes(x).tolist() == nn.predict_classes(x).tolist()
    assert loaded.architecture == nn.architecture
    assert (loaded.seed, loaded.loss, loaded.dtype) == (nn.seed, nn.loss, nn.dtype)
    for each in (nn, loaded):
        each.fit(x, y, epochs=2, batch_size=8, verbose=False)
    np.testing.assert_array_equal(loaded.theta, nn.theta)
    np.testing.assert_array_equal(loaded.state, nn.state)


def test_the_arrays_can_be_read_by_any_reader_of_safetensors(fitted):
    fitted.save("model.safetensors")
    arrays = load_file("model.safetensors")
    np.testing.assert_array_equal(arrays["w[1]"], fitted.w[1])
    np.testing.assert_array_equal(arrays["batch_norm_1.mean"], fitted.state[:6])


def test_arrays_in_any_order_and_stride_come_back_as_they_were(rng):
    w = rng.normal(size=(6, 4))
    given = {"transposed": w.T, "sliced": w[::2, 1:3], "reversed": w[::-1]}
    write_model_file("x.safetensors", {}, given)
    _, found = read_model_file("x.safetensors")
    for name, array in given.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    "member", [member for family in families().values() for member in family], ids=lambda member: member.name
)
def test_every_description_survives_json(member):
    examples = {
        "clip": lambda: Clip(MovingAverage(Adam(beta1=0.8), decay=0.9), norm=0.5),
        "moving_average": lambda: MovingAverage(Clip(SGD(), value=0.5)),
        "constant": lambda: Constant(0.5),
        "dense": lambda: Dense(3, 2, "tanh", "he_uniform", bias=False, bias_initializer=Constant(0.1), label="x"),
        "given": lambda: Given(np.ones(3)),
        "quantile": lambda: Quantile((0.1, 0.9)),
        "dropout": lambda: Dropout(0.25),
        "residual": lambda: Residual([Dense(3, 3), Dropout(0.1)]),
        "standardizer": lambda: Standardizer((1, 2), (3, 4)),
        **{column.name: (lambda column=column: column) for column in ENCODING.columns},
        "table": lambda: ENCODING,
    }
    value = examples.get(member.name, member)()
    family = next(name for name, catalogue in families().items() if isinstance(value, catalogue.base))
    assert from_data(json.loads(json.dumps(to_data(value))), family) == value


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"family": "layer"},
        {"family": "layer", "name": "os.system"},
        {"family": "layer", "name": "dense", "n_in": 1},
        {"family": "layer", "name": "dense", "n_in": -1, "n_out": 2},
        {"family": "layer", "name": "dropout", "rate": "x"},
        {"family": "layer", "name": "dropout", "rate": 0.1, "surprise": 1},
        {"family": "layer", "name": 3},
        {"family": "layer", "name": "residual", "layers": 3},
        {"family": "layer", "name": "dropout", "rate": {"family": "x"}},
        {"family": "loss", "name": "mse"},
    ],
)
def test_data_that_describes_nothing_is_refused(data):
    with pytest.raises(FileFormatError):
        from_data(data, "layer")


def test_a_persons_own_class_is_not_written():
    class Mine(Dropout):
        pass

    with pytest.raises(FileFormatError, match="not of chainrule's own"):
        to_data(Mine(0.5))


def test_every_cut_of_a_file_is_refused(fitted, proof):
    fitted.save("model.safetensors")
    whole = Path("model.safetensors").read_bytes()
    for length in range(0, len(whole), 1 if proof else 61):
        Path("cut.safetensors").write_bytes(whole[:length])
        with pytest.raises(FileFormatError, match="cut.safetensors"):
            chainrule.load("cut.safetensors")


def changed(description=None, arrays=None):
    """The saved network with parts of its description or arrays replaced."""
    old, old_arrays = read_model_file("model.safetensors")
    write_model_file("changed.safetensors", old | (description or {}), arrays(old_arrays) if arrays else old_arrays)
    return "changed.safetensors"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"description": {"format_version": FORMAT_VERSION + 1}},
            f"format version {FORMAT_VERSION + 1}, and this chainrule reads up to {FORMAT_VERSION}",
        ),
        ({"description": {"format_version": "1"}}, "names no version"),
        ({"description": {"format_version": True}}, "names no version"),
        ({"description": {"layers": []}}, "last layer of a network must be Dense"),
        ({"description": {"layers": 3}}, "layers are no list"),
        ({"description": {"layers": [{"family": "layer", "name": "lstm"}]}}, "not the name of a known layer"),
        ({"description": {"seed": "x"}}, "damaged"),
        ({"description": {"streams": {}}}, "random streams"),
        ({"description": {"classes": ["a"]}}, "3 different classes"),
        ({"description": {"classes": [["a"], 1, 2]}}, "no list of names"),
        ({"description": {"loss": {"family": "loss", "name": "x"}}}, "not the name of a known loss"),
        ({"arrays": lambda a: {n: v for n, v in a.items() if n != "w[1]"}}, r"w\[1\] is missing"),
        ({"arrays": lambda a: a | {"w[1]": a["w[1]"].T}}, r"w\[1\] has the shape \(6, 4\)"),
        ({"arrays": lambda a: a | {"more": a["w[1]"]}}, "arrays of no layer: more"),
        ({"arrays": lambda a: a | {"w[1]": a["w[1]"].astype(np.float64)}}, "all float32 or all float64"),
        ({"arrays": lambda a: {n: v.astype(np.int32) for n, v in a.items()}}, "all float32 or all float64"),
    ],
)
def test_a_file_that_does_not_fit_together_is_refused(fitted, change, message):
    fitted.save("model.safetensors")
    with pytest.raises(FileFormatError, match=message):
        chainrule.load(changed(**change))


def test_other_files_and_missing_ones_are_named():
    with pytest.raises(FileMissing, match="no model file nowhere.safetensors"):
        chainrule.load("nowhere.safetensors")
    os.mkdir("folder")
    with pytest.raises(FileMissing, match="that is a folder"):
        chainrule.load("folder")
    save_file({"a": np.zeros(2)}, "other.safetensors")
    with pytest.raises(FileFormatError, match="holds no chainrule network"):
        chainrule.load("other.safetensors")
    save_file({"a": np.zeros(2)}, "broken.safetensors", {"chainrule": "0 " + "[" * 100_000})
    with pytest.raises(FileFormatError, match="description in broken.safetensors is damaged"):
        chainrule.load("broken.safetensors")


def test_an_earlier_file_stays_when_a_new_one_cannot_be_written(fitted, monkeypatch):
    fitted.save("model.safetensors")
    before = Path("model.safetensors").read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for call in ("open", "fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, full)
            with pytest.raises(FileNotWritten, match="No space left on device. What was there before is as it was"):
                fitted.save("model.safetensors")
        assert Path("model.safetensors").read_bytes() == before
        assert os.listdir() == ["model.safetensors"]
    with pytest.raises(FileNotWritten, match="No such file or directory"):
        fitted.save("nowhere/model.safetensors")


def test_a_written_file_has_the_usual_permissions():
    mask = os.umask(0o027)
    try:
        write_whole("file", b"x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(os.stat("file").st_mode) == 0o640


def test_every_flipped_bit_is_refused(fitted, proof, rng):
    fitted.save("model.safetensors")
    whole = Path("model.safetensors").read_bytes()
    for place in rng.integers(0, len(whole), 2000 if proof else 200):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        Path("flipped.safetensors").write_bytes(damaged)
        try:
            loaded = chainrule.load("flipped.safetensors")
        except ChainruleError:
            continue
        np.testing.assert_array_equal(loaded.theta, fitted.theta)  # a space of the padding, say
        assert loaded.architecture == fitted.architecture


def test_the_same_network_makes_the_same_bytes(fitted):
    contents = set()
    for _ in range(5):
        fitted.save("model.safetensors")
        contents.add(Path("model.safetensors").read_bytes())
    assert len(contents) == 1


def test_a_link_is_followed_permissions_stay_and_other_files_are_refused(fitted):
    os.mkdir("elsewhere")
    write_whole("elsewhere/real", b"old")
    os.chmod("elsewhere/real", 0o600)
    os.symlink("elsewhere/real", "link")
    write_whole("link", b"new")
    assert os.path.islink("link")
    assert Path("elsewhere/real").read_bytes() == b"new"
    assert stat.S_IMODE(os.stat("elsewhere/real").st_mode) == 0o600
    os.mkfifo("pipe")
    for place in ("pipe", "elsewhere", os.devnull):
        with pytest.raises(FileNotWritten, match="not a regular file"):
            fitted.save(place)


def test_names_that_no_file_can_have_are_refused():
    for name in ("n" * 5000, "a\0b"):
        with pytest.raises(FileMissing, match="no model file"):
            chainrule.load(name)


FIXTURES = Path(__file__).parent / "data"
"""A file of every version of the format that was ever written; none of them is ever changed or removed."""


def test_a_file_of_format_version_1_is_still_read():
    nn = chainrule.load(FIXTURES / "network-format-1.safetensors")
    assert [layer.name for layer in nn.architecture.layers] == [
        "dense", "dense", "batch_norm", "dropout", "residual", "dense",
    ]  # fmt: skip
    assert (nn.classes, nn.seed, nn.loss.name, nn.dtype) == (("a", "b", "c"), 1, "cross_entropy", np.float32)
    expected = [
        [0.20886191725730896, 0.6987957954406738, 0.09234234690666199],
        [0.23126070201396942, 0.47190600633621216, 0.29683321714401245],
    ]
    np.testing.assert_allclose(nn.predict(np.arange(10).reshape(2, 5) / 3), expected, rtol=1e-5)
    nn.fit(np.ones((4, 5)), [0, 1, 2, 0], epochs=1, verbose=False)


def test_a_checkpoint_of_format_version_2_is_still_read_and_goes_on():
    nn = chainrule.load(FIXTURES / "network-format-2.safetensors")
    assert (nn.classes, nn.seed, nn.loss) == (("a", "b", "c"), 1, CrossEntropy(label_smoothing=0.1))
    assert (nn.training.epoch, nn.training.best.epoch) == (3, 1)
    assert nn.history["J"] == pytest.approx([2.010214932759603, 2.100550095240275, 2.0000920136769613])
    expected = [
        [0.9259764552116394, 0.002561484929174185, 0.071461983025074],
        [0.8416234850883484, 0.0247751846909523, 0.13360130786895752],
    ]
    np.testing.assert_allclose(nn.predict(np.arange(10).reshape(2, 5) / 3), expected, rtol=1e-4)
    rng = np.random.default_rng(1)
    x, y = rng.normal(3, 2, size=(60, 5)), rng.integers(0, 3, 60)
    settings = {"optimizer": MovingAverage(Adam()), "epochs": 4, "resume": True, "verbose": False}
    assert nn.fit(x, y, nn.loss, **settings)["J"][-1] == pytest.approx(1.9291457494099935, rel=1e-4)


def test_a_network_of_format_version_3_is_still_read():
    """An ensemble for a table with a column of every kind, targets in their units, and notes."""
    nn = chainrule.load(FIXTURES / "network-format-3.safetensors")
    assert (nn.n_members, nn.notes) == (2, {"table": {"target": "price", "task": "regression"}})
    kinds = ("numeric", "category", "boolean", "date", "dropped", "presence")
    assert nn.encoder.kinds == dict(zip(TABLE, kinds, strict=True))
    assert nn.target_scaler == Standardizer((2.5,), (np.arange(6).std(),))
    np.testing.assert_allclose(
        nn.predict(TABLE)[:3, 0], [2.1276721954345703, 2.1602258682250977, 2.1986477375030518], rtol=1e-5
    )


def test_there_is_a_fixture_of_every_version_of_the_format():
    found = {int(path.stem.rpartition("-")[2]) for path in FIXTURES.glob("network-format-*.safetensors")}
    assert found == set(range(1, FORMAT_VERSION + 1))
