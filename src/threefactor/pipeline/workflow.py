"""The rules of the workflow, whole and literal, written from the specs: ``python -m threefactor.pipeline.workflow``.

Each stage has one file ``workflow/rules/<stage>.smk``: the rule of its jobs, and a rule for each of its figures.  They
are written and not read from the specs at run time so that a person who knows Snakemake finds there what goes in and
what comes out.  A test writes them again and compares.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from threefactor.declarations import PACKAGE
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.spec import Input, Spec
from threefactor.pipeline import registry
from threefactor.pipeline.patterns import wildcards_in
from threefactor.pipeline.registry import FigureSpec, sentence
from threefactor.pipeline.settings import load

FOLDER = PACKAGE.parents[1] / "workflow" / "rules"

COMMAND = "python -m threefactor.pipeline.workflow"
"""Writes all rules."""

CAPTIONS = "{STAGES}"
"""Where captions lie, as ``workflow/rules/common.smk`` finds it: in a checkout, or in the installed package."""

FIGURE_MEMORY, FIGURE_MINUTES = 4000, 30

WIDTH = 110
"""Longest line that `snakefmt` leaves as it is."""


def texts() -> dict[str, str]:
    """Return the text of each stage's file of rules, by the file's name."""
    return {f"{name}.smk": "\n".join(_file(spec)) for name, spec in registry.stages().items()}


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the rules of all stages; return the files that changed."""
    load.expect_stages()
    changed = []
    for name, text in texts().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def expect(folder: Path = FOLDER) -> None:
    """Refuse stages and figures that have no rule in a folder.

    Raises
    ------
    SettingsError
        In one line, with the file and the command that writes it.
    """
    for stage in registry.stages():
        file = folder / f"{stage}.smk"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        figures = [f"draw_{name}" for name, one in registry.figures().items() if one.stage == stage]
        for rule in (stage, *figures):
            if f"rule {rule}:" not in text:
                raise SettingsError(f"{file}: has no rule {rule}; 'make generate' writes it")
        for name, problem in registry.broken_figures().items():
            if f"rule draw_{name}:" in text:
                raise SettingsError(f"{file}: has a rule draw_{name}, whose file cannot be read{problem}")


def _file(spec: Spec) -> Iterator[str]:
    """Yield the lines of a stage's file."""
    yield f'"""{sentence(spec.help)}  Written by `{COMMAND}` from the stage\'s spec."""'
    yield from ("", "")
    yield from _stage(spec)
    for figure in registry.figures().values():
        if figure.stage == spec.name:
            yield from ("", "")
            yield from _figure(figure)
    yield ""


def _stage(spec: Spec) -> Iterator[str]:
    """Yield the rule of a stage."""
    yield f"rule {spec.name}:"
    yield f'    """{sentence(spec.help)}"""'
    if spec.inputs:
        yield "    input:"
        for name, one in spec.inputs.items():
            yield from _argument(name, _input(spec, name, one))
    yield "    output:"
    for name, pattern in spec.outputs.items():
        yield from _output(name, pattern, registry.figures().get(spec.tables.get(name, "")), f", {name}")
    job = "/".join(f"{{{name}}}" for name in spec.wildcards) or spec.name
    yield from _folders(f"{spec.name}/{job}", spec.priority)
    yield from _resources(spec.memory_mb, spec.minutes)
    yield "    params:"
    yield f'        *shared("{spec.name}"),'
    yield f'        own=own("{spec.name}"),'
    yield "        settings=SETTINGS,"
    options = "".join(f" --{name.replace('_', '-')} {{wildcards.{name}}}" for name in spec.wildcards)
    yield from _shell(f"python -m threefactor {spec.name} --config {{params.settings}}{options}")


def _figure(figure: FigureSpec) -> Iterator[str]:
    """Yield the rule of a figure."""
    yield f"rule draw_{figure.name}:"
    yield f'    """{sentence(figure.help)}"""'
    yield "    input:"
    for name, pattern in figure.inputs.items():
        yield from _argument(name, _gathered(pattern, name, figure.name))
    yield "    output:"
    for name, place in registry.outputs_of_figure(figure.name).items():
        yield from _output(name, place, figure if name == "figure" else None, "")
    yield from _folders(f"draw/{figure.name}")
    yield from _resources(FIGURE_MEMORY, FIGURE_MINUTES)
    yield "    params:"
    yield f'        *drawn("{figure.name}"),'
    yield "        settings=SETTINGS,"
    yield from _shell(f"python -m threefactor draw {figure.name} --config {{params.settings}}")


def _input(spec: Spec, name: str, one: Input) -> str:
    """Write an input of a stage: a pattern, or the function that lists its files."""
    if one.values is None and set(wildcards_in(one.pattern)) <= set(spec.wildcards):
        return f'"<results>/{one.pattern}"'
    return f'gather("{one.pattern}", "{spec.name}", "{name}")'


def _gathered(pattern: str, name: str, figure: str) -> str:
    """Write an input of a figure."""
    if not wildcards_in(pattern):
        return f'"<results>/{pattern}"'
    return f'gather_for_figure("{pattern}", "{figure}", "{name}")'


def _output(name: str, place: str, figure: FigureSpec | None, kind: str) -> Iterator[str]:
    """Yield an output, marked for the report where it is a figure or is shown beside one."""
    if figure is None:
        yield f'        {name}="<results>/{place}",'
        return
    number = registry.HEADINGS.index(figure.heading) + 1
    title = f"{number}.{figure.order} {figure.name.replace('_', ' ')}{kind}"
    yield f"        {name}=report("
    yield f'            "<results>/{place}",'
    yield f'            caption=f"{CAPTIONS}/{figure.stage}/figures/{figure.name}.rst",'
    yield f'            category="{number}. {figure.heading}",'
    yield f'            labels={{"figure": "{title}"}},'
    yield "        ),"


def _argument(name: str, value: str) -> Iterator[str]:
    """Yield a named argument, over several lines where a formatter would."""
    line = f"        {name}={value}"
    if len(line) <= WIDTH:
        yield f"{line},"
        return
    call, _, inner = value.removesuffix(")").partition("(")
    yield from (f"        {name}={call}(", f"            {inner}", "        ),")


def _folders(job: str, priority: int = 0) -> Iterator[str]:
    yield "    log:"
    yield f'        "<logs>/{job}.log",'
    yield "    benchmark:"
    yield f'        "<benchmarks>/{job}.tsv"'
    if priority:
        yield f"    priority: {priority}"
    yield "    conda:"
    yield "        ENVIRONMENT"


def _resources(memory: int, minutes: int) -> Iterator[str]:
    yield "    resources:"
    yield from (f"        mem_mb={memory},", f"        runtime={minutes},", "        gpu=GPUS,")


def _shell(command: str) -> Iterator[str]:
    yield "    shell:"
    yield f'        "{command} > {{log}} 2>&1"'


if __name__ == "__main__":
    for path in write():
        print(path, file=sys.stderr)
