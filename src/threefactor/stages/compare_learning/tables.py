"""What the tables of stage ``compare_learning`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.learning.endings import ALONG, ENDINGS
from threefactor.analysis.learning.generalisation import GENERALISATION
from threefactor.analysis.solutions.comparison_columns import (
    CRITERION,
    LEVEL_SURVIVAL,
    LEVELS,
    LEVELS_BY_GAIN,
    SURVIVAL,
)
from threefactor.analysis.table import Table

TABLES: Mapping[str, Table] = {
    "criterion": CRITERION,
    "survival": SURVIVAL,
    "levels": LEVELS,
    "levels_by_gain": LEVELS_BY_GAIN,
    "level_survival": LEVEL_SURVIVAL,
    "along": ALONG,
    "endings": ENDINGS,
    "generalisation": GENERALISATION,
}
