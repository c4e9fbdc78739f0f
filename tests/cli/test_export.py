"""The command that writes trained networks for other programs."""

import pytest

import solution_files
from threefactor.cli.main import main
from threefactor.network import rate_network


@pytest.fixture
def path(tmp_path):
    return solution_files.write(tmp_path / "results")


def test_it_says_what_it_wrote_and_what_is_not_there(path, tmp_path, capsys):
    assert main(["export", str(path), "--to", str(tmp_path / "out.mat")]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"written: {tmp_path}/out.mat",
        "level 0.5: 2 of 3 networks never came there; their weights there are NaN",
        "snapshot 6: 1 of 3 networks never came there; their weights there are NaN",
    ]


def test_for_torch_networks_without_weights_are_left_out(path, tmp_path, capsys):
    assert main(["export", str(path), "--to", str(tmp_path / "out.pt"), "--level", "0.5"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"written: {tmp_path}/out.pt, {tmp_path}/rate_network.py",
        "level 0.5: 2 of 3 networks never came there; they are left out",
    ]
    assert rate_network.load(tmp_path / "out.pt").numbers.tolist() == [1]


def test_settings_can_be_another_file(path, tmp_path):
    (tmp_path / "results/config.yaml").rename(tmp_path / "mine.yaml")
    words = ["export", str(path), "--to", str(tmp_path / "out.pt")]
    assert main(words) == 2
    assert main([*words, "--config", str(tmp_path / "mine.yaml")]) == 0


WRONG = {
    "no file": ("none.safetensors", "a.npz", "none.safetensors: must be a file that stage retrain wrote"),
    "no such ending": (None, "a.h5", "a.h5: must end in .npz, .mat, .nc, .pt"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_one_line(path, case, tmp_path, capsys):
    name, to, words = WRONG[case]
    assert main(["export", name or str(path), "--to", str(tmp_path / to)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert words in error
    assert error.count("\n") == 1
