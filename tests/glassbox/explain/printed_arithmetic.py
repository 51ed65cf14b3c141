"""Reads what an explanation prints and computes it: names give way to Python's, and nothing else is known of it."""

from __future__ import annotations

import math
import re

FUNCTIONS = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "cosh": math.cosh,
    "sinh": math.sinh,
    "abs": abs,
    "sign": lambda x: (x > 0) - (x < 0),
    "max": max,
    "min": min,
    "σ": lambda z: 1 / (1 + math.exp(-z)),
    "Φ": lambda z: math.erfc(-z / math.sqrt(2)) / 2,
    "φ": lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
    "sigma": lambda z: 1 / (1 + math.exp(-z)),
    "float": float,
    "__builtins__": {},
}


def computed(text: str) -> float:
    """The value of a line of numbers, as a person with a calculator would get it."""
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("·", "*").replace("^", "**")
    text = re.sub(r"\((\d+) smaller terms: ([^()]+)\)", r"(\2)", text)
    text = text.replace("[", "float(").replace("]", ")")  # [z > 0] is 1 or 0
    return float(eval(text, dict(FUNCTIONS)))
