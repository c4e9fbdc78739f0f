"""From a saved run to a row of docs/results/speed.md: one file and one row a machine, the newest run of each."""

import json
from pathlib import Path
from typing import Any

from benchmarks import figures, machine, machines_table, scale_table
from threefactor.plotting import style

BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"
"""Around what is written here, in each file."""

KEPT = ("machine", "quick", "prototype", "processes", "memory", "pipeline")
"""Sections that a machine's file keeps, beside its speeds."""


def write(source: Path, pages: Path, readme: Path, folder: Path, machines: Path) -> None:
    """Add a saved run to the machines, draw its figures, and write the tables of all machines between markers.

    Parameters
    ----------
    source
        What `run` saved.
    pages
        Folder of speed.md and scale.md, which have the markers as has
    readme
        the front page.
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
    texts = documents(known, pages, readme)
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


def documents(known: dict[str, dict[str, Any]], pages: Path, readme: Path) -> dict[Path, str]:
    """Return the text of all files with what all machines say between the markers."""
    results = list(known.values())
    return {
        (page := pages / "speed.md"): between(page, machines_table.markdown(results)),
        (page := pages / "scale.md"): between(page, scale_table.markdown(results)),
        readme: between(readme, machines_table.ranges(results)),
    }


def _kept(result: dict[str, Any]) -> dict[str, Any]:
    """Return what the tables need of a run: no samples."""
    kept = {name: result[name] for name in KEPT if name in result}
    kept["speed"] = {"rows": [_brief(row) for row in result["speed"]["rows"]]}
    return kept | ({"scaling": [_brief(row) for row in result["scaling"]]} if "scaling" in result else {})


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without its samples."""
    return {key: value for key, value in row.items() if key != "samples"}


def between(path: Path, inside: str) -> str:
    """Return the text of a file with other words between its markers; SystemExit, in one line, if it has not one pair."""
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"{path}: needs one line {BEGIN} and one line {END}")
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}\n{inside}\n{END}{rest.split(END)[1]}"
