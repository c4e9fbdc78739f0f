"""Files stay short enough to be read at once; those that do not, say here why."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = 200
LONGER = {
    "src/threefactor/contract.py": "all that a learning rule is given and gives, on one page",
    "src/threefactor/experiment/rules.py": "what rules there are, and the words by which each wrong name is refused",
    "src/threefactor/analysis/measures.py": "one list of entries, to which a measure is added",
    "src/threefactor/analysis/learning/headline.py": "numbers are gathered beside the table that explains their keys",
    "src/threefactor/api.py": "a notebook finds all it needs on one page",
    "src/threefactor/derivatives/hyperparameters.py": "one list of what can be learned, with the derivative of each",
    "src/threefactor/kernels/cpu/lanes.py": "three loops share how vectors of the processor are addressed",
    "src/threefactor/kernels/cpu/tangent_steps.py": "one time step, in the orders in which tangents are computed",
}


def test_files_over_200_lines_are_those_with_a_reason():
    paths = [path for folder in ("src", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert {name for name, count in lines.items() if count > LINES} == set(LONGER)
