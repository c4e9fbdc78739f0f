"""Whatever a rule remembers comes back from a checkpoint as it was, or is refused when it is kept."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from threefactor.pipeline.storage.checkpoint import Checkpoint
from threefactor.pipeline.storage.trees import UnkeepableError, flatten, restore

CPU = torch.device("cpu")


class Memory(NamedTuple):
    trace: torch.Tensor
    more: dict
    parts: tuple
    rate: float
    count: int
    name: str
    is_old: bool
    nothing: None = None


def memory(size):
    return Memory(
        torch.randn(size, 3),
        {"a": torch.arange(size), "b": {"c": torch.tensor(2.5)}, "numbers": [torch.ones(2), torch.zeros(1)]},
        ((), (torch.ones(1), 7)),
        0.1 + 0.2,
        size,
        "a.b",
        True,
    )


def alike(one, other):
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return type(one) is type(other) and len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and one == other


def test_a_checkpoint_brings_back_tuples_lists_dicts_and_numbers(tmp_path):
    torch.manual_seed(0)
    saved, kept = Checkpoint(tmp_path / "c.checkpoint", "one"), memory(4)
    saved.save(flatten(kept))
    assert alike(restore(memory(2), saved.load(CPU)), kept), "tensors and numbers may have had other values"


def test_dicts_may_have_grown():
    grown = {"kept": {"a": torch.ones(3), "b": torch.zeros(2)}, "few": [1.5, 2.5]}
    assert alike(restore({"kept": {}, "few": []}, flatten(grown)), grown)


KINDS = [
    {"a.b": torch.ones(1), "a": {"b": torch.zeros(2)}},
    {1: torch.ones(1), "1": torch.zeros(1), None: 2, 0.5: True},
    (torch.ones(2), {"e": [1, (2.5, torch.zeros(3))]}),
    [Memory(torch.ones(1), {}, (), 0.5, 1, "", False)],
    None,
]
"""Trees some of which another writing of their paths would mix up."""


@pytest.mark.parametrize("tree", KINDS, ids=range(len(KINDS)))
@pytest.mark.parametrize("began_as", [None, (), {}, torch.ones(1), {"a": 1}])
def test_whatever_the_state_was_at_its_start_it_comes_back_as_it_was_kept(tmp_path, tree, began_as):
    saved = Checkpoint(tmp_path / "c.checkpoint", "one")
    saved.save(flatten({"memory": tree}))
    assert alike(restore({"memory": began_as}, saved.load(CPU)), {"memory": tree})


def test_a_key_that_would_come_back_as_another_is_refused():
    with pytest.raises(UnkeepableError, match=re.escape("state memory: key (3, 3): must be a text")):
        flatten({"memory": {(3, 3): torch.ones(1)}})


@pytest.mark.parametrize("bad", [{1, 2}, object(), Path("a"), 1j])
def test_what_cannot_be_kept_is_refused_with_its_place(bad):
    with pytest.raises(UnkeepableError, match=re.escape("state memory.x = ")):
        flatten({"memory": {"x": bad}})
