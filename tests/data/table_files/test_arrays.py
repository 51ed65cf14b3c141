"""NPZ, IDX and Parquet files, example sets, and what is said about files that are none of these."""

from __future__ import annotations

import gzip
import os
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chainrule.data.example_sets import EXAMPLE_SETS
from chainrule.data.table_files import Reading, batches, open_table, read_table
from chainrule.errors import FileFormatError, FileMissing

X, Y = np.arange(12.0).reshape(4, 3), np.array(["a", "b", "a", "b"])


def idx(array: np.ndarray, code: int = 0x08) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()


def columns(table) -> dict[str, list]:
    return {name: column.tolist() for name, column in table.items()}


def test_an_npz_file_has_a_column_for_each_of_x_and_y():
    np.savez("t.npz", x=X, y=Y)
    table = read_table("t.npz")
    assert columns(table) == {"0": X[:, 0].tolist(), "1": X[:, 1].tolist(), "2": X[:, 2].tolist(), "y": Y.tolist()}
    assert open_table("t.npz").default_target == "y"
    parts = list(batches("t.npz", 3))
    assert [len(part["y"]) for part in parts] == [3, 1]
    np.testing.assert_array_equal(np.concatenate([part["1"] for part in parts]), X[:, 1])


def test_arrays_of_an_npz_file_are_found_by_the_names_that_are_given():
    np.savez("t.npz", rows=X.reshape(4, 3, 1), target=Y.reshape(4, 1))
    table = read_table("t.npz", Reading(x="rows", y="target"))
    assert list(table) == ["0", "1", "2", "y"]
    assert table["y"].tolist() == Y.tolist()


def test_an_npz_file_of_columns_is_a_table():
    np.savez("t.npz", age=X[:, 0], job=Y)
    assert columns(read_table("t.npz")) == {"age": X[:, 0].tolist(), "job": Y.tolist()}


@pytest.mark.parametrize("packed", [False, True])
def test_idx_pictures_come_with_the_labels_beside_them(packed):
    pictures, labels = np.arange(24, dtype=np.uint8).reshape(4, 2, 3), np.array([7, 0, 7, 1], np.uint8)
    pack, ending = (gzip.compress, ".gz") if packed else (bytes, "")
    Path(f"t10k-images-idx3-ubyte{ending}").write_bytes(pack(idx(pictures)))
    Path(f"t10k-labels-idx1-ubyte{ending}").write_bytes(pack(idx(labels)))
    table = read_table(f"t10k-images-idx3-ubyte{ending}")
    assert list(table) == [*map(str, range(6)), "label"]
    np.testing.assert_array_equal(np.column_stack([table[str(i)] for i in range(6)]), pictures.reshape(4, 6))
    assert table["label"].tolist() == labels.tolist()


def test_idx_labels_may_be_named_and_numbers_may_be_others_than_bytes():
    Path("pictures").write_bytes(idx(X.astype(">f4"), 0x0D))
    Path("names").write_bytes(idx(np.array([1, 2, 3, -4], ">i4"), 0x0C))
    table = read_table("pictures", Reading(labels="names"))
    assert table["2"].tolist() == X[:, 2].tolist()
    assert table["label"].tolist() == [1, 2, 3, -4]
    assert "label" not in read_table("pictures")


def test_parquet_files_keep_their_types():
    frame = pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "y"]})
    frame.write_parquet("t.parquet")
    assert read_table("t.parquet").equals(frame)
    parts = list(batches("t.parquet", 2))
    assert max(map(len, parts)) <= 2
    assert pl.concat(parts).equals(frame)


@pytest.mark.parametrize("name", EXAMPLE_SETS)
def test_every_example_set_is_a_table_with_a_target(name):
    table = read_table(name)
    assert {len(column) for column in table.values()} == {len(table["target"])}
    assert open_table(name).default_target == "target"


def write(name: str, content: bytes) -> str:
    Path(name).write_bytes(content)
    return name


def saved(**arrays) -> str:
    np.savez("t.npz", **arrays)
    return "t.npz"


def of_shape(*shape: int) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)


def archive(name: str, content: bytes) -> str:
    with zipfile.ZipFile("t.npz", "w") as file:
        file.writestr(name, content)
    return "t.npz"


def header(shape: str) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x03\x00" + struct.pack("<I", len(text)) + text


def damaged() -> str:
    np.savez_compressed("t.npz", x=np.random.default_rng(0).random((40, 3)))
    content = bytearray(Path("t.npz").read_bytes())
    content[40:60] = b"\xff" * 20
    return write("t.npz", bytes(content))


