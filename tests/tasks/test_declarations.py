"""Every task declares its settings, which are the arguments of its `make`, with the same defaults."""

import importlib
import inspect

import pytest

from declarations import problems
from threefactor.declarations import PACKAGE, declared, names_in

TASKS = {name: PACKAGE / f"tasks/{name}.py" for name in names_in("tasks", "make")}
SHARED = ["duration", "time_step", "target", "reward"]  # then delay


@pytest.mark.parametrize("name", TASKS)
def test_settings_are_the_arguments_of_make(name):
    settings = declared(TASKS[name]).get("SETTINGS", {})
    assert problems(settings) == []
    make = importlib.import_module(f"threefactor.tasks.{name}").make
    arguments = inspect.signature(make).parameters
    assert list(arguments)[:5] == [*SHARED, "delay"]
    private = {key: argument.default for key, argument in arguments.items() if key not in (*SHARED, "delay")}
    assert private == {key: one["default"] for key, one in settings.items()}


@pytest.mark.parametrize("name", TASKS)
def test_what_a_task_needs_is_known_without_importing_it(name):
    """A package that a task imports is declared, so that its absence can be said beforehand."""
    found = declared(TASKS[name])
    assert found.get("REQUIRES", ()) == (("neurogym",) if name == "neurogym" else ())
    outputs = [found["OUTPUTS"]] if "OUTPUTS" in found else []
    assert set(outputs) <= found.get("SETTINGS", {}).keys()


def test_the_setting_of_outputs_is_their_number():
    dpa = importlib.import_module("threefactor.tasks.dpa")
    name = declared(TASKS["dpa"])["OUTPUTS"]
    for count in (2, 5):
        assert dpa.make(1000.0, 20.0, 0.9, "graded", **{name: count}).outputs == count
