"""What all blocks of the settings share."""

from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from threefactor.declarations import DeclarationError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name that is safe as part of a file name and as a wildcard."""

Time = Annotated[float, Field(gt=0)] | Literal[""]
"""A time constant in ms; an empty text stands for none, that is infinity."""


Term = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
"""A term of θ by its powers k and l, as '33'."""


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must have each value once")
    return values


Once = AfterValidator(_once)
"""Marks a list in which no value may stand twice."""


class Block(BaseModel):
    """A frozen group of settings: knows its keys, takes no other, turns no text into a number."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse code in a block: reruns follow its values, not what it computes from them."""
        super().__pydantic_init_subclass__(**kwargs)
        checks = {
            *cls.__pydantic_decorators__.field_validators,
            *cls.__pydantic_decorators__.model_validators,
        }
        for name, value in vars(cls).items():
            is_code = callable(value) or isinstance(
                value, property | classmethod | staticmethod | cached_property
            )
            if is_code and name not in checks and not name.startswith("_"):
                raise TypeError(
                    f"{cls.__name__}.{name}: must be a function beside the block; reruns follow its code"
                )


class Unreadable(Block):
    """Stands for a block whose file is broken: takes what a file of settings says, and refuses to be read."""

    model_config = ConfigDict(extra="allow")

    _problem: ClassVar[str] = ""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise DeclarationError(self._problem)


def unreadable(problem: str) -> type[Unreadable]:
    """Return the stand-in of a block, with what is wrong with its file."""
    return type(
        "Unreadable", (Unreadable,), {"_problem": problem, "__annotations__": {"_problem": ClassVar[str]}}
    )
