"""Several labels a row: which of the seven segments of a digital clock would show this handwritten digit?"""

import numpy as np
from sklearn.datasets import load_digits

from chainrule import Adam, Network, Relu, Sigmoid, Standardizer

SEGMENTS = ("top", "upper left", "upper right", "middle", "lower left", "lower right", "bottom")
LIT = [
    "1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010", "1111111", "1111011",
]  # fmt: skip


def drawn(segments):
    """The five lines of a digit on the clock."""
    top, upper_left, upper_right, middle, lower_left, lower_right, bottom = (" #"[int(on)] for on in segments)
    return 3 * top, f"{upper_left} {upper_right}", 3 * middle, f"{lower_left} {lower_right}", 3 * bottom


x, digits = load_digits(return_X_y=True)
y = np.array([[int(lit) for lit in LIT[digit]] for digit in digits])  # (n, 7), each 0 or 1 for itself
order = np.random.default_rng(1).permutation(len(x))
learned, held_out = order[:1300], order[1300:]

nn = Network((64, 48, 7), (Relu, Sigmoid), encoder=Standardizer.fitted(x[learned]), seed=1)
nn.fit(x[learned], y[learned], epochs=30, optimizer=Adam(), learning_rate=0.003, l2=1e-4, verbose=False)

lit = nn.predict(x[held_out]) >= 0.5
right = lit == y[held_out]
for segment, share in zip(SEGMENTS, right.mean(axis=0), strict=True):
    print(f"{segment:12} {share:.3f}")
print(f"binary accuracy {nn.evaluate(x[held_out], y[held_out], metrics=['binary_accuracy'])['binary_accuracy']:.3f}")
print(f"all seven right {right.all(axis=1).mean():.3f}")
for line in zip(*(drawn(row) for row in lit[:10]), strict=True):
    print("   ".join(line))
print("   ".join(f" {digit} " for digit in digits[held_out][:10]))
