"""Tables from data frames: pandas, Polars, PyArrow and what else narwhals knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from chainrule.data.tables.boolean_column import BooleanColumn
from chainrule.data.tables.cells import column_of_cells, seconds
from chainrule.data.tables.frame_text import text_of_series
from chainrule.data.tables.table import Column, Table
from chainrule.errors import InvalidArgument, InvalidType, require

__all__ = ["column_of_series", "table_of_frame"]


def table_of_frame(frame: Any) -> Table:
    """From a frame in memory, column by column.

    Raises
    ------
    InvalidType
        For a lazy frame, anything that is no frame, and columns of lists, bytes and the like, by name.
    InvalidArgument
        If a name is there twice.
    MissingExtra
        If narwhals is not installed.
    """
    nw: Any = require("narwhals", "tables")
    try:
        eager = nw.from_native(frame, eager_only=True)
    except nw.exceptions.DuplicateError:
        _different_names(getattr(frame, "column_names", getattr(frame, "columns", ())))
        raise  # where the names cannot be asked for
    except TypeError:
        what = f"{type(frame).__module__.partition('.')[0]}'s {type(frame).__name__}"
        advice = (
            "has no rows yet: give x.collect()." if hasattr(frame, "collect") else "is no frame that narwhals knows."
        )
        raise InvalidType(f"{what} {advice}") from None
    names = _different_names(eager.columns)
    return Table({name: _column(nw, name, series) for name, series in zip(names, eager.iter_columns(), strict=True)})


def column_of_series(name: str, series: Any) -> Column:
    """From a Series, a pandas Index or array, or an array of PyArrow, as from the column of a frame.

    Raises
    ------
    InvalidType
        For lists, bytes and the like, and for what is no series.
    MissingExtra
        If narwhals is not installed.
    """
    nw: Any = require("narwhals", "tables")
    library = type(series).__module__.partition(".")[0]
    if library == "pyarrow":
        pa: Any = require("pyarrow", "tables")
        series = pa.chunked_array([series]) if isinstance(series, pa.Array) else series
    elif library == "pandas":
        pd: Any = require("pandas", "tables")
        series = pd.Series(series) if isinstance(series, pd.Index | pd.api.extensions.ExtensionArray) else series
    try:
        known = nw.from_native(series, series_only=True)
    except TypeError:
        raise InvalidType(f"The column {name!r} is {type(series).__name__}, which is no series of cells.") from None
    return _column(nw, name, known)


def _different_names(given: Iterable[Any]) -> list[str]:
    names = [str(name) for name in given]
    if len(set(names)) < len(names):
        raise InvalidArgument(
            f"Two columns of the table have the same name, {max(names, key=names.count)!r}: rename one of them."
        )
    return names


def _column(nw: Any, name: str, series: Any) -> Column:
    dtype = series.dtype
    kinds: list[tuple[Any, Callable[[Any, str, Any], Column]]] = [
        (dtype.is_float(), _floats),
        (dtype.is_integer() or dtype.is_decimal(), _whole_numbers),
        (dtype in (nw.String, nw.Categorical, nw.Enum), _text),
        (dtype == nw.Boolean, _booleans),
        (dtype in (nw.Date, nw.Datetime), _dates),
        (dtype == nw.Duration, _durations),
        (dtype == nw.Time, _times),
        (dtype in (nw.Object, nw.Unknown), _objects),
    ]
    for is_of, read in kinds:
        if is_of:
            return read(nw, name, series)
    raise InvalidType(f"The column {name!r} is of {dtype}, from which no numbers can be made: leave it out.")


def _floats(nw: Any, name: str, series: Any) -> Column:
    return np.asarray(series.to_numpy())


def _whole_numbers(nw: Any, name: str, series: Any) -> Column:
    """As they are; as floats where there are gaps, or too many digits for 64 bits."""
    dtype = series.dtype
    if series.null_count() and not dtype.is_decimal() and dtype not in (nw.Int128, nw.UInt128):
        return np.asarray(series.to_numpy(), np.float64)
    if series.null_count() or dtype.is_decimal() or dtype in (nw.Int128, nw.UInt128):
        return np.asarray(series.cast(nw.Float64).to_numpy())
    return np.asarray(series.to_numpy())


def _text(nw: Any, name: str, series: Any) -> Column:
    if series.null_count() == len(series):
        return np.full(len(series), np.nan)  # pandas takes a column without values for one of text
    return text_of_series(series.to_native(), categorical=series.dtype != nw.String)


def _booleans(nw: Any, name: str, series: Any) -> Column:
    if not series.null_count():
        return np.asarray(series.to_numpy(), bool)
    missing = np.asarray(series.is_null().to_numpy(), bool)
    return BooleanColumn.of_values(np.asarray(series.fill_null(value=False).to_numpy(), bool), missing)


def _dates(nw: Any, name: str, series: Any) -> Column:
    """What the clocks of its time zone show, since an hour of the day is one there."""
    if series.dtype == nw.Date:
        return np.asarray(series.cast(nw.Datetime("us")).to_numpy(), "datetime64[D]")
    if series.dtype.time_zone is not None:
        series = series.dt.replace_time_zone(None)
    return np.asarray(series.to_numpy())


def _durations(nw: Any, name: str, series: Any) -> Column:
    return seconds(name, np.asarray(series.to_numpy()))


def _times(nw: Any, name: str, series: Any) -> Column:
    if series.implementation.is_polars():
        return np.asarray(series.cast(nw.Int64).cast(nw.Float64).to_numpy() / 1e9)
    return column_of_cells(name, series.to_list())


def _objects(nw: Any, name: str, series: Any) -> Column:
    """Columns for which the frame knows no type: cell by cell, but for those without a value."""
    if series.null_count() == len(series):
        return np.full(len(series), np.nan)
    values = np.asarray(series.to_numpy())
    if values.dtype.kind == "f":
        return values  # pandas' sparse columns
    return column_of_cells(name, values.tolist())
