"""The drawing of `python -m threefactor learn`."""

import numpy as np

from threefactor.plotting import first_look


def look():
    """Return curves that use the whole of their panels."""
    time = np.arange(10.0, 1001, 10)
    waves = 0.98 * np.sin(time / 100 + np.arange(4)[:, None])
    return first_look.FirstLook(
        curve=2.0 + 0.01 * np.arange(5)[:, None] + np.zeros((5, 300)),
        trials_to_criterion=np.array([np.nan, 200, 250, 300, np.nan]),
        time=time,
        trial_types=("aa", "ab", "ba", "bb"),
        output=waves,
        target=np.array([-0.98, 0.98, 0.98, -0.98]),
        window=(time > 800).astype(float),
        rates=np.repeat(waves[:, :, None], 3, axis=2),
    )


def test_no_legend_lies_over_a_curve_and_the_title_says_what_learned():
    figure = first_look.page(look(), "θ₃₃ on dnms, seed 1", 100)
    figure.draw_without_rendering()
    assert figure.get_suptitle() == "θ₃₃ on dnms, seed 1"
    legends = [(ax, ax.get_legend().get_window_extent()) for ax in figure.axes if ax.get_legend()]
    assert len(legends) == 2
    for ax, box in legends:
        for line in ax.lines:
            drawn = line.get_transform().transform(line.get_xydata())
            assert not any(box.contains(*point) for point in drawn), ax.get_title(loc="left")
        assert box.x1 < ax.get_window_extent().x1 + 1
