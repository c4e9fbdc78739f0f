"""Recover a rule: one that is hidden in networks made here, or that of a user's own recording."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.recovery import constants
from threefactor.analysis.recovery.table import by_trials, relative_error, table
from threefactor.cli import recording_file, theta
from threefactor.config import load
from threefactor.config.errors import ConfigError
from threefactor.config.model import Config
from threefactor.contract import Rule
from threefactor.figures import palette, recovery
from threefactor.figures.recovery import Constant
from threefactor.stages import assemble
from threefactor.storage import outputs
from threefactor.validation.measured_twice import recover_twice
from threefactor.validation.observer import observe, size, with_noisy_changes, with_noisy_rates
from threefactor.validation.recording import Recording, Terms, blocks
from threefactor.validation.recovery import CollinearError, Fit, recover

RANDOM = "random"
REFERENCE = (3, 3)
CPU = torch.device("cpu")


class Hidden(NamedTuple):
    """Networks that learned by a rule that is to be found."""

    name: str  # fit for a file
    title: str
    rule: Rule
    recording: Recording
    true: Tensor  # p
    unit: Tensor  # p


class Found(NamedTuple):
    """What was recovered."""

    rows: pd.DataFrame
    growth: pd.DataFrame
    constants: dict[str, Constant]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to recover, and from what."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"arrays of --data FILE (.npz or .safetensors):\n{recording_file.describe()}"
    parser.add_argument("--data", type=Path, metavar="FILE", help="recover the rule of this recording")
    parser.add_argument(
        "--theta", nargs="+", default=["33"], metavar="KL[=VALUE]",
        help="without --data: the hidden rule, as `learn` takes it, or 'random' for all terms of the degree",
    )  # fmt: skip
    parser.add_argument(
        "--degree", type=int, default=5, help="highest power of the terms (default: %(default)s)"
    )
    parser.add_argument("--terms", choices=["all", "odd"], default="all", help="terms that are looked for")
    parser.add_argument(
        "--networks", type=_positive, default=2, help="networks that learn (default: %(default)s)"
    )
    parser.add_argument(
        "--trials", type=_positive, default=60, help="trials of each, with warm-up (default: 60)"
    )
    parser.add_argument(
        "--units", type=_positive, default=12, help="units whose synapses are seen (default: 12)"
    )
    parser.add_argument(
        "--noise", nargs="*", type=float, default=[0.1, 1.0], metavar="SHARE",
        help="noise of the weight changes, as shares of their root mean square (default: 0.1 1)",
    )  # fmt: skip
    parser.add_argument(
        "--rate-noise", nargs="*", type=float, default=[0.01], metavar="SD",
        help="noise of rates and states, standard deviation, measured once and twice (default: 0.01)",
    )  # fmt: skip
    parser.add_argument(
        "--save-data", type=Path, metavar="FILE", help="write the recording as --data takes it"
    )
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="file of settings")
    parser.add_argument(
        "--output", type=Path, help="drawing; tables lie beside it (default: recover/ in the results)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Recover, print the table, and write tables and drawing."""
    config = _settings(arguments.config)
    torch.set_num_threads(1)
    if arguments.data is not None:
        name, title, found = arguments.data.stem, f"Recovered from {arguments.data.name}", _own(arguments)
    else:
        hidden = _hide(config, arguments)
        if arguments.save_data:
            _save(arguments.save_data, hidden)
        name, title = hidden.name, f"Recovered: {hidden.title}"
        found = _hidden(hidden, arguments, config.seed)
    output = arguments.output or Path(config.results, "recover", f"{name}.svg")
    _print(found)
    _write(output, found, title, config.figures.dpi)
    return 0


def _settings(path: Path) -> Config:
    """Return the settings with double precision, so that only noise limits what is found."""
    tree = load.dump(load.load(path))
    tree["precision"] = "float64"
    config = load.parse(tree, str(path))
    if config.plasticity.deviation != "raw":
        raise ConfigError(
            f"plasticity.deviation = {config.plasticity.deviation!r}: allowed is 'raw', the one that can be recovered"
        )
    for name in ("weight_linear", "weight_quadratic"):
        if value := getattr(config.plasticity, name):
            raise ConfigError(
                f"plasticity.{name} = {value}: allowed is 0, since recovery knows no factor of the own weight"
            )
    return config


