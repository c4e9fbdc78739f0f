"""Measure all sections, print them, and save them in one file."""

import argparse
import json
import time
from collections.abc import Callable

import torch

from benchmarks import (
    exact,
    machine,
    memory,
    phases,
    pipeline,
    processes,
    prototype,
    scaling,
    show,
    speed,
)
from benchmarks.peers.table import JAX_MISSING, has_jax
from benchmarks.settings import DEFAULT, FULL, PAPER, QUICK, Case, Plan

Save = Callable[[object], None]  # of what a section has so far


def run(arguments: argparse.Namespace) -> None:
    """Measure the sections that were asked for."""
    torch.set_num_threads(1)
    plan = QUICK if arguments.quick else FULL
    plan = plan._replace(cases=tuple(case for case in plan.cases if case.preset in arguments.presets))
    result: dict[str, object] = {"machine": machine.describe(), "quick": arguments.quick}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    if not has_jax():
        print(f"Peers in JAX are left out. {JAX_MISSING}")
    for section in arguments.sections:
        begin = time.perf_counter()

        def save(part: object, section: str = section) -> None:
            result[section] = part
            arguments.output.write_text(json.dumps(result, indent=1), encoding="utf-8")

        save(SECTIONS[section](arguments, plan, save))
        print(f"[{section}: {time.perf_counter() - begin:.0f} s]", flush=True)
    print(f"saved in {arguments.output}")


def memory_of(arguments: argparse.Namespace) -> None:
    """Print the peak memory of one call."""
    torch.set_num_threads(1)
    memory.answer(Case(*arguments.case), arguments.piece, arguments.peer)


def work(arguments: argparse.Namespace) -> None:
    """Make calls when the parent says so."""
    torch.set_num_threads(1)
    processes.work(arguments.piece, Case(*arguments.case))


def _speed(arguments: argparse.Namespace, plan: Plan, save: Save) -> dict[str, object]:
    double, rows = exact.check(arguments.pieces, 1 if arguments.quick else 2), []
    show.exact(double)
    for case in plan.cases:
        measured = speed.measure(case, arguments.pieces, plan, tuple(arguments.peers))
        show.case(case.label, measured)
        rows += measured
        save({"float64": double, "rows": rows})  # what is there, should the rest be stopped
    show.derived(rows)
    return {"float64": double, "rows": rows}


def _rates(arguments: argparse.Namespace, plan: Plan, save: Save) -> dict[str, float]:
    found = machine.rates(PAPER)
    print(f"\n{machine.describe()['processor']}, one core")
    for name, rate in found.items():
        print(f"{name:45} {rate:8.1f}")
    return found


def _phases(arguments: argparse.Namespace, plan: Plan, save: Save) -> dict[str, object]:
    found: dict[str, object] = {}
    for case in plan.cases:
        if case.networks > 1:
            rows = phases.measure(case)
            phases.show(case, rows)
            found[case.label] = rows
    return found


def _memory(arguments: argparse.Namespace, plan: Plan, save: Save) -> list[dict[str, object]]:
    rows = memory.measure_quickly(QUICK.cases[1]) if arguments.quick else memory.measure(PAPER)
    memory.show(rows)
    return rows


def _scaling(arguments: argparse.Namespace, plan: Plan, save: Save) -> list[dict[str, object]]:
    rows = scaling.measure(plan, arguments.quick)
    scaling.show(rows)
    return rows


def _processes(arguments: argparse.Namespace, plan: Plan, save: Save) -> list[dict[str, object]]:
    if arguments.quick:
        rows = processes.measure(QUICK.cases[0], arguments.cores, 0.2, 1)
    else:
        rows = processes.measure(DEFAULT, arguments.cores, 2, 5)
    processes.show(rows)
    return rows


def _prototype(arguments: argparse.Namespace, plan: Plan, save: Save) -> list[dict[str, object]]:
    return prototype.measure(arguments.prototype, plan.rounds)


def _pipeline(arguments: argparse.Namespace, plan: Plan, save: Save) -> dict[str, object]:
    many = 11 if arguments.quick else 41
    row = pipeline.measure(arguments.cores, arguments.results, arguments.wall, many=many)
    pipeline.show(row)
    return row


SECTIONS = {
    "speed": _speed,
    "rates": _rates,
    "phases": _phases,
    "memory": _memory,
    "scaling": _scaling,
    "processes": _processes,
    "prototype": _prototype,
    "pipeline": _pipeline,
}
