"""Arrays that compiled code does not count references to.

Numba counts the references to an array whenever a row of it is taken, by an atomic instruction that costs as much as a
short row itself. Who calls a kernel holds its arrays until it returns, so that a kernel need not count.
"""

# mypy: disable-error-code="no-untyped-def"

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


def _borrow(typing, value):
    def emit(context, builder, signature, arguments):
        return _uncounted(context, builder, value, arguments[0])

    return value(value), emit


borrow: Any = intrinsic(_borrow)
"""Return an array, or a tuple of arrays and others, whose references are not counted.

It takes what the caller holds. What a kernel makes itself must not be borrowed: nothing would hold it.
"""


def _uncounted(context, builder, kind, value):
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        array.parent = cgutils.get_null_value(array.parent.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        for n, part in enumerate(iter(kind)):  # type: ignore[call-overload]
            inner = _uncounted(context, builder, part, builder.extract_value(value, n))
            value = builder.insert_value(value, inner, n)
        return value
    if not isinstance(kind, types.Number):
        raise TypeError(f"{kind} cannot be borrowed")
    return value
