"""Which source files a stage runs, and what counts as an edit."""

import pytest

from threefactor.config import uses
from threefactor.pipeline import fingerprints as closure
from threefactor.pipeline.settings import load

CODE = '''"""Words."""
# more words
def f(x):
    """Double x."""
    return 2 * x  # why
'''


@pytest.fixture
def edited(tmp_path):
    """Return the fingerprint of a text."""

    def fingerprint(text):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.py"
        path.write_text(text)
        return closure.fingerprint(path)

    return fingerprint


def test_words_do_not_count(edited):
    assert edited(CODE) == edited(
        CODE.replace("Words", "Other").replace("# why", "").replace("Double x", "Twice")
    )
    assert edited(CODE) == edited(CODE.replace('    """Double x."""\n', ""))


def test_code_counts(edited):
    assert edited(CODE) != edited(CODE.replace("2 * x", "3 * x"))
    assert edited(CODE) != edited(CODE.replace("return 2 * x", "return '2 * x'"))


def test_a_stage_runs_what_it_imports_and_no_more():
    files = {line.split()[0] for line in closure.code("stages.retrain")}
    assert {"stages/retrain.py", "stages/job.py", "kernels/__init__.py", "network/simulate.py"} <= files
    assert not [file for file in files if file.startswith(("config/", "tracking/", "cli/", "figures/"))]
    assert "stages/metalearn.py" not in files


def test_a_job_runs_the_rule_and_task_that_it_names():
    config = load.parse({})
    shared = " ".join(uses.shared_lines(config, "retrain"))
    assert "tasks/dnms.py" in shared
    assert "learning_rules/bptt.py" not in shared
    bptt = uses.chosen_lines(config, "retrain", {"learning_rule": "bptt", "batch": "0"})
    assert any(line.startswith("learning_rules/bptt.py ") for line in bptt)
    assert not [
        line
        for line in uses.chosen_lines(config, "retrain", {"learning_rule": "theta_33", "batch": "0"})
        if "bptt" in line
    ]
