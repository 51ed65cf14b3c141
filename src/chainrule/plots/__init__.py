"""How does it look? Pictures of a training, of predictions and of weights, each a matplotlib figure (extra `plot`)."""

from chainrule.plots.calibration import Reliability, plot_calibration, reliability
from chainrule.plots.confusion_matrix import plot_confusion_matrix
from chainrule.plots.figure_file import FIGURE_FORMATS, save_figure
from chainrule.plots.gradient_check import plot_gradient_check
from chainrule.plots.learning_curves import plot_learning_curves
from chainrule.plots.museum import plot_visit
from chainrule.plots.paths import plot_paths
from chainrule.plots.regression import plot_predicted_against_true, plot_residuals
from chainrule.plots.weights import plot_weights

__all__ = [
    "FIGURE_FORMATS",
    "Reliability",
    "plot_calibration",
    "plot_confusion_matrix",
    "plot_gradient_check",
    "plot_learning_curves",
    "plot_paths",
    "plot_predicted_against_true",
    "plot_residuals",
    "plot_visit",
    "plot_weights",
    "reliability",
    "save_figure",
]
