"""Measure all sections, print them, and save them in one file."""

import argparse
import json

import torch

from benchmarks import exact, machine, show, speed
from benchmarks.peers.table import JAX_MISSING, has_jax
from benchmarks.settings import FULL, PAPER, QUICK, Plan


def run(arguments: argparse.Namespace) -> None:
    """Measure the sections that were asked for."""
    torch.set_num_threads(1)
    plan = QUICK if arguments.quick else FULL
    plan = plan._replace(cases=tuple(case for case in plan.cases if case.regime in arguments.regimes))
    result: dict[str, object] = {"machine": machine.describe(), "quick": arguments.quick}
    for section in arguments.sections:
        result[section if section != "machine" else "rates"] = SECTIONS[section](arguments, plan)
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(f"\nsaved in {arguments.output}")


def _speed(arguments: argparse.Namespace, plan: Plan) -> dict[str, object]:
    if not has_jax():
        print(JAX_MISSING)
    double = exact.check(arguments.pieces)
    worst = max(double, key=lambda row: row["error"])
    print(f"float64, small sizes: {len(double)} results, worst relative error {worst['error']:.1e} ({worst})")
    rows = []
    for case in plan.cases:
        measured = speed.measure(case, arguments.pieces, plan)
        show.case(case.label, measured)
        rows += measured
    return {"float64": double, "rows": rows}


def _machine(arguments: argparse.Namespace, plan: Plan) -> dict[str, float]:
    rates = machine.rates(PAPER)
    print(f"\n{machine.describe()['processor']}, core {arguments.core}")
    for name, rate in rates.items():
        print(f"{name:45} {rate:8.1f}")
    return rates


SECTIONS = {"speed": _speed, "machine": _machine}
