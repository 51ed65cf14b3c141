"""Memory by its address: what compiled code needs to walk through arrays that Python has laid out for it."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import carray, njit, types
from numba.extending import intrinsic

from chainrule.engines.compiled.records import JOB, LAYER

__all__ = [
    "add_atomically",
    "call",
    "doubles_at",
    "floats_at",
    "job_at",
    "layer_at",
    "layers_of",
    "load_atomically",
    "singles_at",
    "size_of",
    "small_whole_numbers_at",
    "whole_numbers_at",
]

INT64 = ir.IntType(64)


@intrinsic
def _pointer(typing_context: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate


@intrinsic
def size_of(typing_context: Any, like: Any) -> Any:
    """The bytes of a number of `like`, an array."""
    size = like.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(INT64, size)

    return types.int64(like), generate


@njit
def floats_at(address: Any, shape: Any, like: Any) -> Any:
    """The array of this shape at an address, its numbers of the type of those of `like`."""
    return carray(_pointer(address), shape, like.dtype)


@njit
def doubles_at(address: Any, n: Any) -> Any:
    """The n numbers of float64 at an address."""
    return carray(_pointer(address), (n,), types.float64)


@njit
def singles_at(address: Any, shape: Any) -> Any:
    """The array of float32 of this shape at an address."""
    return carray(_pointer(address), shape, types.float32)


@njit
def whole_numbers_at(address: Any, n: Any) -> Any:
    """The n whole numbers of 64 bits at an address."""
    return carray(_pointer(address), (n,), types.int64)


@njit
def job_at(address: Any) -> Any:
    """The record of a job at an address."""
    return carray(_pointer(address), (1,), JOB)[0]


@njit
def layer_at(address: Any) -> Any:
    """The record of a layer at an address."""
    return carray(_pointer(address), (1,), LAYER)[0]


@njit
def layers_of(job: Any) -> Any:
    """The records of a job's layers."""
    return carray(_pointer(job.layers), (job.n_layers,), LAYER)


@njit
def small_whole_numbers_at(address: Any, n: Any) -> Any:
    """The n whole numbers of 32 bits at an address."""
    return carray(_pointer(address), (n,), types.int32)


@intrinsic
def call(typing_context: Any, function: Any, arguments: Any) -> Any:
    """Call the function at an address with a tuple of whole numbers, of which it makes nothing but side effects."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        address, packed = values
        n = len(signature.args[1])
        kind = ir.FunctionType(ir.VoidType(), [INT64] * n)
        builder.call(builder.inttoptr(address, kind.as_pointer()), [builder.extract_value(packed, i) for i in range(n)])
        return context.get_dummy_value()

    if not isinstance(arguments, types.UniTuple):
        return None
    return types.void(function, types.UniTuple(types.int64, len(arguments))), generate


@intrinsic
def load_atomically(typing_context: Any, address: Any) -> Any:
    """The whole number at an address, as another thread has left it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], INT64.as_pointer())
        return builder.load_atomic(pointer, "acquire", 8)

    return types.int64(types.int64), generate


@intrinsic
def add_atomically(typing_context: Any, address: Any, value: Any) -> Any:
    """Add to the whole number at an address, and return what was there before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], INT64.as_pointer())
        return builder.atomic_rmw("add", pointer, arguments[1], "acq_rel")

    return types.int64(types.int64, types.int64), generate
