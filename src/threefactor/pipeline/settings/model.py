"""All settings of one experiment, composed of the blocks that stages, tasks and learning rules declare."""

import contextlib
import functools
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, create_model

from threefactor.declarations import PACKAGE, DeclarationError, imported, is_named, names_in
from threefactor.experiment import rules
from threefactor.experiment.settings.block import Block, Unreadable, unreadable
from threefactor.experiment.settings.criterion import Criterion
from threefactor.experiment.settings.declared import block_of, field_of
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.settings.figures import Figures
from threefactor.experiment.settings.network import Network
from threefactor.experiment.settings.perturbation import Perturbation
from threefactor.experiment.settings.plasticity import Plasticity
from threefactor.experiment.settings.task import Task
from threefactor.experiment.settings.tracking import Tracking


class Base(Block):
    """All settings of one experiment, one field a block; what a file leaves out has its default."""

    results: str = Field(
        "results",
        pattern=r"^/?[\w+][\w.+-]*(/[\w+][\w.+-]*)*/?$",
        description="folder of all result files; each part of it begins with a letter, a digit or _",
    )
    seed: int = Field(1, ge=0, description="seed of every random draw, together with the draw's purpose")
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="where tensors are; 'auto' takes a GPU if there is one"
    )
    precision: Literal["float32", "float64"] = Field("float32", description="floating point type")
    tf32: bool = Field(
        False,
        description="whether a GPU's products over time may round to 10 bits, several times sooner; scans never do",
    )

    if TYPE_CHECKING:  # the blocks, which no type checker can know

        def __getattr__(self, name: str) -> Any: ...


SHARED: dict[str, type[Block]] = {
    "network": Network,
    "perturbation": Perturbation,
    "plasticity": Plasticity,
    "criterion": Criterion,
}
"""Blocks that several stages read."""

LAST: dict[str, type[Block]] = {"figures": Figures, "tracking": Tracking}
"""Blocks that decide no number."""


@functools.cache
def config_class() -> type[Base]:
    """Return the model of all settings."""
    task = _group("Task", Task, "tasks", names_in("tasks", "make"))
    learning_rules = _group("LearningRules", Block, "learning_rules", rules.files())
    learning_rules.__doc__ = "Settings that one learning rule alone reads, a group a rule."
    blocks = {"task": task, **SHARED, "learning_rules": learning_rules, **_blocks_of_stages(), **LAST}
    fields: dict[str, Any] = {}
    for name, block in blocks.items():
        words = (block.__doc__ or "").partition("\n")[0].rstrip(".")
        field, alias = field_of(name)
        fields[field] = (block, Field(block(), description=words, alias=alias))
    return create_model("Config", __base__=Base, **fields)


def stage_blocks() -> list[str]:
    """List the stages that have settings."""
    return sorted(
        path.parent.name for path in (PACKAGE / "stages").glob("*/settings.py") if is_named(path.parent)
    )


def broken_blocks() -> dict[str, str]:
    """Say why settings of stages cannot be read whose ``settings.py`` is broken, by the stage's name."""
    return {
        name: block._problem for name, block in _blocks_of_stages().items() if issubclass(block, Unreadable)
    }


@functools.cache
def _blocks_of_stages() -> dict[str, type[Block]]:
    """Return the block of every stage that has settings; of one that is broken, a stand-in that says so when read."""
    found: dict[str, type[Block]] = {}
    for name in stage_blocks():
        try:
            found[name] = _block_of_stage(name)
        except (SettingsError, DeclarationError) as problem:
            found[name] = unreadable(str(problem))
    return found


def _block_of_stage(name: str) -> type[Block]:
    """Return the block of a stage: the class named as its folder."""
    module = imported(f"stages.{name}.settings")
    wanted = name.title().replace("_", "")
    block: type[Block] | None = getattr(module, wanted, None)
    if block is None:
        raise SettingsError(
            f"stages/{name}/settings.py: {wanted} is missing: must be the Block of settings of the stage"
        )
    return block


def _group(name: str, base: type[Block], folder: str, files: list[str]) -> type[Block]:
    """Return a block with a group for each file of a folder that declares settings, without those declared wrong.

    What is wrong in a file is said when its rule or task is asked for, see `rules.expect` and `task.conflicts`.
    """
    groups: dict[str, type[Block] | None] = {}
    for file in files:
        with contextlib.suppress(SettingsError, DeclarationError):
            groups[file] = block_of(folder, file)
    fields: dict[str, Any] = {}
    for file, block in groups.items():
        if block is None:
            continue
        if file in base.model_fields:
            raise SettingsError(
                f"{PACKAGE / folder / file}.py: SETTINGS: must be in a file of another name, {file!r} is a key of its own"
            )
        field, alias = field_of(file)
        fields[field] = (block, Field(block(), description=f"settings of {file} alone", alias=alias))
    made = create_model(name, __base__=base, **fields)
    made.__doc__ = base.__doc__
    return made
