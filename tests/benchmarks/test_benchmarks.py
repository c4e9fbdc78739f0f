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
    done = benchmarks("run", "--quick", "--sections", "speed", "memory", "--output", file)
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


def test_report_stands_between_the_markers(saved, tmp_path):
    page = tmp_path / "speed.md"
    page.write_text("before\n<!-- benchmarks:begin -->\nold\n<!-- benchmarks:end -->\nafter\n")
    for _ in range(2):  # writing again changes nothing
        done = benchmarks("report", "--input", saved, "--page", page, "--figures", tmp_path / "docs")
        assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert text.startswith("before\n<!-- benchmarks:begin -->\n")
    assert text.endswith("\n<!-- benchmarks:end -->\nafter\n")
    assert "old" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert any(LOCAL in line for line in table)
    assert (tmp_path / "docs" / "benchmarks_speed.svg").read_text().startswith("<?xml")


def test_a_peer_whose_numbers_differ_gets_no_ratio(saved, tmp_path):
    result = json.loads(saved.read_text())
    for row in result["speed"]["rows"]:
        if row["peer"] == LOCAL:
            row["agrees"] = False
            row.pop("ms")
    changed, page = tmp_path / "changed.json", tmp_path / "speed.md"
    changed.write_text(json.dumps(result))
    page.write_text("<!-- benchmarks:begin --><!-- benchmarks:end -->")
    assert benchmarks("report", "--input", changed, "--page", page, "--figures", tmp_path).returncode == 0
    (line,) = (line for line in page.read_text().splitlines() if line.startswith(f"| {LOCAL}"))
    assert set(line.split(" | ")[1:]) - {""} <= {"(numbers differ)", " |", "|"}


def test_a_file_without_markers_is_refused(saved, tmp_path):
    page = tmp_path / "speed.md"
    page.write_text("nothing here")
    done = benchmarks("report", "--input", saved, "--page", page, "--figures", tmp_path)
    assert done.returncode == 1
    assert "benchmarks:begin" in done.stderr
    assert page.read_text() == "nothing here"


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
