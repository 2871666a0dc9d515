"""Marks drawn many at a time: a thousand rectangles are one element of the drawing."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

#: The left, right, lower and upper sides of many rectangles.
Sides = tuple[np.ndarray, ...]


def blocks(axes: Any, sides: Sides, **look: Any) -> None:
    """Rectangles by their four sides, in the order of `Sides`; empty and unknown ones are left out.

    The limits of the axes are the caller's to set.
    """
    left, right, lower, upper = (np.asarray(side, dtype=float) for side in sides)
    drawn = (right > left) & (upper > lower)
    if not drawn.any():
        return
    left, right, lower, upper = left[drawn], right[drawn], lower[drawn], upper[drawn]
    across, up = np.stack([left, right, right, left], 1), np.stack([lower, lower, upper, upper], 1)
    shape = Path.make_compound_path_from_polys(np.stack([across, up], 2))
    patch = PathPatch(shape, **{"linewidth": 0, **look})
    patch.set_in_layout(False)
    axes.add_artist(patch)
