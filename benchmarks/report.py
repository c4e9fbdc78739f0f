"""From a saved run to a row of docs/results/speed.md: one file and one row a machine, the newest run of each."""

import json
from pathlib import Path
from typing import Any

from benchmarks import figures, machine, machines_table
from threefactor.plotting import style

PAGE, README = "benchmarks", "speed"
"""Names of the marked places in the page and in README.md."""

KEPT = ("machine", "quick", "prototype", "processes", "memory", "pipeline")
"""Sections that a machine's file keeps, beside its speeds."""


def write(source: Path, page: Path, readme: Path, folder: Path, machines: Path) -> None:
    """Add a saved run to the machines, draw its figures, and write the tables of all machines between markers.

    Parameters
    ----------
    source
        What `run` saved.
    page, readme
        Files with the markers.
    folder
        Of the figures.
    machines
        Folder of the machines' files.

    Raises
    ------
    SystemExit
        In one line, if the run has no speeds, or a file has not one pair of markers; then nothing is written.
    """
    result: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    if "speed" not in result:
        raise SystemExit(f"--input {source}: has no section 'speed'")
    known = {**read(machines), machine.name(result["machine"]): _kept(result)}
    texts = documents(known, page, readme)
    machines.mkdir(parents=True, exist_ok=True)
    for name, one in known.items():
        (machines / f"{name}.json").write_text(json.dumps(one, indent=1) + "\n", encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"benchmarks_speed.svg": figures.speed, "benchmarks_scaling.svg": figures.scaling}
    for name, draw in pictures.items():
        with style.look():
            picture = draw(result)
            if picture is not None:
                picture.savefig(folder / name, metadata={"Date": None})
                print(f"wrote {folder / name}")
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")


def read(machines: Path) -> dict[str, dict[str, Any]]:
    """Return what was measured on each machine, by the name of its file."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(machines.glob("*.json"))
    }


def documents(known: dict[str, dict[str, Any]], page: Path, readme: Path) -> dict[Path, str]:
    """Return the text of both files with what all machines say between the markers."""
    results = list(known.values())
    return {
        page: _between(page, "--page", PAGE, machines_table.markdown(results)),
        readme: _between(readme, "--readme", README, machines_table.ranges(results)),
    }


def _kept(result: dict[str, Any]) -> dict[str, Any]:
    """Return what the tables need of a run: no samples."""
    rows = [{key: value for key, value in row.items() if key != "samples"} for row in result["speed"]["rows"]]
    return {name: result[name] for name in KEPT if name in result} | {"speed": {"rows": rows}}


def _between(path: Path, option: str, name: str, inside: str) -> str:
    """Return the text of a file with other words between its markers."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    text = path.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1:
        raise SystemExit(f"{option} {path}: needs one line {begin} and one line {end}")
    head, rest = text.split(begin)
    return f"{head}{begin}\n{inside}\n{end}{rest.split(end)[1]}"
