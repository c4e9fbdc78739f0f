"""`learn`: which rules it takes, and where it draws."""

import pytest

from threefactor.cli import theta
from threefactor.cli.main import main
from threefactor.experiment.settings.errors import SettingsError
from threefactor.pipeline.settings import load

TINY = """
device: cpu
task: {duration_ms: 100.0}
network: {units: 12}
plasticity: {warm_up_trials: 2}
criterion: {window: 5, horizon: 10}
tracking: {uri: ""}
"""

TABLES = {
    "text": (b"not a table at all\n", ("k, l, theta",)),
    "nothing": (b"", ("k, l, theta",)),
    "no text": (b"\xff\xfe\x00\x01", ("k, l, theta",)),
    "uneven": (b"k,l,theta\n1,2,3\n1,2,3,4,5\n", ("k, l, theta",)),
    "no row": (b"k,l,theta\n", ("a row per term",)),
    "no theta": (b"k,l\n3,3\n", ("theta is missing",)),
    "negative": (b"k,l,theta\n3,3,-1\n-1,3,1\n", ("row 2", "0 to 9")),
    "fraction": (b"k,l,theta\n1.5,3,1\n", ("row 1",)),
    "large": (b"k,l,theta\n10,3,1\n", ("row 1",)),
    "word": (b"k,l,theta\n3,3,much\n", ("row 1",)),
    "empty cell": (b"k,l,theta\n3,3,\n", ("row 1",)),
    "twice": (b"k,l,theta\n3,3,1\n3,3,2\n", ("term 33", "once")),
    "semicolons": (b"k;l;theta\n3;3;-0,7\n", ("k, l, theta is missing",)),
    "tabs": (b"k\tl\ttheta\n3\t3\t-0.7\n", ("k, l, theta is missing",)),
    "spaces": (b"k, l, theta\n3, 3, -0.7\n", ("l, theta is missing",)),
    "a separator as Excel says it": (b"sep=,\nk,l,theta\n3,3,-0.7\n", ("k, l, theta",)),
    "a comment": (b"# my rule\nk,l,theta\n3,3,-0.7\n", ("k, l, theta",)),
    "capitals": (b"K,L,Theta\n3,3,-0.7\n", ("k, l, theta is missing",)),
    "Greek": ("k,l,θ\n3,3,-0.7\n".encode(), ("theta is missing",)),
    "a thousand": (b'k,l,theta\n3,3,"1,234.5"\n', ("row 1",)),
    "per cent": (b"k,l,theta\n3,3,-70%\n", ("row 1",)),
    "another minus": ("k,l,theta\n3,3,−0.7\n".encode(), ("row 1",)),
    "rows of nothing": (b"k,l,theta\n3,3,-0.7\n,,\n,,\n", ("row 2",)),
    "UTF-16": ("k,l,theta\n3,3,-0.7\n".encode("utf-16"), ("k, l, theta",)),
    "a workbook": (b"PK\3\4\5\6" + bytes(range(256)), ("k, l, theta",)),
}
"""Content of a file, and what the message names."""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Return words that choose tiny settings, and stand in a folder of one's own."""
    (tmp_path / "tiny.yaml").write_text(TINY)
    monkeypatch.chdir(tmp_path)
    return ["--config", "tiny.yaml", "--networks", "2"]


@pytest.mark.parametrize("case", TABLES)
def test_an_odd_table_is_refused_in_one_line(case, settings, tmp_path, capsys):
    content, named = TABLES[case]
    (tmp_path / "odd.csv").write_bytes(content)
    assert main(["learn", "--theta", "odd.csv", *settings]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: --theta odd.csv")
    assert "must " in error
    assert all(word in error for word in named)
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["33", "33=-1"], r"--theta 33 33=-1: term 33 must stand once"),
        (["33=much"], r"--theta 33=much: 'much' must be"),
        (["33="], r"--theta 33=: '' must be"),
        (["33=inf"], r"--theta 33=inf: 'inf' must be"),
        (["33", "3"], r"--theta 3: must be two digits k, l"),
        (["33", "theta.csv"], r"--theta theta.csv: must be two digits k, l"),
    ],
)
def test_odd_terms_are_refused(words, message):
    with pytest.raises(SettingsError, match=message):
        theta.read(words)


def test_terms_and_tables_are_read(tmp_path):
    assert theta.read(["33=-0.3"])[1:] == ("θ₃₃ = −0.3", [(3, 3)], [-0.3]), "a point does not make it a file"
    assert theta.read(["33", "12", "15=2"])[2:] == ([(3, 3), (1, 2), (1, 5)], [-1.0, 1.0, 2.0])
    every = [f"{k}{l}=-0.125" for k in range(10) for l in range(10)]
    assert len(theta.read(every).name) < 200, "a file has a name of 255 characters at most"
    path = tmp_path / "learned_random" / "theta.csv"
    path.parent.mkdir()
    path.write_text("k,l,start,theta\n3,3,9,-1.5\n1,5,9,0.5\n")
    assert theta.read([str(path)]) == ("learned_random", "learned from random", [(3, 3), (1, 5)], [-1.5, 0.5])


