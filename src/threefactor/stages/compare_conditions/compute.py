"""Compare the learning rules under every condition, from the networks of stage ``transfer`` alone."""

import pandas as pd

from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.analysis.transfer.condition_tables import pairs_table, rules_table, waiting_table
from threefactor.analysis.transfer.published import Published, published_table
from threefactor.analysis.transfer.readable_table import readable
from threefactor.experiment.work import Results, Work

TRACKED = ("reached_fraction", "restricted_mean", "ratio_to_theta_33", "gap_closed", "accuracy")

PURPOSE = "judge"
"""Purpose of the random draws; another name would change all intervals."""


def compute(work: Work) -> Results:
    """Compare them.

    Outputs: ``rules`` (a row per condition and rule), ``pairs`` (a row per condition and ordered pair of rules),
    ``waiting`` (Kaplan–Meier curves), ``published`` (a row per condition that a paper reports on), ``table`` (``rules``
    with estimates and intervals in one cell).
    """
    wanted, seed = work.settings.compare_conditions, work.settings.seed
    networks = work.joined("networks")
    source = seeding.generator(seed, PURPOSE, "bootstrap")
    counts = resample_counts(int(networks.network.max()) + 1, wanted.bootstraps, generator=source)
    rules = rules_table(networks, counts, wanted.tuned, wanted.untuned)
    papers = {name: Published(p.median, p.quartiles, p.runs) for name, p in wanted.published.items()}
    source = seeding.generator(seed, PURPOSE, "published")
    outputs = {
        "rules": rules,
        "pairs": pairs_table(networks, counts),
        "waiting": waiting_table(networks),
        "published": published_table(networks, rules, papers, wanted.bootstraps, generator=source),
        "table": readable(rules).to_html(index=False, border=0),
    }
    return Results(outputs, _metrics(rules))


def _metrics(rules: pd.DataFrame) -> dict[str, float]:
    """Return what each rule reaches under each condition, to be tracked."""
    return {
        f"{name}.{row['condition']}.{row['learning_rule']}": float(row[name])
        for row in rules.to_dict("records")
        for name in TRACKED
    }
