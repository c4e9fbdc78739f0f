"""What threefactor adds to the command line of Snakemake, which finds this package by its name.

``snakemake --logger threefactor`` shows one line for the whole run instead of several for each job, and failures in
full.  With or without it, ``--config task.name=dpa`` is read as ``--config 'task={name: dpa}'``.
"""

from snakemake_logger_plugin_threefactor import dotted
from snakemake_logger_plugin_threefactor.handler import LogHandler

__all__ = ["LogHandler"]

dotted.allow()
