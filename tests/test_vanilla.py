"""The published program: the published numbers, and each of its departures from the mathematics."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule.vanilla import MSE, Network, Relu, Sigmoid

POST_SCRIPT = """
from chainrule.vanilla import MSE, Network, Relu, Sigmoid
import numpy as np
from sklearn import datasets
import sklearn.metrics
np.random.seed(1)
data = datasets.load_digits()
x = data["data"]
y = data["target"]
y = np.eye(10)[y]
nn = Network((64, 15, 10), (Relu, Sigmoid))
nn.fit(x, y, loss=MSE, epochs=100, batch_size=15, learning_rate=1e-3)
prediction = nn.predict(x)
y_true = []
y_pred = []
for i in range(len(y)):
    y_pred.append(np.argmax(prediction[i]))
    y_true.append(np.argmax(y[i]))
print(sklearn.metrics.classification_report(y_true, y_pred))
"""

LOSSES = {10: 0.010018, 20: 0.006220, 30: 0.005019}
FINAL_LOSS = 0.00156032456934
REPORT = """
0 1.00 1.00 1.00 178
1 0.99 1.00 1.00 182
2 1.00 1.00 1.00 177
3 0.99 1.00 1.00 183
4 1.00 1.00 1.00 181
5 1.00 0.99 1.00 182
6 1.00 1.00 1.00 181
7 1.00 1.00 1.00 179
8 1.00 0.99 1.00 174
9 0.99 0.99 0.99 180
weighted avg 1.00 1.00 1.00 1797
"""


def run(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.mark.parametrize(
    "arguments", [("-m", "chainrule.vanilla"), ("-c", POST_SCRIPT)], ids=["module", "post's script"]
)
def test_the_published_losses_and_report_are_reproduced(arguments):
    lines = run(*arguments).splitlines()
    losses = [float(line.split()[1]) for line in lines if line.startswith("Loss:")]
    assert len(losses) == 10
    for epoch, loss in LOSSES.items():
        assert losses[epoch // 10 - 1] == pytest.approx(loss, abs=5e-7)
    assert losses[-1] == pytest.approx(FINAL_LOSS, rel=1e-6)
    printed = [" ".join(line.split()) for line in lines]
    for row in REPORT.strip().splitlines():
        assert row in printed


def test_the_published_starting_weights_are_reproduced():
    np.random.seed(1)
    nn = Network((2, 3, 1), (Relu, Sigmoid))
    np.testing.assert_allclose(
        nn.w[1], [[1.14858562, -0.43257711, -0.37347383], [-0.75870339, 0.6119356, -1.62743362]], atol=5e-9
    )
    np.testing.assert_allclose(nn.w[2], [[1.00736754], [-0.43948301], [0.18419731]], atol=5e-9)
    assert not nn.b[1].any()
    assert not nn.b[2].any()
    assert nn.n_layers == 3
    assert nn.activations == {2: Relu, 3: Sigmoid}


def test_nothing_that_the_caller_passed_in_is_written_to():
    np.random.seed(0)
    x, y = np.random.randn(31, 4), np.eye(3)[np.random.randint(0, 3, 31)]
    x.flags.writeable = y.flags.writeable = False
    nn = Network((4, 5, 5, 3), (Relu, Relu, Sigmoid))
    nn.fit(x, y, MSE, epochs=3, batch_size=4)
    nn.predict(x)
    z = np.array([-1.0, 0.0, 2.0])
    z.flags.writeable = False
    assert Relu.activation(z).tolist() == [0, 0, 2]
    assert Relu.prime(z).tolist() == [0, 0, 1]
    assert MSE(Relu).delta(z, z).tolist() == [0, 0, 0]


def stepped(n: int = 6) -> tuple[Network, Network, np.ndarray, np.ndarray]:
    np.random.seed(3)
    x, y = np.random.randn(n, 4), np.random.rand(n, 2)
    before = Network((4, 3, 2), (Relu, Sigmoid))
    after = Network((4, 3, 2), (Relu, Sigmoid))
    for i in (1, 2):
        after.w[i], after.b[i] = before.w[i].copy(), before.b[i].copy()
    after.fit(x, y, MSE, epochs=1, batch_size=n, learning_rate=0.5)
    return before, after, x, y


def test_departures_are_the_factor_the_derivative_at_the_activation_and_the_averaged_bias_gradient():
    before, after, x, y = stepped()
    z, a = before._feed_forward(x)
    delta = (a[3] - y) * Sigmoid.prime(a[3])  # no 2 / (n k), and the derivative at a
    np.testing.assert_allclose(after.w[2], before.w[2] - 0.5 * a[2].T @ delta, rtol=1e-12)  # summed over rows
    np.testing.assert_allclose(after.b[2], before.b[2] - 0.5 * delta.mean(axis=0), rtol=1e-12)  # averaged over rows
    delta = delta @ before.w[2].T * (z[2] > 0)
    np.testing.assert_allclose(after.w[1], before.w[1] - 0.5 * x.T @ delta, rtol=1e-12)


def test_rows_after_the_last_whole_batch_are_left_out(capsys):
    np.random.seed(0)
    nn = Network((2, 2), (Sigmoid,))
    start = nn.w[1].copy()
    nn.fit(np.ones((5, 2)), np.ones((5, 2)), MSE, epochs=10, batch_size=6)
    assert (nn.w[1] == start).all()
    assert capsys.readouterr().out.startswith("Loss: ")


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="don't match"):
        Network((2, 1), (Sigmoid,)).fit(np.ones((3, 2)), np.ones((2, 1)), MSE, 1, 1)


THREE_DELTAS = runpy.run_path(str(Path(__file__).parent.parent / "examples" / "three_deltas.py"))


@pytest.mark.parametrize(
    ("loss", "seed", "expected"),
    [("MSE", 1, 99.8), ("DerivativeAtZ", 1, 69.0), ("DerivativeAtZ", 5, 9.7), ("CrossEntropyDelta", 1, 100.0)],
)
def test_the_story_of_the_derivative(loss, seed, expected):
    accuracy = THREE_DELTAS["accuracy"](THREE_DELTAS[loss], seed)
    assert round(100 * accuracy, 1) == pytest.approx(expected, abs=0.051)
