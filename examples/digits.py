"""Handwritten digits with the general form of a network: standardised inputs, dropout, a residual connection."""

import numpy as np
from sklearn.datasets import load_digits

from chainrule import Dense, Dropout, Momentum, Network, Relu, Residual, Softmax, Standardizer, load

x, y = load_digits(return_X_y=True)
order = np.random.default_rng(1).permutation(len(x))
learned, held_out = order[:1300], order[1300:]

nn = Network(
    layers=[Dense(64, 32, Relu), Dropout(0.1), Residual([Dense(32, 32, Relu)]), Dense(32, 10, Softmax)],
    encoder=Standardizer.fitted(x[learned]),
    seed=1,
)
print(nn)
validation = (x[held_out], y[held_out])
nn.fit(x[learned], y[learned], epochs=40, learning_rate=0.02, optimizer=Momentum(), l2=1e-3, validation=validation)

nn.save("digits.safetensors")
again = load("digits.safetensors")  # the encoder is in the file: it takes the raw pixels
print("held-out accuracy", round(again.evaluate(*validation)["accuracy"], 3))
