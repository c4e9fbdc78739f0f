"""The benchmarks run and check themselves; nothing here is about how fast anything is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "eager torch, double loop"  # a peer that needs torch alone


def benchmarks(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ``python -m benchmarks`` in the repository, with a cap on threads that the test run may have set left out."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the quick run wrote."""
    file = tmp_path_factory.mktemp("benchmarks") / "saved.json"
    done = benchmarks(
        "run", "--quick", "--sections", "speed", "phases", "memory", "scaling", "--output", file
    )
    assert done.returncode == 0, done.stderr
    return file


def test_every_peer_gives_the_same_numbers(saved):
    speed = json.loads(saved.read_text())["speed"]
    assert {row["peer"] for row in speed["float64"]} >= {"threefactor", LOCAL, "torch.func jvp + vmap"}
    assert all(row["agrees"] for row in speed["float64"])  # 1e-9, see benchmarks/agreement.py
    assert all(row["agrees"] for row in speed["rows"])


def test_every_piece_is_timed_and_has_its_floors(saved):
    result = json.loads(saved.read_text())
    ours = [row for row in result["speed"]["rows"] if row["peer"] == "threefactor"]
    assert {row["piece"] for row in ours} == {"forward", "tangents", "reverse", "bptt"}
    assert all(0 < row["floor_fused"] <= row["floor_products"] for row in ours)
    assert all(row["ms"] > 0 and row["samples"] for row in ours)
    assert all(row["process_mb"] > row["call_mb"] >= 0 for row in result["memory"])
    assert result["machine"]["processor"]
    phases = [row for rows in result["phases"].values() for row in rows]
    assert len(phases) == 10
    assert all(row["ms"] > 0 for row in phases)
    assert sum(row["gflops"] > 0 for row in phases) == 3  # those that multiply


def report(saved: Path, folder: Path, page: str = "<!-- benchmarks:begin --><!-- benchmarks:end -->"):
    """Write the report of a saved run to a folder that holds a page and a front page with their markers."""
    (folder / "speed.md").write_text(page)
    for name in ("scale.md", "README.md"):
        if not (folder / name).exists():
            (folder / name).write_text("<!-- benchmarks:begin --><!-- benchmarks:end -->\n")
    places = {name: folder / name for name in ("figures", "machines")}
    return benchmarks(
        *("report", "--input", saved, "--pages", folder, "--readme", folder / "README.md"),
        *("--figures", places["figures"], "--machines", places["machines"]),
    )


def test_report_stands_between_the_markers(saved, tmp_path):
    page = "before\n<!-- benchmarks:begin -->\nold\n<!-- benchmarks:end -->\nafter\n"
    for _ in range(2):  # writing again changes nothing
        done = report(saved, tmp_path, page)
        assert done.returncode == 0, done.stderr
        page = (tmp_path / "speed.md").read_text()
    text = page
    assert text.startswith("before\n<!-- benchmarks:begin -->\n")
    assert text.endswith("\n<!-- benchmarks:end -->\nafter\n")
    assert "old" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert any(LOCAL in line for line in table)
    assert (tmp_path / "figures/benchmarks_speed.svg").read_text().startswith("<?xml")


def test_each_machine_keeps_its_row_and_the_front_page_tells_the_range(saved, tmp_path):
    """Another machine adds a row, the same one again replaces its own."""
    result, other = json.loads(saved.read_text()), tmp_path / "other.json"
    for row in result["speed"]["rows"]:
        row["grid"] = "4x4"  # the grid that the table shows
    first = json.dumps(result)
    result["machine"] |= {"processor": "Xeon", "caches": {"L1": "32 KB"}, "date": "2026-01-01"}
    for row in result["speed"]["rows"]:
        if "ms" in row:
            row["ms"] *= 2
    for text in (first, json.dumps(result), json.dumps(result)):
        other.write_text(text)
        assert report(other, tmp_path).returncode == 0
    files = sorted((tmp_path / "machines").iterdir())
    assert len(files) == 2
    assert "xeon-l1-32-kb.json" in [path.name for path in files]
    table = (tmp_path / "speed.md").read_text().split("\n### ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) == 2
    assert sum("Xeon, L1 32 KB | 2026-01-01" in line for line in rows) == 1
    assert "of 2 machines" in (tmp_path / "README.md").read_text()
    assert "–" in (tmp_path / "README.md").read_text()


def test_the_pages_say_what_the_machines_measured(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.report import documents, read

    found = documents(read(ROOT / "benchmarks/machines"), ROOT / "docs/results", ROOT / "README.md")
    for path, text in found.items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run `make bench`"


def test_a_peer_whose_numbers_differ_gets_no_ratio(saved, tmp_path):
    result = json.loads(saved.read_text())
    for row in result["speed"]["rows"]:
        if row["peer"] == LOCAL:
            row["agrees"] = False
            row.pop("ms")
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(result))
    assert report(changed, tmp_path).returncode == 0
    text = (tmp_path / "speed.md").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith(f"| {LOCAL}"))
    assert set(line.split(" | ")[1:]) - {""} <= {"(numbers differ)", " |", "|"}


def test_a_file_without_markers_is_refused(saved, tmp_path):
    done = report(saved, tmp_path, "nothing here")
    assert done.returncode == 1
    assert "benchmarks:begin" in done.stderr
    assert (tmp_path / "speed.md").read_text() == "nothing here"
    assert not (tmp_path / "machines").exists()


def test_other_work_is_noticed(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.agreement import TOLERANCE, Reference
    from benchmarks.peers import ours
    from benchmarks.problem import make
    from benchmarks.settings import QUICK

    problem = make(QUICK.cases[0])
    reference = Reference("tangents", problem)
    work = ours.PEER.pieces["tangents"](problem)
    numbers = work.read(work.run())
    assert reference.error(numbers) < TOLERANCE["tangents"]
    late = problem._replace(experiences=problem.experiences[::-1])  # the tangents of another trial
    other = ours.PEER.pieces["tangents"](late)
    assert reference.error(other.read(other.run())) > 10 * TOLERANCE["tangents"]
    numbers["reward_tangent"][0, 0] = float("nan")
    assert reference.error(numbers) == float("inf")


BARE = """
import runpy
import sys
for name in {absent}:
    sys.modules[name] = None  # importing it fails
sys.argv = ["benchmarks", "gpu", "--device", "cpu", "--quick", "--output", {output!r}]
runpy.run_module("benchmarks", run_name="__main__")
"""


def test_a_gpu_is_measured_with_torch_and_pytest_alone(tmp_path):
    """Here on the CPU: the same command, the same pieces; the GPU's tests skip themselves."""
    output, absent = tmp_path / "gpu.json", ["mlflow", "numba", "pandas", "pydantic", "snakemake", "yaml"]
    program = BARE.format(absent=absent, output=str(output))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text())
    assert [row["piece"] for row in found["speed"]] == ["forward", "tangents", "reverse"]
    assert all(row["ms"] > 0 and row["error"] < 1e-4 for row in found["speed"])
    assert found["tests"]["tests"] > 40
    assert found["tests"]["failed"] == []
    assert found["left_out"] == []


def test_full_force_is_compared_with_force():
    done = benchmarks("force", "--quick")
    assert done.returncode == 0, done.stderr
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:]]
    assert [row[2] for row in rows] == ["force", "full_force"] * 3
    assert all(float(row[4]) > 0 for row in rows)
