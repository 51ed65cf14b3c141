"""Several quantiles at once: not one guess but an interval, and how often it holds on rows that it has not seen."""

import numpy as np
from sklearn.datasets import load_diabetes

from chainrule import Adam, EarlyStopping, Network, Quantile, Standardizer

LEVELS = (0.1, 0.5, 0.9)
x, y = load_diabetes(return_X_y=True)
y = y / 100  # from 0.25 to 3.46
inside, below = [], []
folds = np.array_split(np.random.default_rng(1).permutation(len(x)), 5)
for held_out in folds:
    rest = np.setdiff1d(np.arange(len(x)), held_out)
    watched, learned = rest[::5], np.delete(rest, np.s_[::5])
    nn = Network((10, 16, len(LEVELS)), ("tanh", "identity"), encoder=Standardizer.fitted(x[learned]), seed=1)
    nn.fit(
        x[learned],
        y[learned],  # one value a row; the network gives three quantiles of it
        loss=Quantile(LEVELS),
        epochs=300,
        optimizer=Adam(),
        learning_rate=0.01,
        validation=(x[watched], y[watched]),
        callbacks=[EarlyStopping(patience=20)],
        verbose=False,
    )
    low, middle, high = nn.predict(x[held_out]).T
    inside.extend((low <= y[held_out]) & (y[held_out] <= high))
    below.extend(y[held_out] <= middle)

print(f"{np.mean(inside):.0%} of the held-out rows lie between the quantiles 0.1 and 0.9 (80 % would be exact)")
print(f"{np.mean(below):.0%} lie below the median (50 % would be exact)")
for row in range(3):
    print(f"row {row}: {low[row]:.2f} to {high[row]:.2f}, median {middle[row]:.2f}; it was {y[held_out][row]:.2f}")
