"""Stages and figures as their own files declare them."""

import pytest

from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline import files, registry, workflow
from threefactor.pipeline.settings import load


def test_a_stage_comes_after_those_that_it_reads_from():
    order = list(registry.stages())
    for name, spec in registry.stages().items():
        for one in spec.inputs.values():
            assert order.index(registry.maker(one.pattern)) < order.index(name)


def test_no_two_jobs_write_the_same_file():
    paths = files.all_outputs(load.parse({}))
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("name", registry.figures())
def test_a_figure_reads_what_is_made_and_has_a_caption(name):
    figure = registry.figures()[name]
    for pattern in figure.inputs.values():
        assert registry.maker(pattern)
    assert figure.caption.exists()
    assert figure.help


@pytest.mark.parametrize("name", workflow.texts())
def test_the_rules_are_those_of_the_specs(name):
    """The files in workflow/rules are written from the specs: `python -m threefactor.pipeline.workflow` mends them."""
    path = workflow.FOLDER / name
    repair = f"{path} is not as its spec says; to mend it: {workflow.COMMAND}"
    assert path.exists(), repair
    assert path.read_text(encoding="utf-8") == workflow.texts()[name], repair


def test_what_has_no_rule_is_refused_with_the_command_that_writes_it(tmp_path):
    workflow.write(tmp_path)
    workflow.expect(tmp_path)
    text = (tmp_path / "compare_learning.smk").read_text()
    (tmp_path / "compare_learning.smk").write_text(text.replace("rule draw_learning_curves:", "rule other:"))
    with pytest.raises(
        SettingsError, match=r"compare_learning\.smk: has no rule draw_learning_curves; 'make generate'"
    ):
        workflow.expect(tmp_path)
    workflow.write(tmp_path)
    (tmp_path / "align.smk").unlink()
    with pytest.raises(SettingsError, match=r"align\.smk: has no rule align;"):
        workflow.expect(tmp_path)


def test_no_rule_is_left_of_a_stage_that_is_gone():
    written = {path.name for path in workflow.FOLDER.glob("*.smk")} - {"common.smk", "tracking.smk"}
    assert written == set(workflow.texts())
