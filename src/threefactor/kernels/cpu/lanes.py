"""The innermost loops of the compiled kernels, written for the vector registers of the processor.

Two are tiles: some vectors of sums stay in registers while a loop runs over time or over units, so that every number
that is loaded takes part in many multiply-adds; the third turns a square of numbers round. LLVM vectorises a loop of
Python but does not keep sums in registers across an outer loop, hence these emit their instructions themselves. An
array comes with the place of its first element and the distances between elements, all counted in elements. Sizes that
the compiled code must know, `rows`, `width` and others that stand last, come as tuples of that length (`known`): their
type says them.
"""

# mypy: disable-error-code="no-untyped-def, call-arg"

import numpy as np
from llvmlite import binding
from numba import types
from numba.extending import intrinsic

from threefactor.kernels.cpu.vector_code import INT, VectorCode

_FEATURES = binding.get_host_cpu_features()
_BYTES = 64 if _FEATURES.get("avx512f") else 32 if _FEATURES.get("fma") else 16  # of a vector register
ROWS = 20 if _FEATURES.get("avx512f") or binding.get_default_triple().startswith("aarch64") else 10
"""Vectors of sums that a tile can hold, some registers being left for what is loaded."""

_PLACE = types.intp


def lanes(dtype: np.dtype) -> int:
    """Return how many numbers a vector register holds."""
    return _BYTES // np.dtype(dtype).itemsize


def known(size: int) -> tuple[int, ...]:
    """Return a size as compiled code knows it: by the length of a tuple."""
    return (0,) * size


@intrinsic
def multiply_tile(
    typing,
    sums,
    at,
    row,
    left,
    left_at,
    left_row,
    left_step,
    right,
    right_at,
    right_step,
    depth,
    rows,
    vectors,
    width,
):
    """Add a matrix product to a tile: ``sums[r, v] += sum_k left[r, k] right[k, v]``, v contiguous.

    Parameters
    ----------
    sums, at, row
        Array, place of ``sums[0, 0]``, distance between rows.
    left, left_at, left_row, left_step
        Array, place of ``left[0, 0]``, distance between rows, between steps k.
    right, right_at, right_step
        Array, place of ``right[0, 0]``, distance between steps k.
    depth
        Number of steps k.
    rows, vectors, width
        Rows r, vectors of a row, numbers of a vector.
    """
    signature = types.void(
        *(sums, _PLACE, _PLACE, left, _PLACE, _PLACE, _PLACE, right, _PLACE, _PLACE, _PLACE),
        *(rows, vectors, width),
    )
    count, across = rows.count, vectors.count

    def emit(context, builder, signature, arguments):
        code = VectorCode(context, builder, sums.dtype, width.count)
        row, left_row, left_step, right_step, depth = (arguments[n] for n in (2, 5, 6, 9, 10))
        total, factors, vector = (
            code.pointer(signature.args[n], arguments[n], arguments[n + 1]) for n in (0, 3, 7)
        )
        cells = [
            builder.gep(total, [builder.add(builder.mul(row, INT(r)), INT(v * code.width))])
            for r in range(count)
            for v in range(across)
        ]

        def step(k, sums):
            now, scalar = (
                builder.gep(p, [builder.mul(k, s)]) for p, s in ((vector, right_step), (factors, left_step))
            )
            loaded = [code.load(builder.gep(now, [INT(v * code.width)])) for v in range(across)]
            spread = [code.spread(builder.gep(scalar, [builder.mul(left_row, INT(r))])) for r in range(count)]
            return [code.fma(spread[n // across], loaded[n % across], old) for n, old in enumerate(sums)]

        code.loop(depth, cells, step)
        return context.get_dummy_value()

    return signature, emit


@intrinsic
def rank_two_tile(
    typing,
    sums,
    at,
    post,
    post_at,
    pre,
    pre_at,
    post_size,
    pre_size,
    first,
    rest,
    depth,
    rows,
    forward,
    backward,
    width,
):
    """Add the two indirect terms of the eligibility tangent, for one postsynaptic unit and a vector of presynaptic ones.

    ``sums[r, v] += sum_t post[t, first + r] A[t, v] + pre[t, first + r, v] B[t, v]`` with
    ``A = sum_m post[t, rest + m] pre[t, rest + m, v]`` over m < forward, B the same over the next `backward` entries.

    Parameters
    ----------
    sums, at
        Array and place of ``sums[0, 0]``; r, v contiguous.
    post, post_at
        Array and place of ``post[0, 0]``; t, then entries.
    pre, pre_at
        Array and place of ``pre[0, 0, 0]``; t, then entries of v.
    post_size, pre_size
        Entries of one t.
    first, rest
        The entry of row 0, the first of A.
    depth
        Number of steps t.
    rows, forward, backward, width
        Rows r, terms of A and of B, numbers of a vector.
    """
    signature = types.void(
        *(sums, _PLACE, post, _PLACE, pre, _PLACE, _PLACE, _PLACE, _PLACE, _PLACE, _PLACE),
        *(rows, forward, backward, width),
    )
    count, ahead, back = (n.count for n in (rows, forward, backward))

    def emit(context, builder, signature, arguments):
        code = VectorCode(context, builder, sums.dtype, width.count)
        total, scalar, vector = (
            code.pointer(signature.args[n], arguments[n], arguments[n + 1]) for n in (0, 2, 4)
        )
        post_size, pre_size, first, rest, depth = arguments[6:11]

        def step(t, sums):
            factors = builder.gep(scalar, [builder.mul(t, post_size)])
            vectors = builder.gep(vector, [builder.mul(t, builder.mul(pre_size, INT(code.width)))])

            def onto(entry):
                return code.spread(builder.gep(factors, [entry]))

            def of(entry):
                return code.load(builder.gep(vectors, [builder.mul(entry, INT(code.width))]))

            def mixed(entries):
                places = [builder.add(rest, INT(m)) for m in entries]
                return code.dot([(onto(place), of(place)) for place in places])

            a, b = mixed(range(ahead)), mixed(range(ahead, ahead + back))
            entries = [builder.add(first, INT(r)) for r in range(count)]
            after_post = [
                code.fma(onto(p), a, old) if ahead else old for p, old in zip(entries, sums, strict=True)
            ]
            return [
                code.fma(of(p), b, old) if back else old for p, old in zip(entries, after_post, strict=True)
            ]

        code.loop(depth, [builder.gep(total, [INT(r * code.width)]) for r in range(count)], step)
        return context.get_dummy_value()

    return signature, emit


@intrinsic
def transpose_tile(typing, source, source_at, source_row, result, result_at, result_row, width):
    """Write the transpose of a square tile: ``result[v, r] = source[r, v]`` for r, v < width.

    Parameters
    ----------
    source, source_at, source_row
        Array, place of ``source[0, 0]``, distance between rows r.
    result, result_at, result_row
        Array, place of ``result[0, 0]``, distance between rows v.
    width
        Numbers of a vector.
    """
    signature = types.void(source, _PLACE, _PLACE, result, _PLACE, _PLACE, width)

    def emit(context, builder, signature, arguments):
        code = VectorCode(context, builder, source.dtype, width.count)
        start, end = (code.pointer(signature.args[n], arguments[n], arguments[n + 1]) for n in (0, 3))
        count = range(code.width)
        rows = [code.load(builder.gep(start, [builder.mul(arguments[2], INT(r))])) for r in count]
        for v, row in enumerate(code.transpose(rows)):
            code.store(row, builder.gep(end, [builder.mul(arguments[5], INT(v))]))
        return context.get_dummy_value()

    return signature, emit
