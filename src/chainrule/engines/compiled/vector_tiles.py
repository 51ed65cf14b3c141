"""The innermost part of a matrix product: a tile of the result that stays in vector registers.

A loop that a compiler makes by itself goes back to memory for every multiplication. Here R rows and one or two vectors
of columns of the result are kept in registers over the whole sum; each round loads one row of the right factor, and
multiplies it with R numbers of the left one, each spread over a vector (Goto and van de Geijn, "Anatomy of
high-performance matrix multiplication", ACM Transactions on Mathematical Software 34, 2008, section 4). Columns that do
not fill a vector are masked, so that no array needs padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["BYTES", "TILE_ROWS", "vector_tile", "widest_vectors"]

INT1, INT32, INT64 = (ir.IntType(bits) for bits in (1, 32, 64))


def _register_bytes() -> int:
    features = binding.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx") else 16


BYTES = _register_bytes()
"""Of a vector register of this machine."""

TILE_ROWS = 8 if BYTES == 64 else 4
"""Rows of a whole tile: with 2 vectors each, they fill half the registers, and leave room for the factors."""


@intrinsic
def widest_vectors(typing_context: Any) -> Any:
    """Let the loops of the function that calls this be made of the widest vectors of the machine.

    By itself, LLVM keeps to half of them on processors that once ran slower with the whole.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        width = f'"prefer-vector-width"="{8 * BYTES}"'
        set.add(builder.function.attributes, width)  # llvmlite's own `add` knows attributes without values alone
        return context.get_dummy_value()

    return types.void(), generate


@dataclass(frozen=True)
class _Vectors:
    """Loads, stores and arithmetic on vectors of one type, as LLVM has them."""

    builder: Any
    number: Any
    size: int

    @property
    def lanes(self) -> int:
        return BYTES // self.size

    @property
    def type(self) -> Any:
        return ir.VectorType(self.number, self.lanes)

    def constant(self, value: float) -> Any:
        return ir.Constant(self.type, [value] * self.lanes)

    def pointer(self, address: Any, to: Any) -> Any:
        return self.builder.inttoptr(address, to.as_pointer())

    def number_at(self, address: Any) -> Any:
        return self.builder.load(self.pointer(address, self.number))

    def spread(self, number: Any) -> Any:
        """The vector that holds a number in every lane."""
        return self._spread(number, self.type)

    def _spread(self, number: Any, kind: Any) -> Any:
        nothing = ir.Constant(kind, ir.Undefined)
        first = self.builder.insert_element(nothing, number, INT32(0))
        return self.builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(INT32, self.lanes), None))

    def first_lanes(self, n: Any) -> Any:
        """The mask of the first n lanes."""
        kind = ir.VectorType(INT32, self.lanes)
        lanes = ir.Constant(kind, list(range(self.lanes)))
        return self.builder.icmp_signed("<", lanes, self._spread(self.builder.trunc(n, INT32), kind))

    def load(self, address: Any, mask: Any = None) -> Any:
        pointer = self.pointer(address, self.type)
        if mask is None:
            vector = self.builder.load(pointer)
            vector.align = self.size
            return vector
        kind = ir.FunctionType(self.type, [pointer.type, INT32, mask.type, self.type])
        load = self._intrinsic(f"llvm.masked.load.{self._suffix}.p0", kind)
        return self.builder.call(load, [pointer, INT32(self.size), mask, self.constant(0.0)])

    def store(self, vector: Any, address: Any, mask: Any = None) -> None:
        pointer = self.pointer(address, self.type)
        if mask is None:
            self.builder.store(vector, pointer).align = self.size
            return
        kind = ir.FunctionType(ir.VoidType(), [self.type, pointer.type, INT32, mask.type])
        store = self._intrinsic(f"llvm.masked.store.{self._suffix}.p0", kind)
        self.builder.call(store, [vector, pointer, INT32(self.size), mask])

    def multiply_add(self, x: Any, y: Any, z: Any) -> Any:
        """X * y + z, rounded once."""
        fma = self._intrinsic(f"llvm.fma.{self._suffix}", ir.FunctionType(self.type, [self.type] * 3))
        return self.builder.call(fma, [x, y, z])

    @property
    def _suffix(self) -> str:
        return f"v{self.lanes}f{8 * self.size}"

    def _intrinsic(self, name: str, kind: Any) -> Any:
        return cgutils.get_or_insert_function(self.builder.module, kind, name)


