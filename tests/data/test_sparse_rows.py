"""Sparse inputs: the same numbers as from dense ones, without the whole being made dense."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from chainrule import Adam, BatchNorm, Dense, Dropout, Network, Standardizer
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.network.sparse_rows import SparseRows

RNG = np.random.default_rng(3)
X = np.where(RNG.random((50, 12)) < 0.2, RNG.normal(size=(50, 12)), 0)
Y = (X.sum(axis=1) > 0).astype(int)
FORMATS = [sparse.csr_array, sparse.csr_matrix, sparse.csc_array, sparse.coo_matrix]


def network(*layers, dtype=np.float64):
    return Network(layers=[Dense(12, 6, "tanh"), *layers, Dense(6, 2, "softmax")], seed=2, dtype=dtype)


@pytest.mark.parametrize("sparse_format", FORMATS)
@pytest.mark.parametrize("layers", [(), (BatchNorm(), Dropout(0.3))], ids=["fast path", "general path"])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_sparse_rows_teach_what_dense_ones_do(sparse_format, layers, optimizer):
    if optimizer == "lbfgs":
        layers = layers[:1]  # no dropout
    dense_nn, sparse_nn = network(*layers), network(*layers)
    weights = np.arange(50) % 3
    settings = {"epochs": 4, "optimizer": optimizer, "sample_weight": weights, "verbose": False}
    batches = {} if optimizer == "lbfgs" else {"batch_size": 7}
    dense_history = dense_nn.fit(X, Y, validation=(X, Y), **settings, **batches)
    given = sparse_format(X)
    sparse_history = sparse_nn.fit(given, Y, validation=(given, Y), **settings, **batches)
    np.testing.assert_array_equal(dense_nn.theta, sparse_nn.theta)
    assert dense_history["val_J"] == sparse_history["val_J"]
    np.testing.assert_array_equal(dense_nn.predict(X), sparse_nn.predict(given))


def test_never_are_all_rows_dense_at_once(monkeypatch):
    largest, block = [0], SparseRows.__getitem__

    def measured(self, rows):
        array = block(self, rows)
        largest[0] = max(largest[0], len(array))
        return array

    monkeypatch.setattr(SparseRows, "__getitem__", measured)
    x = sparse.random_array((5000, 300), density=0.01, format="csr", rng=np.random.default_rng(1))
    nn = Network((300, 4, 2), ("relu", "softmax"), seed=1)
    y = np.arange(5000) % 2
    nn.fit(x, y, epochs=1, batch_size=100, validation=(x, y), optimizer=Adam, verbose=False)
    nn.predict(x)
    assert 0 < largest[0] <= 1024


def test_the_matrix_is_not_modified_and_duplicates_are_summed():
    given = sparse.coo_array(([1.0, 2.0, 3.0], ([0, 0, 1], [0, 0, 2])), shape=(2, 12))
    before = [array.copy() for array in (given.data, given.row, given.col)]
    nn = network()
    np.testing.assert_array_equal(nn.predict(given), nn.predict(given.toarray()))
    for array, old in zip((given.data, given.row, given.col), before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_look_inside_and_check_gradients_with_sparse_rows():
    from chainrule import check_gradients

    nn = network()
    np.testing.assert_array_equal(nn.backward(sparse.csr_array(X), Y).gradient, nn.backward(X, Y).gradient)
    assert check_gradients(nn, sparse.csr_array(X[:5]), Y[:5]).max_relative_error < 1e-6


@pytest.mark.parametrize(
    ("x", "kind", "sentence"),
    [
        (sparse.csr_array(X[:, :5]), InvalidArgument, "x has 5 columns, but the network takes 12 inputs"),
        (sparse.csr_array((0, 12)), InvalidArgument, "x has no rows"),
        (sparse.csr_array(X.astype(complex)), InvalidType, "complex numbers"),
        (sparse.coo_array(([np.nan], ([3], [7])), shape=(9, 12)), InvalidArgument, "nan in row 3, column 7"),
        (sparse.coo_array(([1e300], ([3], [7])), shape=(9, 12)), InvalidArgument, "inf in row 3, column 7.* float32"),
    ],
)
def test_wrong_sparse_rows_are_refused(x, kind, sentence):
    with pytest.raises(kind, match=sentence):
        network(dtype=np.float32).predict(x)


def test_an_encoder_refuses_to_make_sparse_rows_dense():
    nn = Network((12, 2), ("softmax",), encoder=Standardizer.fitted(X))
    with pytest.raises(InvalidType, match="An encoder would make a sparse x dense"):
        nn.predict(sparse.csr_array(X))


def test_some_encoded_sparse_rows_stay_sparse():
    nn = network()
    some = nn.encode(sparse.csr_array(X))[np.array([4, 2])]
    assert isinstance(some.x, SparseRows)
    np.testing.assert_array_equal(nn.predict(some), nn.predict(X[[4, 2]]))


@pytest.mark.parametrize("use", ["predict", "evaluate", "lbfgs"])
def test_wide_rows_are_dense_a_few_at_a_time(use):
    wide = sparse.random_array((450, 400_000), density=1e-5, format="csr", rng=0)
    y = np.arange(450) % 2
    nn = Network((400_000, 1), ("sigmoid",), seed=1)
    tracemalloc.start()
    if use == "predict":
        nn.predict(wide)
    elif use == "evaluate":
        nn.evaluate(wide, y)
    else:
        nn.fit(wide, y, epochs=1, optimizer="lbfgs", verbose=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.5 * 450 * 400_000 * 4
