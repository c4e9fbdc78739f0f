"""The figures of the gradients, each with the finding that its numbers state (part of stage ``figures``)."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.gradients import alignment
from threefactor.analysis.gradients.accuracy import worst_rule
from threefactor.figures.pages import sensitivities
from threefactor.stages.job import Job


def draw(job: Job) -> tuple[dict[str, Figure], dict[str, str]]:
    """Draw them; figures and findings by the figure's name."""
    pages = {"tangent_accuracy": accuracy, "gradient_alignment": followed}
    drawn = {name: page(job) for name, page in pages.items()}
    return {name: figure for name, (figure, _) in drawn.items()}, {
        name: words for name, (_, words) in drawn.items()
    }


def accuracy(job: Job) -> tuple[Figure, str]:
    """Draw the tangents against other derivatives."""
    table = job.table(job.inputs["accuracy"][0])
    return sensitivities.tangent_accuracy(worst_rule(table), job.config.figures.dpi), ""


def followed(job: Job) -> tuple[Figure, str]:
    """Draw how updates follow the gradient."""
    table = aligned(job)
    speed = alignment.against_speed(table, job.table(job.inputs["criterion"][0]))
    page = sensitivities.gradient_alignment(alignment.along_training(table), speed, job.config.figures.dpi)
    return page, ""


def aligned(job: Job) -> pd.DataFrame:
    """Read the alignment of all rules and batches."""
    return pd.concat([job.table(path) for path in job.inputs["alignment"]], ignore_index=True)