def vector_tile(n_rows: int, n_vectors: int, masked: bool) -> Any:
    """A function for compiled code that computes a tile of c = start + a @ b.

    It takes (like, c, c_row, a, a_row, a_column, b, b_row, n_terms, start, start_row, lanes): the addresses of c, a, b
    and the start, in bytes; the steps from row to row, and in a from column to column, in numbers; and of the last
    vector the lanes that count, where it is masked. The type of the numbers is that of `like`.
    """

    @intrinsic
    def tile(
        typing_context: Any,
        like: Any,
        c: Any,
        c_row: Any,
        a: Any,
        a_row: Any,
        a_column: Any,
        b: Any,
        b_row: Any,
        n_terms: Any,
        start: Any,
        start_row: Any,
        lanes: Any,
    ) -> Any:
        size = like.dtype.bitwidth // 8

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            number = ir.FloatType() if size == 4 else ir.DoubleType()
            _TileCode(_Vectors(builder, number, size), n_rows, n_vectors, masked).write(*arguments[1:])
            return context.get_dummy_value()

        return types.void(like, *[types.int64] * 11), generate

    return tile


class _TileCode:
    """Writes the code of a tile."""

    def __init__(self, vectors: _Vectors, n_rows: int, n_vectors: int, masked: bool) -> None:
        self.vectors, self.builder = vectors, vectors.builder
        self.n_rows, self.n_vectors, self.masked = n_rows, n_vectors, masked
        self.mask: Any = None
        self.sums = [[cgutils.alloca_once(self.builder, vectors.type) for _ in range(n_vectors)] for _ in range(n_rows)]

    def write(
        self,
        c: Any,
        c_row: Any,
        a: Any,
        a_row: Any,
        a_column: Any,
        b: Any,
        b_row: Any,
        n_terms: Any,
        start: Any,
        start_row: Any,
        lanes: Any,
    ) -> None:
        if self.masked:
            self.mask = self.vectors.first_lanes(lanes)
        self._start(start, start_row)
        rows_of_a = [self._moved(a, a_row, i) for i in range(self.n_rows)]
        with cgutils.for_range(self.builder, n_terms) as term:
            row_of_b = self._load_row(self._moved(b, b_row, term.index))
            for row_of_a, sums in zip(rows_of_a, self.sums, strict=True):
                factor = self.vectors.spread(self.vectors.number_at(self._moved(row_of_a, a_column, term.index)))
                for vector, total in zip(row_of_b, sums, strict=True):
                    more = self.vectors.multiply_add(factor, vector, self.builder.load(total))
                    self.builder.store(more, total)  # LLVM keeps these in registers
        for i, sums in enumerate(self.sums):
            address = self._moved(c, c_row, i)
            for v, total in enumerate(sums):
                self.vectors.store(self.builder.load(total), self._vector(address, v), self._mask(v))

    def _start(self, start: Any, start_row: Any) -> None:
        for i, sums in enumerate(self.sums):
            for vector, total in zip(self._load_row(self._moved(start, start_row, i)), sums, strict=True):
                self.builder.store(vector, total)

    def _load_row(self, address: Any) -> list[Any]:
        return [self.vectors.load(self._vector(address, v), self._mask(v)) for v in range(self.n_vectors)]

    def _mask(self, v: int) -> Any:
        return self.mask if v == self.n_vectors - 1 else None

    def _vector(self, address: Any, v: int) -> Any:
        return self.builder.add(address, INT64(v * BYTES))

    def _moved(self, address: Any, step: Any, times: Any) -> Any:
        """The address so many steps of numbers further on."""
        times = INT64(times) if isinstance(times, int) else times
        return self.builder.add(address, self.builder.mul(self.builder.mul(step, times), INT64(self.vectors.size)))
