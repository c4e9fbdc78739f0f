"""The name of a mask, as settings give it."""

from typing import TYPE_CHECKING, Literal

from threefactor.metalearning.masks import MASKS

if TYPE_CHECKING:
    Mask = str
else:
    Mask = Literal[tuple(MASKS)]
