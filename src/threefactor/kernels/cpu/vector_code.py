"""Instructions on vectors, as LLVM has them: what the tiles of `threefactor.kernels.cpu.lanes` are written in."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

INT = ir.IntType(64)


class VectorCode:
    """Instructions on vectors of one type."""

    def __init__(self, context: Any, builder: Any, dtype: types.Float, width: int) -> None:
        self.context, self.builder, self.width = context, builder, width
        self.single = dtype.bitwidth == 32
        self.number = ir.FloatType() if self.single else ir.DoubleType()
        self.vector = ir.VectorType(self.number, width)

    def pointer(self, array: types.Array, value: Any, place: Any) -> Any:
        """Return the address of an element of an array."""
        data = self.context.make_array(array)(self.context, self.builder, value).data
        return self.builder.gep(data, [place])

    def load(self, address: Any) -> Any:
        """Return the vector at an address of its first number."""
        return self.builder.load(self.builder.bitcast(address, self.vector.as_pointer()), align=self._align)

    def store(self, vector: Any, address: Any) -> None:
        """Write a vector."""
        self.builder.store(vector, self.builder.bitcast(address, self.vector.as_pointer()), align=self._align)

    def spread(self, address: Any) -> Any:
        """Return a vector of equal numbers, the one at the address."""
        empty = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(empty, self.builder.load(address), ir.IntType(32)(0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), self.width), [0] * self.width)
        return self.builder.shuffle_vector(first, empty, mask)

    def fma(self, x: Any, y: Any, total: Any) -> Any:
        """Return ``x y + total``."""
        name = f"llvm.fma.v{self.width}f{32 if self.single else 64}"
        signature = ir.FunctionType(self.vector, [self.vector] * 3)
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, signature, name), [x, y, total]
        )

    def dot(self, pairs: list[tuple[Any, Any]]) -> Any:
        """Return the sum of products; None of no pair."""
        total = None
        for x, y in pairs:
            total = self.builder.fmul(x, y) if total is None else self.fma(x, y, total)
        return total

    def transpose(self, rows: list[Any]) -> list[Any]:
        """Return the columns of as many vectors as a vector has numbers.

        Dealt out as one pack, row after row, a perfect shuffle moves each number's place ``row width + column`` one bit
        round; after as many shuffles as the column has bits, row and column have changed places.
        """
        half, count = self.width // 2, self.width.bit_length() - 1
        cards = [n // 2 + self.width * (n % 2) for n in range(2 * self.width)]
        places = ir.VectorType(ir.IntType(32), self.width)
        masks = [ir.Constant(places, cards[: self.width]), ir.Constant(places, cards[self.width :])]
        for _ in range(count):
            rows = [
                self.builder.shuffle_vector(rows[n], rows[n + half], mask)
                for n in range(half)
                for mask in masks
            ]
        return rows

    def loop(self, depth: Any, cells: list[Any], step: Callable[[Any, list[Any]], list[Any]]) -> None:
        """Keep what stands at the cells in registers, change it in `depth` steps, and write it back."""
        builder = self.builder
        before = builder.block
        start = [self.load(cell) for cell in cells]
        head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
        builder.branch(head)
        builder.position_at_end(head)
        k, sums = builder.phi(INT), [builder.phi(self.vector) for _ in cells]
        builder.cbranch(builder.icmp_signed("<", k, depth), body, after)
        builder.position_at_end(body)
        found = step(k, sums)
        for phi, first, later in zip(sums, start, found, strict=True):
            phi.add_incoming(first, before)
            phi.add_incoming(later, builder.block)
        k.add_incoming(INT(0), before)
        k.add_incoming(builder.add(k, INT(1)), builder.block)
        builder.branch(head)
        builder.position_at_end(after)
        for cell, total in zip(cells, sums, strict=True):
            self.store(total, cell)

    @property
    def _align(self) -> int:
        return 4 if self.single else 8
