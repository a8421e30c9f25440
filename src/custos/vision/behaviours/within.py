"""Behaviours that may be kept to a zone: who stands in it, and what the event says of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custos.geometry.polygons import contains
from custos.model.detections import Tracks
from custos.model.site import Zone


def inside(zone: Zone | None, tracks: Tracks) -> NDArray[np.bool_]:
    """(n,) whether each stands in the zone; everybody does without one."""
    return np.ones(len(tracks), np.bool_) if zone is None else contains(zone.polygon, tracks.foot_points())


def place_of(zone: Zone | None) -> dict[str, str]:
    """The event's field that names the zone; nothing without one."""
    return {} if zone is None else {"zone_id": zone.id}
