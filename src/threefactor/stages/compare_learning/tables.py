"""What the tables of stage ``compare_learning`` hold, by the name of the output."""

from collections.abc import Mapping

from threefactor.analysis.learning.endings import ALONG, ENDINGS
from threefactor.analysis.learning.generalisation import GENERALISATION
from threefactor.analysis.solutions.comparison_columns import CRITERION, LEVEL_SURVIVAL, LEVELS, SURVIVAL
from threefactor.analysis.table import Table

TABLES: Mapping[str, Table] = {
    "criterion": CRITERION,
    "survival": SURVIVAL,
    "levels": LEVELS,
    "level_survival": LEVEL_SURVIVAL,
    "along": ALONG,
    "endings": ENDINGS,
    "generalisation": GENERALISATION,
}
