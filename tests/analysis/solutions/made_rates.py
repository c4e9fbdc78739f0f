"""Procrustes distances between made-up rates."""

from threefactor.analysis.solutions import procrustes, shape


def distances(rates, count=9):
    return procrustes.procrustes_distance(shape.sample_coordinates(rates, count))
