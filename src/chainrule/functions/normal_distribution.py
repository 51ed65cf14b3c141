"""The tail of the normal distribution, as the coefficients of one polynomial.

The probability Q(x) that a standard normal number is above x falls like exp(-x^2 / 2) / x. What is left beside that,

    g(x) = Q(x) exp(x^2 / 2) (4 + x) / 4,

lies between 0.09 and 0.51 for every x >= 0, and over u = 8 / (4 + x) - 1, which runs from 1 at x = 0 to -1 at infinity,
it is as smooth as a polynomial. These are the first 24 terms of its Chebyshev series in u, computed with 60 digits and
rewritten in powers of u; with them, Q(x) = g(x) (u + 1) / 2 exp(-x^2 / 2) has 15 digits at every x.
"""

from __future__ import annotations

__all__ = ["TAIL"]

TAIL = (
    2.999445507813274e-11, -4.221644241696684e-10, 1.4684066912467977e-10, 4.01684673933235e-09,
    -4.461231943245354e-09, -1.9695900856734096e-08, 3.994349035559805e-08, 6.61834320494967e-08,
    -2.5619627541381934e-07, -1.5623877693912945e-07, 1.4804027614809944e-06, 1.7865053828168654e-07,
    -8.786277975709413e-06, -4.769190076797745e-07, 5.7773754340693565e-05, 3.3336052290036945e-05,
    -0.00040770461685247714, -0.0008699230891628756, 0.001885047241846578, 0.01509914372259023,
    0.04663046448990915, 0.09678435018555664, 0.15197416049297308, 0.18882128260393785,
)  # fmt: skip
"""The coefficients of g as a polynomial in u, the one of the highest power first."""
