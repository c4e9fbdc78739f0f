"""Compare a learned rule with the best hand-made ones, on the same fresh networks."""

from threefactor import seeding
from threefactor.analysis.learning.judged import CRITERION, JUDGED, answer, judged_table
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.analysis.table import stacked
from threefactor.declarations import MONOMIAL, START
from threefactor.experiment.tuned_rules import LEARNED, judged_name
from threefactor.experiment.work import Results, Work


def compute(work: Work) -> Results:
    """Compare them.  Output: ``judged``, a row per judged rule and goal."""
    chosen = work.settings.rivals
    if not chosen.learned_rule:
        return Results({"judged": stacked([], JUDGED)})
    networks, levels = (
        work.joined(name).rename(columns={"judged": "learning_rule"}) for name in ("networks", "levels")
    )
    rivals = work.joined("rivals")
    names = [judged_name(*key) for key in zip(rivals.family, rivals.place, strict=True)]
    source = seeding.generator(work.settings.seed, "compare_rivals", "bootstrap")
    counts = resample_counts(int(networks.network.max()) + 1, chosen.bootstraps, generator=source)
    by_hand = {name: name for name in chosen.references if MONOMIAL.fullmatch(name) or name.startswith(START)}
    known = dict(zip(names, rivals.rival, strict=True)) | by_hand
    del known[judged_name(LEARNED, 1)]  # no rival of itself
    table = judged_table(networks, levels, known, chosen.learned_rule, chosen.horizon, counts)
    best = answer(table, CRITERION)
    return Results({"judged": table}, {"ratio_to_best_rival": best.ratio})
