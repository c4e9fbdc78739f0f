"""The page of one trial: "Network and plasticity dynamics"."""

from matplotlib.figure import Figure

from threefactor.plotting import one_trial, style
from threefactor.plotting.one_trial import OneTrial


def page(data: OneTrial, dpi: float) -> Figure:
    """Draw one trial from input to eligibility, and the training of that network."""
    with style.look():
        figure = style.sheet(7.6, 6.2, dpi)
        left, right = style.columns(figure, (1.15, 1))
        trial = left.subplots(4, 1, sharex=True, height_ratios=(0.5, 1, 1.5, 1))
        panels = (one_trial.inputs, one_trial.rates, one_trial.deviations, one_trial.output)
        for ax, panel in zip(trial, panels, strict=True):
            panel(ax, data)
        trial[0].set_xlim(0, data.time[-1])
        other = right.subplots(2, 1, height_ratios=(1.4, 1))
        one_trial.eligibility(other[0], data)
        one_trial.training(other[1], data)
        style.letters([*trial, *other])
    return figure