def _positive(text: str) -> int:
    """Read a whole number of at least 1."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: allowed are whole numbers from 1")
    return int(text)


def _terms(arguments: argparse.Namespace) -> Terms:
    """List the terms that are looked for."""
    if not 1 <= arguments.degree <= 9:
        raise ConfigError(f"--degree {arguments.degree}: allowed are 1 to 9")
    powers = [n for n in range(arguments.degree + 1) if n % 2 or arguments.terms == "all"]
    return tuple((k, l) for k in powers for l in powers)


def _hide(config: Config, arguments: argparse.Namespace) -> Hidden:
    """Let networks learn by the rule that is to be found."""
    terms = _terms(arguments)
    if min(*arguments.noise, *arguments.rate_noise, 1) < 0:
        raise ConfigError("--noise and --rate-noise: allowed are numbers from 0")
    own = config.network
    if own.density < 1 or own.inhibitory != "":
        raise ConfigError(
            f"network.density = {own.density}, network.inhibitory = {own.inhibitory!r}: to hide a rule, allowed are 1 "
            "and ''"
        )
    allowed = config.plasticity.warm_up_trials + recording_file.FEWEST
    if arguments.trials < allowed:
        raise ConfigError(
            f"--trials {arguments.trials}: allowed are {allowed} and more (plasticity.warm_up_trials)"
        )
    if arguments.theta == [RANDOM]:
        return _random(config, arguments, terms)
    asked = theta.read(arguments.theta)
    if strange := [term for term in asked.terms if term not in terms]:
        raise ConfigError(
            f"--theta: term {strange[0][0]}{strange[0][1]} is not looked for, allowed are those of --degree, --terms"
        )
    values = dict(zip(asked.terms, asked.values, strict=True))
    true = torch.tensor([values.get(term, 0.0) for term in terms], dtype=torch.float64)
    return _learned(config, arguments, terms, true, asked.name, asked.title)


def _random(config: Config, arguments: argparse.Namespace, terms: Terms) -> Hidden:
    """Draw a rule of all terms, of the norm of meta-learning in the units of theta_33's changes."""
    if REFERENCE not in terms:
        raise ConfigError(f"--theta random: allowed with --degree 3 and more, not {arguments.degree}")
    alone = torch.tensor([-float(term == REFERENCE) for term in terms], dtype=torch.float64)
    unit = _learned(config, arguments, terms, alone, "", "").unit
    drawn = torch.randn(len(terms), generator=seeding.generator(config.seed, "recover"), dtype=torch.float64)
    true = (config.metalearn.norm or 1) * drawn / drawn.norm() * unit / unit[terms.index(REFERENCE)]
    return _learned(config, arguments, terms, true, RANDOM, f"a random rule of {len(terms)} terms")


def _learned(
    config: Config, arguments: argparse.Namespace, terms: Terms, true: Tensor, name: str, title: str
) -> Hidden:
    """Record networks that learn by these coefficients."""
    rule = assemble.polynomial(config, terms, true)
    network = assemble.network(config, range(arguments.networks), CPU, purpose="recover")
    source = assemble.noise(config, "recover")
    seen = observe(
        rule, network, assemble.environment(config), arguments.trials, arguments.units, generator=source
    )
    return Hidden(name, title, rule, seen, true, recover(rule, seen, terms).unit)


def _hidden(hidden: Hidden, arguments: argparse.Namespace, seed: int) -> Found:
    """Recover what was hidden, without noise and with it; the constants at the first noise."""
    terms, rows, growth = _terms(arguments), [], []
    for label, seen in _noisy(hidden.recording, arguments.noise, seed):
        fit = recover(hidden.rule, seen, terms)
        rows.append(_rows(fit, terms, label, hidden))
        kept = blocks(hidden.rule, seen, terms, fit.value)
        counts = [n for n in (5, 10, 20, 40, 80, 160, 320) if n < fit.trials] + [fit.trials]
        source = seeding.generator(seed, "recover", "trials")
        growth.append(by_trials(kept, hidden.true, hidden.unit, counts, generator=source).assign(data=label))
    for deviation in arguments.rate_noise:
        rows += [_rows(fit, terms, label, hidden) for fit, label in _measured(hidden, terms, deviation, seed)]
    level = next((share for share in arguments.noise if share), 0.0)
    _, noisy = list(_noisy(hidden.recording, [level], seed))[-1]
    found = {name: _constant(hidden.rule, noisy, terms, name) for name in constants.BOUNDS}
    return Found(pd.concat(rows, ignore_index=True), pd.concat(growth, ignore_index=True), found)


def _noisy(seen: Recording, shares: Sequence[float], seed: int) -> Iterator[tuple[str, Recording]]:
    """Yield the recording without noise, and with noise in the changes."""
    yield "no noise", seen
    for share in shares:
        source = seeding.generator(seed, "recover", "changes", str(share))
        yield f"changes ± {share:g} rms", with_noisy_changes(seen, share * size(seen), generator=source)


def _measured(hidden: Hidden, terms: Terms, deviation: float, seed: int) -> Iterator[tuple[Fit, str]]:
    """Yield the fit to noisy rates, and that to two measurements of them."""
    one, other = (
        with_noisy_rates(
            hidden.recording, deviation, generator=seeding.generator(seed, "recover", "rates", n)
        )
        for n in range(2)
    )
    yield recover(hidden.rule, one, terms), f"rates ± {deviation:g}"
    yield recover_twice(hidden.rule, one, other, terms), f"rates ± {deviation:g}, twice"


