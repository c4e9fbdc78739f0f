"""How far apart colours are to people, with and without red or green blindness."""

import matplotlib.colors
import numpy as np

SIGHT = {
    "usual": np.eye(3),
    "red-blind": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "green-blind": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
"""Linear RGB as it is seen (Machado et al. 2009, severity 1)."""

XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""From linear sRGB."""


def distance(one, other):
    """Return the least distance of two colours in CIELAB over `SIGHT`; about 2 is just seen side by side."""
    return min(np.linalg.norm(_lab(one, seen) - _lab(other, seen)) for seen in SIGHT.values())


def _lab(colour, seen):
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = _response(XYZ @ np.clip(seen @ linear, 0, 1) / XYZ.sum(1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _response(share):
    return np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
