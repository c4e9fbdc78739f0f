"""No pickle is ever loaded: not one line of the package could, and a malicious one under any name runs nothing."""

import ast
import pickle
from pathlib import Path

import pytest

from threefactor.cli.main import main
from threefactor.declarations import PACKAGE

FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}

NEEDED = {"torch.load": "weights_only=True", "np.load": "allow_pickle=False"}
"""What reads pickles unless it is told not to."""


def calls(tree):
    """Yield what each call is of, with its keywords."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), [ast.unparse(word) for word in node.keywords]


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_file_loads_pickles(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.partition(".")[0] for name in imported} & FORBIDDEN
    for name, keywords in calls(tree):
        assert "pickle" not in name
        assert "unsafe" not in name
        assert name not in NEEDED or NEEDED[name] in keywords
        assert name != "yaml.load" or "yaml.SafeLoader" in path.read_text(encoding="utf-8")


class Malicious:
    """Makes a folder when it is loaded."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return Path.mkdir, (Path(self.place),)


READERS = {
    "learn": ["learn", "--theta", "FILE.csv"],
    "recover, numpy": ["recover", "--data", "FILE.npz"],
    "recover, safetensors": ["recover", "--data", "FILE.safetensors"],
    "export": ["export", "FILE.safetensors", "--to", "a.npz"],
    "settings": ["retrain", "--learning-rule", "theta_33", "--batch", "0", "--config", "FILE.yaml"],
    "validate": ["validate", "--input", "theta=FILE.csv"],
    "analyse": [
        "analyse",
        "--learning-rule",
        "theta_33",
        "--batch",
        "0",
        "--input",
        "solutions=FILE.safetensors",
    ],
    "headline": ["headline", "--input", "theta=FILE.csv"],
}


@pytest.mark.parametrize("case", READERS)
def test_a_malicious_pickle_runs_nothing_under_any_name(case, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text("tracking: {uri: ''}")
    evil = pickle.dumps(Malicious(str(tmp_path / "evil")))
    for word in READERS[case]:
        if "FILE" in word:
            (tmp_path / word.rpartition("=")[2]).write_bytes(evil)
    assert main(READERS[case]) in (1, 2)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert "FILE." in line or "does not exist" in line
    assert not (tmp_path / "evil").exists()
    pickle.loads(evil)
    assert (tmp_path / "evil").is_dir(), "it would have, if it had been loaded"
