"""Every kind of damage to every file of every stage and figure is found, in one line that says what mends it."""

import json
import re
import shutil

import pytest

from damages import DAMAGES
from made_results import SETTINGS, write
from threefactor.cli.main import main
from threefactor.pipeline import files, verify
from threefactor.pipeline.settings import load


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a whole folder of results."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "settings.yaml").write_text(SETTINGS.format(results=folder / "results"))
    settings = load.load(folder / "settings.yaml")
    assert len(write(settings)) == len(files.all_outputs(settings))
    return folder / "results"


@pytest.fixture
def results(whole, tmp_path):
    """Return a copy of it, in another place."""
    return shutil.copytree(whole, tmp_path / "results")


def of_jobs(results):
    """List the files of jobs."""
    return [path for path in sorted(results.rglob("*.*")) if path.is_file() and path.suffix != ".manifest"]


def expect_faults(results, paths):
    """Check that these files, and no others, are found to be damaged, each in one line with the command."""
    faults = {look.path: look.fault for look in verify.looks(results) if look.fault}
    assert set(faults) == set(paths)
    for path, words in faults.items():
        assert re.fullmatch(
            rf"{re.escape(str(path))}: .+: must .+; to make it again: python -m threefactor .+", words
        )


def test_whole_results_are_whole_wherever_they_lie(results, capsys):
    assert {look.path for look in verify.looks(results)} == set(of_jobs(results))
    assert main(["verify", str(results)]) == 0
    assert f"{len(of_jobs(results))} of {len(of_jobs(results))} files are whole" in capsys.readouterr().out


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_of_every_file_is_found(results, damage):
    paths = of_jobs(results)
    for path in paths:
        before = path.read_bytes()
        DAMAGES[damage](path)
        assert path.read_bytes() != before
    expect_faults(results, paths)


def test_a_file_in_the_place_of_another_is_found_and_named(results):
    for kind in ("csv", "safetensors"):
        paths = [path for path in of_jobs(results) if path.suffix == f".{kind}"]
        contents = [path.read_bytes() for path in paths]
        for path, content in zip(paths, contents[1:] + contents[:1], strict=True):
            path.write_bytes(content)
        faults = [look for look in verify.looks(results) if look.fault]
        assert {look.path for look in faults if look.path.suffix == f".{kind}"} == set(paths)
        assert all(": is the same as " in look.fault for look in faults)


def test_a_job_in_the_place_of_another_is_found(results):
    (results / "retrain/theta_33").rename(results / "retrain/other")
    (results / "retrain/bptt").rename(results / "retrain/theta_33")
    moved = [*of_jobs(results / "retrain/other"), *of_jobs(results / "retrain/theta_33")]
    faults = {look.path: look.fault for look in verify.looks(results) if look.fault}
    assert set(faults) == set(moved)
    place = results / "retrain/theta_33/0.csv"
    assert faults[place].startswith(f"{place}: is of retrain bptt 0: must be of retrain theta_33 0; ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"version": 0}', "is of version 0: must be of version 1"),
        ("[]", "is no manifest of a job"),
        ("", "is no manifest of a job"),
        ('{"version": 1, "job": {"name": "a"}, "outputs": {"a": {}}}', "is no manifest of a job"),
    ],
)
def test_a_manifest_of_another_version_is_refused(results, text, words):
    place = results / "metalearn/learned_a/theta.csv.manifest"
    place.write_text(text)
    faults = [look.fault for look in verify.looks(results) if look.fault]
    assert faults
    assert all(fault.startswith(f"{place}: {words}") for fault in faults)


def test_what_is_gone_or_has_no_manifest_is_found(results, capsys):
    (results / "metalearn/learned_a/theta.csv").unlink()
    (results / "tune/bptt/draws.csv.manifest").unlink()
    assert main(["verify", str(results)]) == 1
    out = capsys.readouterr().out
    assert "learned_a/theta.csv: is gone: must be there, as metalearn learned_a wrote it" in out
    assert out.count("has no manifest") == 2


def test_what_was_made_from_another_input_is_found(results):
    place = results / "summary.json.manifest"
    told = json.loads(place.read_text())
    told["job"]["inputs"] = {"validate/accuracy.csv": "0" * 64}
    place.write_text(json.dumps(told))
    (fault,) = [look.fault for look in verify.looks(results) if look.fault]
    assert "headline was made from another validate/accuracy.csv than lies there" in fault
