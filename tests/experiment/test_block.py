"""Blocks of settings hold values and no code, which no rerun would follow."""

from functools import cached_property

import pytest
from pydantic import field_validator

from threefactor.experiment.settings.block import Block


@pytest.mark.parametrize(
    "kind", [property, cached_property, classmethod, staticmethod, lambda function: function]
)
def test_a_block_with_code_is_refused(kind):
    with pytest.raises(TypeError, match=r"Own\.twice: must be a function beside the block"):
        type("Own", (Block,), {"__annotations__": {"key": int}, "key": 1, "twice": kind(lambda self: 2)})


def test_values_may_be_checked():
    class Own(Block):
        """Own settings."""

        key: int = 1

        @field_validator("key")
        @classmethod
        def less(cls, key):
            return key - 1

    assert Own(key=3).key == 2
