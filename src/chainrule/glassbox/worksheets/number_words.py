"""Numbers as a sheet shows them."""

from __future__ import annotations

__all__ = ["MINUS", "as_written"]

MINUS = "\N{MINUS SIGN}"


def as_written(value: float, decimals: int = 6) -> str:
    """With as many decimals as it needs, a true minus sign, and no sign of a zero."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return "0" if text in ("-0", "") else text.replace("-", MINUS)
