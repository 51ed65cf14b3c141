"""Mistakes of students: what each makes of the right number, from the numbers that they have so far."""

from __future__ import annotations

import numpy as np

from chainrule.glassbox.worksheets.sheet import rounded


def bias_forgotten(sheet):
    def change(quantity, value, own):
        if quantity.name != "z[2]":
            return value
        return value - float(sheet.instance.b[1][quantity.index[1]])

    return change


def sign_turned(sheet):
    return lambda quantity, value, own: -value if quantity.name == "delta[3]" else value


def derivative_forgotten(sheet):
    def change(quantity, value, own):
        if quantity.name != "delta[2]":
            return value
        row, j = quantity.index
        return sum(own[f"delta[3][{row},{k}]"] * w for k, w in enumerate(sheet.instance.w[2][j]))

    return change


def activation_forgotten(sheet):
    return lambda quantity, value, own: (
        own[f"z[2][{quantity.index[0]},{quantity.index[1]}]"] if quantity.name == "a[2]" else value
    )


def factor_two_forgotten(sheet):
    return lambda quantity, value, own: value / 2 if quantity.name == "delta[3]" else value


def summed(sheet):
    return lambda quantity, value, own: value * sheet.settings.rows if quantity.name == "delta[3]" else value


def step_added(sheet):
    def change(quantity, value, own):
        if not quantity.is_new:
            return value
        arrays = sheet.instance.w if quantity.letter == "w" else sheet.instance.b
        return 2 * float(arrays[quantity.number][quantity.index]) - value

    return change


def rate_forgotten(sheet):
    def change(quantity, value, own):
        if not quantity.is_new:
            return value
        arrays = sheet.instance.w if quantity.letter == "w" else sheet.instance.b
        old = float(arrays[quantity.number][quantity.index])
        return old + (value - old) / sheet.settings.learning_rate

    return change


def z_in_the_product(sheet):
    def change(quantity, value, own):
        if quantity.name != "dw[2]":
            return value
        j = quantity.index[0]
        return value * own[f"z[2][0,{j}]"] / own[f"a[2][0,{j}]"]

    return change


def back_with_new_weights(sheet):
    def change(quantity, value, own):
        if quantity.name != "delta[2]":
            return value
        j = quantity.index[1]
        gradient = rounded(own[f"a[2][0,{j}]"] * own["delta[3][0,0]"], 3)
        new = rounded(sheet.instance.w[2][j, 0] - sheet.settings.learning_rate * gradient, 3)
        return value * float(new / sheet.instance.w[2][j, 0])

    return change


def derivative_at_a(sheet):
    def change(quantity, value, own):
        if quantity.name != "delta[2]":
            return value
        row, j = quantity.index
        a = own[f"a[2][{row},{j}]"]
        s = 1 / (1 + np.exp(-a))
        return value / (a * (1 - a)) * s * (1 - s)

    return change


SIGMOID = {"level": "hard", "activation": "sigmoid"}
MISTAKES = {
    "the bias forgotten": (bias_forgotten, SIGMOID),
    "y - a for a - y": (sign_turned, SIGMOID),
    "the derivative f' forgotten": (derivative_forgotten, SIGMOID),
    "the activation forgotten": (activation_forgotten, SIGMOID),
    "factor 2": (factor_two_forgotten, SIGMOID),
    "the sum instead of the mean over the rows": (summed, {"level": "medium", "rows": 3, "activation": "tanh"}),
    "the step added instead of subtracted": (step_added, SIGMOID),
    "the learning rate forgotten": (rate_forgotten, SIGMOID),
    "the derivative taken at a instead of z": (derivative_at_a, SIGMOID),
    "z in the place of a": (z_in_the_product, SIGMOID),
    "the error taken back through the new weights": (back_with_new_weights, SIGMOID),
}
"""By what the mistake is called when it is named: how it is made, and on which sheets."""
