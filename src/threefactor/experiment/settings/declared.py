"""Blocks of settings made from what learning rules and tasks declare in their own files."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, PydanticUserError, ValidationError, create_model

from threefactor.declarations import PACKAGE, declared
from threefactor.experiment.settings.block import Block
from threefactor.experiment.settings.errors import SettingsError, explain

BOUNDS = {"above": "gt", "at_least": "ge", "below": "lt", "at_most": "le"}
"""What a declaration calls the bounds of a number, and what pydantic does."""

SHARED = {"tasks": {"duration", "time_step", "target", "reward", "delay"}}
"""What every file of a folder is given beside its own settings; see `threefactor.experiment.build.task`."""

KEYS = {"default", "meaning", "unit", "choices", *BOUNDS}


def block_of(folder: str, name: str) -> type[Block] | None:
    """Return the block of settings that a file of a folder declares; None where it declares none.

    Raises
    ------
    SettingsError
        If a setting has other keys than `KEYS`, no default or meaning, a default that its own bounds refuse, or a name of
        `SHARED`.
    """
    file = PACKAGE / folder / f"{name}.py"
    found: Mapping[str, Mapping[str, Any]] = declared(file).get("SETTINGS", {})
    if not found:
        return None
    if not isinstance(found, Mapping) or not all(isinstance(one, Mapping) for one in found.values()):
        raise SettingsError(f"{file}: SETTINGS = {found!r}: must be a group of keys for each setting")
    if taken := SHARED.get(folder, set()) & set(found):
        raise SettingsError(
            f"{file}: SETTINGS[{min(taken)!r}]: must have another name, {min(taken)!r} is what all {folder} are given"
        )
    fields: dict[str, Any] = {
        field_of(key)[0]: _field(f"{file}: SETTINGS[{key!r}]", one, field_of(key)[1])
        for key, one in found.items()
    }
    try:
        made = create_model(name.title().replace("_", ""), __base__=Block, **fields)
        made()
    except ValidationError as problem:
        raise SettingsError(f"{file}: SETTINGS: {explain(problem, made)}") from None
    except (PydanticUserError, TypeError, ValueError, NameError) as problem:
        raise SettingsError(f"{file}: SETTINGS: {' '.join(str(problem).split())}") from None
    made.__doc__ = f"Settings of `{folder}/{name}.py`."
    return made


def field_of(name: str) -> tuple[str, str | None]:
    """Return the field for a key, and the alias by which files know it where it is named like a part of all models."""
    return (f"own_{name}", name) if hasattr(BaseModel, name) else (name, None)


def _field(place: str, declaration: Mapping[str, Any], alias: str | None) -> tuple[Any, Any]:
    """Turn one declaration into a field."""
    if strange := set(declaration) - KEYS:
        raise SettingsError(f"{place}: key {sorted(strange)[0]!r} must be one of {', '.join(sorted(KEYS))}")
    if missing := {"default", "meaning"} - set(declaration):
        raise SettingsError(f"{place}: {sorted(missing)[0]!r} is missing")
    if not all(isinstance(declaration.get(key, ""), str) for key in ("meaning", "unit")):
        raise SettingsError(f"{place}: meaning and unit must be texts")
    default, unit = declaration["default"], declaration.get("unit")
    description = declaration["meaning"] + (f", {unit}" if unit else "")
    bounds = {BOUNDS[key]: value for key, value in declaration.items() if key in BOUNDS}
    return _type(declaration, default), Field(default, description=description, alias=alias, **bounds)


def _type(declaration: Mapping[str, Any], default: Any) -> Any:
    """Return the type of a setting: that of its default, or one of its choices."""
    if "choices" in declaration:
        return Literal[tuple(declaration["choices"])]
    if isinstance(default, tuple):
        return Annotated[tuple[str, ...], Field(strict=False)]
    return type(default)
