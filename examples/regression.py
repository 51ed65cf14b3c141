"""A regression: how far diabetes goes in a year, from ten measurements, beside scikit-learn's ridge regression."""

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from chainrule import AdamW, Dense, Dropout, EarlyStopping, Network, Silu, Standardizer, schedules

x, y = load_diabetes(return_X_y=True)
order = np.random.default_rng(1).permutation(len(x))
learned, watched, held_out = order[:260], order[260:340], order[340:]
mean, deviation = y[learned].mean(), y[learned].std()
targets = (y - mean) / deviation  # of about -1 to 1; predictions are brought back below

nn = Network(
    layers=[Dense(10, 32, Silu), Dropout(0.2), Dense(32, 1)],
    encoder=Standardizer.fitted(x[learned]),
    seed=1,
)
epochs = 200
history = nn.fit(
    x[learned],
    targets[learned],
    loss="huber",
    epochs=epochs,
    optimizer=AdamW(decay=0.01),
    learning_rate=schedules.WarmUp(schedules.Cosine(0.003), epochs=5),
    validation=(x[watched], targets[watched]),
    metrics=["r2"],
    callbacks=[EarlyStopping("val_r2", patience=30)],
    verbose=False,
)
predicted = nn.predict(x[held_out])[:, 0] * deviation + mean
errors = {
    "always the mean": y[held_out] - mean,
    "ridge regression": y[held_out] - Ridge().fit(x[learned], y[learned]).predict(x[held_out]),
    "this network": y[held_out] - predicted,
}
print(f"{len(history['J'])} of {epochs} epochs; best was {nn.training.best.epoch}")
for name, error in errors.items():
    print(f"{name:18} mean absolute error {np.abs(error).mean():5.1f}")
