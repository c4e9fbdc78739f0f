"""Run a stage as the frame does, but take the state of its loops apart and put it together again after every step."""

import logging

import torch

from threefactor.experiment.view import everything
from threefactor.pipeline import registry
from threefactor.pipeline.storage import trees


class InPieces:
    """A job whose loops go on from a checkpoint at every step."""

    def __init__(self, stage, settings, wildcards, tables=None):
        self.settings = everything(registry.stages()[stage].effective(settings, wildcards))
        self.wildcards, self.device, self.log = wildcards, torch.device("cpu"), logging.getLogger(stage)
        self.tables, self.seen = tables or {}, []

    def table(self, name):
        return self.tables[name]

    def run(self, loop):
        state = loop.state
        while not loop.is_finished(state):
            state = trees.restore(loop.state, trees.flatten(loop.step(state)))
            self.seen.append((loop.done(state), dict(loop.metrics(state))))
        return state
