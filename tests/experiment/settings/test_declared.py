"""Settings belong to the file that declares them, whatever it and they are called."""

import re

import pytest

from threefactor.experiment.settings import declared
from threefactor.experiment.settings.block import Block
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.settings.task import Task
from threefactor.pipeline.settings import model


def one(name):
    return f"SETTINGS = {{{name!r}: {{'default': 1.0, 'meaning': 'some size'}}}}"


@pytest.fixture
def package(tmp_path, monkeypatch):
    for module in (declared, model):
        monkeypatch.setattr(module, "PACKAGE", tmp_path)
    for folder in ("tasks", "learning_rules"):
        (tmp_path / folder).mkdir()
    return tmp_path


@pytest.mark.parametrize("file", ["delay", "duration", "copy", "json", "model_dump"])
@pytest.mark.parametrize("key", ["strength", "copy", "model_dump"])
def test_a_file_and_its_settings_may_have_any_names_that_are_free(package, file, key):
    (package / f"tasks/{file}.py").write_text(one(key))
    made = model._group("Task", Task, "tasks", [file]).model_validate({file: {key: 2.0}})
    tree = made.model_dump(by_alias=True)
    assert tree[file] == {key: 2.0}
    assert {**tree, file: None} == {**Task().model_dump(), file: None}, "what all tasks share stays"


@pytest.mark.parametrize("file", sorted(Task.model_fields))
def test_a_task_with_the_name_of_a_shared_setting_has_none_of_its_own(package, file):
    (package / f"tasks/{file}.py").write_text(one("strength"))
    with pytest.raises(
        SettingsError, match=rf"tasks/{file}\.py: SETTINGS: must be in a file of another name"
    ):
        model._group("Task", Task, "tasks", [file])


@pytest.mark.parametrize("key", ["delay", "duration", "reward", "target", "time_step"])
def test_a_setting_is_not_named_as_what_all_tasks_are_given(package, key):
    (package / "tasks/mine.py").write_text(one(key))
    (package / "learning_rules/mine.py").write_text(one(key))
    message = re.escape(f"tasks/mine.py: SETTINGS[{key!r}]: must have another name")
    with pytest.raises(SettingsError, match=message):
        declared.block_of("tasks", "mine")
    assert issubclass(declared.block_of("learning_rules", "mine"), Block)
