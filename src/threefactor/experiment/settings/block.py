"""What all blocks of the settings share."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that is safe as part of a file name and as a wildcard."""

Time = Annotated[float, Field(gt=0)] | Literal[""]
"""A time constant in ms; an empty text stands for none, that is infinity."""


Term = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
"""A term of θ by its powers k and l, as '33'."""


class Block(BaseModel):
    """A frozen group of settings: knows its keys, takes no other, turns no text into a number."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False
    )