@pytest.mark.parametrize(
    "content",
    [
        b"k,l,theta\n3,3,-0.7\n1,3,-0.2\n",
        b"\xef\xbb\xbfk,l,theta\n3,3,-0.7\n1,3,-0.2\n",
        b'\xef\xbb\xbf"k","l","theta"\r\n"3","3","-0.7"\r\n"1","3","-0.2"\r\n',
        b"k,l,theta\r3,3,-0.7\r1,3,-0.2\r",
        b"k,l,theta\n3.0,3.0,-0.7\n1.0,3.0,-0.2\n",
        b",k,l,theta\n0,3,3,-0.7\n1,1,3,-0.2\n",
        b"k,l,theta,,\n3,3,-0.7,,\n1,3,-0.2,,\n",
    ],
    ids=["plain", "mark", "Excel", "old Mac", "powers with a point", "an index", "empty columns"],
)
def test_a_table_as_excel_and_others_write_it_is_read(content, tmp_path):
    path = tmp_path / "my rule (v2) θ.csv"
    path.write_bytes(content)
    found = theta.read([str(path)])
    assert found.terms == [(3, 3), (1, 3)]
    assert found.values == [-0.7, -0.2]
    assert found.name == "my_rule__v2__θ"


def test_a_table_brings_the_settings_that_were_learned_with_it(tmp_path):
    config = load.parse({})
    path = tmp_path / "theta.csv"
    path.write_text("k,l,theta\n3,3,-1.5\n")
    assert theta.settings([str(path)], config).plasticity == config.plasticity
    path.write_text("k,l,theta,deviation,eligibility_time_ms\n3,3,-1.5,standardised,300.0\n")
    own = theta.settings([str(path)], config).plasticity
    assert (own.deviation, own.eligibility_time_ms) == ("standardised", 300.0)
    path.write_text("k,l,theta,deviation\n3,3,-1.5,wild\n")
    with pytest.raises(SettingsError, match=r"theta.csv: plasticity.deviation = 'wild': must be 'raw'"):
        theta.settings([str(path)], config)
    path.write_text("k,l,theta,deviation\n3,3,-1.5,raw\n1,1,1,standardised\n")
    with pytest.raises(SettingsError, match=r"deviation = 'raw' and 'standardised': must be one"):
        theta.settings([str(path)], config)
    path.write_text("k,l,theta,eligibility_time_ms\n3,3,-1.5,0.1\n")
    with pytest.raises(SettingsError, match=r"eligibility_time_ms = 0.1: must be"):
        theta.settings([str(path)], config)
    path.write_text("k,l,theta,eligibility_time_ms\n3,3,-1.5,\n")
    assert theta.settings([str(path)], config).plasticity == config.plasticity
    path.write_text("k,l,theta\n3,3,-1.5\n")
    (tmp_path / "hyperparameters.csv").write_text(
        "name,start,value,unit\nplasticity.baseline_exponent,2.1,1.25,\n"
    )
    assert theta.settings([str(path)], config).plasticity.baseline_exponent == 1.25
    assert theta.settings(["33"], config).plasticity is config.plasticity


def test_a_directory_is_no_table(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"--theta .*: must be terms"):
        theta.read([str(tmp_path)])


def test_each_rule_and_seed_has_a_drawing_of_its_own(settings, tmp_path, capsys):
    for words in (["33"], ["33=-0.5", "11"], ["33", "--seed", "7"], ["33"]):
        assert main(["learn", "--theta", *words, *settings]) == 0
    names = ["theta_33.dnms.seed1.svg", "theta_33.dnms.seed7.svg", "theta_33=-0.5_11.dnms.seed1.svg"]
    assert sorted(path.name for path in (tmp_path / "results/learn").iterdir()) == names
    *_, last = capsys.readouterr().out.splitlines()
    assert last.endswith("results/learn/theta_33.dnms.seed1.svg")


def test_fewer_trials_than_the_criterion_looks_back_at_are_refused(settings, capsys):
    assert main(["learn", "--trials", "4", *settings]) == 2
    error = capsys.readouterr().err
    assert "--trials 4: must be at least 5 (criterion.window)" in error


def test_a_folder_that_cannot_be_written_is_one_line_and_status_1(settings, capsys):
    assert main(["learn", "--output", "tiny.yaml/drawing.svg", *settings]) == 1
    error = capsys.readouterr().err
    (line,) = [line for line in error.splitlines() if "trials of learning" not in line]
    assert line.startswith("Error: tiny.yaml")
