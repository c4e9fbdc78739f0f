"""Compare the learning rules under every condition (stage ``judge``): tables, a figure, and what they say.

It needs the networks of stage ``transfer`` alone, so that conditions can be judged without the rest of an experiment.
"""

import pandas as pd

from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.analysis.transfer.published import Published, published_table
from threefactor.analysis.transfer.readable import readable
from threefactor.analysis.transfer.speed import pairs_table, rules_table, waiting_table
from threefactor.analysis.transfer.words import beside_evolution, finding
from threefactor.experiment.rule_classes import kin_of_evolved
from threefactor.pipeline.job import Job
from threefactor.pipeline.storage.outputs import Output
from threefactor.plotting.pages import transfer as page

FIGURE = "transfer"


def compute(job: Job) -> dict[str, Output]:
    """Judge the rules.

    Outputs: ``rules`` (a row per condition and rule), ``pairs`` (a row per condition and two rules), ``waiting``
    (Kaplan–Meier curves), ``published`` (a row per condition that a paper reports on), ``table`` (the first as people
    read it), ``finding``, and the figure.
    """
    own, seed = job.config.transfer, job.config.seed
    networks = pd.concat([job.table(path) for path in job.inputs["networks"]], ignore_index=True)
    count = int(networks.network.max()) + 1
    source = seeding.generator(seed, "judge", "bootstrap")
    counts = resample_counts(count, own.bootstraps, generator=source)
    rules = rules_table(networks, counts, own.tuned, own.untuned)
    papers = {name: Published(p.median, p.quartiles, p.runs) for name, p in own.published.items()}
    source = seeding.generator(seed, "judge", "published")
    published = published_table(networks, rules, papers, own.bootstraps, generator=source)
    waiting = waiting_table(networks)
    _record(job, rules)
    pairs = pairs_table(networks, counts)
    said = (
        finding(rules, published, own.tuned, own.untuned),
        beside_evolution(pairs, kin_of_evolved(job.config)),
    )
    words = " ".join(filter(None, said))
    job.log.info(words)
    return {
        "rules": rules,
        "pairs": pairs,
        "waiting": waiting,
        "published": published,
        "table": readable(rules).to_html(index=False, border=0),
        "finding": {FIGURE: words},
        FIGURE: page.transfer(rules, waiting, published, job.config.figures.dpi),
    }


def _record(job: Job, rules: pd.DataFrame) -> None:
    """Record what each rule reaches under each condition."""
    for row in rules.itertuples():
        names = ("reached_fraction", "restricted_mean", "ratio_to_theta_33", "gap_closed", "accuracy")
        job.metrics(
            {f"{name}.{row.condition}.{row.learning_rule}": float(getattr(row, name)) for name in names}, 0
        )