WRONG = {
    "no file": (lambda: "abset.csv", FileMissing, "There is no file abset.csv; did you mean 'absent.csv'?"),
    "no set": (lambda: "digit", FileMissing, "neither a file nor an example set; did you mean 'digits'?"),
    "folder": (lambda: ".", FileMissing, "is a folder"),
    "no name": (lambda: "a" * 300, FileMissing, "There can be no table"),
    "spreadsheet": (lambda: write("t.xlsx", b"PK"), FileFormatError, "save it as CSV"),
    "model": (lambda: write("t.safetensors", b""), FileFormatError, "is a model file, and no table."),
    "parquet": (lambda: write("t.parquet", b"PAR1"), FileFormatError, "is no Parquet file, or is damaged: "),
    "npz": (lambda: write("t.npz", b"PK"), FileFormatError, "t.npz is no NPZ file, or is damaged"),
    "npz of objects": (lambda: saved(x=X, y=np.array([{}] * 4)), FileFormatError, "arrays of Python objects"),
    "npz without x": (lambda: saved(a=X, y=Y), FileFormatError, "has no array 'x', but a (4, 3), y (4,)"),
    "npz of no rows": (lambda: saved(x=X[:0]), FileFormatError, "x in t.npz has no rows: its shape is (0, 3)."),
    "npz lengths": (lambda: saved(x=X, y=Y[:3]), FileFormatError, "must have one entry for each of 4 rows."),
    "idx": (lambda: write("a-ubyte", b"\1\2\3"), FileFormatError, "is no IDX file: it begins with the bytes 01 02 03."),
    "idx cut": (lambda: write("a-ubyte", idx(X.astype("u1"))[:-1]), FileFormatError, "(4, 3) numbers are 12 bytes"),
    "idx cut early": (lambda: write("a-ubyte", b"\0\0\x08\x03\0"), FileFormatError, "before its shape is told"),
    "idx of labels": (lambda: write("a-ubyte", idx(np.ones(4, "u1"))), FileFormatError, "give the pictures"),
    "idx gzip": (lambda: write("a-ubyte.gz", b"\x1f\x8b\0"), FileFormatError, "cannot be unpacked"),
    "idx of none": (lambda: write("a-ubyte", idx(np.ones((0, 2, 2), "u1"))), FileFormatError, "shape is (0, 2, 2)."),
    "idx of billions": (lambda: write("a-ubyte", of_shape(2**31, 2**31)), FileFormatError, "bytes, and it has 0."),
    "idx dimensions": (lambda: write("a-ubyte", of_shape(*[1] * 200)), FileFormatError, "to have 200 dimensions."),
    "pipe": (lambda: os.mkfifo("pipe.csv") or "pipe.csv", FileFormatError, "pipe.csv is a pipe or a device, and "),
    "device": (lambda: "/dev/null", FileFormatError, "/dev/null is a pipe or a device, and "),
    "other packing": (lambda: write("t.csv.xz", b"\xfd7z"), FileFormatError, "unpack it first, or pack it with gzip."),
    "packed parquet": (lambda: write("t.parquet.gz", b"\x1f\x8b"), FileFormatError, "as only text and IDX files can"),
    "npz of text": (lambda: archive("x.txt", b"hello"), FileFormatError, "x.txt in it is no array."),
    "npz of no array": (lambda: archive("x.npy", b"hello"), FileFormatError, "x in it is no array."),
    "npz of trillions": (lambda: archive("x.npy", header("(10**12, 4)")), FileFormatError, "damaged: "),
    "npz larger than memory": (lambda: archive("x.npy", header(f"({10**12}, 4)")), FileFormatError, "the memory does"),
    "npz long header": (lambda: archive("x.npy", header("(" * 20_000)), FileFormatError, "is large"),
    "npz damaged": (lambda: damaged(), FileFormatError, "t.npz is no NPZ file, or is damaged: "),
}


@pytest.mark.parametrize(("make", "error", "message"), WRONG.values(), ids=WRONG)
def test_what_holds_no_table_is_one_sentence(make, error, message):
    Path("absent.csv").write_text("a,b\n1,2\n")
    with pytest.raises(error) as caught:
        read_table(make())
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_small_file_that_unpacks_to_a_gigabyte_is_not_unpacked():
    write("bomb-ubyte.gz", gzip.compress(of_shape(2, 2) + bytes(1 << 28)))
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="4 bytes, and it has more"):
            read_table("bomb-ubyte.gz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 24


def test_arrays_and_example_sets_need_no_polars():
    np.savez("t.npz", x=X, y=Y)
    program = """
import sys
sys.modules["polars"] = None
from chainrule.data.table_files import read_table
assert len(read_table("t.npz")["y"]) == 4
try:
    read_table("t.csv")
except ImportError as error:
    print(error)
"""
    Path("t.csv").write_text("a,b\n1,2\n")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "polars is not installed; it comes with: pip install 'chainrule[tables]'\n"
