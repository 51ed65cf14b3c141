"""Every chain of a small network one by one, from the layers' own backward passes: slow, and written another way."""

from __future__ import annotations

import itertools

import numpy as np

from chainrule.glassbox.trace.network_step import derivative_name
from chainrule.network import sequence
from chainrule.network.layers import Dense, Residual


def all_chains(step):
    """By the name of each array of derivatives and of parameters: at each entry, the contributions of its chains."""
    return _Enumeration(step).found


def joined(lists, jacobian):
    """The chains of what enters, from those of what leaves and the derivative (leaving entry, entering entry)."""
    shape = jacobian.shape[2:]
    found = np.empty(shape, object)
    for entry in np.ndindex(shape):
        found[entry] = [
            jacobian[(*leaving, *entry)] * chain
            for leaving in np.ndindex(jacobian.shape[:2])
            if jacobian[(*leaving, *entry)] != 0
            for chain in lists[leaving]
        ]
    return found


def jacobian_of(backward, leaving, entering):
    """The derivative of every leaving number with respect to every entering one, by taking each back alone."""
    found = np.zeros((*leaving, *entering))
    for entry in np.ndindex(leaving):
        unit = np.zeros(leaving)
        unit[entry] = 1
        found[entry] = backward(unit)
    return found


class _Enumeration:
    def __init__(self, trace):
        self.trace, step = trace, trace.step
        architecture = step.objective.architecture
        self.n = trace.n_rows
        self.found = {}
        parameters = architecture.bind_parameters(step.theta)
        name = f"delta[{len(trace.dimensions)}]"
        lists = np.empty(trace[name].shape, object)
        for entry in np.ndindex(lists.shape):
            lists[entry] = [trace[name][entry]] if trace[name][entry] != 0 else []
        layers, places, caches = architecture.layers, step.wiring.places, step.found.caches
        self.found[name] = lists
        lists = self._through_weights(places[-1], parameters[-1][0], caches[-1].x, lists)
        self._keep(derivative_name(places[-1].input), lists)
        self._pass(layers[:-1], parameters[:-1], caches[:-1], places[:-1], lists)

    def _keep(self, name, lists):
        self.found[name] = lists

    def _pass(self, layers, parameters, caches, places, lists):
        for layer, own, cache, place in reversed(list(zip(layers, parameters, caches, places, strict=True))):
            lists = self._through(layer, own, cache, place, lists)
            self._keep(derivative_name(place.input), lists)
        return lists

    def _through(self, layer, parameters, cache, place, lists):
        shape = lists.shape
        if isinstance(layer, Dense):
            slope = jacobian_of(lambda unit: layer.activation.backward(unit, cache.z, cache.a), shape, shape)
            delta = joined(lists, slope)
            self.found[f"delta[{place.number + 1}]"] = delta
            return self._through_weights(place, parameters[0], cache.x, delta)
        if isinstance(layer, Residual):
            inside = self._pass(
                layer.layers, sequence.split_parameters(layer.layers, parameters), cache, place.inside, lists
            )
            self.found[f"d({layer.label}.inside)"] = inside
            both = np.empty(shape, object)
            for entry in np.ndindex(shape):
                both[entry] = lists[entry] + inside[entry]
            return both
        if parameters:
            normalised = self.trace[f"{layer.label}.normalised"]
            for name, factors in (("scale", normalised), ("shift", np.ones(shape))):
                self.found[f"d({layer.label}.{name})"] = self._summed(lists, factors)
        jacobian = jacobian_of(lambda unit: layer.backward(parameters, cache, unit).input, shape, shape)
        return joined(lists, jacobian)

    def _through_weights(self, place, w, x, delta):
        i = place.number
        dw = np.empty(w.shape, object)
        for j, k in np.ndindex(w.shape):
            dw[j, k] = [x[r, j] * chain for r in range(self.n) if x[r, j] != 0 for chain in delta[r, k]]
        self.found[f"dw[{i}]"] = dw
        self.found[f"db[{i}]"] = self._summed(delta, np.ones(delta.shape))
        jacobian = np.zeros((*delta.shape, self.n, len(w)))
        for r, k, j in itertools.product(range(self.n), range(w.shape[1]), range(len(w))):
            jacobian[r, k, r, j] = w[j, k]
        return joined(delta, jacobian)

    def _summed(self, lists, factors):
        found = np.empty(lists.shape[1], object)
        for unit in range(lists.shape[1]):
            found[unit] = [factors[r, unit] * chain for r in range(self.n) for chain in lists[r, unit]]
        return found
