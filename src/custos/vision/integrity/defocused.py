"""Shapes are where they were, edges are gone: the lens is out of focus. After ONVIF's ImageTooBlurry.

Judged by what is left of the known edges compared with what is left of the known shapes, so that fog, dusk and
a dimmed lamp, which take from both, do not look like it, and grain or rain, which look like edges but are not the
known ones, do not hide it.
"""

from __future__ import annotations

import numpy as np

from custos.vision.integrity.comparison import Comparison
from custos.vision.integrity.sighting import Evidence

SHARPNESS = 0.45
OWN_SHARPNESS = 0.6
"""A view that has shifted shows none of the known edges either, but as many of its own."""
SHAPES = 0.5
SHAPE_MATCH = 0.6


def defocused(now: Comparison) -> Evidence | None:
    """Evidence when this look is out of focus."""
    sharpness, shapes = sharpness_of(now)
    if sharpness is None or now.view.is_black:
        return None
    if shapes < SHAPES and now.broad_match < 0.85:
        return None
    if sharpness > SHARPNESS or _own_sharpness(now) > OWN_SHARPNESS:
        return None
    return {
        "score": round(min(1 - sharpness, 1.0), 3),
        "sharpness": round(sharpness, 3),
        "shapes": round(shapes, 3),
    }


def sharpness_of(now: Comparison) -> tuple[float | None, float]:
    """(edges left for each shape left, 1 as known; share of the textured blocks whose shapes show).

    The first is None when too few blocks show anything."""
    textured = now.known.textured
    kept = textured & (now.coarse_match >= SHAPE_MATCH)
    shapes = float(np.count_nonzero(kept)) / max(int(np.count_nonzero(textured)), 1)
    if not kept.any():  # far out of focus: not even shapes are left, and light and dark must speak for them
        return (0.0, 0.0) if now.flat_share >= 0.7 and now.broad_match >= 0.7 else (None, 0.0)
    ratio = now.fine_gain[kept] / np.maximum(now.coarse_gain[kept], 0.02)
    return max(float(np.median(ratio)), 0.0), shapes


def _own_sharpness(now: Comparison) -> float:
    """Edges for each shape in this picture, wherever they lie, 1 as in the known view."""
    textured = now.known.textured
    energy = np.median(now.fine_energy[textured]) / max(float(np.median(now.coarse_energy[textured])), 0.05)
    usual = np.median(now.known.fine[textured]) / max(float(np.median(now.known.coarse[textured])), 0.05)
    return float(np.sqrt(energy / max(float(usual), 1e-3)))
