"""Matrix products in compiled code: small ones tile by tile, large ones by the linear algebra library.

A product c = start + a @ b is given by addresses and steps. In a, the steps from row to row and from column to column
are both free, so that the transpose of a left factor needs no copy; b and c have the numbers of a row side by side.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from chainrule.engines.compiled.addresses import call, floats_at, size_of, small_whole_numbers_at
from chainrule.engines.compiled.vector_tiles import BYTES, TILE_ROWS, vector_tile

__all__ = ["blas_product", "product", "transpose"]


def _strip(n_vectors: int, masked: bool) -> Any:
    """A function that computes so many vectors of columns of a product, for all its rows."""
    whole, half, single = (vector_tile(rows, n_vectors, masked) for rows in (TILE_ROWS, TILE_ROWS // 2, 1))

    @njit
    def strip(
        like: Any,
        c: Any,
        c_row: Any,
        a: Any,
        a_row: Any,
        a_column: Any,
        b: Any,
        b_row: Any,
        n_rows: Any,
        n_terms: Any,
        start: Any,
        start_row: Any,
        lanes: Any,
    ) -> None:
        size = size_of(like)
        i = 0
        while i < n_rows:
            c_i, a_i = c + size * i * c_row, a + size * i * a_row
            start_i = start + size * i * start_row
            if i + TILE_ROWS <= n_rows:
                whole(like, c_i, c_row, a_i, a_row, a_column, b, b_row, n_terms, start_i, start_row, lanes)
                i += TILE_ROWS
            elif i + TILE_ROWS // 2 <= n_rows:
                half(like, c_i, c_row, a_i, a_row, a_column, b, b_row, n_terms, start_i, start_row, lanes)
                i += TILE_ROWS // 2
            else:
                single(like, c_i, c_row, a_i, a_row, a_column, b, b_row, n_terms, start_i, start_row, lanes)
                i += 1

    return strip


two_vectors, two_vectors_masked, one_vector_masked = _strip(2, False), _strip(2, True), _strip(1, True)


@njit
def product(
    like: Any,
    c: Any,
    c_row: Any,
    a: Any,
    a_row: Any,
    a_column: Any,
    b: Any,
    b_row: Any,
    n_rows: Any,
    n_columns: Any,
    n_terms: Any,
    start: Any,
    start_row: Any,
) -> None:
    """C = start + a @ b, with c of shape (n_rows, n_columns).

    Addresses are in bytes, steps in numbers of the type of `like`. With a start_row of 0, one row, such as
    a bias or zeros, is the start of all.
    """
    size = size_of(like)
    lanes = BYTES // size
    for j in range(0, n_columns, 2 * lanes):
        left = n_columns - j
        c_j, b_j, start_j = c + size * j, b + size * j, start + size * j
        if left >= 2 * lanes:
            two_vectors(like, c_j, c_row, a, a_row, a_column, b_j, b_row, n_rows, n_terms, start_j, start_row, lanes)
        elif left > lanes:
            two_vectors_masked(
                like, c_j, c_row, a, a_row, a_column, b_j, b_row, n_rows, n_terms, start_j, start_row, left - lanes
            )
        else:
            one_vector_masked(
                like, c_j, c_row, a, a_row, a_column, b_j, b_row, n_rows, n_terms, start_j, start_row, left
            )


@njit
def transpose(like: Any, to: Any, matrix: Any, n_rows: Any, n_columns: Any) -> None:
    """Write the transpose of a matrix (n_rows, n_columns), given by addresses, in squares that stay in cache."""
    source, target = floats_at(matrix, (n_rows, n_columns), like), floats_at(to, (n_columns, n_rows), like)
    for i in range(0, n_rows, 16):
        for j in range(0, n_columns, 16):
            for jj in range(j, min(j + 16, n_columns)):
                for ii in range(i, min(i + 16, n_rows)):
                    target[jj, ii] = source[ii, jj]


@njit
def blas_product(
    like: Any,
    blas: Any,
    scratch: Any,
    c: Any,
    c_row: Any,
    a: Any,
    a_row: Any,
    a_transposed: Any,
    b: Any,
    b_row: Any,
    b_transposed: Any,
    n_rows: Any,
    n_columns: Any,
    n_terms: Any,
    accumulate: Any,
) -> None:
    """C = a @ b or c + a @ b by ?gemm of BLAS at the address `blas`; both factors may be transposed.

    BLAS counts columns first: for it, the arrays are c^T = b^T @ a^T. `scratch` takes its arguments, 64 bytes.
    """
    numbers, settings = small_whole_numbers_at(scratch, 8), floats_at(scratch + 32, (2,), like)
    numbers[0], numbers[1], numbers[2] = n_columns, n_rows, n_terms
    numbers[3], numbers[4], numbers[5] = b_row, a_row, c_row
    numbers[6], numbers[7] = 84 if b_transposed else 78, 84 if a_transposed else 78  # "T" and "N"
    settings[0], settings[1] = 1, accumulate
    m, n, k, lda, ldb, ldc = scratch, scratch + 4, scratch + 8, scratch + 12, scratch + 16, scratch + 20
    alpha, beta = scratch + 32, scratch + 32 + size_of(like)
    call(blas, (scratch + 24, scratch + 28, m, n, k, alpha, b, lda, a, ldb, beta, c, ldc))
