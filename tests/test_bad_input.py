"""Every wrong call is answered with a sentence that names the thing, and leaves the network as it was."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import MSE, BinaryCrossEntropy, ChainruleError, CrossEntropy, Network, Relu, Sigmoid, Softmax

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 2, 0, 1, 2])
NAN, INFINITE = X.copy(), X.copy()
NAN[3, 1], INFINITE[4, 0] = np.nan, np.inf


def network(output=Softmax, k=3):
    return Network((2, 4, k), (Relu, output), seed=1)


FITS = {
    "lengths differ": (lambda nn: nn.fit(X, Y[:5]), ValueError, "x has 6 rows and y has 5"),
    "no rows": (lambda nn: nn.fit(X[:0], Y[:0]), ValueError, "x has no rows"),
    "NaN": (lambda nn: nn.fit(NAN, Y), ValueError, "x is NaN in row 3, column 1"),
    "infinity": (lambda nn: nn.fit(INFINITE, Y), ValueError, "x is infinite in row 4, column 0"),
    "NaN in y": (lambda nn: nn.fit(X, [0, np.nan, 1, 0, 1, 2]), ValueError, "y is NaN in row 1"),
    "too large": (
        lambda nn: nn.fit(X * 1e300, Y),
        ValueError,
        r"x is .*e\+300 in row 0, column 1, .* too large for float32",
    ),
    "strings": (lambda nn: nn.fit(X.astype(str), Y), TypeError, "x must hold real numbers, not strings"),
    "objects": (lambda nn: nn.fit(np.where(X > 3, None, X), Y), TypeError, "x must hold real numbers, not objects"),
    "complex": (lambda nn: nn.fit(X + 0j, Y), TypeError, "x must hold real numbers, not complex numbers"),
    "string labels": (lambda nn: nn.fit(X, list("abcabc")), TypeError, "y must hold real numbers, not strings"),
    "dates": (lambda nn: nn.fit(X.astype("M8[s]"), Y), TypeError, "x must hold real numbers, not dates"),
    "ragged": (lambda nn: nn.fit([[1, 2], [3]], [0, 1]), ValueError, "its rows differ in length"),
    "masked": (lambda nn: nn.fit(np.ma.masked_equal(X, 3), Y), ValueError, "x has masked entries"),
    "one row without brackets": (lambda nn: nn.fit([1, 2], [0]), ValueError, r"x.reshape\(1, -1\)"),
    "columns": (lambda nn: nn.fit(X[:, :1], Y), ValueError, "x has 1 column, but the network takes 2 inputs"),
    "labels under squared error": (
        lambda nn: nn.fit(X, Y, MSE),
        ValueError,
        r"needs one for each of them. To make one-hot rows of these labels, type: y = np.eye\(3\)\[y\]",
    ),
    "label out of range": (lambda nn: nn.fit(X, Y + 1), ValueError, "y is 3 in row 2; with 3 outputs"),
    "no epochs": (lambda nn: nn.fit(X, Y, epochs=0), ValueError, "epochs must be at least 1, not 0"),
    "half epochs": (lambda nn: nn.fit(X, Y, epochs=1.5), TypeError, "epochs must be a whole number, not 1.5"),
    "batch size 0": (lambda nn: nn.fit(X, Y, batch_size=0), ValueError, "batch_size must be at least 1, not 0"),
    "batch size": (lambda nn: nn.fit(X, Y, batch_size="a"), TypeError, "batch_size must be a whole number, not 'a'"),
    "rate 0": (lambda nn: nn.fit(X, Y, learning_rate=0), ValueError, "learning_rate must be a finite number above 0"),
    "rate NaN": (lambda nn: nn.fit(X, Y, learning_rate=np.nan), ValueError, "learning_rate must be a finite number"),
    "loss without its output": (lambda nn: nn.fit(X, Y, BinaryCrossEntropy), ValueError, "BinaryCrossEntropy needs"),
    "unknown loss": (lambda nn: nn.fit(X, Y, "crossentropy"), ValueError, "did you mean .*'cross_entropy'"),
    "no loss": (lambda nn: nn.fit(X, Y, 3), TypeError, "3 is not a loss"),
    "unknown optimizer": (lambda nn: nn.fit(X, Y, optimizer="sgdd"), ValueError, "did you mean 'sgd'"),
    "unknown engine": (lambda nn: nn.fit(X, Y, engine="cuda"), ValueError, "choose from auto, "),
    "no engine": (lambda nn: nn.fit(X, Y, engine=3), TypeError, "engine is a name, one of auto, numpy.*, not 3"),
    "negative penalty": (lambda nn: nn.fit(X, Y, l2=-1), ValueError, "l2 must be a finite number of at least 0"),
    "weights": (lambda nn: nn.fit(X, Y, sample_weight=[1]), ValueError, "sample_weight must have one number for each"),
    "validation": (lambda nn: nn.fit(X, Y, validation=X), TypeError, r"validation is a tuple \(x, y\)"),
    "validation rows": (lambda nn: nn.fit(X, Y, validation=(X, Y[:2])), ValueError, "x has 6 rows and y has 2"),
    "predict columns": (lambda nn: nn.predict(np.ones((2, 5))), ValueError, "x has 5 columns, but the network takes 2"),
    "predict nothing": (lambda nn: nn.predict(X[:0]), ValueError, "x has no rows"),
    "evaluate": (lambda nn: nn.evaluate(X, Y[:1]), ValueError, "x has 6 rows and y has 1"),
    "backward": (lambda nn: nn.backward(X, Y + 9), ValueError, "y is 9 in row 0"),
}


@pytest.mark.parametrize(("call", "kind", "message"), FITS.values(), ids=FITS)
def test_a_wrong_call_is_answered_with_a_sentence_and_changes_nothing(call, kind, message):
    nn = network()
    before = nn.theta.copy()
    with pytest.raises(ChainruleError, match=message) as caught:
        call(nn)
    assert isinstance(caught.value, kind)
    assert str(caught.value)[-1] in ".?]"
    np.testing.assert_array_equal(nn.theta, before)
    assert nn.training is None
    nn.fit(X / 10, Y, epochs=1, verbose=False)  # and it still learns


@pytest.mark.parametrize("output", ["relu", "identity", "tanh", "sigmoid"])
def test_cross_entropy_needs_a_softmax(output):
    with pytest.raises(ChainruleError, match="CrossEntropy needs outputs that are positive and sum to 1"):
        network(output).fit(X, Y, CrossEntropy)


def test_a_softmax_over_one_output_has_nothing_to_learn():
    with pytest.raises(ChainruleError, match="over 1 output is always 1"):
        Network((2, 1), (Softmax,)).fit(X, np.zeros(6))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Network((2, 3)), "Give dimensions and activations"),
        (lambda: Network(), "Give dimensions and activations"),
        (lambda: Network((2, 3), (Relu,), layers=[]), "either dimensions and activations or layers"),
        (lambda: Network((2, 3), (Relu,), seed=-1), "seed must be at least 0"),
        (lambda: Network((2, 3, 1), (Relu,)), "need 2 activations"),
        (lambda: Network((2, 3), (Relu, Sigmoid)), "need 1 activations"),
        (lambda: Network((2, 0), (Relu,)), "dimension of layer 2 must be at least 1"),
        (lambda: Network((2, 3), (Relu,), initializer="he"), "did you mean 'he_normal'"),
    ],
)
def test_a_network_that_cannot_be_made_is_refused(make, message):
    with pytest.raises(ChainruleError, match=message):
        make()


def test_a_batch_size_above_the_rows_takes_all_and_says_so_once(recwarn):
    nn, other = network(), network()
    with pytest.warns(UserWarning, match="batch_size=100 is more than the 6 rows: all are taken at once") as said:
        nn.fit(X, Y, epochs=5, batch_size=100, verbose=False)
    assert len(said) == 1
    other.fit(X, Y, epochs=5, batch_size=6, verbose=False)
    np.testing.assert_array_equal(nn.theta, other.theta)


@pytest.mark.parametrize("change", ["int", "fortran", "read-only", "list", "strided", "float16"])
def test_rows_of_every_kind_work_and_are_not_modified(change):
    forms = {
        "int": lambda a: a.astype(np.int64),
        "fortran": np.asfortranarray,
        "read-only": np.array,
        "list": lambda a: a.tolist(),
        "strided": lambda a: np.repeat(a, 2, axis=0)[::2],
        "float16": lambda a: a.astype(np.float16),
    }
    x, y = forms[change](X), forms[change](Y.astype(float))
    if isinstance(x, np.ndarray):
        x.flags.writeable = y.flags.writeable = False
    nn, expected = network(), network()
    nn.fit(x, y, epochs=2, verbose=False)
    expected.fit(X, Y, epochs=2, verbose=False)
    np.testing.assert_array_equal(nn.theta, expected.theta)
    np.testing.assert_array_equal(np.asarray(x), X)


def test_a_network_with_nan_in_its_weights_is_not_trained():
    nn = network()
    nn.w[1][0, 2] = np.nan
    with pytest.raises(ChainruleError, match=r"w\[1\]\[0, 2\] is not finite"):
        nn.fit(X, Y)


def test_a_norm_refuses_batches_of_one_row_before_the_first_step():
    from chainrule import BatchNorm, Dense

    nn = Network(layers=[Dense(2, 3), BatchNorm(), Dense(3, 3, Softmax)], seed=1)
    for size in (1, 5):
        with pytest.raises(ChainruleError, match=f"batch_size={size} leaves a batch of 1 of 6 rows"):
            nn.fit(X, Y, batch_size=size)


@pytest.mark.parametrize("value", [np.True_, np.complex128(0.1), np.ma.masked, True, "0.1", None])
def test_what_is_no_real_number_is_no_setting(value):
    with pytest.raises(TypeError, match="l2 must be a finite number of at least 0, not"):
        network().fit(X, Y, l2=value)
