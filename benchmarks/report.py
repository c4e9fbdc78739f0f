"""From a saved run to the figures and the table of docs/results/speed.md."""

import json
from pathlib import Path
from typing import Any

from benchmarks import figures, tables
from threefactor.plotting import style

BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"


def write(source: Path, page: Path, folder: Path) -> None:
    """Draw the figures of a saved run and put its table between the markers of a file.

    Raises
    ------
    SystemExit
        In one line, if the run has no speeds, or the file has not one pair of markers.
    """
    result: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    if "speed" not in result:
        raise SystemExit(f"--input {source}: has no section 'speed'")
    text = _between(page, tables.markdown(result))
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"benchmarks_speed.svg": figures.speed, "benchmarks_scaling.svg": figures.scaling}
    for name, draw in pictures.items():
        with style.look():
            picture = draw(result)
            if picture is not None:
                picture.savefig(folder / name, metadata={"Date": None})
                print(f"wrote {folder / name}")
    page.write_text(text, encoding="utf-8")
    print(f"wrote {page}")


def _between(page: Path, table: str) -> str:
    """Return the text of a file with the table between its markers."""
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"--page {page}: needs one line {BEGIN} and one line {END}")
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}"
