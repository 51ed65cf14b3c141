"""XOR, the smallest problem that needs a hidden layer, and every number of its backpropagation."""

import numpy as np

from chainrule import Network, Sigmoid, Tanh

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 1, 1, 0])

nn = Network((2, 4, 1), (Tanh, Sigmoid), seed=1)
nn.fit(x, y, epochs=500, batch_size=4, learning_rate=1.0, verbose=False)
print("outputs", nn.predict(x).ravel().round(2), "classes", nn.predict_classes(x))

record = nn.backward(x, y)
print("J", round(record.J, 4))
for i in (3, 2):
    print(f"delta[{i}] = dJ/dz[{i}], a row for each row of x:\n{record.delta[i].round(4)}")
    print(f"dw[{i - 1}] = a[{i - 1}].T @ delta[{i}]:\n{record.dw[i - 1].round(4)}")
