"""Whoever reads a file of results finds out whether it is whole, and says in one line what is wrong and what mends it."""

import shutil
from pathlib import Path

import pytest

from made_results import SETTINGS, made, write
from threefactor.cli.main import main
from threefactor.pipeline import files, inputs, registry
from threefactor.pipeline.files import Files
from threefactor.pipeline.inputs import checked
from threefactor.pipeline.settings import load
from threefactor.pipeline.storage import arrays, outputs
from threefactor.pipeline.storage.damage import DamagedError
from threefactor.pipeline.storage.manifest import Job


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a whole folder of results, with its settings."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "settings.yaml").write_text(SETTINGS.format(results="results"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        settings = load.load(Path("settings.yaml"))
        write(settings)
        load.save(settings, Path("results/config.yaml"))
    return folder


@pytest.fixture
def settings(whole, tmp_path, monkeypatch):
    """Stand beside a copy of it."""
    shutil.copytree(whole, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return load.load(Path("settings.yaml"))


def readers(settings):
    """Yield each stage, of its jobs the one that reads most, and each figure: words of its command, and its files."""
    for name, spec in registry.stages().items():
        jobs = [(dict(values), files.of_job(settings, spec, values)) for values in spec.jobs(settings)]
        values, found = max(jobs, key=lambda one: sum(map(len, one[1].inputs.values())))
        yield (
            [
                name,
                *(word for key, value in values.items() for word in (f"--{key.replace('_', '-')}", value)),
            ],
            found,
        )
    for name in registry.figures():
        yield ["draw", name], files.of_figure(settings, name)


def test_every_stage_and_figure_refuses_an_input_that_was_cut_off(settings, capsys):
    read = 0
    for words, found in readers(settings):
        for name, paths in found.inputs.items():
            for path in map(Path, paths[:1]):
                content = path.read_bytes()
                path.write_bytes(content[: len(content) // 2])
                assert main([*words, "--config", "settings.yaml"]) == 1, (words, name)
                (line,) = capsys.readouterr().err.splitlines()
                assert line.startswith(f"Error: {path}: has ")
                assert "; to make it again: python -m threefactor " in line
                assert line.count(" --config results/config.yaml") == 1
                path.write_bytes(content)
                read += 1
    assert read > 80


def test_the_command_that_a_message_names_is_one(settings, capsys):
    path = Path("results/metalearn/learned_a/theta.csv")
    path.write_text("")
    assert main(["validate", "--config", "settings.yaml"]) == 1
    command = capsys.readouterr().err.partition("to make it again: python -m threefactor ")[2].split()
    assert command == ["metalearn", "--config", "results/config.yaml", "--learned-rule", "learned_a"]


def read(name, path):
    """Read a file as an input of stage ``retrain``."""
    pattern = registry.stages()["retrain"].inputs[name].pattern
    return checked("retrain", Files({name: [str(path)]}, {}), {name: pattern})


def test_a_file_from_elsewhere_may_have_no_manifest(settings, tmp_path, caplog):
    copy = tmp_path / "mine.csv"
    shutil.copy("results/metalearn/learned_a/theta.csv", copy)
    assert read("theta", copy).paths == {"theta": [copy]}
    assert "1 inputs have no manifest, their form alone was checked" in caplog.text


def test_a_file_from_elsewhere_is_checked_by_its_manifest_if_it_has_one(settings, tmp_path, caplog):
    copies = shutil.copytree("results/metalearn/learned_a", tmp_path / "learned_other")
    assert list(read("theta", copies / "theta.csv").digests) == [copies / "theta.csv"]
    assert not caplog.text
    (copies / "theta.csv").write_text("k,l,theta\n3,3,1\n")
    with pytest.raises(DamagedError, match="has 1 rows: must have 5 rows"):
        read("theta", copies / "theta.csv")


FORMS = {
    "": "is empty",
    "a,b\n1,2\n": "has no column k: must have k, l, start, theta, ",
    "k,l,start,theta,scale,start_scaled,theta_scaled\n": "has 0 rows: must have at least 1",
    "k,l,start,theta,scale,start_scaled,theta_scaled\n3,3,1,1,1,1,nan\n": "has theta_scaled = nan in row 1: must be a ",
    "k,l,start,theta,scale,start_scaled,theta_scaled\n3,3,1,1,1,1,1\n3,1,1,inf,1,1,1\n": "has theta = inf in row 2",
    "k,l,start,theta,scale,start_scaled,theta_scaled\n3,3,1,one,1,1,1\n": "has theta = one in row 1: must be a finite",
    "k,l\n1,2,3\n4,5,6,7\n": "is no table: ",
    "<html></html>": "is a page in HTML",
}


@pytest.mark.parametrize("text", FORMS)
def test_a_table_without_manifest_must_have_the_form_that_its_stage_declares(settings, tmp_path, text):
    place = tmp_path / "mine.csv"
    place.write_text(text)
    with pytest.raises(DamagedError) as raised:
        read("theta", place)
    assert str(raised.value).startswith(f"{place}: {FORMS[text]}")


@pytest.mark.parametrize(
    "content", [b"\x80\x04K\x01.", b"k,l\n\xe9,1\n", b"PK\x03\x04a", "k,l\n".encode("utf-16")]
)
def test_what_is_no_table_at_all_is_refused(settings, tmp_path, content):
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(DamagedError, match=r"mine\.csv: is "):
        read("theta", tmp_path / "mine.csv")


def solutions(change):
    """Change arrays that stage ``retrain`` wrote, and read them without their manifest as stage ``align`` does."""
    place = Path("results/retrain/bptt/0.safetensors")
    place.with_name("0.safetensors.manifest").unlink()
    outputs.save({place: change(arrays.load(place))})
    inputs.expect_whole(place, registry.stages()["retrain"].outputs["solutions"])


def test_arrays_without_manifest_must_have_the_axes_that_their_stage_declares(settings):
    with pytest.raises(DamagedError, match=r"has no array leak: must have initial\.weights, "):
        solutions(lambda found: {name: one for name, one in found.items() if name != "leak"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: one[0], "has initial.weights of shape .*: must be b i j"),
        (lambda one: one[:, :-1], "has .*: must be "),
        (lambda one: one.log() / 0, "has [0-9]+ values in initial.weights that are not finite"),
    ],
)
def test_arrays_without_manifest_must_fit_each_other_and_be_finite(settings, change, words):
    with pytest.raises(DamagedError, match=words):
        solutions(lambda found: found | {"initial.weights": change(found["initial.weights"])})


def test_a_job_that_fails_on_an_input_of_other_columns_names_it(settings, capsys):
    """Though the manifest says that it is whole: other code wrote it."""
    values = {"learned_rule": "learned_a"}
    found = files.of_job(settings, registry.stages()["metalearn"], values)
    places = {name: Path(path) for name, path in found.outputs.items()}
    results = {name: made("metalearn", name, path.suffix) for name, path in places.items()}
    results["held_out"] = results["held_out"].drop(columns="smoothed_error_rate")
    outputs.save_job(places, results, Job("metalearn", values))
    assert main(["draw", "meta_learning", "--config", "settings.yaml"]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(
        f"Error: {places['held_out']}: has no column smoothed_error_rate: must have step, "
    )
