"""One subcommand a stage: the line that a rule of the workflow runs, and that a person may type."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from threefactor.cli.config_option import add_config, given
from threefactor.cli.help_text import HelpFormatter
from threefactor.declarations import imported
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.spec import Spec
from threefactor.pipeline import cost, files, registry
from threefactor.pipeline.files import Files
from threefactor.pipeline.settings.load import expect_block


def add_stage(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", spec: Spec
) -> argparse.ArgumentParser:
    """Add the subcommand of one stage and return its parser."""
    parser = commands.add_parser(
        spec.name, description=registry.sentence(spec.help), epilog=_files_help(spec), formatter_class=HelpFormatter
    )  # fmt: skip
    add_config(parser)
    for name, meaning in spec.wildcards.items():
        parser.add_argument(f"--{name.replace('_', '-')}", required=True, help=meaning)
    add_files(parser)
    parser.set_defaults(run=run, stage=spec.name)
    return parser


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the options by which files can lie elsewhere."""
    for option, meaning in (
        ("--input", "read NAME from other files; repeat the option for other names"),
        ("--output", "write NAME there; repeat the option for other names"),
    ):
        parser.add_argument(
            option, nargs="+", action="append", default=[], metavar=("NAME=PATH", "PATH"), help=meaning
        )


def run(arguments: argparse.Namespace) -> int:
    """Run the job that the arguments describe."""
    expect_block(arguments.stage)
    config, spec = given(arguments), registry.stage(arguments.stage)
    wildcards = {name: getattr(arguments, name) for name in spec.wildcards}
    check(config, spec, wildcards)
    found = replaced(files.of_job(config, spec, wildcards), arguments)
    job = imported("pipeline.job")
    module = imported(f"stages.{spec.name}.compute")
    start = cost.used()
    job.run(module.compute, config, spec, wildcards, found)
    cost.log(start)
    return 0


def check(config: Any, spec: Spec, wildcards: Mapping[str, str]) -> None:
    """Refuse a job that the settings do not know."""
    jobs = [dict(values) for values in spec.jobs(config)]
    if dict(wildcards) in jobs:
        return
    if problem := spec.accepts(config, wildcards):
        raise SettingsError(problem)
    if spec.accepts is Spec._field_defaults["accepts"]:
        for name, value in wildcards.items():
            known = list(dict.fromkeys(job[name] for job in jobs))
            if value not in known:
                raise SettingsError(
                    f"--{name.replace('_', '-')} {value}: must be {', '.join(known) or 'none'}"
                )
        raise SettingsError(f"{spec.name} {' '.join(wildcards.values())}: must be a job of these settings")


def replaced(usual: Files, arguments: argparse.Namespace) -> Files:
    """Return the files of a job with those that the command line names instead."""
    outputs = override({word: [path] for word, path in usual.outputs.items()}, arguments.output, "--output")
    return Files(override(usual.inputs, arguments.input, "--input"), _single(outputs, usual.outputs))


def override(
    usual: dict[str, list[str]], given: Sequence[Sequence[str]], option: str
) -> dict[str, list[str]]:
    """Replace files by those given as ``NAME=PATH PATH ...``."""
    found = dict(usual)
    for word, *more in given:
        name, sign, path = word.partition("=")
        if not sign or name not in usual:
            raise SettingsError(
                f"{option} {word}: must be NAME=PATH, NAME one of {', '.join(usual) or 'none'}"
            )
        found[name] = [path, *more] if path else more
        if twice := [path for path in found[name] if found[name].count(path) > 1]:
            raise SettingsError(f"{option} {name}: {twice[0]} must stand once")
    return found


def _single(outputs: dict[str, list[str]], usual: Mapping[str, str]) -> dict[str, str]:
    for name, found in outputs.items():
        if len(found) != 1:
            raise SettingsError(f"--output {name}={' '.join(found)}: must be one path")
        endings = files.endings_like(usual[name])
        if Path(found[0]).suffix not in endings:
            raise SettingsError(f"--output {name}={found[0]}: must end in {' or '.join(endings)}")
    return {name: found[0] for name, found in outputs.items()}


def _files_help(spec: Spec) -> str:
    """List what the stage reads and writes, below the folder of results."""
    reads = "\n".join(f"  {name}={one.pattern}" for name, one in spec.inputs.items()) or "  nothing"
    writes = "\n".join(f"  {name}={pattern}" for name, pattern in spec.outputs.items())
    intro = "Files lie below the folder of results, unless --input or --output says otherwise."
    return f"{intro}\ninputs, by name:\n{reads}\noutputs, by name:\n{writes}"
