from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from chainrule import MLPClassifier
from chainrule.data.tables import TableEncoding
from chainrule.errors import InvalidArgument
from chainrule.estimators.table_encoder import TableEncoder


@parametrize_with_checks([TableEncoder(), TableEncoder(max_categories=3, min_frequency=1, smooth_clip=False)])
def test_every_check_of_scikit_learn_passes(estimator, check):
    check(estimator)


@pytest.fixture
def frame():
    rng = np.random.default_rng(3)
    n = 120
    job = rng.choice(["baker", "nurse", "cook"], n)
    age = rng.integers(20, 70, n).astype(float)
    age[::9] = np.nan
    return pd.DataFrame(
        {
            "age": age,
            "job": job,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "site": "here",
        }
    )


@pytest.fixture
def y(frame):
    return np.where(frame["job"] == "baker", "early", "late")


def test_it_gives_what_the_encoding_gives(frame):
    encoder = TableEncoder(max_categories=2, kinds={"age": "drop"}).fit(frame)
    assert encoder.encoding_ == TableEncoding.fitted(frame, max_categories=2, kinds={"age": "drop"})
    np.testing.assert_array_equal(encoder.transform(frame), encoder.encoding_.transform(frame))
    assert encoder.dropped_ == {"age": "as asked", "site": "it is always 'here'"}
    assert encoder.n_features_in_ == 4
    assert encoder.feature_names_in_.tolist() == list(frame)


def test_what_comes_out_has_names(frame):
    encoder = TableEncoder().fit(frame)
    names = encoder.get_feature_names_out()
    assert names[:5].tolist() == ["age", "age missing", "job=baker", "job=cook", "job=nurse"]
    assert encoder.get_feature_names_out(list(frame)).tolist() == names.tolist()
    with pytest.raises(ValueError, match="input_features is not equal"):
        encoder.get_feature_names_out(["a", "b", "c", "d"])
    unnamed = TableEncoder().fit([[1, "a"], [2, "b"], [4, "c"], [3, "a"], [3, "b"], [3, "c"]])
    assert unnamed.get_feature_names_out().tolist() == ["x0", "x1=a", "x1=b", "x1=c"]
    assert unnamed.get_feature_names_out(["n", "t"]).tolist() == ["n", "t=a", "t=b", "t=c"]
    assert not hasattr(unnamed, "feature_names_in_")


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_come_out_where_they_are_asked_for(frame, kind):
    encoder = TableEncoder().set_output(transform=kind).fit(frame)
    out = encoder.transform(frame)
    assert type(out).__module__.startswith(kind)
    assert list(out.columns) == encoder.get_feature_names_out().tolist()
    np.testing.assert_array_equal(out.to_numpy(), encoder.encoding_.transform(frame))


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_names_that_would_be_the_same_are_told_apart(kind):
    columns = pd.DataFrame({"c": [1, 2, 3, None], "c missing": [1, 2, 3, 4]})
    out = TableEncoder().set_output(transform=kind).fit_transform(columns)
    assert list(out.columns) == ["c", "c missing", "c missing (2)"]


def test_after_a_fit_that_failed_all_is_as_before(frame):
    encoder = TableEncoder()
    with pytest.raises(InvalidArgument, match="No column is left"):
        encoder.fit({"a": [1, 1]})
    with pytest.raises(NotFittedError):
        encoder.transform({"a": [1, 1]})
    expected = encoder.fit(frame).transform(frame)
    with pytest.raises(InvalidArgument, match="No column is left"):
        encoder.fit({"a": [1, 1]})
    assert encoder.n_features_in_ == 4
    np.testing.assert_array_equal(encoder.transform(frame), expected)
    assert len(encoder.get_feature_names_out()) == expected.shape[1]


def test_columns_are_found_by_their_names_in_any_order(frame):
    encoder = TableEncoder().fit(frame)
    other = pl.from_pandas(frame).select("since", "job", "age").with_columns(more=pl.lit(1))
    np.testing.assert_array_equal(encoder.transform(other), encoder.transform(frame))
    with pytest.raises(InvalidArgument, match="no column 'job'"):
        encoder.transform(frame.drop(columns="job"))


def test_rows_without_names_go_by_place_with_the_warning_of_scikit_learn(frame):
    encoder = TableEncoder().fit(frame)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        np.testing.assert_array_equal(encoder.transform(frame.to_numpy()), encoder.transform(frame))
    with (
        pytest.warns(UserWarning, match="feature names"),
        pytest.raises(ValueError, match="X has 3 features, but TableEncoder is expecting 4"),
    ):
        encoder.transform(frame.to_numpy()[:, :3])


def test_float32_stays_float32(frame):
    single = frame.astype({"age": np.float32})
    assert TableEncoder().fit(single).transform(single).dtype == np.float32
    assert TableEncoder().fit(frame).transform(frame).dtype == np.float64


def test_mappings_are_tables_too(frame):
    columns = {name: frame[name].to_numpy() for name in frame}
    np.testing.assert_array_equal(TableEncoder().fit(columns).transform(columns), TableEncoder().fit_transform(frame))


def test_a_fit_on_an_array_forgets_the_names_of_an_earlier_one(frame):
    encoder = TableEncoder().fit(frame).fit(np.arange(6.0).reshape(3, 2))
    assert not hasattr(encoder, "feature_names_in_")
    assert encoder.n_features_in_ == 2


def test_before_a_fit_there_is_nothing_to_transform_with(frame):
    for call in (TableEncoder().transform, TableEncoder().get_feature_names_out):
        with pytest.raises(NotFittedError):
            call(frame)


@pytest.mark.parametrize(
    "settings", [{"max_categories": 0}, {"min_frequency": 0.5}, {"kinds": "age"}, {"smooth_clip": 2}]
)
def test_settings_that_cannot_be_are_refused_as_scikit_learn_does(frame, settings):
    with pytest.raises(ValueError, match=f"'{next(iter(settings))}' parameter of TableEncoder must be"):
        TableEncoder(**settings).fit(frame)


@pytest.mark.parametrize("make", [pl.from_pandas, lambda frame: frame], ids=["polars", "pandas"])
def test_a_pipeline_takes_the_table(frame, y, make):
    table = make(frame)
    network = MLPClassifier((8,), learning_rate_init=0.05, tol=1e-2, n_iter_no_change=5, random_state=1)
    pipeline = make_pipeline(TableEncoder(), network).fit(table, y)
    assert pipeline.score(table, y) == 1
    again = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(again.predict_proba(table), pipeline.predict_proba(table))


def test_its_settings_can_be_searched_and_it_is_fitted_on_training_folds_alone(frame, y):
    pipeline = make_pipeline(TableEncoder(), LogisticRegression())
    found = GridSearchCV(pipeline, {"tableencoder__max_categories": [1, 100]}, cv=3).fit(frame, y)
    assert found.best_score_ > 0.95
    only_there = frame.assign(job=frame["job"].where(frame.index >= 40, "never seen"))  # the first fold
    assert cross_val_score(clone(pipeline), only_there, y, cv=3).shape == (3,)


def test_it_goes_beside_others_in_a_column_transformer(frame):
    beside = ColumnTransformer([("table", TableEncoder(), ["age", "job"]), ("as it is", "drop", ["since"])])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = beside.fit_transform(frame)
    assert out.shape == (len(frame), 5)
    assert beside.get_feature_names_out()[0] == "table__age"
