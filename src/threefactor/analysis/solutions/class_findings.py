"""What tables say of the question whether learning rules make classes of solutions, as a caption states it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from threefactor.analysis import network_table
from threefactor.analysis.solutions import verdict
from threefactor.analysis.solutions.distances import first_of_each_kind, named

Found = dict[str, object]


def findings(tables: Mapping[str, pd.DataFrame], level: float) -> Found:
    """State what is found at one level.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``explained``, ``clusters``, ``predictions``, ``over_null`` and ``two_by_two`` of stage ``compare_solutions``,
        at that level.
    level : float
        Of noise-free error.
    """
    explained, clusters = (tables[name] for name in ("explained", "clusters"))
    names = list(dict.fromkeys(explained.distance))
    kinds = first_of_each_kind(names)
    of = {
        name: _classes(clusters[clusters.distance == name], explained[explained.distance == name])
        for name in kinds
    }
    return {
        "level": level,
        "explained": {name: _explained(explained, name) for name in names},
        "over_null": {name: _over_null(tables["over_null"], name) for name in kinds},
        "predictions": [
            {name: row[name] for name in ("features", "left_out", "accuracy", "chance", "p", "networks")}
            for row in tables["predictions"].to_dict("records")
        ],
        "effects": _effects(tables["two_by_two"]),
        "classes": {"answer": verdict.agreed(str(one["answer"]) for one in of.values()), "distances": of},
        "simplicity": _simplicity(tables["two_by_two"]),
        "rule": {
            name.lower(): getattr(verdict, name) for name in ("SIGNIFICANT", "SAME", "APART", "NEGLIGIBLE")
        },
    }


def _classes(clusters: pd.DataFrame, explained: pd.DataFrame) -> Found:
    """State whether rules make classes by one distance, and the numbers that say so."""
    found = verdict.classes(clusters, explained)
    return {"label": named(str(explained.distance.iloc[0])).label, **found._asdict()}


def _explained(table: pd.DataFrame, distance: str) -> Found:
    """State what each factor explains of one distance, without covariates."""
    own = table[(table.distance == distance) & (table.covariates == "none") & (table.levels > 0)]
    factors = {
        str(row["factor"]): {name: row[name] for name in ("adjusted", "effect", "null", "p_holm")}
        for row in own.to_dict("records")
    }
    return {"label": named(distance).label, "factors": factors}


def _over_null(table: pd.DataFrame, distance: str) -> Found:
    """State the spread of rules by what steered walks reach: geometric mean, range, and rules that are clear of 1."""
    own = table[(table.distance == distance) & (table.walks == "steered") & (table.ratio > 0)]
    if own.empty:
        return {}
    ratio = own.ratio.to_numpy(float)
    ends = {"lowest": int(ratio.argmin()), "highest": int(ratio.argmax())}
    return {
        "rules": len(own),
        "mean": float(np.exp(np.log(ratio).mean())),
        **{name: {"rule": str(own.learning_rule.iloc[at]), "ratio": ratio[at]} for name, at in ends.items()},
        "below": int((own.ratio_high < 1).sum()),
        "above": int((own.ratio_low > 1).sum()),
        "noise": float((own.noise / own.reachable).mean()),
        "away": float((own.from_anchor / own.within).mean()),
        "second_half": float((own.reachable / own.reachable_halfway).mean()),
    }


def _effects(table: pd.DataFrame) -> Found:
    """Name by effect the measures whose interval over rules is clear of zero, with the effect in standard deviations."""
    clear = table[table.low_rules * table.high_rules > 0]
    return {
        effect: {
            network_table.label(str(row["quantity"])): row["standardised"]
            for row in clear[clear.effect == effect].to_dict("records")
        }
        for effect in dict.fromkeys(table.effect)
    }


def _simplicity(table: pd.DataFrame) -> Found:
    """State whether gradients find simpler solutions, by effect and by measure."""
    found = verdict.biases(table)
    answers = {effect: verdict.of_effect(of.values()) for effect, of in found.items()}
    rules = int(table.rules.max()) if len(table) else 0
    return {
        "answer": verdict.any_of(answers.values()),
        "rules": rules,
        "effects": {
            effect: {"answer": answers[effect], "measures": _labelled(of)} for effect, of in found.items()
        },
    }


def _labelled(found: Mapping[str, verdict.Bias]) -> Found:
    """Name measures as figures do."""
    return {network_table.label(name): one._asdict() for name, one in found.items()}


def shown_rules(rules: Sequence[str], access: Mapping[str, str], most: int) -> list[str]:
    """Choose at most so many rules, in their order, of as many kinds of access as there are.

    Parameters
    ----------
    rules : sequence of str
        Learning rules, in order.
    access : mapping of str to str
        What each has access to.
    most : int
        Number that is chosen at most.
    """
    place = {rule: [one for one in rules if access[one] == access[rule]].index(rule) for rule in rules}
    chosen = sorted(rules, key=lambda rule: (place[rule], rules.index(rule)))[:most]
    return [rule for rule in rules if rule in chosen]
