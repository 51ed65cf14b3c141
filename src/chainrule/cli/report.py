"""The classification report as a plain table, which reads well in a terminal and in a file."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["report_table"]


def report_table(report: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each class and the average, from `chainrule.training.classification.classification_report`."""
    columns = ("precision", "recall", "f1", "support")
    width = max(len(name) for name in report)
    lines = [" ".join([" " * width, *(f"{column:>10}" for column in columns)])]
    for name, row in report.items():
        figures = [f"{row[column]:10.0f}" if column == "support" else f"{row[column]:10.2f}" for column in columns]
        lines.append(" ".join([f"{name:>{width}}", *figures]))
    return "\n".join(lines)