def _rows(fit: Fit, terms: Terms, label: str, hidden: Hidden) -> pd.DataFrame:
    """Return the coefficients of one fit beside the true ones."""
    error = relative_error(fit.value, hidden.true, hidden.unit)
    true, unit = hidden.true.numpy(), hidden.unit.numpy()
    return table(fit, terms).assign(data=label, true=true, unit=unit, relative_error=error, **_counts(fit))


def _counts(fit: Fit) -> dict[str, float]:
    """Return what describes a fit as a whole."""
    names = ("trials", "rows", "clipped", "residual", "condition")
    return {name: getattr(fit, name) for name in names}


def _constant(rule: Rule, seen: Recording, terms: Terms, name: str) -> Constant:
    """Search for one constant as if it were unknown."""
    start = constants.put(rule, name, sum(constants.BOUNDS[name]) / 2)
    told = constants.profile(constants.search(start, seen, terms, [name]), seen, terms, name)
    return Constant(told.curve.assign(best=told.best), told.low, told.high, constants.get(rule, name))


def _own(arguments: argparse.Namespace) -> Found:
    """Recover the rule of a user's file."""
    terms = _terms(arguments)
    read = recording_file.read(arguments.data, len(terms))
    try:
        rule = constants.search(read.rule, read.recording, terms, read.unknown) if read.unknown else read.rule
        told = {name: constants.profile(rule, read.recording, terms, name) for name in read.unknown}
        if read.again is None:
            fit = recover(rule, read.recording, terms)
        else:
            fit = recover_twice(rule, read.recording, read.again, terms)
    except CollinearError as problem:
        mixed = (
            ", ".join(palette.term(f"{k}{l}") for k, l in (terms[p] for p in problem.places)) or "all terms"
        )
        raise ConfigError(
            f"--data {arguments.data}: {mixed} cannot be told apart in this recording; look at more synapses and "
            "trials, or lower --degree"
        ) from None
    label = "θ" if read.is_scaled else "η θ (no learning_rate in the file)"
    rows = table(fit, terms).assign(data=label, true=float("nan"), unit=fit.unit.numpy(), **_counts(fit))
    found = {name: Constant(p.curve.assign(best=p.best), p.low, p.high, None) for name, p in told.items()}
    return Found(rows, pd.DataFrame(), found)


def _save(path: Path, hidden: Hidden) -> None:
    """Write the recording of the hidden rule."""
    if path.suffix not in (".npz", ".safetensors"):
        raise ConfigError(f"--save-data {path}: allowed are names that end in .npz or .safetensors")
    recording_file.save(path, hidden.recording, hidden.rule)


def _print(found: Found) -> None:
    """Print a table for each data, of the terms that are there or were found, and the constants."""
    console = Console()
    for label, rows in found.rows.groupby("data", sort=False):
        first = rows.iloc[0]
        error = f", relative error {first.relative_error:.2g}" if "relative_error" in rows else ""
        console.print(
            f"\n{label}: {first.trials} trials, {first.rows} changes, {first.clipped} held by the clip left out{error}",
            highlight=False,
        )
        shown = rows[rows.found | (rows.true.fillna(0) != 0)]
        grid = Table("term", "true", "recovered", "95 % interval", "p (Holm)", "found", box=None)
        for row in shown.to_dict("records"):
            true = "–" if row["true"] != row["true"] else f"{row['true']:.6g}"
            interval = f"[{row['low']:.6g}, {row['high']:.6g}]"
            found_it = "yes" if row["found"] else "no"
            name = palette.term(f"{row['k']}{row['l']}")
            grid.add_row(name, true, f"{row['recovered']:.8g}", interval, f"{row['p']:.2g}", found_it)
        console.print(grid)
        console.print(f"{len(rows) - len(shown)} other terms: none found", highlight=False)
    for name, told in found.constants.items():
        true = "" if told.true is None else f", true {told.true:g}"
        best = told.curve.best.iloc[0]
        console.print(f"{name}: {best:.6g} [{told.low:.6g}, {told.high:.6g}]{true}", highlight=False)


def _write(output: Path, found: Found, title: str, dpi: float) -> None:
    """Write the drawing, and tables beside it."""
    if output.suffix not in (".svg", ".pdf", ".png"):
        raise ConfigError(f"--output {output}: allowed are names that end in .svg, .pdf or .png")
    files: dict[Path, outputs.Output] = {
        output: recovery.page(found.rows, found.growth, found.constants, title, dpi),
        output.with_suffix(".csv"): found.rows,
    }
    if len(found.growth):
        files[output.with_suffix(".trials.csv")] = found.growth
    if found.constants:
        parts = [
            told.curve.assign(constant=name, low=told.low, high=told.high, true=told.true)
            for name, told in found.constants.items()
        ]
        files[output.with_suffix(".constants.csv")] = pd.concat(parts, ignore_index=True)
    outputs.save(files)
    print(f"written: {', '.join(map(str, files))}")
