"""What an experiment found: a row a learning rule, where the report is, and how MLflow is opened; or all of it."""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from threefactor.cli import summary_all
from threefactor.cli.config_option import add_config, file, given
from threefactor.cli.console import UNLIMITED, console
from threefactor.cli.summary_all import DASH
from threefactor.pipeline import captions, files, inputs, registry
from threefactor.pipeline.storage import outputs

REPORT = "report.html"
"""The report of `make run`, in the folder of results."""

LINES = 25
"""Lines that the summary may have."""

KEY = (
    "reached: networks that reached the criterion. trials: restricted mean to get there, with its 95 % interval. "
    "error: without noise, at the end, median. cosine: of updates with the gradient, noise-corrected."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file of settings, which says where results are, and how much is wanted."""
    add_config(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--all", action="store_true", help="every number, all conditions, and what figures found"
    )
    how.add_argument("--json", action="store_true", help="everything, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the table, or everything."""
    config = given(arguments)
    path, compared = (
        _output(config, *place) for place in (("headline", "summary"), ("compare_conditions", "rules"))
    )
    numbers: Mapping[str, Any] = {}
    if path.exists():
        inputs.expect_whole(path, registry.stage("headline").outputs["summary"])
        numbers = outputs.read_json(path)
    found = {name: one for name, one in captions.findings(config).items() if one}
    if not (numbers or compared.exists() or found):
        raise FileNotFoundError(f"{path} does not exist; run `snakemake --cores all` first")
    if arguments.json:
        print(json.dumps(_everything(numbers, compared, found), indent=1, ensure_ascii=False))
    elif arguments.all:
        summary_all.show(numbers, compared, found, console())
    else:
        _show(arguments, config, numbers, console())
    return 0


def _output(config: object, stage: str, name: str) -> Path:
    """Return where an output of a stage of one job lies."""
    return Path(files.of_job(config, registry.stage(stage), {}).outputs[name])


def _everything(numbers: Mapping[str, Any], compared: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    """Gather the headline numbers, the rules under all conditions, and the findings of figures."""
    rows = []
    if compared.exists():
        table = inputs.table(compared, "compare_conditions", "rules")
        rows = json.loads(table.to_json(orient="records"))
    return {"numbers": numbers, "conditions": rows, "findings": found}


def _show(arguments: argparse.Namespace, config: Any, numbers: Mapping[str, Any], terminal: Console) -> None:
    """Print where things are, and the table."""
    places = _places(arguments, config)
    terminal.print("\n".join(places), highlight=False, markup=False, soft_wrap=True)
    if not numbers.get("learning"):
        return
    rows = list(_rows(numbers))
    key = len(terminal.render_lines(KEY, pad=False))
    room = LINES - len(places) - key - 3  # two empty lines, and the head
    shown = rows if len(rows) <= room else rows[: room - 1]
    terminal.print()
    terminal.print(_table(shown, terminal))
    if len(rows) > len(shown):
        terminal.print(f"and {len(rows) - len(shown)} more rules", highlight=False)
    terminal.print(f"\n{KEY}", highlight=False)


def _places(arguments: argparse.Namespace, config: Any) -> list[str]:
    """Say where the report is, how MLflow is opened, and where the rest is."""
    report, path = Path(config.results, REPORT), file(arguments)
    of_file = f" --configfile {path}" if path not in (None, arguments.usual_config) else ""
    where = str(report) if report.exists() else f"not made yet: snakemake --report {report}{of_file}"
    given_too = f" --config {' '.join(arguments.config)}" if arguments.config else ""
    opened = f"python -m threefactor ui{given_too}" if config.tracking.uri else "off: tracking.uri is empty"
    return [
        f"report  {where}",
        f"MLflow  {opened}",
        f"more    python -m threefactor summary --all{given_too}",
    ]


COLUMNS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "reached": lambda one: f"{one['reached_fraction']:.0%} of {one['networks']}",
    "trials": lambda one: _interval(one, "restricted_mean_trials", ".0f"),
    "× θ₃₃": lambda one: _number(one.get("ratio_to_theta_33"), ".2f"),
    "error": lambda one: _number(one.get("error"), ".3f"),
    "cosine": lambda one: _number(one.get("noise_corrected"), ".2f"),
}
"""Columns of the table, from what is known of a rule; where a terminal is narrow, the last ones are left out."""


def _rows(numbers: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield a row a rule."""
    for rule, learned in numbers["learning"].items():
        error = {"error": numbers.get("endings", {}).get(rule, {}).get("error")}
        known = {**numbers.get("alignment", {}).get(rule, {}), **error, **learned}
        yield (rule, *(cell(known) for cell in COLUMNS.values()))


def _table(rows: list[tuple[str, ...]], terminal: Console) -> Table:
    """Return the table with as many columns as there is room for."""
    unlimited = terminal.options.update(max_width=UNLIMITED)
    for count in range(len(COLUMNS) + 1, 0, -1):
        table = Table(box=None, pad_edge=False)
        for name in ("rule", *COLUMNS)[:count]:
            table.add_column(name, justify="left" if name == "rule" else "right", no_wrap=True)
        for row in rows:
            table.add_row(*row[:count])
        if terminal.measure(table, options=unlimited).maximum <= terminal.width:
            break
    return table


def _interval(one: Mapping[str, Any], name: str, form: str) -> str:
    """Write a number with its interval, where it has one."""
    low, high = one.get(f"{name}_low"), one.get(f"{name}_high")
    between = "" if low is None or high is None else f" [{low:{form}}, {high:{form}}]"
    return f"{_number(one.get(name), form)}{between}"


def _number(value: float | None, form: str) -> str:
    """Write a number; one that could not be estimated is a dash."""
    return DASH if value is None else f"{value:{form}}"
