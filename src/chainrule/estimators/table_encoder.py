"""The encoding of a table as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from chainrule.data.tables import Column, Table, TableEncoding, as_table
from chainrule.data.tables.output_names import told_apart
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array

__all__ = ["TableEncoder"]


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Tables as rows of numbers that a network learns well from, column by column.

    Numbers are scaled robustly, text and categories become one-hot, booleans -1 and 1, dates their parts; gaps get an
    indicator, and columns that never vary are dropped. See `chainrule.data.tables.TableEncoding`, which it wraps.

    Parameters
    ----------
    max_categories : int, default=100
        How many labels of a column of text become numbers of their own: the most frequent. The others share one.
    min_frequency : int, default=2
        How many rows a label must have for a number of its own.
    kinds : mapping of str to str, default=None
        For columns that are not what they seem: ``"numeric"``, ``"category"``, ``"boolean"``, ``"date"`` or ``"drop"``,
        by name; by number for arrays.
    smooth_clip : bool, default=True
        Whether numbers are kept within ±3 of their scale, smoothly.

    Attributes
    ----------
    encoding_ : TableEncoding
        What was fitted. ``print(encoder.encoding_)`` says what each column becomes.
    dropped_ : dict of str to str
        The columns that become nothing, and why.
    n_features_in_ : int
        Columns of the table that it was fitted on.
    feature_names_in_ : array of shape (n_features,)
        Their names, where the table has names.

    See Also
    --------
    chainrule.MLPClassifier, chainrule.MLPRegressor : Networks to go behind it in a pipeline.

    Examples
    --------
    >>> from chainrule import TableEncoder
    >>> encoder = TableEncoder().fit({"age": [38, 51, None, 45], "job": ["baker", "nurse", "nurse", "baker"]})
    >>> encoder.get_feature_names_out()
    array(['age', 'age missing', 'job=nurse'], dtype=object)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "max_categories": [Interval(Integral, 1, None, closed="left")],
        "min_frequency": [Interval(Integral, 1, None, closed="left")],
        "kinds": [Mapping, None],
        "smooth_clip": ["boolean"],
    }

    def __init__(
        self,
        max_categories: int = 100,
        *,
        min_frequency: int = 2,
        kinds: Mapping[str, str] | None = None,
        smooth_clip: bool = True,
    ) -> None:
        self.max_categories = max_categories
        self.min_frequency = min_frequency
        self.kinds = kinds
        self.smooth_clip = smooth_clip

    def fit(self, X: Any, y: Any = None) -> Self:
        """Look at the training rows.

        Parameters
        ----------
        X : data frame, array-like or mapping of shape (n, n_features)
            The table: what `chainrule.data.tables.as_table` takes.
        y : ignored

        Returns
        -------
        TableEncoder
            Itself.

        Raises
        ------
        InvalidArgument, InvalidType
            As `TableEncoding.fitted`: both are ValueError or TypeError, too.
        """
        self._validate_params()
        table = as_table(X)
        _refuse_empty(table, X)
        if len(table) < 2:
            raise InvalidArgument("What varies in a table is seen from 2 rows on; this one has n_samples=1.")
        self.encoding_ = TableEncoding.fitted(  # first, so that where it fails, what was fitted before is whole
            table,
            max_categories=self.max_categories,
            min_frequency=self.min_frequency,
            kinds=self.kinds,
            smooth_clip=bool(self.smooth_clip),
        )
        self.dropped_ = self.encoding_.dropped
        self.n_features_in_ = len(table.names)
        if table.named:
            self.feature_names_in_ = np.array(table.names, object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_  # of an earlier fit
        return self

    def transform(self, X: Any) -> Array:
        """Rows of the table as numbers.

        Parameters
        ----------
        X : data frame, array-like or mapping of shape (n, n_features)
            With the columns that it was fitted on; in any order, if they have names.

        Returns
        -------
        array of shape (n, n_features_out)
            In float32 if the floats of `X` are, else in float64; a frame where `set_output` asks for one.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InvalidArgument, InvalidType
            As `TableEncoding.transform`.
        """
        check_is_fitted(self)
        table = as_table(X)
        _refuse_empty(table, X)
        if not (table.named and self.encoding_.named):  # columns are taken by their places, as scikit-learn has it
            validate_data(self, X, reset=False, skip_check_array=True)
        floats = {column.dtype for column in table.columns.values() if _holds_floats(column)}
        return self.encoding_.transform(table, np.float32 if floats == {np.dtype(np.float32)} else np.float64)

    def get_feature_names_out(self, input_features: Any = None) -> Array:
        """What the numbers are called that each row becomes.

        Parameters
        ----------
        input_features : array-like of str, optional
            The names of the columns, which must be those that it was fitted on, if those were strings.

        Returns
        -------
        array of str, of shape (n_features_out,)
            Such as ``"age"``, ``"age missing"`` and ``"job=nurse"``; columns of arrays are called ``"x0"`` and so on.
            Where two would be called the same, the second has a number: ``"age missing (2)"``.
        """
        check_is_fitted(self)
        given = _check_feature_names_in(self, input_features)
        names = [
            f"{name}{output.removeprefix(column.column)}"
            for name, column in zip(given, self.encoding_.columns, strict=True)
            for output in column.output_names
        ]
        return np.array(told_apart(names), object)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _refuse_empty(table: Table, X: Any) -> None:
    shape = getattr(X, "shape", (len(table), len(table.names)))
    if not table.names:
        raise InvalidArgument(f"The table has 0 feature(s) (shape={shape}) while a minimum of 1 is required.")
    if len(table) == 0:
        raise InvalidArgument(f"The table has 0 sample(s) (shape={shape}) while a minimum of 1 is required.")


def _holds_floats(column: Column) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "f"
