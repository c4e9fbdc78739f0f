"""Points of groups crossed with blocks, and their distances."""

import numpy as np


def euclidean(points):
    return np.linalg.norm(points[:, None] - points, axis=2)


def draw(seed, groups=3, blocks=7, dimensions=4, shift=0.0, block_scale=0.0, scale=None):
    """Draw points of groups crossed with blocks; block 0 lacks the last group."""
    rng = np.random.default_rng(seed)
    labels, block = (x.ravel()[:-1] for x in np.meshgrid(np.arange(groups), np.arange(blocks)[::-1]))
    width = np.ones(groups) if scale is None else np.asarray(scale)
    points = rng.normal(size=(len(labels), dimensions)) * width[labels, None]
    points += block_scale * rng.normal(size=(blocks, dimensions))[block]
    points[:, 0] += shift * labels
    return euclidean(points), labels, block
