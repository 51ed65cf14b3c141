"""Text in data frames as codes and labels, by what each library has for it, so that no row becomes an object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.data.tables.text_column import TextColumn
from chainrule.errors import require

__all__ = ["text_of_series"]


def text_of_series(series: Any, *, categorical: bool) -> TextColumn:
    """The text column of a Polars or pandas Series or a PyArrow ChunkedArray; of others, by their lists.

    Parameters
    ----------
    series : Series or ChunkedArray
        Of strings or categories.
    categorical : bool
        Whether it was declared as categories.
    """
    readers: dict[str, Callable[[Any], tuple[Any, Any]]] = {
        "polars": _of_polars,
        "pandas": _of_pandas,
        "pyarrow": _of_pyarrow,
    }
    read = readers.get(type(series).__module__.partition(".")[0], _of_list)
    codes, labels = read(series)
    return TextColumn.of_categories(codes, labels, categorical=categorical)


def _of_polars(series: Any) -> tuple[Any, Any]:
    pl: Any = require("polars", "tables")
    # codes of a Categorical count every string that this process ever met; those of an Enum of its own are dense
    text = series.cast(pl.String)
    labels = text.drop_nulls().unique()
    codes = text.cast(pl.Enum(labels)).to_physical().cast(pl.Int32).fill_null(-1)
    return codes.to_numpy(), labels.to_list()


def _of_pandas(series: Any) -> tuple[Any, Any]:
    if str(series.dtype) == "category":
        return series.cat.codes.to_numpy(), series.cat.categories.tolist()
    codes, labels = series.factorize()
    return codes, labels.tolist()


def _of_pyarrow(series: Any) -> tuple[Any, Any]:
    pa: Any = require("pyarrow", "tables")
    if not pa.types.is_dictionary(series.type):
        series = (series.cast(pa.large_string()) if series.type != pa.string() else series).dictionary_encode()
    array = series.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # of a table without rows
        return np.empty(0, np.int32), []
    return array.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False), array.dictionary.to_pylist()


def _of_list(series: Any) -> tuple[Any, Any]:
    column = TextColumn.of_values(series.to_list())
    return column.codes, column.labels
