"""What the file of stage ``headline`` holds."""

from threefactor.analysis.learning.headline import keys
from threefactor.analysis.table import Table

TABLES = {"summary": Table("a key; dots stand between levels", tuple(keys()))}
