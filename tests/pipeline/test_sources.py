"""Fingerprints of source files: code counts, words and declarations do not."""

import grimp
import pytest

from threefactor.pipeline import sources

CODE = '''"""Words."""
# more words
LABEL = "a label"


def f(x):
    """Double x."""
    return 2 * x  # why


class Some(Block):
    """Words."""

    key: int = Field(3, description="words")

    def twice(self):
        return 2 * self.key
'''


@pytest.fixture
def edited(tmp_path):
    """Return the fingerprint of a text."""

    def fingerprint(text, folder="learning_rules"):
        (tmp_path / folder).mkdir(exist_ok=True, parents=True)
        path = tmp_path / folder / f"{len(list((tmp_path / folder).iterdir()))}.py"
        path.write_text(text)
        return sources.fingerprint(path)

    return fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Words", "Other"),
        ("# why", ""),
        ('    """Double x."""\n', ""),
        ('"a label"', '"another"'),
        ('description="words"', 'description="other"'),
        ("Field(3", "Field(4"),
    ],
)
def test_words_and_declarations_do_not_count(edited, old, new):
    assert edited(CODE) == edited(CODE.replace(old, new, 1))


@pytest.mark.parametrize(("old", "new"), [("2 * x", "3 * x"), ("2 * self", "3 * self"), ("def f", "def g")])
def test_code_counts(edited, old, new):
    assert edited(CODE) != edited(CODE.replace(old, new, 1))


def test_a_stage_runs_the_kernels_of_every_device():
    run = {line.rpartition(" ")[0] for line in sources.code("stages.retrain.compute")}
    for kernel in ("torch", "cpu", "cuda"):
        assert f"kernels/{kernel}/scans.py" in run


def test_a_stage_runs_the_pages_that_it_fills_in():
    run = {line.rpartition(" ")[0] for line in sources.code("stages.compare_solutions.compute")}
    assert "stages/compare_solutions/map.html" in run


def test_constants_that_declare_elsewhere_are_code(edited):
    """Figures call their files INPUTS; in a task this can be the number of its inputs."""
    first, second = "INPUTS = 2\n", "INPUTS = 3\n"
    assert edited(first, "plotting") != edited(second, "plotting")
    assert edited(first, "tasks") != edited(second, "tasks")
    assert edited(first, "stages/own/figures") == edited(second, "stages/own/figures")
    label = ('LABEL = "a"\n', 'LABEL = "b"\n')
    assert edited(label[0], "learning_rules") == edited(label[1], "learning_rules")
    assert edited(label[0], "tasks") != edited(label[1], "tasks")


def test_imports_are_those_that_an_independent_reader_finds():
    """Of all modules of the package but those that only watch."""
    graph = grimp.build_graph("threefactor", cache_dir=None, exclude_type_checking_imports=True)
    watches = {sources.WATCHES} | graph.find_descendants(sources.WATCHES)
    assert len(graph.modules) > 300
    for module in graph.modules:
        assert sources.imports(module) == graph.find_modules_directly_imported_by(module) - watches, module
