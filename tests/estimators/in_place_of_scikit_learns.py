"""A plugin of pytest: whoever imports scikit-learn's multi-layer perceptrons gets chainrule's.

The tests that the environment variable LEFT_OUT names are left out, and those that there were are printed.
"""

import os

import sklearn.neural_network

from chainrule import MLPClassifier, MLPRegressor

sklearn.neural_network.MLPClassifier, sklearn.neural_network.MLPRegressor = MLPClassifier, MLPRegressor

LEFT_OUT = set(os.environ["LEFT_OUT"].split())


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if item.originalname in LEFT_OUT]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item.originalname not in LEFT_OUT]
    config.left_out = {item.originalname for item in left_out}


def pytest_terminal_summary(config, terminalreporter):
    terminalreporter.write_line("Left out: " + " ".join(sorted(config.left_out)))
