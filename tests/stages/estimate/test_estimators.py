"""The figure of the estimators, and the numbers in its caption."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from made import drawn, expect_labelled, texts
from threefactor.pipeline.settings import load

STRENGTHS = ("weak", "strong")


def figure_of(root, pairs):
    tables = {}
    for strength, (table, errors) in pairs.items():
        tables |= {f"estimate/{strength}.csv": table, f"estimate/{strength}.errors.csv": errors}
    return drawn(
        load.parse({"results": str(root)}),
        "estimators",
        tables,
    )


def usual_pairs():
    return {strength: made.estimated(strength) for strength in STRENGTHS}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return figure_of(tmp_path_factory.mktemp("estimators"), usual_pairs())


def rows(table, estimator, term, noise=0.5):
    chosen = (table.horizon == 100) & (table.noise == noise) & (table.estimator == estimator)
    return table[chosen & (table.term == term)].iloc[0]


def test_every_panel_shows_something(usual):
    expect_labelled(usual.figure)
    assert len(usual.figure.axes) == 8


def test_numbers_are_those_of_the_longest_horizon_and_the_first_noise(usual):
    found = usual.findings
    assert (found["trials"], found["networks"], found["failed"]) == (100, 8, 0)
    for strength, (table, errors) in usual_pairs().items():
        for name in ("score_total", "score_local_running"):
            along, one = rows(table, name, "along"), found["share_of_gradient"][name][strength]
            assert one["share"] == pytest.approx(along.share)
            assert one["interval"] == pytest.approx([along.share_low, along.share_high])
            assert one["differs_from_one"] == (not along.share_low <= 1 <= along.share_high)
            assert (
                f"{along.share:.2f} [{along.share_low:.2f}, {along.share_high:.2f}] ({strength})"
                in usual.words
            )
        norm, need = rows(table, "evolution", "norm"), found["needed"]["evolution"][strength]
        room = (0.5 * norm.truth) ** 2 - norm.bias**2
        assert not need["bias_is_too_large"]
        assert need["networks"] == pytest.approx(max(1, norm.deviation**2 / room))
        assert need["seconds"] == pytest.approx(need["networks"] * 100 * 0.002)
        seconds = {name: one[strength]["seconds"] or np.inf for name, one in found["needed"].items()}
        assert seconds[found["cheapest"][strength]] == min(seconds.values())
        clipped = [one for one in found["reverse_clipped"] if one["plasticity_strength"] == strength]
        assert [one["networks"] for one in clipped] == [10, 1000]
        own = errors[(errors.estimator == "reverse") & (errors.noise == 0.5) & (errors.networks == 10)].iloc[
            0
        ]
        assert clipped[0]["error"] == pytest.approx(own.rmse / own.truth)
        assert clipped[0]["error_clipped"] == pytest.approx(own.rmse_clipped / own.truth)
    noises = found["score_local_by_noise"]
    assert (noises["least_noise"], noises["most_noise"]) == (0.5, 10)


def test_a_bias_that_is_too_large_and_a_bias_that_is_not_seen(tmp_path):
    pairs = usual_pairs()
    for table, _ in pairs.values():
        table.loc[table.estimator == "evolution", "bias"] = 10.0
        table.loc[table.share.notna(), ["share", "share_low", "share_high"]] = (1.0, 0.9, 1.1)
    found = figure_of(tmp_path, pairs).findings
    for strength in STRENGTHS:
        need = found["needed"]["evolution"][strength]
        assert need["bias_is_too_large"]
        assert need["networks"] is None
        assert not found["share_of_gradient"]["score_total"][strength]["differs_from_one"]


def test_failures_are_counted(tmp_path):
    pairs = usual_pairs()
    table = pairs["weak"][0]
    table.loc[(table.estimator == "reverse") & (table.term == "norm"), "failed"] = 2
    found = figure_of(tmp_path, pairs)
    wanted = sum(int(part[part.term == "norm"].failed.sum()) for part, _ in pairs.values())
    assert found.findings["failed"] == wanted == 4
    assert f"4 of {found.findings['estimates']}" in found.words


def test_estimators_that_failed_are_drawn_as_unknown(tmp_path):
    unknown = ["bias", "expected_bias", "truth", "share", "deviation"]
    pairs = {
        strength: (table.assign(**dict.fromkeys(unknown, np.nan)), errors.assign(rmse=np.nan))
        for strength, (table, errors) in usual_pairs().items()
    }
    failed = figure_of(tmp_path, pairs)
    failed.figure.draw_without_rendering()
    assert all(ax.texts for ax in failed.figure.axes)
    assert failed.findings["cheapest"] == {}
    assert "nan" not in failed.words.lower()


def test_tables_without_a_row_say_so(tmp_path):
    none = figure_of(tmp_path, {name: (t.iloc[:0], e.iloc[:0]) for name, (t, e) in usual_pairs().items()})
    assert none.findings["estimates"] == 0
    assert texts(none.figure)
    assert none.words
